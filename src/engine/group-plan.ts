/** What the configuration means for one group on this node: everything the engine needs to run it. */
import type { Cidr, Ip } from '../base/ip.js';
import { centisToMillis } from '../base/time.js';
import { invariant } from '../base/unreachable.js';
import type { Config, GroupConfig } from '../config/config.js';
import { wirePriority } from '../core/priority.js';
import type { Audience, Expectations } from '../core/receive-checks.js';
import type { VrrpParams } from '../core/vrrp-state.js';
import type { VirtualAddress } from '../ports/address-table.js';
import type { ChecksumForm } from '../wire/vrrp.js';

export interface GroupPlan {
  readonly name: string;
  readonly interface: string;
  readonly vrid: number;
  readonly ownAddress: Ip;
  readonly audience: Audience;
  readonly checksum: ChecksumForm;
  readonly addresses: readonly VirtualAddress[];
  readonly vrrp: VrrpParams;
  readonly expectations: Expectations;
}

/** The plan of `group` on the node called `node`, whose own address on the group's interface is `ownAddress`. */
export function planGroup(
  config: Config,
  group: GroupConfig,
  node: string,
  ownAddress: Ip,
): GroupPlan {
  const audience = audienceOf(group, node);
  const first = config.pair.nodes[0];
  invariant(first !== undefined, 'a pair has two nodes');
  return {
    name: group.name,
    interface: group.interface,
    vrid: group.vrid,
    ownAddress,
    audience,
    checksum: group.checksum,
    addresses: group.addresses.map((cidr) => onInterface(group.interface, cidr)),
    vrrp: {
      group: group.name,
      priority: wirePriority(node, group.prefer ?? first.name),
      interval: centisToMillis(group.advertInterval),
      ownAddress,
      // `failback: never`: a node that comes back leaves the group where it is.
      preempt: 'forbidden',
      announce: group.announce,
    },
    expectations: {
      vrid: group.vrid,
      ownAddress,
      audience,
      addresses: group.addresses.map((cidr) => cidr.address),
    },
  };
}

function audienceOf(group: GroupConfig, node: string): Audience {
  if (group.unicast === undefined) {
    return { kind: 'multicast' };
  }
  const peers = [...group.unicast].filter(([name]) => name !== node).map(([, address]) => address);
  return { kind: 'unicast', peers };
}

function onInterface(name: string, cidr: Cidr): VirtualAddress {
  return { interface: name, cidr };
}
