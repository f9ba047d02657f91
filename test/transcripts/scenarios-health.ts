/** vipair's own rows: what is tracked, the proxy, two families, two groups, and version 2. */
import type { Ip } from '../../src/base/ip.js';
import { millis } from '../../src/base/time.js';
import type { GroupParams } from '../../src/core/group-params.js';
import type { Consequence, TrackedThing } from '../../src/core/tracking.js';
import type { Scenario } from './scenario.js';
import {
  alarm,
  following,
  GROUP,
  hears,
  HIGHER,
  kernelHolds,
  looks,
  LOWER,
  mastering,
  ofGroup,
  OWN,
  proxy,
  starts,
  happens,
  VIP,
} from './scenario.js';

const WELL = { kind: 'well' } as const;
const FAILING = { kind: 'failing', why: 'it ended with 1' } as const;
const WITH_PROXY: Pick<Scenario, 'node' | 'addresses'> = {
  node: {
    groups: [GROUP],
    proxy: { run: 'supervised', probeEvery: millis(10_000), probeTimeout: millis(1000) },
  },
  addresses: [[VIP]],
};

function checking(consequence: Consequence, group: GroupParams = GROUP): GroupParams {
  const check: TrackedThing = {
    name: 'db-check',
    thing: { kind: 'script', rise: 2, fall: 2 },
    consequence,
  };
  return { ...group, things: [check] };
}

export const TRACKING: readonly Scenario[] = [
  ofGroup({
    name: 'vipair-tracking-fault',
    title: 'Tracking: a script whose failure is a fault',
    rule: [
      'Two bad looks in a row make it fail, two good ones make it well. While it fails this node takes no part.',
    ],
    group: checking({ kind: 'fault' }),
    given: [starts(), looks(WELL, 100), alarm, kernelHolds, alarm],
    told: [
      looks(FAILING, 89),
      looks(WELL, 100),
      looks(FAILING, 100),
      looks(FAILING, 100),
      alarm,
      alarm,
      looks(WELL, 80),
      looks(WELL, 100),
    ],
  }),
  ofGroup({
    name: 'vipair-tracking-waits-at-start',
    title: 'Tracking: what could make the node unfit is not known yet',
    rule: ['At start a group joins when everything that could make it unfit is known.'],
    group: checking({ kind: 'fault' }),
    given: [],
    told: [starts(), looks(WELL, 300)],
  }),
  ofGroup({
    name: 'vipair-tracking-weight-of-a-master',
    title: 'Tracking: a weight lowers a master’s priority, and the healthier node takes over',
    rule: ['What is tracked with a weight changes the priority that is advertised.'],
    group: checking({ kind: 'weight', weight: -60 }),
    given: [starts(), looks(WELL, 100), alarm, kernelHolds, alarm],
    told: [looks(FAILING, 89), looks(FAILING, 100), alarm, hears(100, LOWER, { after: 50 })],
  }),
  ofGroup({
    name: 'vipair-tracking-weight-of-a-backup',
    title: 'Tracking: the master’s priority falls, and the healthier backup takes over',
    rule: ['Health is not preference: a healthier backup takes over even where failback is never.'],
    group: checking({ kind: 'weight', weight: -80 }),
    given: following,
    told: [
      hears(120, HIGHER, { after: 1000 }),
      hears(120, HIGHER, { after: 1000 }),
      hears(120, HIGHER, { after: 1000 }),
      alarm,
      kernelHolds,
    ],
  }),
  ofGroup({
    name: 'vipair-tracking-interface',
    title: 'Tracking: an interface, whose changes have to last',
    rule: ['The kernel tells every change; each way it has to last for debounce before it counts.'],
    group: {
      ...GROUP,
      things: [
        {
          name: 'eth1',
          thing: { kind: 'interface', debounce: millis(500) },
          consequence: { kind: 'fault' },
        },
      ],
    },
    given: [starts(), looks(WELL, 100), hears(200, HIGHER)],
    told: [
      looks({ kind: 'failing', why: 'it is down' }, 100),
      looks(WELL, 100),
      looks({ kind: 'failing', why: 'it is down' }, 100),
      alarm,
    ],
  }),
  ofGroup({
    name: 'vipair-tracking-file',
    title: 'Tracking: a file that holds a number',
    rule: ['The number times the weight is added to the priority, at once.'],
    group: {
      ...GROUP,
      things: [
        { name: 'load', thing: { kind: 'file' }, consequence: { kind: 'weight', weight: -2 } },
      ],
    },
    given: [starts(), hears(200, HIGHER)],
    told: [looks({ kind: 'value', value: 20 }, 200), looks({ kind: 'value', value: 5 }, 200)],
  }),
];

