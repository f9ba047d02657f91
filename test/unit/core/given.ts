/** Virtual routers in each state at one instant, and steps told in a few words, so that a table row fits a line. */
import fc from 'fast-check';
import type { Ip } from '../../../src/base/ip.js';
import type { MacAddress } from '../../../src/base/mac.js';
import type { Instant, Millis } from '../../../src/base/time.js';
import { centis, instant, later, millis, millisToCentis } from '../../../src/base/time.js';
import { leaseFor, resignGrace } from '../../../src/core/lease.js';
import type { LastWord } from '../../../src/core/group-state.js';
import type { Notice } from '../../../src/core/notice.js';
import type {
  Backup,
  Heard,
  Master,
  Resigning,
  VrrpEffect,
  VrrpEvent,
  VrrpParams,
} from '../../../src/core/vrrp-state.js';

export const NOW: Instant = instant(100_000);
export const OWN = '198.51.100.10' as Ip;
export const LOWER = '198.51.100.9' as Ip;
export const HIGHER = '198.51.100.11' as Ip;
export const VIP = '192.0.2.100' as Ip;
export const STRANGER = '02:00:00:00:00:99' as MacAddress;

/** Priority 200 at one second: Skew_Time is 218.75 ms, Active_Down_Interval 3218.75 ms, a lease 2945 ms. */
export const PARAMS: VrrpParams = {
  group: 'web',
  version: 3,
  priority: 200,
  interval: millis(1000),
  preempt: 'forbidden',
  announce: { burst: 2, burstAgainAfter: millis(5000), refreshEvery: millis(60_000) },
};
export const PREEMPTING: VrrpParams = { ...PARAMS, preempt: 'allowed' };

export const at = (offset: number): Instant => later(NOW, millis(offset));

/** A backup that follows a master of priority 250 and would take over in two seconds. */
export function backup(changes: Partial<Backup> = {}): Backup {
  return {
    name: 'backup',
    masterDownAt: at(2000),
    masterInterval: millis(1000),
    master: { address: HIGHER, priority: 250 },
    outranked: undefined,
    resigned: 'no',
    lookedAgain: 'no',
    ...changes,
  };
}

/** A master that advertised 600 ms ago and has announced everything for now. */
export function master(changes: Partial<Master> = {}): Master {
  return {
    name: 'master',
    lastAdvertAt: at(-600),
    nextAdvertAt: at(400),
    leaseUntil: at(2345),
    announcements: { phase: 'refresh', sent: 0, nextAt: at(30_000) },
    contest: undefined,
    ...changes,
  };
}

/** A master that resigned 40 ms ago. */
export function resigning(changes: Partial<Resigning> = {}): Resigning {
  return {
    name: 'resigning',
    since: at(-40),
    until: at(1010),
    purpose: 'switchover',
    lookedAgain: 'no',
    ...changes,
  };
}

/** What was said just now and will be said twice more: priority 0, unless told otherwise. */
export function lastWord(changes: Partial<LastWord> = {}): LastWord {
  return {
    advert: { kind: 'send-advert', priority: 0, interval: millis(1000) },
    copiesLeft: 2,
    nextAt: at(10),
    ...changes,
  };
}

/** On the leading instance, as seen from {@link OWN}. */
export function heard(priority: number, source: Ip = HIGHER, interval = 100): Heard {
  return {
    kind: 'advert',
    source,
    tie: source === LOWER ? 'ours' : 'theirs',
    leads: 'yes',
    advert: {
      version: 3,
      vrid: 51,
      priority,
      maxAdvertInterval: centis(interval),
      addresses: [VIP],
    },
  };
}

/** Each effect in a few words. */
export function told(effects: readonly VrrpEffect[]): readonly string[] {
  return effects.map((effect) => {
    switch (effect.kind) {
      case 'send-advert':
        return `advert ${String(effect.priority)} every ${String(effect.interval)}`;
      case 'hold':
        return `hold ${String(effect.lease)}, confirmation ${effect.confirm}`;
      case 'switchover-ended':
        return effect.outcome.kind === 'moved'
          ? `switchover moved to ${effect.outcome.to} within ${String(effect.outcome.within)}`
          : `switchover undone: ${effect.outcome.reason}`;
      case 'tell':
        return noticed(effect.notice);
      default:
        return effect.kind;
    }
  });
}

export function noticed(notice: Notice): string {
  return notice.event === 'vrrp.state'
    ? `${notice.from} → ${notice.to}: ${notice.cause}`
    : `tell ${notice.event}`;
}

export const anyInterval: fc.Arbitrary<Millis> = fc
  .integer({ min: 1, max: 4095 })
  .map((hundredths) => millis(hundredths * 10));
