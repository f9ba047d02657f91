/** What the configuration means for one group on this node: everything the engine needs to run it. */
import type { Cidr, Family, Ip } from '../base/ip.js';
import { FAMILY_BITS, familyOf } from '../base/ip.js';
import { centisToMillis } from '../base/time.js';
import { invariant } from '../base/unreachable.js';
import type { Config, GroupConfig, InstanceConfig, TrackConfig } from '../config/config.js';
import { agreementOf } from '../config/config-changes.js';
import type { AuthenticationParams } from '../core/authentication.js';
import type { GroupParams, Keeper } from '../core/group-params.js';
import { basePriority, fullPriority } from '../core/priority.js';
import type { Audience, Expectations } from '../core/receive-checks.js';
import type { MacAddress } from '../base/mac.js';
import { virtualInterfaceName, virtualMac } from '../core/virtual-mac.js';
import type { VirtualAddress } from '../ports/address-table.js';
import type { VirtualInterface } from '../ports/virtual-interfaces.js';
import type { ChecksumForm } from '../wire/vrrp-checksum.js';

export interface GroupPlan {
  readonly name: string;
  readonly instances: readonly InstancePlan[];
  /** Of all instances. */
  readonly addresses: readonly VirtualAddress[];
  /** Accept_Mode (RFC 9568 §6.1). */
  readonly accept: boolean;
  readonly vrrp: GroupParams;
  /** Why open connections are cut by a move although they are to be kept; undefined: nothing is in the way. */
  readonly keepingRefused?: string | undefined;
  readonly track: readonly TrackConfig[];
}

/** One virtual router. */
export interface InstancePlan {
  /** Where it hears. */
  readonly interface: string;
  /** Where its addresses are and its adverts leave from, if that is an interface with a MAC of its own. */
  readonly virtualInterface: VirtualInterface | undefined;
  readonly family: Family;
  readonly version: 2 | 3;
  readonly vrid: number;
  /** Of the virtual router (RFC 9568 §7.3), whether or not anybody uses it. */
  readonly virtualMac: MacAddress;
  readonly ownAddress: Ip;
  readonly audience: Audience;
  readonly checksum: ChecksumForm;
  readonly addresses: readonly Ip[];
  readonly expectations: Expectations;
  readonly authentication: AuthenticationParams | undefined;
}

/** What only this machine can tell of a group: each instance's own address, and the secrets. */
export interface Findings extends GroupSecrets {
  readonly ownAddresses: readonly Ip[];
}

export interface GroupSecrets {
  /** The simple password of version 2; undefined: none. */
  readonly password: Uint8Array | undefined;
  readonly authentication: AuthenticationParams | undefined;
}

/** The plan of `group` on the node called `node`. */
export function planGroup(
  config: Config,
  group: GroupConfig,
  node: string,
  { ownAddresses, ...secrets }: Findings,
): GroupPlan {
  const instances = group.instances.map((instance, index) => {
    const ownAddress = ownAddresses[index];
    invariant(ownAddress !== undefined, 'every instance has an address to send from');
    return planInstance(group, instance, { node, ownAddress, ...secrets });
  });
  return {
    name: group.name,
    instances,
    addresses: group.instances.flatMap((each) =>
      each.addresses.map((cidr) => placed(cidr, each, virtualInterfaceOf(group, each))),
    ),
    accept: group.accept,
    vrrp: paramsOf(config, group, node, instances),
    track: group.track,
  };
}

function planInstance(
  group: GroupConfig,
  instance: InstanceConfig,
  self: GroupSecrets & { readonly node: string; readonly ownAddress: Ip },
): InstancePlan {
  const { ownAddress, password, authentication } = self;
  const audience = audienceOf(group, self.node, instance.family);
  const addresses = instance.addresses.map((cidr) => cidr.address);
  const common = {
    family: instance.family,
    version: group.version,
    vrid: instance.vrid,
    ownAddress,
    audience,
    addresses,
  };
  return {
    ...common,
    authentication,
    interface: instance.interface,
    virtualMac: virtualMac(instance.family, instance.vrid),
    virtualInterface: virtualInterfaceOf(group, instance),
    checksum: group.checksum,
    expectations: {
      ...common,
      interval: group.advertInterval,
      minTtl: group.unicast?.minTtl ?? ON_THIS_LINK,
      password,
    },
  };
}

/** What no router has passed on (RFC 9568 §5.1.1.3). */
const ON_THIS_LINK = 255;

function paramsOf(
  { pair }: Config,
  group: GroupConfig,
  node: string,
  instances: readonly InstancePlan[],
): GroupParams {
  const first = pair.nodes[0];
  invariant(first !== undefined, 'a pair has two nodes');
  const rank = { preferred: group.prefer ?? first.name, configured: group.priority };
  const peer = pair.nodes.find((each) => each.name !== node)?.name ?? node;
  return {
    group: group.name,
    version: group.version,
    priority: basePriority(node, rank),
    peerPriority: fullPriority(basePriority(peer, rank), group.track),
    interval: centisToMillis(group.advertInterval),
    instances,
    // Whether a backup takes over from a living master is decided advert by advert.
    preempt: 'forbidden',
    foreignPeers: group.unicast?.foreignPeers ?? [],
    failback: group.failback,
    startHold: group.startHold,
    duplicateProbe: group.duplicateProbe ? 'wanted' : 'needless',
    inquiry: group.unicast === undefined ? 'possible' : 'impossible',
    things: group.track,
    keepConnections: keeperOf(group, instances),
    agreement: agreementOf(group),
    announce: group.announce,
  };
}

function keeperOf(
  { keepConnections: lasting }: GroupConfig,
  instances: readonly InstancePlan[],
): Keeper | undefined {
  return lasting === undefined
    ? undefined
    : { lasting, addresses: instances.map(({ ownAddress }) => ownAddress) };
}

function audienceOf({ unicast }: GroupConfig, node: string, family: Family): Audience {
  if (unicast === undefined) {
    return { kind: 'multicast' };
  }
  const ofPair = [...unicast.nodes].flatMap(([name, addresses]) =>
    name === node ? [] : addresses,
  );
  const peers = [...ofPair, ...unicast.foreignPeers].filter((each) => familyOf(each) === family);
  return { kind: 'unicast', peers };
}

function virtualInterfaceOf(
  { virtualMac: wanted }: GroupConfig,
  { interface: parent, family, vrid }: InstanceConfig,
): VirtualInterface | undefined {
  return wanted
    ? { parent, name: virtualInterfaceName(parent, family, vrid), mac: virtualMac(family, vrid) }
    : undefined;
}

/** On a virtual interface an address is a host: its network is on the parent. */
function placed(
  cidr: Cidr,
  { interface: name, family }: InstanceConfig,
  virtual: VirtualInterface | undefined,
): VirtualAddress {
  return virtual === undefined
    ? { interface: name, cidr }
    : { interface: virtual.name, cidr: { ...cidr, prefixLength: FAMILY_BITS[family] } };
}