export const PROXY: readonly Scenario[] = [
  {
    ...WITH_PROXY,
    name: 'vipair-proxy-dies',
    title: 'Proxy: it dies on the master, and is started again',
    rule: [
      'A node whose proxy does not serve takes no part; it joins again once the proxy answers.',
    ],
    given: [starts(), proxy({ kind: 'connected', pid: 42 }), alarm, kernelHolds, alarm],
    told: [
      proxy({ kind: 'exited', how: 'signal 11' }, 79),
      proxy({ kind: 'killed' }, 5),
      alarm,
      alarm,
      alarm,
      proxy({ kind: 'check-passed' }),
      proxy({ kind: 'started' }),
      alarm,
      proxy({ kind: 'connected', pid: 43 }, 5),
    ],
  },
];

const OWN_V6 = 'fe80::2' as Ip;
const HIGHER_V6 = 'fe80::3' as Ip;
const BOTH: GroupParams = {
  ...GROUP,
  instances: [
    { interface: 'eth0', ownAddress: OWN },
    { interface: 'eth0', ownAddress: OWN_V6 },
  ],
};
const MAIL: GroupParams = { ...GROUP, group: 'mail', priority: 192, interval: millis(2000) };

export const SHAPES: readonly Scenario[] = [
  {
    node: { groups: [BOTH], proxy: undefined },
    addresses: [[VIP, 'fd77::100' as Ip]],
    name: 'vipair-two-families',
    title: 'Two families: two virtual routers with one state',
    rule: [
      'An advert heard on either feeds the one state machine, and adverts leave on both. The first instance alone',
      'decides between equal priorities, and names the master.',
    ],
    given: [starts({}, 2)],
    told: [
      hears(200, HIGHER, { after: 200 }),
      hears(200, HIGHER_V6, { after: 1, instance: 1 }),
      alarm,
      kernelHolds,
      alarm,
      hears(128, HIGHER_V6, { after: 288, instance: 1 }),
      alarm,
      alarm,
      hears(128, HIGHER, { after: 270 }),
    ],
  },
  {
    node: { groups: [GROUP, MAIL], proxy: undefined },
    addresses: [[VIP], ['10.77.0.101' as Ip]],
    name: 'vipair-two-groups',
    title: 'Two groups: each decides for itself',
    rule: ['Groups share the node’s fitness and nothing else.'],
    given: [],
    told: [
      {
        after: 0,
        event: {
          kind: 'started',
          found: [
            { links: ['up'], leaseUntil: undefined, leftOver: 'no' },
            { links: ['up'], leaseUntil: undefined, leftOver: 'yes' },
          ],
        },
      },
      alarm,
      alarm,
      hears(200, HIGHER),
      happens({ kind: 'link', group: 1, instance: 0, state: 'down' }, 500),
      happens({ kind: 'stop', mode: 'release' }, 500),
    ],
  },
  ofGroup({
    name: 'vipair-version-2-interval',
    title: 'Version 2: the skew is of a second, whatever the interval',
    rule: [
      'RFC 3768 §6.1: Skew_Time is (256 − priority) / 256 s, Master_Down_Interval three intervals and that. The interval',
      'of an advert is ours, or the advert was dropped before it came here (RFC 3768 §7.1).',
    ],
    group: { ...GROUP, version: 2, interval: millis(3000) },
    given: [starts()],
    told: [
      hears(200, HIGHER, { after: 500, interval: 3000, version: 2 }),
      hears(0, HIGHER, { after: 1000, interval: 3000, version: 2 }),
      alarm,
      kernelHolds,
    ],
  }),
  ofGroup({
    name: 'vipair-subsecond-adverts',
    title: 'Version 3: ten adverts a second',
    rule: ['All timers shrink with the interval (RFC 9568 §6.1), and the lease with them.'],
    group: { ...GROUP, interval: millis(100) },
    given: mastering,
    told: [alarm, hears(200, HIGHER, { after: 30, interval: 100 })],
  }),
];
