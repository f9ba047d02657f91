import { describe, expect, it } from 'vitest';
import type { Ip } from '../../../src/base/ip.js';
import { later, millis } from '../../../src/base/time.js';
import type { Config } from '../../../src/config/config.js';
import type { StartRefusal } from '../../../src/engine/start-refusal.js';
import type { HeldAddress } from '../../../src/ports/address-table.js';
import { FakeProxy } from '../engine/fake-proxy.js';
import { OWN, packet, PEER, settled, VIPS } from '../engine/fakes.js';
import {
  asMaster,
  CONFIG,
  inTime,
  leftOver,
  machineWith,
  MAIL,
  own,
  roleOf,
  start,
  started,
  WEB,
} from './given-daemon.js';

const NO_SOCKET = { code: 'not-permitted', detail: 'no raw sockets' } as const;
const ELSEWHERE: Config = {
  ...CONFIG,
  groups: [
    WEB,
    { ...MAIL, instances: MAIL.instances.map((each) => ({ ...each, interface: 'eth1' })) },
  ],
};
const ADDRESSLESS = (group: string, name: string) => ({
  code: 'interface' as const,
  detail: `group ${group}: interface ${name} has no IPv4 address of its own to send adverts from`,
});

const IPV6: Config = {
  ...CONFIG,
  groups: [
    {
      ...WEB,
      instances: [
        {
          interface: 'eth0',
          vrid: 51,
          family: 'ipv6',
          addresses: [{ address: '2001:db8::100' as Ip, prefixLength: 64 }],
        },
      ],
    },
  ],
};
const OWN_LINK_LOCAL = (state: HeldAddress['state']): HeldAddress => ({
  ...own,
  cidr: { address: 'fe80::1' as Ip, prefixLength: 64 },
  state,
});

describe('a daemon cannot start', () => {
  it.each<[string, Config, readonly HeldAddress[], readonly StartRefusal[]]>([
    ['without an address of its own', CONFIG, [], [ADDRESSLESS('web', 'eth0')]],
    [
      'where all there is belongs to the pair: somebody configured a virtual address by hand',
      CONFIG,
      [leftOver('192.0.2.7' as Ip), { ...leftOver(VIPS[0]), ours: false }],
      [ADDRESSLESS('web', 'eth0')],
    ],
    ['where one group of several cannot', ELSEWHERE, [own], [ADDRESSLESS('mail', 'eth1')]],
    [
      'where no group can: each is named',
      ELSEWHERE,
      [],
      [ADDRESSLESS('web', 'eth0'), ADDRESSLESS('mail', 'eth1')],
    ],
  ])('%s', async (_why, config, held, error) => {
    const machine = machineWith(...held);
    expect(await start(machine, config)).toEqual({ ok: false, error });
    expect(machine.calls).toEqual([]);
  });

  it('without its interface', async () => {
    const machine = machineWith(own);
    machine.refuse('held');
    const error = [{ code: 'interface', detail: 'group web: no held' }];
    expect(await start(machine)).toEqual({ ok: false, error });
  });

  it.each([
    ['tentative', [OWN_LINK_LOCAL('tentative')], 'the kernel still probes whether fe80::1 is free'],
    ['not there', [], 'interface eth0 has no link-local IPv6 address to send adverts from'],
  ])('while its own address is %s, for five seconds', async (_what, held, detail) => {
    const machine = machineWith(...held);
    const began = machine.clock.now();
    const refused = await inTime(machine, start(machine, IPV6));
    const error = [{ code: 'address', detail: `group web: ${detail}` }];
    expect(refused).toEqual({ ok: false, error });
    expect(machine.clock.now() - began).toBe(5_000);
    expect(machine.events.filter(({ event }) => event === 'daemon.waiting')).toEqual([
      { event: 'daemon.waiting', for: `group web: ${detail}` },
    ]);
  });

  it('with an address that somebody else has too', async () => {
    const detail = "group web: fe80::1 is somebody else's too (RFC 4862 §5.4.5)";
    expect(await start(machineWith(OWN_LINK_LOCAL('duplicate')), IPV6)).toEqual({
      ok: false,
      error: [{ code: 'interface', detail }],
    });
  });

  it('without a socket: no address was touched', async () => {
    const machine = machineWith(own);
    machine.socketRefusal = NO_SOCKET;
    const error = [{ code: 'socket', detail: 'group web: no raw sockets' }];
    expect(await start(machine)).toEqual({ ok: false, error });
    expect(machine.calls.filter((call) => /^(?:claim|release|send)/u.test(call))).toEqual([]);
    expect(machine.clock.pending()).toEqual([]);
  });
});

