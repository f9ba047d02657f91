/** vipair's own rows: how a group is given away, left, handed over, adopted and taken back. */
import { instant, millis } from '../../src/base/time.js';
import type { Scenario } from './scenario.js';
import {
  alarm,
  GROUP,
  hears,
  HIGHER,
  kernelHolds,
  LOWER,
  following,
  mastering,
  ofGroup,
  proxy,
  starts,
  happens,
  VIP,
} from './scenario.js';

const SWITCHOVER = { kind: 'switchover', group: 0 } as const;
const FAILBACK = { kind: 'failback', group: 0 } as const;
const STOP = { kind: 'stop', mode: 'release' } as const;
const HAND_OVER = { kind: 'stop', mode: 'hand-over' } as const;
const WITH_PROXY = {
  node: {
    groups: [GROUP],
    proxy: { run: 'supervised' as const, probeEvery: millis(250), probeTimeout: millis(1000) },
  },
  addresses: [[VIP]],
};
const LEASE_RUNS = starts({ leaseUntil: instant(1500), leftOver: 'yes' });

export const LEAVING: readonly Scenario[] = [
  ofGroup({
    name: 'vipair-switchover',
    title: 'Switchover: the other node takes the group',
    rule: [
      'A master that resigns says priority 0 and goes on answering until its successor is heard: clients see no gap.',
      'What an operator gave away is not taken back by itself.',
    ],
    given: mastering,
    told: [
      happens(SWITCHOVER, 489),
      alarm,
      alarm,
      hears(100, LOWER, { after: 40 }),
      hears(100, LOWER, { after: 1000 }),
    ],
  }),
  ofGroup({
    name: 'vipair-switchover-to-nobody',
    title: 'Switchover: nobody takes the group',
    rule: ['A switchover to nobody is undone, without a hole: the lease outlives the wait.'],
    given: mastering,
    told: [happens(SWITCHOVER, 489), alarm, alarm, alarm, kernelHolds],
  }),
  ofGroup({
    name: 'vipair-switchover-of-a-backup',
    title: 'Switchover: asked of a node that is not master',
    rule: ['Only a master can give a group away.'],
    given: following,
    told: [happens(SWITCHOVER)],
  }),
  ofGroup({
    name: 'vipair-stop-with-a-successor',
    title: 'Stop: the other node takes over',
    rule: ['As on a switchover the node answers until its successor is heard; then it ends.'],
    given: mastering,
    told: [happens(STOP, 489), alarm, alarm, hears(100, LOWER, { after: 40 })],
  }),
  ofGroup({
    name: 'vipair-stop-without-a-successor',
    title: 'Stop: nobody takes over',
    rule: ['A stop goes on, whether there is a successor or not.'],
    given: mastering,
    told: [happens(SWITCHOVER, 489), happens(STOP, 5), alarm, alarm, alarm],
  }),
  ofGroup({
    name: 'vipair-hand-over',
    title: 'Hand-over: the daemon is replaced, everything stays',
    rule: [
      'Addresses and lease stay. A longer interval is announced, which backups learn (RFC 9568 §6.4.2), so that none',
      'takes over while the next daemon starts.',
    ],
    group: { ...GROUP, interval: millis(100) },
    given: mastering,
    told: [happens(HAND_OVER, 50), alarm, alarm],
  }),
  ofGroup({
    name: 'vipair-hand-over-version-2',
    title: 'Hand-over in version 2',
    rule: [
      'Version 2 has no longer interval to announce: its speakers drop adverts of another interval than theirs',
      '(RFC 3768 §7.1). The next daemon has what is left of Master_Down_Interval.',
    ],
    group: { ...GROUP, version: 2 },
    given: mastering,
    told: [happens(HAND_OVER, 489), alarm, alarm],
  }),
];

