/** What a configuration comes to on this machine: a plan for every group, or every reason why there is none. */
import type { Ip } from '../base/ip.js';
import { familyOf, isIpv6 } from '../base/ip.js';
import { isLinkLocal } from '../base/ipv6.js';
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import type { Millis } from '../base/time.js';
import { later, millis } from '../base/time.js';
import { unreachable } from '../base/unreachable.js';
import type { Config, GroupConfig, InstanceConfig } from '../config/config.js';
import type { Secrets } from '../ports/secrets.js';
import type { AddressTable } from '../ports/address-table.js';
import type { Clock } from '../ports/clock.js';
import type { Log } from '../telemetry/events.js';
import type { GroupPlan } from './group-plan.js';
import { planGroup } from './group-plan.js';
import { readSecrets } from './group-secrets.js';
import type { StartRefusal } from './start-refusal.js';

interface Machine {
  readonly addresses: Pick<AddressTable, 'held'>;
  readonly secrets: Secrets;
}

export interface PlanningPorts extends Machine {
  readonly clock: Pick<Clock, 'now' | 'alarm'>;
  readonly log: Log;
}

export interface Self {
  readonly config: Config;
  /** Which of the pair's nodes this is. */
  readonly node: string;
}

/**
 * Asks the kernel for the address that each virtual router's adverts leave from. Where nothing is missing but an IPv6 address
 * that the kernel is still probing, as all are when a machine boots (RFC 4862 §5.4), it waits for that, but not for ever.
 */
export async function planGroups(
  self: Self,
  ports: PlanningPorts,
): Promise<Result<readonly GroupPlan[], readonly StartRefusal[]>> {
  const { clock, log } = ports;
  const giveUpAt = later(clock.now(), OWN_ADDRESS_WITHIN);
  for (let asked = 1; ; asked += 1) {
    const planned = await planAll(self, ports);
    if (
      planned.ok ||
      planned.error.some(({ code }) => code !== 'address') ||
      clock.now() >= giveUpAt
    ) {
      return planned;
    }
    if (asked === 1) {
      log.tell({
        event: 'daemon.waiting',
        for: planned.error.map(({ detail }) => detail).join('; '),
      });
    }
    await pause(clock, ASK_AGAIN_AFTER);
  }
}

/** Probing takes a second and a random second before it, and where somebody asks for more, a few. */
const OWN_ADDRESS_WITHIN = millis(5_000);
const ASK_AGAIN_AFTER = millis(100);

function pause(clock: PlanningPorts['clock'], lasting: Millis): Promise<void> {
  return new Promise((resolve) => {
    clock.alarm(later(clock.now(), lasting), resolve);
  });
}

async function planAll(
  self: Self,
  ports: Machine,
): Promise<Result<readonly GroupPlan[], readonly StartRefusal[]>> {
  const planned = await Promise.all(self.config.groups.map((group) => planOne(self, group, ports)));
  const refusals = planned.flatMap((each) => (each.ok ? [] : each.error));
  return refusals.length > 0
    ? fail(refusals)
    : ok(planned.flatMap((each) => (each.ok ? [each.value] : [])));
}

async function planOne(
  self: Self,
  group: GroupConfig,
  { addresses, secrets }: Machine,
): Promise<Result<GroupPlan, readonly StartRefusal[]>> {
  const read = await readSecrets(group, secrets);
  const found = await Promise.all(
    group.instances.map((instance) => ownAddress(self, group, instance, addresses)),
  );
  const refusals = [
    ...found.flatMap((each) => (each.ok ? [] : [each.error])),
    ...(read.ok ? [] : read.error),
  ];
  const ownAddresses = found.flatMap((each) => (each.ok ? [each.value] : []));
  return read.ok && refusals.length === 0
    ? ok(planGroup(self.config, group, self.node, { ownAddresses, ...read.value }))
    : fail(refusals);
}

async function ownAddress(
  { config, node }: Self,
  group: GroupConfig,
  { interface: name, family }: InstanceConfig,
  addresses: Pick<AddressTable, 'held'>,
): Promise<Result<Ip, StartRefusal>> {
  const refuse = (code: 'interface' | 'address', detail: string): Result<Ip, StartRefusal> =>
    fail({ code, detail: `group ${group.name}: ${detail}` });
  const held = await addresses.held(name);
  if (!held.ok) {
    return refuse('interface', held.error.detail);
  }
  const configured = group.unicast?.nodes.get(node)?.find((each) => familyOf(each) === family);
  const virtual = new Set(virtualAddresses(config));
  const candidates = held.value.filter(({ ours, cidr: { address } }) =>
    configured === undefined
      ? !ours && !virtual.has(address) && maySendFrom(address, family)
      : address === configured,
  );
  const own = candidates.find(({ state }) => state === 'usable') ?? candidates[0];
  if (own === undefined) {
    // A configured one may be on another interface: whether it is there is what opening a socket tells.
    return configured === undefined
      ? refuse(MISSING[family].code, `interface ${name} has no ${MISSING[family].what}`)
      : ok(configured);
  }
  switch (own.state) {
    case 'usable':
      return ok(own.cidr.address);
    case 'tentative':
      return refuse('address', `the kernel still probes whether ${own.cidr.address} is free`);
    case 'duplicate':
      return refuse('interface', `${own.cidr.address} is somebody else's too (RFC 4862 §5.4.5)`);
    default:
      return unreachable(own.state);
  }
}

const MISSING = {
  ipv4: { code: 'interface', what: 'IPv4 address of its own to send adverts from' },
  // RFC 9568 §5.1.2.1. The kernel makes one by itself, once the link is up.
  ipv6: { code: 'address', what: 'link-local IPv6 address to send adverts from' },
} as const;

/** Over IPv6, adverts leave from the link-local address (RFC 9568 §5.1.2.1). */
function maySendFrom(address: Ip, family: InstanceConfig['family']): boolean {
  return familyOf(address) === family && (!isIpv6(address) || isLinkLocal(address));
}

function virtualAddresses(config: Config): readonly Ip[] {
  return config.groups.flatMap(({ instances }) =>
    instances.flatMap((each) => each.addresses.map(({ address }) => address)),
  );
}
