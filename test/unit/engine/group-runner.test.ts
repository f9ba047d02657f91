import { describe, expect, it } from 'vitest';
import type { Ipv4 } from '../../../src/base/ipv4.js';
import type { Result } from '../../../src/base/result.js';
import { done, fail } from '../../../src/base/result.js';
import { instant, later, millis } from '../../../src/base/time.js';
import { BrokenAssumption } from '../../../src/base/unreachable.js';
import type { NodeEvent } from '../../../src/core/node.js';
import type { SwitchoverOutcome } from '../../../src/core/notice.js';
import type { VrrpEffect } from '../../../src/core/vrrp-state.js';
import type { GroupPlan } from '../../../src/engine/group-plan.js';
import { GroupRunner } from '../../../src/engine/group-runner.js';
import type { GroupRunnerOptions } from '../../../src/engine/group-runner.js';
import type { KernelRefusal } from '../../../src/ports/address-table.js';
import { decodeAdvert } from '../../../src/wire/vrrp.js';
import { FakeMachine, OWN, packet, PEER, PLAN, settled, VIPS } from './fakes.js';

const HOLD: VrrpEffect = { kind: 'hold', lease: millis(2945), confirm: 'wanted' };
const RELEASE: VrrpEffect = { kind: 'release' };
const ANNOUNCE: VrrpEffect = { kind: 'announce' };
const ADVERT: VrrpEffect = { kind: 'send-advert', priority: 200, interval: millis(1000) };
const UNICAST: GroupPlan = { ...PLAN, audience: { kind: 'unicast', peers: [PEER] } };

const CLAIMS = ['claim 192.0.2.100/24 for 4 s', 'claim 192.0.2.101/24 for 4 s'];
const RELEASES = ['release 192.0.2.100/24', 'release 192.0.2.101/24'];

function running(options: Partial<GroupRunnerOptions> = {}) {
  const machine = new FakeMachine();
  const events: NodeEvent[] = [];
  const ended: [number, SwitchoverOutcome][] = [];
  const guards: Result<undefined, KernelRefusal>[] = [];
  const runner = new GroupRunner(
    { index: 3, plan: PLAN, layers: 'lease and backstop', ...options },
    {
      ...machine.ports,
      dispatch: (event) => events.push(event),
      guardAgain: () => {
        machine.calls.push('guard again');
        return Promise.resolve(guards.shift() ?? done);
      },
      switchoverEnded: (index, outcome) => ended.push([index, outcome]),
    },
  );
  return { machine, events, ended, guards, runner };
}

function open(options: Partial<GroupRunnerOptions> = {}) {
  const all = running(options);
  expect(all.runner.open()).toEqual({ ok: true, value: undefined });
  all.machine.calls.length = 0;
  return all;
}

describe('the socket of a group', () => {
  it('is opened on its interface, from its own address', () => {
    const { machine, runner } = running();
    runner.open();
    expect(machine.calls).toEqual([`open eth0 from ${OWN} multicast`]);
  });

  it('is opened anew: the old one is closed first', () => {
    const { machine, runner } = open();
    runner.open();
    expect(machine.calls).toEqual(['close', `open eth0 from ${OWN} multicast`]);
    expect(machine.sockets.map((socket) => socket.fate)).toEqual(['closed', 'open']);
  });

  it('is closed once', () => {
    const { machine, runner } = open();
    runner.close();
    runner.close();
    expect(machine.calls).toEqual(['close']);
  });

  it('that cannot be opened says why, and the group then says nothing', () => {
    const { machine, runner } = running();
    machine.socketRefusal = { code: 'not-permitted', detail: 'no raw sockets' };
    expect(runner.open()).toEqual({ ok: false, error: machine.socketRefusal });
    machine.calls.length = 0;
    runner.carryOut(ADVERT);
    expect(machine.calls).toEqual([]);
  });

  it('is opened again only where it is closed, and a failure is told', () => {
    const { machine, runner } = open();
    runner.openIfClosed();
    expect(machine.calls).toEqual([]);
    runner.close();
    machine.socketRefusal = { code: 'no-such-interface', detail: 'eth0' };
    runner.openIfClosed();
    expect(machine.told()).toEqual(['socket.failed']);
    machine.socketRefusal = undefined;
    runner.openIfClosed();
    expect(machine.sockets.map((socket) => socket.fate)).toEqual(['closed', 'open']);
  });

  it('that fails is told once a minute and counted each time', () => {
    const { machine, runner } = open();
    for (const wait of [0, 1000, 59_000]) {
      machine.clock.time = later(machine.clock.time, millis(wait));
      machine.sockets[0]?.handlers.failed({ code: 'socket', detail: 'ENOBUFS' });
    }
    const failed = { event: 'socket.failed', group: 'web', code: 'socket', detail: 'ENOBUFS' };
    expect(machine.events).toEqual([failed, failed]);
    expect(runner.tally.sendErrors).toBe(3);
  });
});

