/** Whether this node could be relieved of what it has, and what it has. */
import type { GroupState } from '../core/group-state.js';
import type { NodeParams, NodeState } from '../core/node.js';
import { wordOf } from '../core/node-peer.js';
import { readinessOf } from '../core/readiness.js';

/** Why the other node could not take over something that this one has; undefined where it could, or need not. */
export function notRelieved({ groups }: NodeParams, state: NodeState): string | undefined {
  for (const [index, { group }] of groups.entries()) {
    const each = state.groups[index];
    const readiness = readinessOf(wordOf(state.peer, group));
    if (each !== undefined && holds(each) && readiness.kind !== 'ready') {
      return readiness.kind === 'unready' ? readiness.why : 'its daemon is silent';
    }
  }
  return undefined;
}

/** The groups that this node has. */
export function heldBy({ groups }: NodeParams, state: NodeState): readonly string[] {
  return groups.flatMap(({ group }, index) => {
    const each = state.groups[index];
    return each !== undefined && holds(each) ? [group] : [];
  });
}

function holds({ vrrp }: GroupState): boolean {
  return vrrp.name === 'master' || vrrp.name === 'resigning';
}
