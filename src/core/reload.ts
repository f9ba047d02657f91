/** A running node gets other parameters for the same groups: what they say nothing about goes on as it was. */
import { invariant } from '../base/unreachable.js';
import type { FailbackState } from './failback.js';
import { NO_FAILBACK } from './failback.js';
import type { GroupParams } from './group-params.js';
import type { GroupState } from './group-state.js';
import type { NodeParams, NodeState } from './node.js';
import { priorityOf } from './priority.js';
import { newTracker } from './tracking.js';

/** The groups are the same in number, order and name. A group without a change keeps the very same state. */
export function carryOver(before: NodeParams, after: NodeParams, state: NodeState): NodeState {
  const groups = after.groups.map((params, index) => {
    const was = before.groups[index];
    const each = state.groups[index];
    invariant(was !== undefined && each !== undefined, 'a reload leaves the groups that there are');
    return isEqual(was, params) ? each : carryGroup(was, params, each);
  });
  const isSame = groups.every((each, index) => each === state.groups[index]);
  return isSame ? state : { ...state, groups };
}

/** The groups that both nodes must have changed at the same moment, by their places. */
export function reconfiguredGroups(before: NodeParams, after: NodeParams): readonly number[] {
  return after.groups.flatMap(({ agreement }, index) =>
    agreement === before.groups[index]?.agreement ? [] : [index],
  );
}

/** What is tracked as before is known as before; what is new is not known yet, and counts once it is. */
function carryGroup(before: GroupParams, after: GroupParams, state: GroupState): GroupState {
  const trackers = after.things.map((thing) => {
    const known = before.things.findIndex((each) => isEqual(each, thing));
    return state.trackers[known] ?? newTracker();
  });
  return {
    ...state,
    trackers,
    priority: priorityOf(after.priority, after.things, trackers).effective,
    failback: isEqual(before.failback, after.failback) ? state.failback : anew(state.failback),
  };
}

/** Another policy counts from now on; what an operator asked for stays asked for. */
function anew(failback: FailbackState): FailbackState {
  return failback.kind === 'outranks' ? NO_FAILBACK : failback;
}

/** Of plain values. */
function isEqual(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
