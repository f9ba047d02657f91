/** The daemon's account of itself, from the state it decides with. */
import { formatCidr } from '../base/ip.js';
import type { Instant } from '../base/time.js';
import { between, instant } from '../base/time.js';
import type { GroupState } from '../core/group-state.js';
import { roleOf } from '../core/group-state.js';
import { backstopFor, leaseFor } from '../core/lease.js';
import type { ProxyState } from '../core/proxy-state.js';
import type { GroupStatus, LeaseStatus, ProxyStatus } from '../telemetry/status.js';
import type { GroupRunner } from './group-runner.js';

export function groupStatus(
  runner: GroupRunner,
  state: GroupState,
  layers: LeaseStatus['layers'],
  now: Instant,
): GroupStatus {
  const { plan } = runner;
  return {
    name: plan.name,
    role: roleOf(state),
    fault: state.fault,
    vrid: plan.vrid,
    interface: plan.interface,
    ownAddress: plan.ownAddress,
    addresses: plan.addresses.map((address) => formatCidr(address.cidr)),
    priority: plan.vrrp.priority,
    advertIntervalMs: plan.vrrp.interval,
    master: state.vrrp.name === 'backup' ? state.vrrp.master : undefined,
    lease: leaseStatus(runner, layers, now),
    counters: runner.tally.counters(),
  };
}

export function proxyStatus(state: ProxyState): ProxyStatus | undefined {
  if (state.name === 'none') {
    return undefined;
  }
  return {
    state: state.name,
    pid: state.name === 'serving' ? state.pid : undefined,
    cause: state.name === 'waiting' || state.name === 'ending' ? state.cause : undefined,
    recentDeaths: state.deaths.length,
  };
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
