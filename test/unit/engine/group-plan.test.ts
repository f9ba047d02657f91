import { describe, expect, it } from 'vitest';
import { centis, millis } from '../../../src/base/time.js';
import { BrokenAssumption } from '../../../src/base/unreachable.js';
import type { Config, GroupConfig } from '../../../src/config/config.js';
import { PRIORITY_OTHER, PRIORITY_PREFERRED } from '../../../src/core/priority.js';
import { planGroup } from '../../../src/engine/group-plan.js';
import { OWN, PEER, PLAN, VIPS } from './fakes.js';

const GROUP: GroupConfig = {
  name: 'web',
  interface: 'eth0',
  vrid: 51,
  advertInterval: centis(100),
  addresses: VIPS.map((address) => ({ address, prefixLength: 24 })),
  prefer: 'lb2',
  failback: 'never',
  unicast: undefined,
  checksum: 'with-pseudo-header',
  announce: PLAN.vrrp.announce,
};
const CONFIG: Config = {
  pair: {
    nodes: [
      { name: 'lb1', address: OWN },
      { name: 'lb2', address: PEER },
    ],
  },
  groups: [GROUP],
  proxy: undefined,
  runtime: { directory: '/run/vipair', controlSocket: '/run/vipair/control.sock' },
};

describe('the plan of a group on a node', () => {
  it('says everything the engine needs', () => {
    expect(planGroup(CONFIG, GROUP, 'lb1', OWN)).toEqual({
      ...PLAN,
      vrrp: { ...PLAN.vrrp, priority: PRIORITY_OTHER, interval: millis(1000) },
    });
  });

  it.each<[string, string, string | undefined, number]>([
    ['the preferred node', 'lb2', 'lb2', PRIORITY_PREFERRED],
    ['the other one', 'lb1', 'lb2', PRIORITY_OTHER],
    ['the first, where none is preferred', 'lb1', undefined, PRIORITY_PREFERRED],
    ['the second, where none is preferred', 'lb2', undefined, PRIORITY_OTHER],
  ])('gives %s its priority', (_why, node, prefer, priority) => {
    const plan = planGroup(CONFIG, { ...GROUP, prefer }, node, OWN);
    expect(plan.vrrp.priority).toBe(priority);
  });

  it('RFC 9568 §6.1 never preempts: a node that comes back leaves the group where it is', () => {
    expect(planGroup(CONFIG, GROUP, 'lb2', PEER).vrrp.preempt).toBe('forbidden');
  });

  it('speaks to and hears the other node only, where adverts go from address to address', () => {
    const unicast = new Map([
      ['lb1', OWN],
      ['lb2', PEER],
    ]);
    const plan = planGroup(CONFIG, { ...GROUP, unicast }, 'lb1', OWN);
    expect(plan.audience).toEqual({ kind: 'unicast', peers: [PEER] });
    expect(plan.expectations.audience).toEqual(plan.audience);
  });

  it('of a pair without nodes is our mistake', () => {
    const nobody: Config = { ...CONFIG, pair: { nodes: [] } };
    expect(() => planGroup(nobody, GROUP, 'lb1', OWN)).toThrow(BrokenAssumption);
  });
});