describe('a packet arrives', () => {
  it('and passes the checks: the core hears of it', () => {
    const { machine, events, runner } = open();
    machine.receive(packet({ priority: 7 }));
    expect(events).toEqual([
      expect.objectContaining({ kind: 'advert', group: 3, source: PEER }) as unknown,
    ]);
    expect(events[0]).toMatchObject({ advert: { priority: 7, maxAdvertInterval: 100 } });
    expect(runner.tally.advertsReceived).toBe(1);
    expect(machine.events).toEqual([]);
  });

  it('RFC 9568 §7.1 and fails a check: nothing but a counter is touched, and it is told once a minute', () => {
    const { machine, events, runner } = open();
    for (const wait of [0, 1000, 59_000]) {
      machine.clock.time = later(machine.clock.time, millis(wait));
      machine.receive(packet({ ttl: 64 }));
    }
    expect(events).toEqual([]);
    expect(runner.tally.advertsReceived).toBe(0);
    expect(runner.tally.counters().rejected).toEqual({ ttl: 3 });
    expect(machine.events).toEqual([
      { event: 'vrrp.rejected', group: 'web', cause: 'ttl', count: 1 },
      { event: 'vrrp.rejected', group: 'web', cause: 'ttl', count: 3 },
    ]);
    expect(machine.calls).toEqual([]);
  });

  it.each([
    ['of another virtual router', { vrid: 52 }, 'vrid'],
    ['of our own', { source: OWN }, 'own'],
  ])('%s: that is common, so it is counted and not told', (_why, shape, cause) => {
    const { machine, events, runner } = open();
    machine.receive(packet(shape));
    expect(events).toEqual([]);
    expect(runner.tally.counters().rejected).toEqual({ [cause]: 1 });
    expect(machine.events).toEqual([]);
  });

  it.each([
    [
      'whose checksum is of the other form',
      { checksum: 'without-pseudo-header' } as const,
      { event: 'vrrp.checksum-form', group: 'web', source: PEER, form: 'without-pseudo-header' },
    ],
    [
      'that names other addresses',
      { addresses: [VIPS[0]] },
      { event: 'vrrp.addresses-differ', group: 'web', source: PEER },
    ],
  ])('%s: it is heard, and told once a minute', (_why, shape, told) => {
    const { machine, events } = open();
    machine.receive(packet(shape));
    machine.receive(packet(shape));
    expect(events).toHaveLength(2);
    expect(machine.events).toEqual([told]);
  });
});

describe('a group holds its addresses', () => {
  it('address and lease in one turn, and says when the kernel has confirmed', async () => {
    const { machine, events, runner } = open();
    runner.carryOut(HOLD);
    expect(machine.calls).toEqual([...CLAIMS, `renew ${VIPS.join()} for 2945 ms`]);
    expect(events).toEqual([]);
    await settled();
    expect(events).toEqual([{ kind: 'addresses-held', group: 3 }]);
  });

  it('silently, where no confirmation is wanted', async () => {
    const { events, runner } = open();
    runner.carryOut({ ...HOLD, confirm: 'needless' });
    await settled();
    expect(events).toEqual([]);
  });

  it('without nftables, by their lifetime alone', () => {
    const { machine, runner } = open({ layers: 'backstop only' });
    runner.carryOut(HOLD);
    runner.carryOut(RELEASE);
    expect(machine.calls).toEqual([...CLAIMS, ...RELEASES]);
  });

  it.each([
    ['an address', 'claim', 'wanted'],
    ['a lease', 'renew', 'wanted'],
    ['an address that it held before', 'claim', 'needless'],
  ] as const)('the kernel refuses %s: the core hears of it once', async (_why, call, confirm) => {
    const { machine, events, runner } = open();
    machine.refuse(call);
    runner.carryOut({ ...HOLD, confirm });
    await settled();
    const detail = `refused: no ${call}`;
    expect(events).toEqual([{ kind: 'address-refused', group: 3, detail }]);
  });

  describe('whose rules somebody flushed', () => {
    const renewal = `renew ${VIPS.join()} for 2945 ms`;

    /** The kernel refuses the first renewal; what happens next happens while the rules are put back. */
    function flushed(meanwhile: (all: ReturnType<typeof open>) => void) {
      const all = open();
      all.machine.refuse('renew');
      all.runner.carryOut(HOLD);
      all.machine.calls.length = 0;
      all.machine.refusing.delete('renew');
      meanwhile(all);
      return all;
    }

    it('puts them back and renews what is left of the lease', async () => {
      const { machine, events } = flushed(({ machine: { clock } }) => {
        clock.time = later(clock.time, millis(45));
      });
      await settled();
      expect(machine.calls).toEqual(['guard again', renewal.replace('2945', '2900')]);
      expect(machine.told()).toEqual(['lease.rules-restored']);
      expect(events).toEqual([{ kind: 'addresses-held', group: 3 }]);
    });

    it('renews nothing that was released meanwhile', async () => {
      const { machine } = flushed(({ runner }) => {
        runner.carryOut(RELEASE);
      });
      await settled();
      expect(machine.calls).toEqual([`revoke ${VIPS.join()}`, ...RELEASES, 'guard again']);
      expect(machine.told()).toEqual([]);
    });

    it('renews nothing that has ended meanwhile', async () => {
      const { machine } = flushed(({ machine: { clock } }) => {
        clock.time = later(clock.time, millis(2945));
      });
      await settled();
      expect(machine.calls).toEqual(['guard again']);
    });

    it('and that cannot be put back: the core hears of it', async () => {
      const { machine, events } = flushed(({ guards }) => {
        guards.push(fail({ code: 'refused', detail: 'no table' }));
      });
      await settled();
      expect(machine.calls).toEqual(['guard again']);
      expect(events).toEqual([{ kind: 'address-refused', group: 3, detail: 'refused: no table' }]);
    });
  });

  it('and knows how long: from the hold to the release', () => {
    const { machine, runner } = open();
    expect(runner.leaseUntil()).toBeUndefined();
    runner.carryOut(HOLD);
    expect(runner.leaseUntil()).toBe(instant(machine.clock.time + 2945));
    runner.carryOut(RELEASE);
    expect(runner.leaseUntil()).toBeUndefined();
  });

  it('gives them up: the lease first, which silences the kernel at once', () => {
    const { machine, runner } = open();
    runner.carryOut(RELEASE);
    expect(machine.calls).toEqual([`revoke ${VIPS.join()}`, ...RELEASES]);
  });

  it.each(['revoke', 'release'] as const)('a %s that fails is told', async (call) => {
    const { machine, events, runner } = open();
    machine.refuse(call);
    runner.carryOut(RELEASE);
    await settled();
    const detail = `not released, refused: no ${call}`;
    expect(machine.events).toContainEqual({ event: 'address.refused', group: 'web', detail });
    expect(events).toEqual([]);
  });
});

