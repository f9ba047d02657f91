import { describe, expect, it } from 'vitest';
import type { Ip } from '../../../src/base/ip.js';
import { instant, later, millis, seconds } from '../../../src/base/time.js';
import type { GroupFound } from '../../../src/core/group-state.js';
import { lookAround, removeStrays } from '../../../src/engine/look-around.js';
import type { GroupPlan } from '../../../src/engine/group-plan.js';
import type { HeldAddress } from '../../../src/ports/address-table.js';
import { FakeMachine, PLAN, VIPS } from './fakes.js';

const OTHER = '192.0.2.200' as Ip;
/** A second group on the same interface. */
const MAIL: GroupPlan = {
  ...PLAN,
  name: 'mail',
  addresses: [{ interface: 'eth0', cidr: { address: OTHER, prefixLength: 24 } }],
};

function holding(address: Ip, changes: Partial<HeldAddress> = {}): HeldAddress {
  const cidr = { address, prefixLength: 24 };
  return { interface: 'eth0', cidr, state: 'usable', ours: true, validFor: seconds(3), ...changes };
}

describe('a daemon looks around', () => {
  const both = VIPS.map((address) => holding(address));
  const [first, second] = VIPS;

  it.each<
    [string, readonly HeldAddress[], readonly (readonly [Ip, number])[], Partial<GroupFound>]
  >([
    ['and finds nothing', [], [], { leftOver: 'no' }],
    ['and finds leases without addresses', [], [[first, 900]], { leftOver: 'no' }],
    ['and finds addresses whose lease has ended', both, [], {}],
    ['and finds some addresses only', both.slice(1), [[second, 900]], {}],
    ['and finds a lease for some only', both, [[first, 900]], {}],
    ['and finds a lease for the others only', both, [[second, 900]], {}],
    [
      'and finds everything: the shortest lease counts',
      both,
      [
        [first, 900],
        [second, 700],
      ],
      { leaseUntil: instant(100_700) },
    ],
    [
      'and finds everything, in any order',
      both,
      [
        [first, 700],
        [second, 900],
      ],
      { leaseUntil: instant(100_700) },
    ],
    [
      'and does not take another interface’s addresses for its own',
      both.map((each) => ({ ...each, interface: 'eth1' })),
      [],
      { leftOver: 'no' },
    ],
  ])('%s', async (_why, held, leases, found) => {
    const machine = new FakeMachine();
    machine.held = held;
    machine.leases = new Map(leases.map(([address, left]) => [address, millis(left)]));
    expect(await lookAround([PLAN], machine.ports)).toEqual([
      { links: ['up'], leaseUntil: undefined, leftOver: 'yes', ...found },
    ]);
  });

  it('group by group, in their order', async () => {
    const machine = new FakeMachine();
    machine.held = [holding(OTHER)];
    machine.leases = new Map([[OTHER, millis(5)]]);
    machine.link = 'down';
    expect(await lookAround([PLAN, MAIL], machine.ports)).toEqual([
      { links: ['down'], leaseUntil: undefined, leftOver: 'no' },
      { links: ['down'], leaseUntil: 100_005, leftOver: 'yes' },
    ]);
  });

  it('a slow answer shortens a lease and never prolongs it', async () => {
    const machine = new FakeMachine();
    machine.held = both;
    machine.leases = new Map(VIPS.map((address) => [address, millis(700)]));
    machine.onCall = () => {
      machine.clock.time = later(machine.clock.time, millis(5000));
    };
    const [found] = await lookAround([PLAN], machine.ports);
    expect(found).toMatchObject({ leaseUntil: instant(100_700), leftOver: 'yes' });
  });

  it('a kernel without leases leaves nothing to adopt', async () => {
    const machine = new FakeMachine();
    machine.held = both;
    machine.refuse('remaining');
    expect(await lookAround([PLAN], machine.ports)).toMatchObject([
      { leaseUntil: undefined, leftOver: 'yes' },
    ]);
  });

  it('an interface that cannot be read holds nothing', async () => {
    const machine = new FakeMachine();
    machine.refuse('held');
    expect(await lookAround([PLAN], machine.ports)).toMatchObject([{ leftOver: 'no' }]);
  });
});

describe('an earlier configuration’s addresses', () => {
  it('are removed where they carry our mark and no group wants them', async () => {
    const machine = new FakeMachine();
    machine.held = [
      ...VIPS.map((address) => holding(address)),
      holding('192.0.2.7' as Ip),
      holding('192.0.2.8' as Ip, { ours: false }),
      holding('192.0.2.9' as Ip, { interface: 'eth1' }),
    ];
    await removeStrays([PLAN, MAIL], machine.ports);
    expect(machine.calls).toEqual(['release 192.0.2.7/24']);
    expect(machine.events).toEqual([
      { event: 'address.stray', interface: 'eth0', address: '192.0.2.7' },
    ]);
  });

  it('are left where the interface cannot be read', async () => {
    const machine = new FakeMachine();
    machine.refuse('held');
    await removeStrays([PLAN], machine.ports);
    expect(machine.calls).toEqual([]);
  });
});
