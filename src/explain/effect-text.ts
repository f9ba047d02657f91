/** What a node does because of a decision, one line an effect. */
import type { Instant } from '../base/time.js';
import { later } from '../base/time.js';
import { unreachable } from '../base/unreachable.js';
import type { NodeEffect } from '../core/node.js';
import type { Notice, SwitchoverOutcome } from '../core/notice.js';
import type { ProxyEffect } from '../core/proxy-state.js';
import type { VrrpEffect } from '../core/vrrp-state.js';
import { PRIORITY_RESIGNS } from '../wire/vrrp.js';
import type { GroupScene, Scene } from './scene.js';
import { groupScene } from './scene.js';
import { durationText, listText } from './wording.js';

/** Such as `claim 10.77.0.100, lease until 6.445 s (2.945 s)`. */
export function effectText(scene: Scene, effect: NodeEffect, now: Instant): string {
  switch (effect.kind) {
    case 'group': {
      const group = groupScene(scene, effect.group);
      const prefix = scene.params.groups.length > 1 ? `${group.params.group}: ` : '';
      return `${prefix}${groupEffectText(group, effect.effect, now)}`;
    }
    case 'proxy':
      return proxyEffectText(effect.effect);
    case 'tell':
      return noticeText(effect.notice);
    case 'stopped':
      return 'end the daemon';
    default:
      return unreachable(effect);
  }
}

function groupEffectText(
  { params, addresses, clock }: GroupScene,
  effect: VrrpEffect,
  now: Instant,
): string {
  const all = listText(addresses);
  switch (effect.kind) {
    case 'send-advert': {
      const on = params.instances.length > 1 ? ' on every instance' : '';
      const resigns = effect.priority === PRIORITY_RESIGNS ? ' (resigns)' : '';
      return `send advert${on}, priority ${String(effect.priority)}${resigns}, interval ${durationText(effect.interval)}`;
    }
    case 'hold': {
      const verb = effect.confirm === 'wanted' ? 'claim' : 'keep';
      return `${verb} ${all}, lease until ${clock(later(now, effect.lease))} (${durationText(effect.lease)})`;
    }
    case 'release':
      return `release ${all}`;
    case 'announce':
      return `announce ${all} to the neighbours`;
    case 'leave-connections':
      return `serve open connections of ${all} on for ${durationText(effect.lasting)}`;
    case 'take-connections':
      return `pass packets of open connections of ${all} on to their former owner for ${durationText(effect.lasting)}`;
    case 'end-connections':
      return `pass nothing of ${all} on any more`;
    case 'probe':
      return `ask the link who has ${all}`;
    case 'switchover-ended':
      return `answer the operator: ${outcomeText(effect.outcome)}`;
    case 'tell':
      return noticeText(effect.notice);
    default:
      return unreachable(effect);
  }
}

function proxyEffectText(effect: ProxyEffect): string {
  switch (effect.kind) {
    case 'proxy-connect':
      return 'connect to the proxy';
    case 'proxy-check':
      return 'check the configuration of the proxy';
    case 'proxy-start':
      return 'start the proxy';
    case 'proxy-probe':
      return 'ask the proxy whether it answers';
    case 'proxy-disconnect':
      return 'disconnect from the proxy';
    case 'proxy-kill':
      return 'end whatever is left of the proxy';
    case 'tell':
      return noticeText(effect.notice);
    default:
      return unreachable(effect);
  }
}

function outcomeText(outcome: SwitchoverOutcome): string {
  return outcome.kind === 'moved'
    ? `moved to ${outcome.to} within ${durationText(outcome.within)}`
    : `undone, ${outcome.reason}`;
}

/** As the log has it: the name of the event, and its fields. */
function noticeText({ event, ...rest }: Notice): string {
  const fields = Object.entries(rest)
    .filter(([name]) => name !== 'group')
    .map(([name, value]) => `${name} ${valueText(value)}`);
  return [`log ${event}`, ...(fields.length === 0 ? [] : [fields.join(', ')])].join(': ');
}

function valueText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
