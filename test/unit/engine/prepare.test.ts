import { describe, expect, it } from 'vitest';
import { millis } from '../../../src/base/time.js';
import {
  guard,
  guarded,
  prepareConnections,
  prepareSysctls,
  undo,
  wantedSettings,
} from '../../../src/engine/prepare.js';
import type { GroupPlan } from '../../../src/engine/group-plan.js';
import { FakeMachine, INSTANCE, PLAN, VIPS } from './fakes.js';

const VLAN: GroupPlan = {
  ...PLAN,
  name: 'mail',
  instances: [{ ...INSTANCE, interface: 'eth0.12.3' }],
};
const BINDING = 'net.ipv4.ip_nonlocal_bind';
const PROMOTING = 'net.ipv4.conf.eth0.promote_secondaries';

function machine(settings: Readonly<Record<string, string>> = {}) {
  const made = new FakeMachine();
  for (const [name, value] of Object.entries(settings)) {
    made.settings.set(name, value);
  }
  return made;
}

describe('kernel settings', () => {
  it.each<[string, readonly GroupPlan[], 'proxy' | 'nothing', readonly string[]]>([
    ['for a proxy that binds what this node may not hold', [PLAN], 'proxy', [BINDING, PROMOTING]],
    ['without one', [PLAN], 'nothing', [PROMOTING]],
    ['once for an interface, however many groups share it', [PLAN, PLAN], 'nothing', [PROMOTING]],
    [
      'for an interface with dots in its name, which sysctl writes as slashes',
      [PLAN, VLAN],
      'nothing',
      [PROMOTING, 'net.ipv4.conf.eth0/12/3.promote_secondaries'],
    ],
    ['for nobody', [], 'nothing', []],
  ])('are changed and told %s', async (_why, plans, binding, names) => {
    const subject = machine({ [BINDING]: '0' });
    await prepareSysctls(plans, binding, { ...subject.ports, sysctls: subject.sysctls });
    expect(subject.calls).toEqual(names.map((name) => `write ${name} 1`));
    expect(subject.events).toEqual(
      names.map((name) => ({ event: 'sysctl.changed', name, value: '1' })),
    );
  });

  it('that are right already are left alone', async () => {
    const subject = machine({ [BINDING]: '1', [PROMOTING]: '1' });
    await prepareSysctls([PLAN], 'proxy', { ...subject.ports, sysctls: subject.sysctls });
    expect([...subject.calls, ...subject.events]).toEqual([]);
  });

  it('that the kernel refuses are told, each, and nothing else is given up', async () => {
    const subject = machine({ [BINDING]: '0' });
    subject.refuse('write');
    await prepareSysctls([PLAN], 'proxy', { ...subject.ports, sysctls: subject.sysctls });
    expect(subject.events).toEqual([
      { event: 'sysctl.refused', name: BINDING, detail: 'no write' },
      { event: 'sysctl.refused', name: PROMOTING, detail: 'no write' },
    ]);
  });
});

describe('connections that are kept', () => {
  const KEEPING: GroupPlan = {
    ...PLAN,
    vrrp: { ...PLAN.vrrp, keepConnections: { lasting: millis(10_000), addresses: [] } },
  };

  it('need rules for each interface, and ARP in a name of its own', async () => {
    const { ports, calls } = machine();
    const plans = [KEEPING, KEEPING];
    expect(await prepareConnections(plans, 'lease and backstop', ports)).toBe(plans);
    expect(calls).toEqual(['prepare eth0']);
    const names = wantedSettings(plans, 'nothing').map(({ name }) => name);
    expect(names).toContain('net.ipv4.conf.eth0.arp_announce');
    expect(names).toContain('net.ipv4.conf.eth0.arp_ignore');
  });

  it('need nothing where none are: what an earlier configuration loaded is removed', async () => {
    const { ports, calls } = machine();
    expect(await prepareConnections([PLAN], 'backstop only', ports)).toEqual([PLAN]);
    expect(calls).toEqual([]);
    expect(await prepareConnections([PLAN], 'lease and backstop', ports)).toEqual([PLAN]);
    expect(calls).toEqual(['dismantle connections']);
  });

  it.each<['lease and backstop' | 'backstop only', string]>([
    ['lease and backstop', 'refused: no connections'],
    ['backstop only', 'no-nftables: the lease has no rules either'],
  ])('are cut where the kernel cannot, with %s, and that is told', async (layers, detail) => {
    const subject = machine();
    subject.refuse('connections');
    const [plan] = await prepareConnections([KEEPING], layers, subject.ports);
    expect(plan?.vrrp.keepConnections).toBeUndefined();
    expect(subject.events).toEqual([{ event: 'connections.cut', group: 'web', detail }]);
  });

  it('leave nothing behind', async () => {
    const { ports, calls } = machine();
    await undo({ plans: [KEEPING], layers: 'lease and backstop' }, ports);
    expect(calls).toEqual(['dismantle connections', 'dismantle']);
  });
});

describe('the layers of a lease', () => {
  it('guard every address of every group', () => {
    expect(guarded([PLAN, { ...VLAN, accept: false }])).toEqual({
      addresses: [...VIPS, ...VIPS],
      unaccepted: VIPS,
    });
  });

  it('are both in force where the rules could be written', async () => {
    const subject = machine();
    expect(await guard([PLAN], subject.ports)).toBe('lease and backstop');
    expect(subject.calls).toEqual([`guard ${VIPS.join()}`]);
    expect(subject.events).toEqual([
      {
        event: 'lease.layers',
        layers: 'lease and backstop',
        detail: 'nftables enforces the lease',
      },
    ]);
  });

  it.each([
    ['both, where rules of a former life are there', [], 'lease and backstop'],
    ['the backstop alone, where there are none', ['renew' as const], 'backstop only'],
  ] as const)('where they could not be written: %s', async (_why, refused, layers) => {
    const subject = machine();
    subject.refuse('guard');
    for (const call of refused) {
      subject.refuse(call);
    }
    expect(await guard([PLAN], subject.ports)).toBe(layers);
    // Asked with an address that is nobody's, for no longer than it takes.
    expect(subject.calls).toEqual([`guard ${VIPS.join()}`, 'renew 0.0.0.0 for 1 ms']);
    expect(subject.events).toEqual([{ event: 'lease.layers-reduced', layers, detail: 'no guard' }]);
  });
});
