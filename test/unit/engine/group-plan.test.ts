import { describe, expect, it } from 'vitest';
import type { Ip } from '../../../src/base/ip.js';
import { centis, millis } from '../../../src/base/time.js';
import { BrokenAssumption } from '../../../src/base/unreachable.js';
import type { Config, GroupConfig } from '../../../src/config/config.js';
import { PRIORITY_OTHER, PRIORITY_PREFERRED } from '../../../src/core/priority.js';
import type { Findings } from '../../../src/engine/group-plan.js';
import { planGroup } from '../../../src/engine/group-plan.js';
import { OWN, PEER, PLAN, VIPS } from './fakes.js';

const FOUR = { interface: 'eth0', vrid: 51, family: 'ipv4' } as const;
const SIX_VIP = 'fd77::100' as Ip;
const LINK_LOCAL = 'fe80::10' as Ip;
const SIX = {
  interface: 'eth0',
  vrid: 51,
  family: 'ipv6',
  addresses: [{ address: SIX_VIP, prefixLength: 64 }],
} as const;

const GROUP: GroupConfig = {
  name: 'web',
  version: 3,
  instances: [{ ...FOUR, addresses: VIPS.map((address) => ({ address, prefixLength: 24 })) }],
  advertInterval: centis(100),
  prefer: 'lb2',
  priority: undefined,
  failback: { kind: 'never' },
  startHold: millis(0),
  unicast: undefined,
  checksum: 'with-pseudo-header',
  authentication: undefined,
  track: [],
  virtualMac: false,
  accept: true,
  duplicateProbe: false,
  keepConnections: undefined,
  announce: PLAN.vrrp.announce,
};
const FOUND: Findings = {
  ownAddresses: [OWN],
  password: undefined,
  authentication: undefined,
};
const CONFIG: Config = {
  pair: {
    nodes: [
      { name: 'lb1', address: OWN },
      { name: 'lb2', address: PEER },
    ],
    keyFiles: [],
    port: 5112,
    heartbeat: millis(100),
  },
  groups: [GROUP],
  proxy: undefined,
  replicate: undefined,
  hooks: [],
  runtime: {
    directory: '/run/vipair',
    stateDirectory: '/var/lib/vipair',
    controlSocket: '/run/vipair/control.sock',
  },
};

describe('the plan of a group on a node', () => {
  it('says everything the engine needs', () => {
    expect(planGroup(CONFIG, GROUP, 'lb1', FOUND)).toEqual({
      ...PLAN,
      vrrp: {
        ...PLAN.vrrp,
        agreement: expect.stringMatching(/^[0-9a-f]{16}$/u) as string,
        instances: PLAN.instances,
        priority: PRIORITY_OTHER,
        peerPriority: PRIORITY_PREFERRED,
        interval: millis(1000),
      },
    });
  });

  it.each<[string, string, string | undefined, number]>([
    ['the preferred node', 'lb2', 'lb2', PRIORITY_PREFERRED],
    ['the other one', 'lb1', 'lb2', PRIORITY_OTHER],
    ['the first, where none is preferred', 'lb1', undefined, PRIORITY_PREFERRED],
    ['the second, where none is preferred', 'lb2', undefined, PRIORITY_OTHER],
  ])('gives %s its priority', (_why, node, prefer, priority) => {
    const plan = planGroup(CONFIG, { ...GROUP, prefer }, node, FOUND);
    expect(plan.vrrp.priority).toBe(priority);
  });

  it('RFC 9568 §6.1 never preempts: a node that comes back leaves the group where it is', () => {
    expect(planGroup(CONFIG, GROUP, 'lb2', { ...FOUND, ownAddresses: [PEER] }).vrrp.preempt).toBe(
      'forbidden',
    );
  });

  it('speaks to and hears the other node only, where adverts go from address to address', () => {
    const nodes = new Map([
      ['lb1', [OWN, LINK_LOCAL]],
      ['lb2', [PEER, 'fd77::3' as Ip]],
    ]);
    const foreign = ['198.51.100.12' as Ip, 'fd77::4' as Ip];
    const unicast = { nodes, foreignPeers: foreign, minTtl: 254 };
    const group: GroupConfig = { ...GROUP, instances: [...GROUP.instances, SIX], unicast };
    const plan = planGroup(CONFIG, group, 'lb1', { ...FOUND, ownAddresses: [OWN, LINK_LOCAL] });
    expect(plan.instances.map(({ audience }) => audience)).toEqual([
      { kind: 'unicast', peers: [PEER, '198.51.100.12'] },
      { kind: 'unicast', peers: ['fd77::3', 'fd77::4'] },
    ]);
    expect(plan.instances[1]?.expectations).toMatchObject({ family: 'ipv6', minTtl: 254 });
    expect(plan.vrrp.foreignPeers).toEqual(foreign);
  });

  it('of both families is two virtual routers that move together', () => {
    const group: GroupConfig = { ...GROUP, instances: [...GROUP.instances, SIX] };
    const plan = planGroup(CONFIG, group, 'lb1', { ...FOUND, ownAddresses: [OWN, LINK_LOCAL] });
    expect(plan.instances.map(({ family, addresses }) => [family, addresses])).toEqual([
      ['ipv4', VIPS],
      ['ipv6', [SIX_VIP]],
    ]);
    expect(plan.addresses.map(({ cidr }) => cidr.address)).toEqual([...VIPS, SIX_VIP]);
  });

  it('RFC 9568 §7.3 with the virtual MAC has its addresses, as hosts, on an interface of its own', () => {
    const group: GroupConfig = {
      ...GROUP,
      instances: [...GROUP.instances, SIX],
      virtualMac: true,
    };
    const plan = planGroup(CONFIG, group, 'lb1', { ...FOUND, ownAddresses: [OWN, LINK_LOCAL] });
    expect(plan.instances.map(({ virtualInterface }) => virtualInterface)).toEqual([
      { parent: 'eth0', name: 'vip51.eth0', mac: '00:00:5e:00:01:33' },
      { parent: 'eth0', name: 'vip51v6.eth0', mac: '00:00:5e:00:02:33' },
    ]);
    expect(plan.addresses).toEqual([
      ...VIPS.map((address) => ({
        interface: 'vip51.eth0',
        cidr: { address, prefixLength: 32 },
      })),
      { interface: 'vip51v6.eth0', cidr: { address: SIX_VIP, prefixLength: 128 } },
    ]);
  });

  it('of a pair without nodes is our mistake', () => {
    const nobody: Config = { ...CONFIG, pair: { ...CONFIG.pair, nodes: [] } };
    expect(() => planGroup(nobody, GROUP, 'lb1', FOUND)).toThrow(BrokenAssumption);
  });
});