describe('a daemon starts', () => {
  it('prepares, looks around, and listens', async () => {
    const { machine, daemon } = await started();
    expect(machine.told()).toEqual([
      'daemon.starting',
      'sysctl.changed',
      'lease.layers',
      'vrrp.state',
      'daemon.started',
    ]);
    expect(daemon.status()).toMatchObject({
      node: 'lb1',
      version: '1.2.3',
      pid: 42,
      startedAt: machine.clock.wallTime(),
      groups: [{ name: 'web', role: 'backup', ownAddress: OWN }],
      proxy: undefined,
    });
  });

  it('once the kernel has probed the address that its adverts leave from', async () => {
    const machine = machineWith(OWN_LINK_LOCAL('tentative'));
    const starting = start(machine, IPV6);
    await settled();
    machine.clock.ringNext();
    await settled();
    machine.held = [OWN_LINK_LOCAL('usable')];
    machine.clock.ringNext();
    expect(await starting).toMatchObject({ ok: true });
    expect(machine.clock.now()).toBe(100_200);
  });

  it('with adverts from address to address, from the one it was told', async () => {
    const nodes = new Map([
      ['lb1', [OWN]],
      ['lb2', [PEER]],
    ]);
    const unicast = { nodes, foreignPeers: [], minTtl: 255 };
    const config = { ...CONFIG, groups: [{ ...WEB, unicast }] };
    const { machine } = await started(machineWith(), config);
    expect(machine.calls).toContain(`open eth0 from ${OWN} unicast`);
  });

  it('with a proxy: it serves once that is found', async () => {
    const machine = machineWith(own);
    const proxy = {
      kind: 'haproxy',
      program: 'haproxy',
      config: 'haproxy.cfg',
      run: 'supervised',
      runtimeSocket: '/run/haproxy/admin.sock',
      probeEvery: millis(250),
      probeTimeout: millis(1000),
      workerAge: millis(86_400_000),
    } as const;
    const host = new FakeProxy();
    const daemon = await start(
      Object.assign(machine, { ports: { ...machine.ports, proxy: host } }),
      { ...CONFIG, proxy },
    );
    await settled();
    // The second connection is for its servers.
    expect(host.calls).toEqual(['connect', 'connect', 'ask show servers state']);
    expect(machine.calls).toContain('write net.ipv4.ip_nonlocal_bind 1');
    expect(daemon.ok && daemon.value.status()).toMatchObject({
      groups: [{ role: 'backup' }],
      proxy: { state: 'serving' },
    });
  });

  it('and adopts what its former life left, silently', async () => {
    const machine = machineWith(own, ...VIPS.map(leftOver));
    machine.leases = new Map(VIPS.map((address) => [address, millis(500)]));
    const { daemon } = await started(machine);
    expect(roleOf(daemon)).toEqual(['master']);
    expect(machine.calls.filter((call) => call.startsWith('release'))).toEqual([]);
  });

  it('and says three times that it gives up what it cannot adopt', async () => {
    const machine = machineWith(own, ...VIPS.map(leftOver));
    const { daemon, clock } = await started(machine);
    clock.ringNext();
    clock.ringNext();
    expect(roleOf(daemon)).toEqual(['backup']);
    expect(machine.calls.filter((call) => call.startsWith('send'))).toEqual(
      Array(3).fill('send priority 0 every 100 cs'),
    );
  });
});

