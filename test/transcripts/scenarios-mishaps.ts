/** vipair's own rows: frozen processes, kernels that refuse, links that end, and addresses that others have. */
import { millis } from '../../src/base/time.js';
import type { Scenario } from './scenario.js';
import {
  alarm,
  alarmLate,
  following,
  GROUP,
  hears,
  HIGHER,
  kernelHolds,
  linkIs,
  LOWER,
  mastering,
  ofGroup,
  starts,
  STRANGER,
  happens,
  VIP,
} from './scenario.js';

const CLAIMED = {
  kind: 'address-claimed',
  group: 0,
  claim: { address: VIP, mac: STRANGER },
} as const;
const REMOVED = { kind: 'address-removed', group: 0, address: VIP } as const;
const SEND_FAILED = { kind: 'send-failed', group: 0, detail: 'no buffer space available' } as const;

export const FROZEN: readonly Scenario[] = [
  ofGroup({
    name: 'vipair-lease-lost',
    title: 'Lease: a master that was frozen wakes up',
    rule: [
      'Its kernel fell silent when the lease ended, before the peer’s patience did. The peer may be master by now.',
    ],
    given: mastering,
    told: [alarmLate(5000)],
  }),
  ofGroup({
    name: 'vipair-lease-lost-and-an-advert-waits',
    title: 'Lease: a master that was frozen wakes up to an advert',
    rule: ['The lease is judged first, and then the advert, by a backup.'],
    given: mastering,
    told: [{ after: 9000, event: hears(100, LOWER).event, frozen: 'yes' }],
  }),
  ofGroup({
    name: 'vipair-backup-frozen',
    title: 'Freeze: a backup wakes up after its alarm',
    rule: [
      'Late by a whole Active_Down_Interval: its own silence proves nothing, so it listens anew, and only then takes over.',
    ],
    given: following,
    told: [alarmLate(3500), hears(200, HIGHER)],
  }),
  ofGroup({
    name: 'vipair-backup-late',
    title: 'Freeze: a backup’s alarm rings a little late',
    rule: [
      'An advert may lie unread in the socket: it is let in before the addresses are claimed.',
    ],
    given: following,
    told: [alarmLate(40), alarm, kernelHolds],
  }),
];

export const REFUSED: readonly Scenario[] = [
  ofGroup({
    name: 'vipair-address-refused',
    title: 'Kernel: it refuses an address to a new master',
    rule: [
      'Another node has to be master. This one takes no part for a second, and then joins again.',
    ],
    given: [starts(), alarm],
    told: [
      happens({ kind: 'address-refused', group: 0, detail: 'permission denied' }, 1),
      alarm,
      alarm,
      alarm,
    ],
  }),
  ofGroup({
    name: 'vipair-send-failure',
    title: 'Kernel: adverts cannot be sent',
    rule: [
      'A master that nobody hears has a rival soon: after three lost adverts in a row it steps down.',
    ],
    given: mastering,
    told: [
      alarm,
      happens(SEND_FAILED, 1),
      alarm,
      happens(SEND_FAILED, 1),
      alarm,
      happens(SEND_FAILED, 1),
    ],
  }),
  ofGroup({
    name: 'vipair-address-removed',
    title: 'Kernel: somebody removes an address that this node holds',
    rule: [
      'It is put back at once. More than five removals in ten seconds are no accident: an alarm, and no more haste.',
    ],
    given: mastering,
    told: [
      happens(REMOVED, 89),
      kernelHolds,
      alarm,
      happens(REMOVED),
      happens(REMOVED),
      happens(REMOVED),
      happens(REMOVED),
      happens(REMOVED),
      happens(REMOVED),
      alarm,
    ],
  }),
  ofGroup({
    name: 'vipair-address-removed-from-a-backup',
    title: 'Kernel: somebody removes an address that this node does not hold',
    rule: ['That is none of its business.'],
    given: following,
    told: [happens(REMOVED)],
  }),
];

export const LINKS: readonly Scenario[] = [
  ofGroup({
    name: 'vipair-link-down-and-up',
    title: 'Link: a backup loses its link, and gets it back',
    rule: ['A node without link takes no part; afterwards it listens before it speaks.'],
    given: following,
    told: [linkIs('down'), linkIs('up', 5000), hears(200, HIGHER)],
  }),
  ofGroup({
    name: 'vipair-first-claim-duplicate',
    title: 'First claim: some machine has the address already',
    rule: [
      'Before a node claims addresses from nobody it asks the link who has them. While a machine answers that does not',
      'advertise, they are not claimed; once it falls silent they are.',
    ],
    group: { ...GROUP, duplicateProbe: 'wanted' },
    given: [starts(), alarm, alarm, alarm, alarm, alarm],
    told: [alarm, happens(CLAIMED, 1), alarm, happens(CLAIMED, 1), alarm, alarm, kernelHolds],
  }),
  ofGroup({
    name: 'vipair-first-claim-free',
    title: 'First claim: nobody answers',
    rule: [
      'The questions fit into the time in which a backup listens anyway, so they delay nothing.',
    ],
    group: { ...GROUP, duplicateProbe: 'wanted', interval: millis(100) },
    given: [],
    told: [starts(), alarm, alarm, alarm, alarm, alarm, alarm, alarm, kernelHolds],
  }),
  ofGroup({
    name: 'vipair-master-hears-a-claim',
    title: 'Duplicate: a master hears another machine claim its address',
    rule: [
      'A master holds its addresses all the same, says who the other machine is, and tells clients again where they are.',
    ],
    given: mastering,
    told: [happens(CLAIMED), alarm],
  }),
];

export const RIVALS: readonly Scenario[] = [
  ofGroup({
    name: 'vipair-owner-elsewhere',
    title: 'Priority 255: another router says that it owns the addresses',
    rule: ['There is no owner in vipair, but who says so is obeyed like any greater priority.'],
    given: mastering,
    told: [hears(255, HIGHER, { after: 489 }), hears(255, HIGHER, { after: 1000 })],
  }),
  ofGroup({
    name: 'vipair-announcements',
    title: 'Announcements: two bursts, and a slow refresh',
    rule: ['A burst at once, another for switches that were still converging, then a refresh.'],
    group: {
      ...GROUP,
      interval: millis(10_000),
      announce: { ...GROUP.announce, refreshEvery: millis(8000) },
    },
    given: [starts(), alarm],
    told: [kernelHolds, alarm, alarm, alarm, alarm, alarm],
  }),
];
