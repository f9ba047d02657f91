/** Why the kernel's answers, other people's deeds and operators' requests changed what they changed. */
import type { NodeEvent } from '../core/node.js';
import { effectsOf, noticesOf } from './change.js';
import type { GroupChange, GroupScene } from './scene.js';
import { countText } from './wording.js';

export function requestReasons(scene: GroupScene, change: GroupChange): readonly string[] {
  const { event } = change;
  const why =
    event !== undefined && isAskedAbout(event) ? REASONS[event.kind](change, scene) : undefined;
  return why === undefined ? [] : [why];
}

type Reason = (change: GroupChange, scene: GroupScene) => string | undefined;

const REASONS = {
  'addresses-held': (change) =>
    effectsOf(change, 'announce').length > 0
      ? 'the addresses answer here now, so neighbours and routers may be told'
      : undefined,
  'address-claimed': ({ after, before }) => {
    if (after.vrrp.name === 'master') {
      return 'this node is master, holds it all the same, and tells clients so again';
    }
    return after.firstClaim === before.firstClaim
      ? undefined
      : 'nobody advertises, so whoever answers has it by mistake: it is not claimed meanwhile';
  },
  'address-removed': (change) => {
    if (change.after.removals.length === change.before.removals.length && !holds(change)) {
      return 'this node does not hold it';
    }
    return effectsOf(change, 'hold').length > 0
      ? 'puts it back at once'
      : `removed ${countText(change.after.removals.length, 'time')} lately: somebody means it, so it comes back no sooner than with the next advert`;
  },
  'address-refused': (change, scene) => restText(scene, change),
  'send-failed': (change, scene) => {
    const { sendFailures, rest } = change.after;
    return rest === undefined && sendFailures.length > change.before.sendFailures.length
      ? `${countText(sendFailures.length, 'advert')} lost; a master that nobody hears would not stay one`
      : restText(scene, change);
  },
  switchover: ({ before, after }) =>
    before.vrrp.name === after.vrrp.name
      ? 'this node is not master, so it has nothing to give away'
      : undefined,
  failback: (change, { params }) => {
    if (noticesOf(change, 'failback.asked').length > 0) {
      return 'from now on adverts of a lower priority are discarded, until the timer runs out';
    }
    return params.failback.kind === 'never'
      ? 'this node never fails back'
      : 'it hears no master of lower priority, so it has nothing to take back';
  },
} satisfies Partial<Record<NodeEvent['kind'], Reason>>;

function isAskedAbout(
  event: NodeEvent,
): event is Extract<NodeEvent, { kind: keyof typeof REASONS }> {
  return Object.hasOwn(REASONS, event.kind);
}

function restText({ clock }: GroupScene, { before, after }: GroupChange): string | undefined {
  return after.rest === undefined || after.rest === before.rest
    ? undefined
    : `another node has to be master: this one takes no part until ${clock(after.rest.until)}`;
}

function holds({ before: { vrrp } }: GroupChange): boolean {
  return vrrp.name === 'master' || vrrp.name === 'resigning';
}
