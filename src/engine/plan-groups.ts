/** What a configuration comes to on this machine: a plan for every group, or every reason why there is none. */
import type { Ip } from '../base/ip.js';
import { familyOf, isIpv6 } from '../base/ip.js';
import { isLinkLocal } from '../base/ipv6.js';
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import type { Config, GroupConfig, InstanceConfig } from '../config/config.js';
import type { Secrets } from '../ports/secrets.js';
import type { AddressTable, HeldAddress } from '../ports/address-table.js';
import type { GroupPlan } from './group-plan.js';
import { planGroup } from './group-plan.js';
import { readSecrets } from './group-secrets.js';
import type { StartRefusal } from './start-refusal.js';

export interface PlanningPorts {
  readonly addresses: Pick<AddressTable, 'held'>;
  readonly secrets: Secrets;
}

export interface Self {
  readonly config: Config;
  /** Which of the pair's nodes this is. */
  readonly node: string;
}

/** Asks the kernel for the address that each virtual router's adverts leave from. */
export async function planGroups(
  self: Self,
  ports: PlanningPorts,
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
  { addresses, secrets }: PlanningPorts,
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
  const refuse = (detail: string): Result<Ip, StartRefusal> =>
    fail({ code: 'interface', detail: `group ${group.name}: ${detail}` });
  const held = await addresses.held(name);
  if (!held.ok) {
    return refuse(held.error.detail);
  }
  const configured = group.unicast?.nodes.get(node)?.find((each) => familyOf(each) === family);
  if (configured !== undefined) {
    return ok(configured);
  }
  const virtual = new Set(virtualAddresses(config));
  const own = held.value.find(
    (each) => !virtual.has(each.cidr.address) && maySendFrom(each, family),
  );
  return own === undefined
    ? refuse(`interface ${name} has no ${KIND[family]} to send adverts from`)
    : ok(own.cidr.address);
}

const KIND = {
  ipv4: 'IPv4 address of its own',
  // RFC 9568 §5.1.2.1
  ipv6: 'link-local IPv6 address',
} as const;

/** Over IPv6, adverts leave from the link-local address (RFC 9568 §5.1.2.1). */
function maySendFrom({ ours, cidr }: HeldAddress, family: InstanceConfig['family']): boolean {
  const { address } = cidr;
  return !ours && familyOf(address) === family && (!isIpv6(address) || isLinkLocal(address));
}

function virtualAddresses(config: Config): readonly Ip[] {
  return config.groups.flatMap(({ instances }) =>
    instances.flatMap((each) => each.addresses.map(({ address }) => address)),
  );
}
