/** Why the pair channel, or its silence, changed what it changed (docs/ARCHITECTURE.md, "two paths"). */
import { spokenPriority } from '../core/group-state.js';
import type { NodeEvent } from '../core/node.js';
import { QUESTIONS } from '../core/inquiry.js';
import { noticesOf, skewText } from './change.js';
import type { GroupChange, GroupScene } from './scene.js';

export function pairReasons(scene: GroupScene, change: GroupChange): readonly string[] {
  return [...wordReasons(scene, change), ...holdReasons(change), ...inquiryReasons(change)];
}

/** What the peer said was taken for an advert. */
function wordReasons({ params }: GroupScene, change: GroupChange): readonly string[] {
  const { event, before, after } = change;
  if (event?.kind !== 'peer-heartbeat' && event?.kind !== 'peer-goodbye') {
    return [];
  }
  const broken =
    noticesOf(change, 'vrrp.path-broken').length > 0
      ? ['it is master by its own word and reaches its LAN: only its adverts do not arrive']
      : [];
  if (before.vrrp.name === 'master' && after.vrrp.name === 'backup') {
    return [
      ...broken,
      'of two masters the lesser gives way, on whatever path it hears of the other',
    ];
  }
  const gaveUp =
    before.vrrp.name === 'backup' &&
    after.vrrp.name === 'backup' &&
    before.vrrp.resigned !== after.vrrp.resigned;
  return gaveUp
    ? [
        `by its own word the master does not serve any more: only the skew of ${skewText(params, spokenPriority(after), before.vrrp.masterInterval)} is waited for`,
      ]
    : broken;
}

/** A backup does not take over although it hears no adverts. */
function holdReasons({ event, before, after }: GroupChange): readonly string[] {
  const holds =
    event?.kind === 'alarm' &&
    before.vrrp.name === 'backup' &&
    after.vrrp.name === 'backup' &&
    before.firstClaim === after.firstClaim &&
    before.vrrp.lookedAgain === after.vrrp.lookedAgain &&
    after.vrrp.master?.address === before.vrrp.master?.address &&
    after.vrrp.masterDownAt > before.vrrp.masterDownAt;
  return holds ? ['by its last word, which is fresh, it is master: waits for the next'] : [];
}

function inquiryReasons({ event, before, after }: GroupChange): readonly string[] {
  const was = before.inquiry;
  const is = after.inquiry;
  if (was === is) {
    return [];
  }
  if (is !== undefined) {
    return was === undefined
      ? ['the master’s daemon is silent: the link is asked whether its kernel answers']
      : [`nobody has answered: question ${String(is.asked)} of ${String(QUESTIONS)}`];
  }
  return after.vrrp.name === 'master'
    ? [`${String(QUESTIONS)} questions and no answer: its timer need not be waited out`]
    : livesBy(event);
}

function livesBy(event: NodeEvent | undefined): readonly string[] {
  if (event?.kind === 'address-claimed') {
    return ['its kernel lives, and its lease may still run: VRRP’s timer decides'];
  }
  return event?.kind === 'advert' || event?.kind === 'peer-heartbeat'
    ? ['it lives: nothing more is asked']
    : [];
}
