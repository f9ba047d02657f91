/** A scenario: what a node is, what leads up to the point, and what is told of. Time is counted in milliseconds. */
import type { Ip } from '../../src/base/ip.js';
import type { MacAddress } from '../../src/base/mac.js';
import type { Instant } from '../../src/base/time.js';
import { centis, instant, later, millis } from '../../src/base/time.js';
import { invariant } from '../../src/base/unreachable.js';
import type { GroupParams } from '../../src/core/group-params.js';
import type { GroupFound } from '../../src/core/group-state.js';
import type { LinkState } from '../../src/core/notice.js';
import type { NodeEvent, NodeParams, NodeState } from '../../src/core/node.js';
import { newNode, nodeDeadline, stepNode } from '../../src/core/node.js';
import type { ProxyEvent } from '../../src/core/proxy-state.js';
import type { Sample } from '../../src/core/tracking.js';
import type { Happened } from '../../src/explain/scene.js';

export interface Scenario {
  /** Also the name of its file. */
  readonly name: string;
  readonly title: string;
  /** What the standard asks for or what vipair promises, line by line. */
  readonly rule: readonly string[];
  /** How vipair differs from the standard, as docs/rfc-conformance.md has it. */
  readonly differs?: readonly string[];
  readonly node: NodeParams;
  /** The virtual addresses, group by group. */
  readonly addresses: readonly (readonly Ip[])[];
  /** Not told of, but for where it leads. */
  readonly given: readonly Step[];
  readonly told: readonly Step[];
}

/** What happens next, and how long after what happened before. */
export type Step =
  | {
      readonly after: number;
      readonly event: NodeEvent;
      /** Whether alarms that are due before it have not rung: the process was frozen. */
      readonly frozen?: 'yes';
    }
  /** The next alarm rings when it was asked for, or so much later. */
  | { readonly alarmLate: number };

export const ORIGIN: Instant = instant(0);
export const VIP = '10.77.0.100' as Ip;
export const OWN = '10.77.0.2' as Ip;
export const HIGHER = '10.77.0.3' as Ip;
export const LOWER = '10.77.0.1' as Ip;
export const STRANGER = '02:00:00:00:00:99' as MacAddress;

/** Priority 128 at one second: Skew_Time is 500 ms and Active_Down_Interval 3.5 s. Preempt_Mode is off. */
export const GROUP: GroupParams = {
  group: 'web',
  version: 3,
  priority: 128,
  peerPriority: 200,
  interval: millis(1000),
  preempt: 'forbidden',
  announce: { burst: 2, burstAgainAfter: millis(5000), refreshEvery: millis(60_000) },
  instances: [{ interface: 'eth0', ownAddress: OWN }],
  foreignPeers: [],
  failback: { kind: 'never' },
  startHold: millis(0),
  duplicateProbe: 'needless',
  inquiry: 'possible',
  keepConnections: undefined,
  things: [],
  agreement: 'alike',
};
/** Preempt_Mode is on. */
export const PREEMPTING: GroupParams = {
  ...GROUP,
  failback: { kind: 'after', stableFor: millis(0) },
};

/** A scenario of one group and no proxy. */
export function ofGroup(
  scenario: Omit<Scenario, 'node' | 'addresses'> & { readonly group?: GroupParams },
): Scenario {
  const { group = GROUP, ...rest } = scenario;
  return { ...rest, node: { groups: [group], proxy: undefined }, addresses: [[VIP]] };
}

/** The daemon has looked around and found its links up. */
export function starts(found: Partial<GroupFound> = {}, links = 1): Step {
  const up: readonly LinkState[] = Array.from({ length: links }, () => 'up');
  const here = { links: up, leaseUntil: undefined, leftOver: 'no' as const, ...found };
  return { after: 0, event: { kind: 'started', found: [here] } };
}

export function hears(
  priority: number,
  source: Ip,
  {
    after = 100,
    interval = 1000,
    instance = 0,
    version = 3,
  }: {
    readonly after?: number;
    readonly interval?: number;
    readonly instance?: number;
    readonly version?: 2 | 3;
  } = {},
): Extract<Step, { event: NodeEvent }> {
  const fields = { vrid: 51, priority, maxAdvertInterval: centis(interval / 10), addresses: [VIP] };
  const authentication = { type: 0, octets: new Uint8Array(8) };
  return {
    after,
    event: {
      kind: 'advert',
      group: 0,
      instance,
      source,
      advert: version === 3 ? { version, ...fields } : { version, ...fields, authentication },
    },
  };
}

/** The next alarm rings, on time. */
export const alarm: Step = { alarmLate: 0 };

export function alarmLate(by: number): Step {
  return { alarmLate: by };
}

/** The kernel's word follows the claim at once. */
export const kernelHolds: Step = { after: 1, event: { kind: 'addresses-held', group: 0 } };

export function linkIs(state: LinkState, after = 100): Step {
  return { after, event: { kind: 'link', group: 0, instance: 0, state } };
}

export function looks(seen: Sample, after = 1000, index = 0): Step {
  return { after, event: { kind: 'sampled', group: 0, index, seen } };
}

export function proxy(event: ProxyEvent, after = 10): Step {
  return { after, event: { kind: 'proxy', event } };
}

/** Any other event of the group, some time after the last. */
export function happens(event: NodeEvent, after = 100): Step {
  return { after, event };
}

/** It has followed a master of priority 200 since two tenths of a second after its start. */
export const following: readonly Step[] = [starts(), hears(200, HIGHER, { after: 200 })];

/** It heard nobody, and became master at 3.5 s; its first burst is over. */
export const mastering: readonly Step[] = [starts(), alarm, kernelHolds, alarm];

export interface Run {
  /** Where `given` led. */
  readonly given: { readonly state: NodeState; readonly now: Instant };
  readonly told: readonly Happened[];
}

/** Drives the state machine through a scenario. */
export function run({ node, given, told }: Scenario): Run {
  const led = drive(node, { state: newNode(node), now: ORIGIN }, given);
  return { given: led.at, told: drive(node, led.at, told).happened };
}

interface Point {
  readonly state: NodeState;
  readonly now: Instant;
}

function drive(
  node: NodeParams,
  from: Point,
  steps: readonly Step[],
): { readonly at: Point; readonly happened: readonly Happened[] } {
  let at = from;
  const happened: Happened[] = [];
  for (const step of steps) {
    const { event, now } = next(node, at, step);
    const { state, effects } = stepNode(node, at.state, event, now);
    happened.push({ before: at.state, event, now, after: state, effects });
    at = { state, now };
  }
  return { at, happened };
}

function next(
  node: NodeParams,
  { state, now }: Point,
  step: Step,
): { readonly event: NodeEvent; readonly now: Instant } {
  if ('event' in step) {
    const at = later(now, millis(step.after));
    const due = nodeDeadline(node, state);
    invariant(
      step.frozen === 'yes' || due === undefined || at <= due,
      `alarms ring before what happens later: ${step.event.kind} at ${String(at)}`,
    );
    return { event: step.event, now: at };
  }
  const due = nodeDeadline(node, state);
  invariant(due !== undefined, 'a scenario waits for alarms that were asked for');
  return { event: { kind: 'alarm' }, now: later(due, millis(step.alarmLate)) };
}