export const ARRIVING: readonly Scenario[] = [
  ofGroup({
    name: 'vipair-start-hold',
    title: 'Start: a hold before the first claim',
    rule: [
      'A daemon that has just been started listens for start_hold at least; after that, as long as the RFC says.',
    ],
    group: { ...GROUP, startHold: millis(10_000) },
    given: [],
    told: [starts(), alarm, kernelHolds],
  }),
  {
    ...WITH_PROXY,
    name: 'vipair-adopt',
    title: 'Start: a former life’s lease still runs',
    rule: [
      'Nobody has taken over while a lease runs. So the group is adopted without a word as soon as the proxy is known',
      'to serve.',
    ],
    given: [],
    told: [LEASE_RUNS, proxy({ kind: 'connected', pid: 42 }, 200), kernelHolds],
  },
  {
    ...WITH_PROXY,
    name: 'vipair-adopt-too-late',
    title: 'Start: a former life’s lease ends before the node is fit',
    rule: [
      'What cannot be adopted is given up as a master does it, so that the peer need not wait.',
    ],
    given: [LEASE_RUNS],
    told: [alarm, alarm, alarm, proxy({ kind: 'connected', pid: 42 }, 200)],
  },
  {
    ...WITH_PROXY,
    name: 'vipair-adopt-a-master-lives',
    title: 'Start: a former life’s lease still runs, and a master is heard',
    rule: ['The peer may have missed the last advert. A living master ends the hope of adopting.'],
    given: [LEASE_RUNS],
    told: [hears(200, HIGHER), proxy({ kind: 'connected', pid: 42 }, 200)],
  },
  ofGroup({
    name: 'vipair-left-over-without-a-lease',
    title: 'Start: a former life left its addresses, and no lease',
    rule: ['They are released before anything else, and the peer is told.'],
    given: [],
    told: [starts({ leftOver: 'yes' }), alarm],
  }),
];

export const FAILING_BACK: readonly Scenario[] = [
  ofGroup({
    name: 'vipair-failback-manual',
    title: 'Failback: when an operator asks for it',
    rule: ['A backup of greater priority leaves the group where it is until it is asked for.'],
    group: { ...GROUP, failback: { kind: 'manual' } },
    given: [starts(), hears(100, LOWER, { after: 200 })],
    told: [
      hears(100, LOWER, { after: 1000 }),
      happens(FAILBACK, 500),
      hears(100, LOWER, { after: 500 }),
      hears(100, LOWER, { after: 1000 }),
      hears(100, LOWER, { after: 1000 }),
      alarm,
      kernelHolds,
    ],
  }),
  ofGroup({
    name: 'vipair-failback-nothing-to-take-back',
    title: 'Failback: asked of a node that does not outrank the master',
    rule: ['Such a request changes nothing.'],
    group: { ...GROUP, failback: { kind: 'manual' } },
    given: following,
    told: [happens(FAILBACK)],
  }),
  ofGroup({
    name: 'vipair-failback-after-a-stable-time',
    title: 'Failback: after it has outranked the master for a while',
    rule: [
      'A backup of greater priority takes the group back once it has outranked the master for that long, without a break.',
    ],
    group: { ...GROUP, failback: { kind: 'after', stableFor: millis(2000) } },
    given: [starts()],
    told: [
      hears(100, LOWER, { after: 200 }),
      hears(100, LOWER, { after: 1000 }),
      hears(100, LOWER, { after: 1000 }),
      hears(100, LOWER, { after: 1000 }),
      hears(100, LOWER, { after: 1000 }),
      alarm,
      kernelHolds,
    ],
  }),
  ofGroup({
    name: 'vipair-failback-given-away',
    title: 'Failback: of what an operator gave away',
    rule: ['What was given away stays there, even after the stable time, until it is asked for.'],
    group: { ...GROUP, failback: { kind: 'after', stableFor: millis(2000) } },
    given: [...mastering, happens(SWITCHOVER, 489), alarm, alarm, hears(100, LOWER, { after: 40 })],
    told: [
      hears(100, LOWER, { after: 1000 }),
      hears(100, LOWER, { after: 1000 }),
      hears(100, LOWER, { after: 1000 }),
      happens(FAILBACK, 500),
      hears(100, LOWER, { after: 500 }),
    ],
  }),
];
