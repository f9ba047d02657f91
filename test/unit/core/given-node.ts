/** Nodes at one instant, and what they do told in a few words. */
import { NO_PEER } from '../../../src/core/node-peer.js';
import fc from 'fast-check';
import type { Instant } from '../../../src/base/time.js';
import { millis } from '../../../src/base/time.js';
import type { GroupParams } from '../../../src/core/group-params.js';
import type { GroupFound, GroupState } from '../../../src/core/group-state.js';
import { unstarted } from '../../../src/core/group-state.js';
import type { NodeEffect, NodeEvent, NodeParams, NodeState } from '../../../src/core/node.js';
import { stepNode } from '../../../src/core/node.js';
import type { VrrpState } from '../../../src/core/vrrp-state.js';
import type { Sample, TrackedThing } from '../../../src/core/tracking.js';
import { at, HIGHER, LOWER, STRANGER, told, VIP } from './given.js';
import { arrived, GROUP } from './given-group.js';
import { EVENTS, PARAMS as PROXY, SERVING, told as toldOfProxy } from './given-proxy.js';

export const GROUPS = [GROUP, { ...GROUP, group: 'mail', interval: millis(100) }] as const;
export const WITH_PROXY: NodeParams = { groups: GROUPS, proxy: PROXY };
export const BARE: NodeParams = { groups: GROUPS, proxy: undefined };

/** Both groups ask before they claim, and fail back; the second has two instances and tracks a thing of each kind. */
const TRACKED: readonly TrackedThing[] = [
  {
    name: 'eth2',
    thing: { kind: 'interface', debounce: millis(500) },
    consequence: { kind: 'fault' },
  },
  {
    name: 'check',
    thing: { kind: 'script', rise: 1, fall: 2 },
    consequence: { kind: 'weight', weight: -60 },
  },
  { name: 'proxy', thing: { kind: 'proxy' }, consequence: { kind: 'fault' } },
];
const BUSY_GROUP: GroupParams = {
  ...GROUP,
  failback: { kind: 'after', stableFor: millis(2000) },
  startHold: millis(3000),
  duplicateProbe: 'wanted',
};
export const BUSY: NodeParams = {
  groups: [
    BUSY_GROUP,
    {
      ...BUSY_GROUP,
      group: 'mail',
      interval: millis(100),
      instances: [GROUP.instances[0]!, { interface: 'eth1', ownAddress: HIGHER }],
      things: TRACKED,
    },
  ],
  proxy: PROXY,
};

export const NOTHING_FOUND: GroupFound = { links: ['up'], leaseUntil: undefined, leftOver: 'no' };

/** A node that runs, whose first group's virtual router is in the given state. */
export function node(vrrp: VrrpState, changes: Partial<NodeState> = {}): NodeState {
  return {
    phase: 'running',
    peer: NO_PEER,
    groups: [
      taking(vrrp),
      taking({ name: 'initialize' }, { fault: 'link eth0 down', links: ['down'] }),
    ],
    proxy: SERVING,
    ...changes,
  };
}

/** A group whose link is up and that takes part. */
export function taking(vrrp: VrrpState, changes: Partial<GroupState> = {}): GroupState {
  return { ...unstarted(GROUP), links: ['up'], fault: undefined, vrrp, ...changes };
}

export function does(effects: readonly NodeEffect[]): readonly string[] {
  return effects.flatMap((effect) => {
    switch (effect.kind) {
      case 'group':
        return told([effect.effect]).map((each) => `${GROUPS[effect.group]!.group}: ${each}`);
      case 'proxy':
        return toldOfProxy([effect.effect]);
      case 'tell':
        return [`tell ${effect.notice.event}`];
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

const anyLink = fc.constantFrom('up' as const, 'up' as const, 'down' as const, 'missing' as const);

/** Of a group with so many instances. */
export const anyFound = (instances: number): fc.Arbitrary<GroupFound> =>
  fc.record({
    links: fc.array(anyLink, { minLength: instances, maxLength: instances }),
    leaseUntil: fc.option(fc.integer({ min: -1000, max: 3000 }).map(at), { nil: undefined }),
    leftOver: fc.constantFrom('yes', 'no'),
  });

const anySample = fc.constantFrom<Sample>({ kind: 'well' }, { kind: 'failing', why: 'exit 1' });

/** What may happen to a group of so many instances and tracked things. */
function anyGroupEvent(group: number, params: GroupParams): fc.Arbitrary<NodeEvent> {
  const instance = fc.nat(params.instances.length - 1);
  const looks = params.things.flatMap(({ thing }, index) =>
    thing.kind === 'proxy'
      ? []
      : [anySample.map((seen): NodeEvent => ({ kind: 'sampled', group, index, seen }))],
  );
  return fc.oneof(
    fc
      .tuple(fc.constantFrom(0, 1, 200, 254), fc.constantFrom(LOWER, HIGHER), instance)
      .map((advert): NodeEvent => ({ kind: 'advert', group, ...arrived(...advert) })),
    fc
      .tuple(instance, anyLink)
      .map(([each, state]): NodeEvent => ({ kind: 'link', group, instance: each, state })),
    fc.constantFrom<NodeEvent>(
      { kind: 'address-removed', group, address: VIP },
      { kind: 'addresses-held', group },
      { kind: 'address-refused', group, detail: 'no' },
      { kind: 'address-claimed', group, claim: { address: VIP, mac: STRANGER } },
      { kind: 'send-failed', group, detail: 'no' },
      { kind: 'switchover', group },
      { kind: 'failback', group },
    ),
    ...looks,
  );
}

/** Whatever may happen to a node that has looked around. */
export function anyNodeEvent({ groups }: NodeParams): fc.Arbitrary<NodeEvent> {
  return fc.oneof(
    { weight: 4, arbitrary: fc.constant<NodeEvent>({ kind: 'alarm' }) },
    {
      weight: 8,
      arbitrary: fc.oneof(...groups.map((params, group) => anyGroupEvent(group, params))),
    },
    fc.constantFrom(...EVENTS).map((event): NodeEvent => ({ kind: 'proxy', event })),
  );
}
