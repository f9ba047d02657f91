/** A group's account of itself, from the state it is decided with. */
import { formatCidr } from '../base/ip.js';
import type { Instant } from '../base/time.js';
import { between, instant } from '../base/time.js';
import { unreachable } from '../base/unreachable.js';
import type { Drain } from '../core/drain.js';
import { fateOfConnections } from '../core/connections.js';
import { failbackAt } from '../core/failback.js';
import type { GroupParams } from '../core/group-params.js';
import type { GroupState } from '../core/group-state.js';
import { roleOf } from '../core/group-state.js';
import { healthOf } from '../core/health.js';
import { inWords } from '../core/group-tracking.js';
import { backstopFor, leaseFor } from '../core/lease.js';
import { movesByItself } from '../core/orders.js';
import { explainPriority, priorityOf } from '../core/priority.js';
import type {
  ConnectionsStatus,
  DrainStatus,
  FailbackStatus,
  GroupStatus,
  InstanceStatus,
  LeaseStatus,
  TrackedStatus,
} from '../telemetry/status.js';
import type { GroupRunner } from './group-runner.js';
import type { InstanceRunner } from './instance-runner.js';

export function groupStatus(
  runner: GroupRunner,
  state: GroupState,
  layers: LeaseStatus['layers'],
  now: Instant,
): GroupStatus {
  const { plan } = runner;
  const leading = plan.instances[0];
  const priority = priorityOf(plan.vrrp.priority, plan.vrrp.things, state.trackers);
  return {
    name: plan.name,
    role: roleOf(state),
    fault: state.fault,
    kept: state.kept,
    health: healthOf(plan.vrrp, state),
    version: plan.vrrp.version,
    vrid: leading?.vrid ?? 0,
    interface: leading?.interface ?? '',
    ownAddress: leading?.ownAddress ?? '',
    addresses: plan.addresses.map((address) => formatCidr(address.cidr)),
    instances: runner.instances.map(instanceStatus),
    priority: state.priority,
    priorityWhy: explainPriority(priority),
    track: trackedStatus(plan.vrrp, state),
    failback: failbackStatus(plan.vrrp, state, now),
    conflict: state.firstClaim?.conflict ?? state.firstClaim?.told,
    advertIntervalMs: plan.vrrp.interval,
    master: state.vrrp.name === 'backup' ? state.vrrp.master : undefined,
    lease: leaseStatus(runner, layers, now),
    connections: connectionsStatus(runner, state, now),
    counters: runner.tally.counters(runner.instances.map((each) => each.tally)),
  };
}

function connectionsStatus(
  { plan, drain }: GroupRunner,
  state: GroupState,
  now: Instant,
): ConnectionsStatus | undefined {
  const fate = fateOfConnections(plan.vrrp, state, plan.keepingRefused);
  return fate === undefined
    ? undefined
    : {
        keptMs: fate.kind === 'kept' ? fate.lasting : undefined,
        cutBecause: fate.kind === 'cut' ? fate.why : undefined,
        drain: drain === undefined ? undefined : drainStatus(drain, now),
      };
}

function drainStatus(drain: Drain, now: Instant): DrainStatus {
  const { first, problem } = drain;
  return drain.name === 'draining'
    ? {
        state: 'serving on',
        ...{ open: drain.open, first, reset: 0, problem },
        sinceMs: Math.round(between(drain.began, now)),
        leftMs: Math.max(0, Math.round(between(now, drain.until))),
      }
    : {
        state: drain.outcome,
        ...{ open: undefined, first, reset: drain.reset, problem },
        sinceMs: Math.round(drain.after),
        leftMs: undefined,
      };
}

function instanceStatus({ plan, tally }: InstanceRunner): InstanceStatus {
  const { family, vrid, ownAddress, addresses } = plan;
  return {
    family,
    interface: plan.interface,
    vrid,
    ownAddress,
    addresses,
    counters: tally.counters(),
  };
}

function trackedStatus({ things }: GroupParams, state: GroupState): readonly TrackedStatus[] {
  return things.flatMap(({ name, consequence }, index) => {
    const tracker = state.trackers[index];
    return tracker === undefined
      ? []
      : [
          {
            name,
            state: inWords(tracker.verdict),
            consequence: consequence.kind === 'fault' ? 'fault' : String(consequence.weight),
          },
        ];
  });
}

function failbackStatus(params: GroupParams, state: GroupState, now: Instant): FailbackStatus {
  const at = failbackAt(params, state.failback);
  const isFree = movesByItself(state.orders);
  const inMs = at === undefined || !isFree ? undefined : Math.max(0, Math.round(between(now, at)));
  return { policy: params.failback.kind, outlook: outlookOf(params, state, inMs), inMs };
}

function outlookOf(
  params: GroupParams,
  state: GroupState,
  inMs: number | undefined,
): string | undefined {
  if (state.vrrp.name !== 'backup' || state.failback.kind === 'none') {
    return undefined;
  }
  const master = state.vrrp.master ?? state.vrrp.outranked;
  const why = `its priority ${String(state.priority)} is greater than ${String(master?.priority ?? 0)}`;
  if (state.failback.kind === 'given-away') {
    return `gave the group away, as asked, and leaves it there: vipair failback ${params.group}`;
  }
  if (state.failback.kind === 'asked') {
    return `takes the group back, as asked: ${why}`;
  }
  if (!movesByItself(state.orders) && params.failback.kind === 'after') {
    return `could be master, because ${why}: vipair failback ${params.group}`;
  }
  return ofPolicy(params, state, { why, inMs });
}

/** Nobody has asked for anything. */
function ofPolicy(
  params: GroupParams,
  { tables }: GroupState,
  { why, inMs }: { readonly why: string; readonly inMs: number | undefined },
): string {
  switch (params.failback.kind) {
    case 'never':
      return `could be master, because ${why}, but never fails back`;
    case 'manual':
      return `could be master, because ${why}: vipair failback ${params.group}`;
    case 'after':
      return tables.kind === 'awaited'
        ? `waits for the stick tables of the other node before it fails back, because ${why}`
        : `would fail back in ${String(Math.ceil((inMs ?? 0) / 1000))} s, because ${why}`;
    default:
      return unreachable(params.failback);
  }
}

function leaseStatus(
  runner: GroupRunner,
  layers: LeaseStatus['layers'],
  now: Instant,
): LeaseStatus {
  const { interval } = runner.plan.vrrp;
  const lasts = leaseFor(interval);
  const until = runner.leaseUntil();
  return {
    layers,
    lastsMs: lasts,
    backstopMs: backstopFor(lasts) * 1000,
    leftMs: until === undefined ? undefined : Math.round(between(now, until)),
    // Killed just before an advert, with one interval of the lease already gone. Without the lease proper nothing
    // tells the next daemon whether the peer has taken over, so nothing is adopted.
    restartWithinMs:
      layers === 'lease and backstop' ? between(instant(interval), instant(lasts)) : 0,
  };
}
