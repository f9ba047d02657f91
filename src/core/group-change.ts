/**
 * A group whose configuration both nodes change at the same moment. The owner goes on by the new one; the backup joins anew:
 * it listens, and asks the link who has the addresses. So whichever of the two did not switch, and whatever was lost on the
 * way, nobody takes what is answered for.
 */
import type { Instant } from '../base/time.js';
import { later, millis } from '../base/time.js';
import { unreachable } from '../base/unreachable.js';
import { beginProbing } from './first-claim.js';
import type { GroupParams } from './group-params.js';
import { run } from './group-router.js';
import type { GroupState, GroupStep } from './group-state.js';
import { listening } from './vrrp-transitions.js';

/**
 * What is known of the other node's part.
 * - `expected`: from now on it may switch, so that nothing is heard of it proves nothing.
 * - `relaxed`: it does not.
 * - `doubted`: it may have, or may yet until then; an advert that is heard before that says nothing of afterwards.
 */
export type ChangeWord =
  { readonly kind: 'expected' | 'relaxed' } | { readonly kind: 'doubted'; readonly until: Instant };

/** It concerns every group: which of them are changed is known when it is done. */
export function wordOfChange(
  groups: readonly GroupState[],
  word: ChangeWord,
): readonly GroupState[] {
  const change = changeAfter(word);
  return groups.map((each) =>
    // That a later attempt came to nothing says nothing of an earlier one.
    word.kind === 'relaxed' && each.change?.phase === 'doubted' ? each : { ...each, change },
  );
}

function changeAfter(word: ChangeWord): GroupState['change'] {
  switch (word.kind) {
    case 'expected':
      return { phase: 'expected' };
    case 'relaxed':
      return undefined;
    case 'doubted':
      return { phase: 'doubted', until: word.until };
    default:
      return unreachable(word);
  }
}

/** The group has other parameters from now on, which the other node should have as well. */
export function reconfigured(params: GroupParams, state: GroupState, now: Instant): GroupStep {
  const anew: GroupState = {
    ...state,
    change: { phase: 'settling', until: later(now, SETTLES_WITHIN) },
    quietSince: state.quietSince === undefined ? undefined : now,
    path: 'whole',
    inquiry: undefined,
    firstClaim: undefined,
  };
  const ran = run(params, anew, { kind: 'reconfigured' }, now);
  return ran.state.vrrp.name === 'backup' ? asking(params, ran, now) : ran;
}

/**
 * A backup whose timer ran out while the other node may have switched: before it claims anything it listens once more, and
 * asks. Undefined where it has no reason to.
 */
export function lookFirst(
  params: GroupParams,
  state: GroupState,
  now: Instant,
): GroupStep | undefined {
  const { change, firstClaim } = state;
  const isCautious = change?.phase === 'expected' || change?.phase === 'doubted';
  if (!isCautious || firstClaim !== undefined || params.duplicateProbe === 'needless') {
    return undefined;
  }
  const vrrp = listening(params, params.interval, now);
  return asking(params, { state: { ...state, vrrp }, effects: [] }, now);
}

/** An advert was heard: whoever sends it has the configuration that this node has. */
export function heardInChange(state: GroupState, now: Instant): GroupState {
  const { change } = state;
  return change?.phase === 'doubted' && now >= change.until
    ? { ...state, change: undefined }
    : state;
}

/** Whether it is to be expected, for a moment, that the other node is configured otherwise. */
export function isSwitching({ change }: Pick<GroupState, 'change'>, now: Instant): boolean {
  return change?.phase === 'expected' || (change?.phase === 'settling' && now < change.until);
}

function asking(params: GroupParams, step: GroupStep, now: Instant): GroupStep {
  return params.duplicateProbe === 'needless'
    ? step
    : {
        state: { ...step.state, firstClaim: beginProbing(params, now) },
        effects: [...step.effects, { kind: 'probe' }],
      };
}

/** The other node counted by its own clock, and its next word is a heartbeat away. */
const SETTLES_WITHIN = millis(1000);
