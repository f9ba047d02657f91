/** Questions about a change that several kinds of reasons ask. */
import type { Millis } from '../base/time.js';
import type { GroupParams } from '../core/group-params.js';
import type { Notice } from '../core/notice.js';
import type { VrrpEffect } from '../core/vrrp-state.js';
import { skewTime } from '../core/vrrp-timing.js';
import type { GroupChange } from './scene.js';
import { durationText } from './wording.js';

/** The notices of one name that a change tells people. */
export function noticesOf<E extends Notice['event']>(
  { effects }: GroupChange,
  event: E,
): readonly Extract<Notice, { event: E }>[] {
  return effects.flatMap((effect) =>
    effect.kind === 'tell' && isNotice(effect.notice, event) ? [effect.notice] : [],
  );
}

export function effectsOf<K extends VrrpEffect['kind']>(
  { effects }: GroupChange,
  kind: K,
): readonly Extract<VrrpEffect, { kind: K }>[] {
  return effects.filter(
    (effect): effect is Extract<VrrpEffect, { kind: K }> => effect.kind === kind,
  );
}

/** How long a backup of `priority` waits, and what that consists of (RFC 9568 §6.1). */
export function patienceText(
  params: GroupParams,
  priority: number,
  masterInterval: Millis,
): string {
  return `3 × ${durationText(masterInterval)} and a skew of ${skewText(params, priority, masterInterval)}`;
}

export function skewText(
  { version }: GroupParams,
  priority: number,
  masterInterval: Millis,
): string {
  return durationText(skewTime({ version, priority }, masterInterval));
}

function isNotice<E extends Notice['event']>(
  notice: Notice,
  event: E,
): notice is Extract<Notice, { event: E }> {
  return notice.event === event;
}