describe('a group speaks', () => {
  it.each<[string, GroupPlan, Ipv4]>([
    ['to the group', PLAN, '224.0.0.18' as Ipv4],
    ['to its peer', UNICAST, PEER],
    [
      'to nobody, where it has no peer',
      { ...UNICAST, audience: { kind: 'unicast', peers: [] } },
      '224.0.0.18' as Ipv4,
    ],
  ])('RFC 9568 §5.2 %s, in the form it was told', (_why, plan, destination) => {
    const { machine, runner } = open({ plan });
    runner.carryOut(ADVERT);
    expect(runner.tally.advertsSent).toBe(1);
    expect(decodeAdvert(machine.messages[0]!, { source: OWN, destination })).toMatchObject({
      ok: true,
      value: {
        checksum: 'with-pseudo-header',
        advert: { vrid: 51, priority: 200, maxAdvertInterval: 100, addresses: VIPS },
      },
    });
  });

  it('announces each of its addresses', () => {
    const { machine, runner } = open();
    runner.carryOut(ANNOUNCE);
    expect(machine.calls).toEqual(VIPS.map((address) => `announce ${address}`));
    expect(runner.tally.announcements).toBe(1);
  });

  it('an announcement that fails is told once a minute, and the others are made', () => {
    const { machine, runner } = open();
    machine.refuse('announce');
    runner.carryOut(ANNOUNCE);
    expect(machine.calls).toHaveLength(2);
    expect(machine.events).toEqual([
      { event: 'announce.failed', group: 'web', detail: 'no announce' },
    ]);
  });

  it('effects meet the world in their order', () => {
    const { machine, runner } = open();
    for (const effect of [RELEASE, ADVERT, HOLD, ANNOUNCE]) {
      runner.carryOut(effect);
    }
    expect(machine.calls.map((call) => call.split(' ')[0])).toEqual([
      ...['revoke', 'release', 'release', 'send', 'claim', 'claim', 'renew'],
      ...['announce', 'announce'],
    ]);
  });
});

it('the end of a switchover reaches whoever asked for it', () => {
  const { ended, runner } = open();
  const outcome: SwitchoverOutcome = { kind: 'moved', to: PEER, within: millis(12) };
  runner.carryOut({ kind: 'switchover-ended', outcome });
  expect(ended).toEqual([[3, outcome]]);
});

it('what is only told is not for it', () => {
  const { machine, runner } = open();
  runner.carryOut({ kind: 'tell', notice: { event: 'switchover.started', group: 'web' } });
  expect([...machine.calls, ...machine.events]).toEqual([]);
});

it('an effect nobody thought of is our mistake', () => {
  const { runner } = running();
  const impossible = { kind: 'new' } as unknown as VrrpEffect;
  expect(() => {
    runner.carryOut(impossible);
  }).toThrow(BrokenAssumption);
});
