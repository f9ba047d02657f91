import { expect, it } from 'vitest';
import type { GroupState } from '../../../src/core/group-state.js';
import { roleOf, speaker, spokenPriority, unstarted } from '../../../src/core/group-state.js';
import type { TrackedThing } from '../../../src/core/tracking.js';
import { newTracker } from '../../../src/core/tracking.js';
import { backup, master, OWN, resigning } from './given.js';
import { NO_ORDERS } from '../../../src/core/orders.js';
import { GROUP, INITIALIZE, PAUSED } from './given-group.js';

it('a group nobody has looked at yet takes no part, holds nothing and has said nothing', () => {
  expect(unstarted(GROUP)).toEqual({
    vrrp: INITIALIZE,
    links: ['missing'],
    trackers: [],
    priority: 200,
    joined: 'never',
    firstClaim: undefined,
    inquiry: undefined,
    failback: { kind: 'none' },
    kept: undefined,
    resortFrom: undefined,
    orders: NO_ORDERS,
    tables: { kind: 'in' },
    peer: 'fit or unknown',
    successor: 'unknown',
    relievedFrom: undefined,
    fault: 'starting',
    adoptBy: undefined,
    rest: undefined,
    removals: [],
    sendFailures: [],
    quietSince: undefined,
    path: 'whole',
    agreement: 'same',
    agreementTold: 'same',
    change: undefined,
    lastWord: undefined,
  });
});

it('it has a link for each instance and a tracker for each thing; what is unknown counts as well', () => {
  const instances = ['eth0', 'eth1'].map((name) => ({ interface: name, ownAddress: OWN }));
  const things: readonly TrackedThing[] = [20, -20].map((weight) => ({
    name: `of weight ${String(weight)}`,
    thing: { kind: 'script', rise: 1, fall: 1 },
    consequence: { kind: 'weight', weight },
  }));
  expect(unstarted({ ...GROUP, instances, things })).toMatchObject({
    links: ['missing', 'missing'],
    trackers: [newTracker(), newTracker()],
    priority: 220,
  });
});

it.each<[Partial<GroupState>, string]>([
  [{ vrrp: backup() }, 'backup'],
  [{ vrrp: master() }, 'master'],
  [{ vrrp: resigning() }, 'resigning'],
  [{ vrrp: INITIALIZE, fault: 'starting' }, 'starting'],
  [{ vrrp: INITIALIZE, fault: undefined }, 'starting'],
  [{ vrrp: INITIALIZE, fault: 'link eth0 down' }, 'fault'],
])('the role of %j is %s', (changes, role) => {
  expect(roleOf({ ...unstarted(GROUP), ...changes })).toBe(role);
});

it('an unfit node outranks nobody, and says so where it is master', () => {
  const unfit = { ...unstarted(GROUP), kept: 'the proxy is not serving' };
  expect(speaker(unfit)).toEqual({
    ...{ priority: 1, failback: { kind: 'none' }, orders: NO_ORDERS },
    tables: { kind: 'in' },
  });
  expect(speaker({ ...unfit, kept: undefined }).priority).toBe(200);
  expect(spokenPriority({ ...unfit, vrrp: master() })).toBe(1);
  expect(spokenPriority({ ...unfit, vrrp: master(), orders: PAUSED })).toBe(200);
  const spared = { ...unfit, vrrp: master(), orders: { ...PAUSED, own: PAUSED.pause } };
  expect(spokenPriority(spared)).toBe(1);
  // A backup's skew is that of its own priority: it is no slower for being unfit.
  expect(spokenPriority({ ...unfit, vrrp: backup() })).toBe(200);
});