describe('a switchover is refused', () => {
  it('to a group that nobody configured', async () => {
    const { daemon } = await started();
    const error = { code: 'unknown-group', group: 'ftp', known: ['web'] };
    expect(await daemon.switchover('ftp')).toEqual({ ok: false, error });
  });

  it('to a backup, which names its master once it has heard one', async () => {
    const { daemon, machine } = await started();
    const error = { code: 'not-master', group: 'web', role: 'backup', master: undefined };
    expect(await daemon.switchover('web')).toEqual({ ok: false, error });
    machine.receive(packet());
    const knows = { ...error, master: PEER };
    expect(await daemon.switchover('web')).toEqual({ ok: false, error: knows });
  });

  it('to a group that takes no part', async () => {
    const { daemon, machine } = await asMaster();
    machine.changeLink('eth0', 'down');
    const error = { code: 'not-master', group: 'web', role: 'fault', master: undefined };
    expect(await daemon.switchover('web')).toEqual({ ok: false, error });
  });

  it('to a master whose lease has just ended', async () => {
    const { daemon, clock } = await asMaster();
    clock.time = later(clock.time, millis(5000));
    const error = { code: 'not-master', group: 'web', role: 'backup', master: undefined };
    expect(await daemon.switchover('web')).toEqual({ ok: false, error });
    expect(roleOf(daemon)).toEqual(['backup']);
  });

  it('while one is in progress', async () => {
    const { daemon, machine } = await asMaster();
    const first = daemon.switchover('web');
    const error = { code: 'in-progress', group: 'web' };
    expect(await daemon.switchover('web')).toEqual({ ok: false, error });
    machine.receive(packet());
    expect(await first).toMatchObject({ ok: true, value: { kind: 'moved', to: PEER } });
  });

  it('while the daemon stops', async () => {
    const { daemon, machine } = await asMaster();
    const stopped = daemon.stop('release');
    const error = { code: 'in-progress', group: 'web' };
    expect(await daemon.switchover('web')).toEqual({ ok: false, error });
    await inTime(machine, stopped);
  });
});

describe('a switchover ends', () => {
  it('with the successor that was heard, and how long it took', async () => {
    const { daemon, machine, clock } = await asMaster();
    const asked = daemon.switchover('web');
    clock.time = later(clock.time, millis(7));
    machine.receive(packet({ priority: 100 }));
    const value = { kind: 'moved', to: PEER, within: 7 };
    expect(await asked).toEqual({ ok: true, value });
    expect(roleOf(daemon)).toEqual(['backup']);
  });

  it('undone, where nobody takes over: it may be asked for again', async () => {
    const { daemon, machine } = await asMaster();
    const value = { kind: 'undone', reason: 'no other node took over' };
    for (let times = 0; times < 2; times += 1) {
      expect(await inTime(machine, daemon.switchover('web'))).toEqual({ ok: true, value });
      expect(roleOf(daemon)).toEqual(['master']);
      await settled();
    }
  });
});

describe('a daemon whose interface goes and comes', () => {
  /** It went, and came back a moment before the address that adverts leave from. */
  async function cameBack() {
    const all = await asMaster();
    all.machine.changeLink('eth0', 'missing');
    all.machine.socketRefusal = { code: 'no-such-interface', detail: 'no address yet' };
    all.machine.changeLink('eth0', 'up');
    return all;
  }

  it('closes the socket, which would not know the new one', async () => {
    const { daemon, machine } = await asMaster();
    machine.changeLink('eth0', 'missing');
    expect(machine.sockets.map((socket) => socket.fate)).toEqual(['closed']);
    expect(daemon.status().groups[0]).toMatchObject({ role: 'fault', fault: 'link eth0 missing' });
    machine.changeLink('eth0', 'up');
    expect(machine.sockets.map((socket) => socket.fate)).toEqual(['closed', 'open']);
    expect(roleOf(daemon)).toEqual(['backup']);
  });

  it('takes no part while it cannot hear, and tries again after a second', async () => {
    const { daemon, machine, clock } = await cameBack();
    const began = clock.time;
    expect(daemon.status().groups[0]).toMatchObject({ role: 'fault', fault: 'link eth0 missing' });
    const attempts = () => machine.calls.filter((call) => call.startsWith('open')).length;
    expect(attempts()).toBe(1);
    while (attempts() === 1) {
      clock.ringNext();
    }
    expect([clock.time - began, roleOf(daemon)]).toEqual([1000, ['fault']]);
    machine.socketRefusal = undefined;
    while (attempts() === 2) {
      clock.ringNext();
    }
    expect([clock.time - began, roleOf(daemon)]).toEqual([2000, ['backup']]);
  });

  it.each(['down', 'missing'] as const)(
    'does not try again for an interface that is %s by then',
    async (state) => {
      const { machine, clock, daemon } = await cameBack();
      machine.changeLink('eth0', state);
      machine.socketRefusal = undefined;
      while (clock.pending().length > 0) {
        clock.ringNext();
      }
      expect(daemon.status().groups[0]).toMatchObject({ fault: `link eth0 ${state}` });
    },
  );

  it('does not try again once it has stopped', async () => {
    const { daemon, machine, clock } = await cameBack();
    await inTime(machine, daemon.stop('release'));
    expect(clock.pending()).toEqual([]);
  });
});

