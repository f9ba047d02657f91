/** How a group's one state machine is run: with the priority of the moment, and with its last words kept. */
import type { Instant, Millis } from '../base/time.js';
import { later, millis } from '../base/time.js';
import { withConnections } from './connections.js';
import type { FailbackState } from './failback.js';
import { NO_FAILBACK } from './failback.js';
import type { GroupParams } from './group-params.js';
import type { GroupState, GroupStep, LastWord } from './group-state.js';
import { spokenPriority } from './group-state.js';
import { step } from './vrrp-machine.js';
import type { VrrpEvent, VrrpParams, VrrpState, VrrpStep } from './vrrp-state.js';

/**
 * Hands one event to the state machine. What a master says as it ends of itself is a last word; to one that yields to
 * a rival, the rival's adverts follow, and a backup must not speak beside them.
 */
export function run(
  params: GroupParams,
  state: GroupState,
  event: VrrpEvent,
  now: Instant,
): GroupStep {
  const next = step(ofTheMoment(params, state), state.vrrp, event, now);
  if (next.state === state.vrrp && next.effects.length === 0) {
    // Most events change nothing, and then nothing is copied.
    return { state, effects: [] };
  }
  const isMaster = next.state.name === 'master';
  const after: GroupState = {
    ...state,
    vrrp: next.state,
    inquiry: next.state.name === 'backup' ? state.inquiry : undefined,
    failback: failbackAfter(state, next.state),
    firstClaim: isMaster ? undefined : state.firstClaim,
    lastWord: isMaster ? undefined : (lastWordOf(next, now) ?? state.lastWord),
  };
  return { state: after, effects: withConnections(params, state, next.state, next.effects) };
}

/** What a node says that is neither master nor backup any more: nothing of the kind follows. */
function lastWordOf({ state, effects }: VrrpStep, now: Instant): LastWord | undefined {
  const advert =
    state.name === 'backup' ? undefined : effects.find((effect) => effect.kind === 'send-advert');
  return advert === undefined ? undefined : repeated(advert, now);
}

/** Whoever is not backup outranks nobody; one that resigned gave the group away. */
function failbackAfter(before: GroupState, vrrp: VrrpState): FailbackState {
  if (vrrp.name !== 'backup') {
    return NO_FAILBACK;
  }
  const gaveAway = before.vrrp.name === 'resigning' && vrrp.master !== undefined;
  return gaveAway ? { kind: 'given-away' } : before.failback;
}

/** A word that nothing follows is said again, because one packet may be lost. */
export function repeated(advert: LastWord['advert'], now: Instant): LastWord {
  return { advert, copiesLeft: LAST_WORD_COPIES, nextAt: later(now, LAST_WORD_SPACING) };
}

/** After the first; a burst of loss is shorter than this, or longer than anything that could be done about it. */
const LAST_WORD_COPIES = 2;
export const LAST_WORD_SPACING: Millis = millis(10);

/** What the state machine is told of this node at this moment: how an unfit master calls itself is not how it listens. */
function ofTheMoment(params: GroupParams, state: GroupState): VrrpParams {
  const { priority } = state;
  const spoken = spokenPriority(state);
  return priority === params.priority && spoken === priority
    ? params
    : { ...params, priority, spoken };
}
