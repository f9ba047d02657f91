import { describe, expect, it } from 'vitest';
import type { Ip } from '../../../src/base/ip.js';
import { later, millis } from '../../../src/base/time.js';
import { BrokenAssumption } from '../../../src/base/unreachable.js';
import type { SwitchoverOutcome } from '../../../src/core/notice.js';
import type { VrrpEffect } from '../../../src/core/vrrp-state.js';
import type { GroupPlan } from '../../../src/engine/group-plan.js';
import type { GroupRunner } from '../../../src/engine/group-runner.js';
import type { Tally } from '../../../src/engine/tally.js';
import { decodeAdvert } from '../../../src/wire/vrrp.js';
import { INSTANCE, OWN, packet, PEER, PLAN, VIPS } from './fakes.js';
import { ADVERT, ANNOUNCE, HOLD, open, RELEASE, running } from './given-runner.js';

function unicastTo(...peers: readonly Ip[]): GroupPlan {
  return { ...PLAN, instances: [{ ...INSTANCE, audience: { kind: 'unicast', peers } }] };
}

/** The counters of its one virtual router. */
function only({ instances }: GroupRunner): Tally {
  return instances[0]!.tally;
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
    runner.instances[0]?.openIfClosed();
    expect(machine.calls).toEqual([]);
    runner.close();
    machine.socketRefusal = { code: 'no-such-interface', detail: 'eth0' };
    runner.instances[0]?.openIfClosed();
    expect(machine.told()).toEqual(['socket.failed']);
    machine.socketRefusal = undefined;
    runner.instances[0]?.openIfClosed();
    expect(machine.sockets.map((socket) => socket.fate)).toEqual(['closed', 'open']);
  });

  it('that fails is told once a minute; it is counted, and the core hears of it, each time', () => {
    const { machine, events, runner } = open();
    for (const wait of [0, 1000, 59_000]) {
      machine.clock.time = later(machine.clock.time, millis(wait));
      machine.sockets[0]?.handlers.failed({ code: 'socket', detail: 'ENOBUFS' });
    }
    const failed = { event: 'socket.failed', group: 'web', code: 'socket', detail: 'ENOBUFS' };
    expect(machine.events).toEqual([failed, failed]);
    expect(only(runner).counters().sendErrors).toBe(3);
    expect(events).toEqual(Array(3).fill({ kind: 'send-failed', group: 3, detail: 'ENOBUFS' }));
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
    expect(only(runner).counters().advertsReceived).toBe(1);
    expect(machine.events).toEqual([]);
  });

  it('RFC 9568 §7.1 and fails a check: nothing but a counter is touched, and it is told once a minute', () => {
    const { machine, events, runner } = open();
    for (const wait of [0, 1000, 59_000]) {
      machine.clock.time = later(machine.clock.time, millis(wait));
      machine.receive(packet({ ttl: 64 }));
    }
    expect(events).toEqual([]);
    expect(only(runner).counters().advertsReceived).toBe(0);
    expect(only(runner).counters().rejected).toEqual({ ttl: 3 });
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
    expect(only(runner).counters().rejected).toEqual({ [cause]: 1 });
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

describe('a group speaks', () => {
  it.each<[string, GroupPlan, Ip]>([
    ['to the group', PLAN, '224.0.0.18' as Ip],
    ['to its peer', unicastTo(PEER), PEER],
    ['to nobody, where it has no peer', unicastTo(), '224.0.0.18' as Ip],
  ])('RFC 9568 §5.2 %s, in the form it was told', (_why, plan, destination) => {
    const { machine, runner } = open({ plan });
    runner.carryOut(ADVERT);
    expect(only(runner).counters().advertsSent).toBe(1);
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

describe('a group whose virtual routers change', () => {
  const FOUR = '192.0.2.104' as Ip;
  const holds = (...addresses: readonly Ip[]): GroupPlan => ({
    ...PLAN,
    instances: [{ ...INSTANCE, vrid: 77, ownAddress: PEER, addresses }],
    addresses: addresses.map((address) => ({
      interface: 'eth0',
      cidr: { address, prefixLength: 24 },
    })),
    vrrp: {
      ...PLAN.vrrp,
      agreement: 'other',
      instances: [{ interface: 'eth0', ownAddress: PEER }],
    },
  });

  it('gives up what is none of its addresses any more, and leaves the others alone', () => {
    const { machine, runner } = open();
    runner.carryOut(HOLD);
    machine.calls.length = 0;
    runner.reconfigure(holds(VIPS[1], FOUR));
    expect(machine.calls).toEqual([`revoke ${VIPS[0]}`, `release ${VIPS[0]}/24`]);
    machine.calls.length = 0;
    runner.carryOut(HOLD);
    expect(machine.calls).toEqual([
      `claim ${VIPS[1]}/24 for 4 s`,
      `claim ${FOUR}/24 for 4 s`,
      `renew ${VIPS[1]},${FOUR} for 2945 ms`,
    ]);
  });

  it('touches no address and no socket where they are the same, and speaks from where it spoke', () => {
    const { machine, runner } = open();
    const plan = runner.reconfigure(holds(...VIPS));
    expect(machine.calls).toEqual([]);
    expect(plan.vrrp.instances[0]?.ownAddress).toBe(OWN);
    runner.carryOut(ADVERT);
    const destination = '224.0.0.18' as Ip;
    expect(decodeAdvert(machine.messages[0]!, { source: OWN, destination })).toMatchObject({
      value: { advert: { vrid: 77 } },
    });
  });

  it('asks the link who has what it has now', () => {
    const { machine, runner } = open();
    runner.carryOut({ kind: 'probe' });
    runner.reconfigure(holds(FOUR));
    machine.calls.length = 0;
    runner.carryOut({ kind: 'probe' });
    expect(machine.calls).toEqual([`ask ${FOUR} as nobody`]);
  });
});