describe('an address that somebody removes', () => {
  it('is put back where it is the group’s', async () => {
    const { machine } = await asMaster();
    machine.remove('eth0', VIPS[1]);
    expect(machine.calls.slice(0, 2)).toEqual(VIPS.map((vip) => `claim ${vip}/24 for 4 s`));
    expect(machine.told()).toContain('address.removed');
  });

  it.each([
    ['on another interface', 'eth1', VIPS[0]],
    ['that is no group’s', 'eth0', OWN],
  ])('%s is not our concern', async (_why, name, address) => {
    const { machine } = await asMaster();
    machine.remove(name, address);
    expect(machine.calls).toEqual([]);
  });
});

it('rules that somebody flushed are put back once, whichever groups miss them', async () => {
  const machine = machineWith(own);
  const config: Config = { ...CONFIG, groups: [WEB, MAIL] };
  const { clock } = await asMaster(machine, config);
  clock.ringNext();
  await settled();
  machine.calls.length = 0;
  machine.refuse('renew');
  while (!machine.calls.some((call) => call.startsWith('renew'))) {
    clock.ringNext();
  }
  await settled();
  expect(machine.calls.filter((call) => call.startsWith('guard'))).toEqual([
    `guard ${[...VIPS, '192.0.2.200'].join()}`,
  ]);
});

describe('a daemon stops', () => {
  const RELEASED = [`revoke ${VIPS.join()}`, ...VIPS.map((vip) => `release ${vip}/24`)];

  it('for good: it waits for its successor, lets go, and takes its rules along', async () => {
    const { daemon, machine, clock } = await asMaster();
    const stopped = daemon.stop('release');
    clock.ringNext();
    clock.ringNext();
    machine.receive(packet());
    await inTime(machine, stopped);
    const word = 'send priority 0 every 100 cs';
    expect(machine.calls).toEqual([
      `renew ${VIPS.join()} for 1100 ms`,
      ...[word, word, word],
      ...RELEASED,
      ...['close', 'dismantle connections', 'dismantle'],
    ]);
    expect(machine.told().slice(-4)).toEqual([
      ...['daemon.stopping', 'vrrp.state', 'vrrp.state', 'daemon.stopped'],
    ]);
    expect([clock.pending(), machine.linkChanges.size, machine.removals.size]).toEqual([[], 0, 0]);
  });

  it('for good: nobody takes over, and it lets go all the same', async () => {
    const { daemon, machine } = await asMaster();
    await inTime(machine, daemon.stop('release'));
    expect(machine.calls.slice(-6)).toEqual([
      ...RELEASED,
      ...['close', 'dismantle connections', 'dismantle'],
    ]);
  });

  it('for its next daemon: addresses, leases and rules stay, and patience is asked for three times', async () => {
    const { daemon, machine } = await asMaster();
    await inTime(machine, daemon.stop('hand-over'));
    const word = 'send priority 254 every 100 cs';
    expect(machine.calls).toEqual([
      `renew ${VIPS.join()} for 2945 ms`,
      ...[word, word, word],
      'close',
    ]);
  });

  it('only 20 ms after its last advert: a socket sends in a later turn', async () => {
    const { daemon, machine, clock } = await asMaster();
    const began = clock.time;
    await inTime(machine, daemon.stop('hand-over'));
    expect(clock.time - began).toBe(40);
  });

  it('leaves rules alone that it could not write', async () => {
    const machine = machineWith(own);
    machine.refuse('guard');
    machine.refuse('renew');
    const { daemon } = await asMaster(machine);
    await inTime(machine, daemon.stop('release'));
    expect(machine.calls.at(-1)).toBe('close');
  });

  it('says so where its rules could not be taken along', async () => {
    const { daemon, machine } = await started();
    machine.refuse('dismantle');
    await inTime(machine, daemon.stop('release'));
    expect(machine.events.slice(-2)).toEqual([
      { event: 'lease.rules-left', detail: 'no dismantle' },
      { event: 'daemon.stopped' },
    ]);
  });
});
