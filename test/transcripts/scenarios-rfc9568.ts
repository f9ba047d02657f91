/** One scenario for each row of RFC 9568 §6.4.1 to §6.4.3. */
import { millis } from '../../src/base/time.js';
import type { Scenario } from './scenario.js';
import {
  alarm,
  following,
  GROUP,
  hears,
  HIGHER,
  kernelHolds,
  linkIs,
  LOWER,
  mastering,
  ofGroup,
  PREEMPTING,
  starts,
  happens,
} from './scenario.js';

const BACKUP_FOLLOWS = [
  'Preempt_Mode is off, or the priority is not below ours: take the interval of the advert,',
  'compute Skew_Time and Active_Down_Interval from it, and set the timer anew.',
];
const BECOMES_BACKUP = [
  'The priority is greater than ours, or equal and the sender’s address is greater: stop advertising, take the',
  'interval of the advert, set Active_Down_Timer, and become backup.',
];
const STAYS_ACTIVE = [
  'Otherwise discard the advert, and send one at once, so that the sender and every bridge that learns know the master.',
];
const ANSWERS_SELDOM = [
  'It answers at most ten times an interval, sets its timer anew with each answer, and announces its addresses again',
  'after the contest.',
];

export const INITIALIZE: readonly Scenario[] = [
  ofGroup({
    name: 'rfc9568-6.4.1-startup-owner',
    title: 'RFC 9568 §6.4.1, Initialize: Startup, with priority 255',
    rule: ['The owner of the addresses advertises and announces at once, and becomes master.'],
    differs: [
      'There is no owner. A configuration with 255 is refused; the machine by itself takes 254, and listens like anybody.',
    ],
    group: { ...GROUP, priority: 255 },
    given: [],
    told: [starts(), alarm, kernelHolds],
  }),
  ofGroup({
    name: 'rfc9568-6.4.1-startup-other',
    title: 'RFC 9568 §6.4.1, Initialize: Startup, with any other priority',
    rule: ['Take our own interval as the master’s, set Active_Down_Timer, and become backup.'],
    given: [],
    told: [hears(200, HIGHER, { after: 0 }), starts()],
  }),
];

export const BACKUP: readonly Scenario[] = [
  ofGroup({
    name: 'rfc9568-6.4.2-shutdown',
    title: 'RFC 9568 §6.4.2, Backup: Shutdown',
    rule: ['Cancel Active_Down_Timer, and go back to Initialize. Nothing is sent.'],
    given: following,
    told: [happens({ kind: 'stop', mode: 'release' })],
  }),
  ofGroup({
    name: 'rfc9568-6.4.2-down-timer-fires',
    title: 'RFC 9568 §6.4.2, Backup: Active_Down_Timer fires',
    rule: ['Advertise, announce the addresses, set Adver_Timer, and become master.'],
    differs: [
      'It advertises and announces when the kernel has confirmed that it holds the addresses.',
    ],
    given: following,
    told: [alarm, kernelHolds, alarm, alarm],
  }),
  ofGroup({
    name: 'rfc9568-6.4.2-priority-zero',
    title: 'RFC 9568 §6.4.2, Backup: an advert with priority 0',
    rule: ['Set Active_Down_Timer to Skew_Time.'],
    differs: [
      'It is never set to later than it was: a repeated resignation does not put the take-over off.',
    ],
    given: following,
    told: [hears(0, HIGHER), hears(0, HIGHER), alarm, kernelHolds],
  }),
  ofGroup({
    name: 'rfc9568-6.4.2-preempt-off-higher',
    title: 'RFC 9568 §6.4.2, Backup: an advert with a greater priority, Preempt_Mode off',
    rule: BACKUP_FOLLOWS,
    given: [starts()],
    told: [hears(200, HIGHER, { after: 200 }), hears(200, HIGHER, { after: 1000 })],
  }),
  ofGroup({
    name: 'rfc9568-6.4.2-preempt-off-equal',
    title: 'RFC 9568 §6.4.2, Backup: an advert with our own priority, Preempt_Mode off',
    rule: BACKUP_FOLLOWS,
    given: [starts()],
    told: [hears(128, LOWER, { after: 200 })],
  }),
  ofGroup({
    name: 'rfc9568-6.4.2-preempt-off-lower',
    title: 'RFC 9568 §6.4.2, Backup: an advert with a lower priority, Preempt_Mode off',
    rule: BACKUP_FOLLOWS,
    given: [starts()],
    told: [hears(100, LOWER, { after: 200 })],
  }),
  ofGroup({
    name: 'rfc9568-6.4.2-preempt-on-higher',
    title: 'RFC 9568 §6.4.2, Backup: an advert with a greater priority, Preempt_Mode on',
    rule: BACKUP_FOLLOWS,
    group: PREEMPTING,
    given: [starts()],
    told: [hears(200, HIGHER, { after: 200 })],
  }),
  ofGroup({
    name: 'rfc9568-6.4.2-preempt-on-equal',
    title: 'RFC 9568 §6.4.2, Backup: an advert with our own priority, Preempt_Mode on',
    rule: BACKUP_FOLLOWS,
    group: PREEMPTING,
    given: [starts()],
    told: [hears(128, LOWER, { after: 200 })],
  }),
  ofGroup({
    name: 'rfc9568-6.4.2-preempt-on-lower',
    title: 'RFC 9568 §6.4.2, Backup: an advert with a lower priority, Preempt_Mode on',
    rule: ['Discard it: the timer runs on, and when it fires this node takes over.'],
    group: PREEMPTING,
    given: [starts()],
    told: [
      hears(100, LOWER, { after: 1000 }),
      hears(100, LOWER, { after: 1000 }),
      hears(100, LOWER, { after: 1000 }),
      alarm,
      kernelHolds,
    ],
  }),
  ofGroup({
    name: 'rfc9568-6.4.2-interval-learned',
    title: 'RFC 9568 §6.4.2, Backup: an advert with another interval than ours',
    rule: BACKUP_FOLLOWS,
    given: following,
    told: [
      hears(200, HIGHER, { after: 1000, interval: 200 }),
      hears(200, HIGHER, { after: 200, interval: 200 }),
      alarm,
    ],
  }),
];

