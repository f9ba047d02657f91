/** The observations put in order: for each virtual router what was heard of it, what was sent, and what its daemon says. */
import type { GroupStatus, InstanceCounters, NodeStatus } from '../telemetry/status.js';
import { PRIORITY_RESIGNS } from '../wire/vrrp.js';
import { isHeard } from './differences.js';
import type { ClaimOn, Observations, Router } from './observations.js';
import type { Reading } from './reading.js';
import { readPacket } from './reading.js';

export interface Scene {
  readonly observations: Observations;
  /** Whatever arrived on protocol 112. */
  readonly arrived: readonly Reading[];
  readonly routers: readonly RouterScene[];
}

export interface RouterScene {
  readonly router: Router;
  /** Of its VRID on its interface, in order, whether it is obeyed or not. */
  readonly arrived: readonly Reading[];
  /** Those of them that the configuration would have us obey. */
  readonly heard: readonly Reading[];
  /** What this node itself sent for it. */
  readonly sent: readonly Reading[];
  /** Who else says that it has one of the addresses. */
  readonly claims: readonly ClaimOn[];
  readonly daemon: RouterDaemon | undefined;
}

/** What the running daemon says of the router, before the doctor listened and after. */
export interface RouterDaemon {
  readonly group: GroupStatus;
  readonly before: InstanceCounters;
  readonly after: InstanceCounters;
}

export function arrange(observations: Observations): Scene {
  const readings = observations.packets.flatMap((packet) => readPacket(packet) ?? []);
  const arrived = readings.filter(({ direction }) => direction === 'in');
  const routers = observations.routers.map((router): RouterScene => {
    const { ownAddress, addresses } = router.expectations;
    const ours = readings.filter((each) => isOf(each, router));
    const incoming = ours.filter(({ direction }) => direction === 'in');
    return {
      router,
      arrived: incoming,
      heard: incoming.filter((each) => isHeard(each, router)),
      sent: ours.filter((each) => each.direction === 'out' && each.source === ownAddress),
      claims: observations.claims.filter(
        (each) => each.interface === router.interface && addresses.includes(each.address),
      ),
      daemon: daemonOf(router, observations),
    };
  });
  return { observations, arrived, routers };
}

/** Adverts of a router that goes on being master; a last word with priority 0 says the opposite. */
export function ofMasters(readings: readonly Reading[]): readonly Reading[] {
  return readings.filter(
    ({ advert }) => advert !== undefined && advert.priority !== PRIORITY_RESIGNS,
  );
}

function isOf(reading: Reading, { interface: name, expectations }: Router): boolean {
  const { vrid, family } = expectations;
  return reading.interface === name && reading.family === family && reading.vrid === vrid;
}

function daemonOf(router: Router, { daemon }: Observations): RouterDaemon | undefined {
  if (daemon.kind === 'absent') {
    return undefined;
  }
  const group = groupOf(router, daemon.after);
  const before = countersOf(router, daemon.before);
  const after = countersOf(router, daemon.after);
  return group === undefined || before === undefined || after === undefined
    ? undefined
    : { group, before, after };
}

function groupOf({ group }: Router, status: NodeStatus): GroupStatus | undefined {
  return status.groups.find(({ name }) => name === group);
}

function countersOf(router: Router, status: NodeStatus): InstanceCounters | undefined {
  const { vrid, family } = router.expectations;
  return groupOf(router, status)?.instances.find(
    (each) => each.interface === router.interface && each.vrid === vrid && each.family === family,
  )?.counters;
}
