import { describe, expect, it } from 'vitest';
import { millis } from '../../../src/base/time.js';
import { guard, guarded, prepareConnections, undo } from '../../../src/engine/prepare.js';
import { wantedSettings } from '../../../src/engine/kernel-settings.js';
import type { GroupPlan } from '../../../src/engine/group-plan.js';
import { FakeMachine, INSTANCE, PLAN, VIPS } from './fakes.js';

const VLAN: GroupPlan = {
  ...PLAN,
  name: 'mail',
  instances: [{ ...INSTANCE, interface: 'eth0.12.3' }],
};

function machine(settings: Readonly<Record<string, string>> = {}) {
  const made = new FakeMachine();
  for (const [name, value] of Object.entries(settings)) {
    made.settings.set(name, value);
  }
  return made;
}

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
    const { ports, calls, sysctls, foundSettings } = machine();
    await undo(
      { plans: [KEEPING], layers: 'lease and backstop' },
      { ...ports, sysctls, foundSettings },
    );
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