export const anyPriority = fc.integer({ min: 1, max: 254 });
/** Around {@link NOW}, to an eighth of a millisecond. */
export const anyInstant = fc
  .integer({ min: -800_000, max: 800_000 })
  .map((eighths) => at(eighths / 8));

/** Version 2 knows whole seconds only. */
const anyVersion = fc.oneof(
  fc.record({ version: fc.constant(3 as const), interval: anyInterval }),
  fc.record({
    version: fc.constant(2 as const),
    interval: fc.integer({ min: 1, max: 255 }).map((each) => millis(each * 1000)),
  }),
);

const anyOtherParams = fc.record({
  group: fc.constant('web'),
  priority: anyPriority,
  preempt: fc.constantFrom('allowed' as const, 'forbidden' as const),
  announce: fc.record({
    burst: fc.integer({ min: 1, max: 20 }),
    burstAgainAfter: fc.integer({ min: 1, max: 60_000 }).map(millis),
    refreshEvery: fc.integer({ min: 1, max: 600_000 }).map(millis),
  }),
});

export const anyParams: fc.Arbitrary<VrrpParams> = fc
  .tuple(anyVersion, anyOtherParams)
  .map(([version, others]) => ({ ...version, ...others }));

const anyMaster = fc.record({ address: fc.constantFrom(LOWER, HIGHER), priority: anyPriority });

export const anyBackup: fc.Arbitrary<Backup> = fc.record({
  name: fc.constant('backup'),
  masterDownAt: anyInstant,
  masterInterval: anyInterval,
  master: fc.option(anyMaster, { nil: undefined }),
  outranked: fc.option(anyMaster, { nil: undefined }),
  resigned: fc.constantFrom('no', 'yes'),
  lookedAgain: fc.constantFrom('no', 'yes'),
});

/** The lease is as long as the last advert made it. */
export function anyMasterOf(params: VrrpParams): fc.Arbitrary<Master> {
  const past = fc.integer({ min: 0, max: 800_000 }).map((eighths) => at(-eighths / 8));
  const plan = fc.record({
    phase: fc.constantFrom('first-burst', 'second-burst', 'refresh'),
    sent: fc.nat(3),
    nextAt: anyInstant,
  });
  const anyContest = fc
    .tuple(past, fc.nat(800_000))
    .map(([heardAt, eighths]) => ({ heardAt, plannedAt: later(heardAt, millis(-eighths / 8)) }));
  return fc
    .record({
      lastAdvertAt: past,
      announcements: fc.option(plan, { nil: undefined }),
      contest: fc.option(anyContest, { nil: undefined }),
    })
    .map(({ lastAdvertAt, ...rest }) => ({
      name: 'master',
      lastAdvertAt,
      nextAdvertAt: later(lastAdvertAt, params.interval),
      leaseUntil: later(lastAdvertAt, leaseFor(params.interval)),
      ...rest,
    }));
}

export function anyResigningOf(params: VrrpParams): fc.Arbitrary<Resigning> {
  return fc.record({
    name: fc.constant('resigning'),
    since: anyInstant,
    until: fc
      .nat(800_000)
      .map((eighths) => later(at(-50_000 + eighths / 8), resignGrace(params.interval))),
    purpose: fc.constantFrom('switchover', 'stop'),
    lookedAgain: fc.constantFrom('no', 'yes'),
  });
}

const anyAdvert: fc.Arbitrary<VrrpEvent> = fc
  .tuple(
    fc.integer({ min: 0, max: 255 }),
    fc.constantFrom(LOWER, HIGHER),
    anyInterval,
    fc.constantFrom('yes' as const, 'no' as const),
  )
  .map(([priority, source, interval, leads]) => {
    const event = heard(priority, source, millisToCentis(interval));
    return leads === 'yes' ? event : { ...event, leads, tie: 'ours' };
  });

export const PLAIN_EVENTS: readonly VrrpEvent[] = [
  { kind: 'startup', from: 'starting', listenFor: millis(0) },
  { kind: 'adopt' },
  { kind: 'alarm' },
  { kind: 'resign', purpose: 'switchover' },
  { kind: 'resign', purpose: 'stop' },
  { kind: 'hand-over' },
  { kind: 'shutdown' },
  { kind: 'hold-again' },
  { kind: 'held' },
  { kind: 'master-died' },
  { kind: 'reconfigured' },
];

export const anyVrrpEvent: fc.Arbitrary<VrrpEvent> = fc.oneof(
  anyAdvert,
  fc.constantFrom(...PLAIN_EVENTS),
);
