/** Nodes at one instant, and what they do told in a few words. */
import fc from 'fast-check';
import type { Instant } from '../../../src/base/time.js';
import { millis } from '../../../src/base/time.js';
import type { GroupFound, GroupState } from '../../../src/core/group-state.js';
import { unstarted } from '../../../src/core/group-state.js';
import type { NodeEffect, NodeEvent, NodeParams, NodeState } from '../../../src/core/node.js';
import { stepNode } from '../../../src/core/node.js';
import type { VrrpState } from '../../../src/core/vrrp-state.js';
import { at, HIGHER, LOWER, PARAMS, told, VIP } from './given.js';
import { EVENTS, PARAMS as PROXY, SERVING, told as toldOfProxy } from './given-proxy.js';
import { heard } from './given.js';

export const GROUPS = [PARAMS, { ...PARAMS, group: 'mail', interval: millis(100) }] as const;
export const WITH_PROXY: NodeParams = { groups: GROUPS, proxy: PROXY };
export const BARE: NodeParams = { groups: GROUPS, proxy: undefined };

export const NOTHING_FOUND: GroupFound = { link: 'up', leaseUntil: undefined, leftOver: 'no' };

/** A node that runs, whose first group's virtual router is in the given state. */
export function node(vrrp: VrrpState, changes: Partial<NodeState> = {}): NodeState {
  return {
    phase: 'running',
    groups: [taking(vrrp), taking({ name: 'initialize' }, { fault: 'link down', link: 'down' })],
    proxy: SERVING,
    ...changes,
  };
}

/** A group whose link is up and that takes part. */
export function taking(vrrp: VrrpState, changes: Partial<GroupState> = {}): GroupState {
  return { ...unstarted, link: 'up', fault: undefined, vrrp, ...changes };
}

export function does(effects: readonly NodeEffect[]): readonly string[] {
  return effects.flatMap((effect) => {
    switch (effect.kind) {
      case 'group':
        return told([effect.effect]).map((each) => `${GROUPS[effect.group]!.group}: ${each}`);
      case 'proxy':
        return toldOfProxy([effect.effect]);
      default:
        return [effect.kind];
    }
  });
}

/** Several events at one instant. */
export function after(
  params: NodeParams,
  state: NodeState,
  events: readonly NodeEvent[],
  now: Instant,
): { readonly state: NodeState; readonly does: readonly string[] } {
  let current = state;
  const done: string[] = [];
  for (const event of events) {
    const next = stepNode(params, current, event, now);
    current = next.state;
    done.push(...does(next.effects));
  }
  return { state: current, does: done };
}

const anyGroup = fc.constantFrom(0, 1);
const anyLink = fc.constantFrom('up' as const, 'up' as const, 'down' as const, 'missing' as const);

export const anyFound: fc.Arbitrary<GroupFound> = fc.record({
  link: anyLink,
  leaseUntil: fc.option(fc.integer({ min: -1000, max: 3000 }).map(at), { nil: undefined }),
  leftOver: fc.constantFrom('yes', 'no'),
});

/** Whatever may happen to a node that has looked around. */
export const anyNodeEvent: fc.Arbitrary<NodeEvent> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<NodeEvent>({ kind: 'alarm' }) },
  fc
    .record({
      group: anyGroup,
      priority: fc.constantFrom(0, 1, 200, 254),
      source: fc.constantFrom(LOWER, HIGHER),
    })
    .map(({ group, priority, source }) => {
      const event = heard(priority, source);
      return { ...event, group } as NodeEvent;
    }),
  fc.record({ kind: fc.constant('link'), group: anyGroup, state: anyLink }),
  fc.record({ kind: fc.constant('address-removed'), group: anyGroup, address: fc.constant(VIP) }),
  fc.record({ kind: fc.constant('addresses-held'), group: anyGroup }),
  fc.record({ kind: fc.constant('address-refused'), group: anyGroup, detail: fc.constant('no') }),
  fc.record({ kind: fc.constant('send-failed'), group: anyGroup, detail: fc.constant('no') }),
  fc.record({ kind: fc.constant('switchover'), group: anyGroup }),
  fc.constantFrom(...EVENTS).map((event): NodeEvent => ({ kind: 'proxy', event })),
);
