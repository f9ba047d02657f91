/** The network of one row: two routers and an observer on a switch, in namespaces of their own. */
import { mkdirSync } from 'node:fs';
import type { Cidr, Family, Ip } from '../../src/base/ip.js';
import { formatCidr, parseIp } from '../../src/base/ip.js';
import type { LabPorts } from '../../src/lab/lab.js';
import { removeLabFiles } from '../../src/lab/lab-files.js';
import { inNamespace, ipBatch, removeNetwork } from '../../src/lab/network.js';
import type { NodeFiles } from '../../src/lab/state-directory.js';
import { labDirectory, nodeFiles } from '../../src/lab/state-directory.js';
import type { LabName, NodeName } from '../../src/lab/topology.js';
import {
  HARDWARE_ADDRESSES,
  LAN_INTERFACE,
  namespaceOf,
  NODE_NAMES,
} from '../../src/lab/topology.js';
import { value } from '../lab/rig.js';

/** Ours is `lb1`, the peer is `lb2`. The observer lives on the switch itself. */
export const OURS: NodeName = 'lb1';
export const THEIRS: NodeName = 'lb2';
export const SWITCH = 'lan0';
export const VRID = 51;

interface Plan {
  readonly prefixLength: number;
  readonly nodes: Readonly<Record<NodeName, Ip>>;
  readonly observer: Ip;
  readonly virtual: Cidr;
}

/** A row has addresses of its own family alone: what works there needs nothing of the other. */
export const PLANS: Readonly<Record<Family, Plan>> = {
  ipv4: {
    prefixLength: 24,
    nodes: { lb1: ip('10.77.0.2'), lb2: ip('10.77.0.3') },
    observer: ip('10.77.0.11'),
    virtual: { address: ip('10.77.0.100'), prefixLength: 24 },
  },
  ipv6: {
    prefixLength: 64,
    nodes: { lb1: ip('fd77::2'), lb2: ip('fd77::3') },
    observer: ip('fd77::11'),
    virtual: { address: ip('fd77::100'), prefixLength: 64 },
  },
};

export class Site {
  readonly name: LabName;
  readonly plan: Plan;
  readonly #ports: LabPorts;

  private constructor(name: LabName, plan: Plan, ports: LabPorts) {
    this.name = name;
    this.plan = plan;
    this.#ports = ports;
  }

  /** `name` is one that nobody else uses. */
  static async make(name: LabName, family: Family, ports: LabPorts): Promise<Site> {
    const site = new Site(name, PLANS[family], ports);
    await site.remove();
    for (const node of NODE_NAMES) {
      mkdirSync(site.files(node).runtimeDirectory, { recursive: true });
    }
    value(await ipBatch(ports.processes, cables(name), []));
    await Promise.all(ROLES.map((role) => site.#furnish(role)));
    return site;
  }

  async remove(): Promise<void> {
    value(await removeNetwork(this.name, this.#ports));
    removeLabFiles(this.name);
  }

  files(node: NodeName): NodeFiles {
    return nodeFiles(this.name, node);
  }

  file(name: string): string {
    return `${labDirectory(this.name)}/${name}`;
  }

  namespace(role: Role): string {
    return namespaceOf(this.name, role);
  }

  /** Lines for `ip -batch`. */
  async ip(role: Role, ...lines: readonly string[]): Promise<void> {
    value(await ipBatch(this.#ports.processes, lines, ['-n', this.namespace(role)]));
  }

  async told(role: Role, ...command: readonly string[]): Promise<string> {
    return value(await inNamespace(this.#ports.processes, this.namespace(role), command));
  }

  /** Pulls a node's cable, or plugs it in: both ends of a real cable notice. */
  async cable(node: NodeName, state: 'up' | 'down'): Promise<void> {
    await this.ip('lan', `link set port-${node} ${state}`);
  }

  /** Parts a node from all others, or joins it to them again, and no link notices: as a switch that has lost its way. */
  async port(node: NodeName, state: 'joined' | 'parted'): Promise<void> {
    const line = state === 'joined' ? `master ${SWITCH}` : 'nomaster';
    await this.ip('lan', `link set port-${node} ${line}`);
  }

  /** True while the kernel of the node lists the virtual address on that interface. */
  async lists(node: NodeName, onInterface: string = LAN_INTERFACE): Promise<boolean> {
    const shown = await this.told(node, 'ip', '-br', 'address', 'show', 'dev', onInterface);
    return shown.split(/\s+/u).some((each) => each.split('/')[0] === this.plan.virtual.address);
  }

  async #furnish(role: Role): Promise<void> {
    // An address is of use at once, and nobody else is there to have the same.
    const links = ['default', role === 'lan' ? SWITCH : LAN_INTERFACE];
    const settings = links.map((name) => `net.ipv6.conf.${name}.accept_dad=0`);
    await this.told(role, 'sysctl', '-qw', ...settings);
    const { plan } = this;
    await (role === 'lan'
      ? this.ip(
          role,
          ...NODE_NAMES.map((node) => `link set port-${node} master ${SWITCH} up`),
          `address add ${plan.observer}/${String(plan.prefixLength)} dev ${SWITCH}`,
          `link set ${SWITCH} up`,
        )
      : this.ip(
          role,
          'link set lo up',
          `address add ${plan.nodes[role]}/${String(plan.prefixLength)} dev ${LAN_INTERFACE}`,
          `link set ${LAN_INTERFACE} up`,
        ));
  }
}

export type Role = 'lan' | NodeName;
const ROLES: readonly Role[] = ['lan', ...NODE_NAMES];

export function virtualAddressOf({ plan }: Site): string {
  return formatCidr(plan.virtual);
}

/** Born in their namespaces, so that nothing is left in the machine's own. */
function cables(name: LabName): readonly string[] {
  return [
    ...ROLES.map((role) => `netns add ${namespaceOf(name, role)}`),
    `link add ${SWITCH} netns ${namespaceOf(name, 'lan')} address ${HARDWARE_ADDRESSES.watch} type bridge stp_state 0 forward_delay 0 mcast_snooping 0`,
    ...NODE_NAMES.map(
      (node) =>
        `link add port-${node} netns ${namespaceOf(name, 'lan')} type veth ` +
        `peer name ${LAN_INTERFACE} address ${HARDWARE_ADDRESSES[node]} netns ${namespaceOf(name, node)}`,
    ),
  ];
}

function ip(text: string): Ip {
  return value(parseIp(text));
}