export const ACTIVE: readonly Scenario[] = [
  ofGroup({
    name: 'rfc9568-6.4.3-shutdown',
    title: 'RFC 9568 §6.4.3, Active: Shutdown',
    rule: ['Cancel Adver_Timer, advertise priority 0, and go back to Initialize.'],
    differs: [
      'Here the node became unfit. When it is told to stop it resigns first: see vipair-stop-*.txt.',
    ],
    given: mastering,
    told: [linkIs('down'), alarm, alarm],
  }),
  ofGroup({
    name: 'rfc9568-6.4.3-adver-timer-fires',
    title: 'RFC 9568 §6.4.3, Active: Adver_Timer fires',
    rule: ['Advertise, and set Adver_Timer anew.'],
    given: mastering,
    told: [alarm, alarm],
  }),
  ofGroup({
    name: 'rfc9568-6.4.3-priority-zero',
    title: 'RFC 9568 §6.4.3, Active: an advert with priority 0',
    rule: ['Advertise, and set Adver_Timer anew.'],
    given: mastering,
    differs: ['It answers at most ten times an interval.'],
    told: [hears(0, HIGHER, { after: 500 }), hears(0, HIGHER, { after: 50 })],
  }),
  ofGroup({
    name: 'rfc9568-6.4.3-higher',
    title: 'RFC 9568 §6.4.3, Active: an advert with a greater priority',
    rule: BECOMES_BACKUP,
    differs: ['It says so with one last advert, so that the winner knows of the contest.'],
    given: mastering,
    told: [hears(200, LOWER, { after: 500, interval: 200 }), alarm],
  }),
  ofGroup({
    name: 'rfc9568-6.4.3-equal-greater-address',
    title: 'RFC 9568 §6.4.3, Active: an advert with our own priority from a greater address',
    rule: BECOMES_BACKUP,
    differs: ['It says so with one last advert, so that the winner knows of the contest.'],
    given: mastering,
    told: [hears(128, HIGHER, { after: 500 })],
  }),
  ofGroup({
    name: 'rfc9568-6.4.3-equal-lesser-address',
    title: 'RFC 9568 §6.4.3, Active: an advert with our own priority from a lesser address',
    rule: STAYS_ACTIVE,
    differs: ANSWERS_SELDOM,
    given: mastering,
    told: [hears(128, LOWER, { after: 500 }), alarm],
  }),
  ofGroup({
    name: 'rfc9568-6.4.3-lower',
    title: 'RFC 9568 §6.4.3, Active: an advert with a lower priority',
    rule: STAYS_ACTIVE,
    differs: ANSWERS_SELDOM,
    group: { ...GROUP, announce: { ...GROUP.announce, burst: 1, refreshEvery: millis(30_000) } },
    given: [starts(), alarm, kernelHolds],
    told: [hears(100, HIGHER, { after: 500 }), hears(100, HIGHER, { after: 5 }), alarm, alarm],
  }),
];
