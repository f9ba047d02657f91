/** The hand of a drill as a process, in a network namespace of its own, and each fault that can be done there for real. */
import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { DrillFault, DroppedPackets } from '../../src/core/drill-fault.js';
import type { HandState } from '../../src/core/drill-order.js';
import { RawAdvertSockets } from '../../src/os/advert-socket.js';
import { NetlinkAddressTable } from '../../src/os/address-table.js';
import { SystemClock } from '../../src/os/clock.js';
import type { HandSetup } from '../../src/os/drill-hand/hand-setup.js';
import type { HandRecord } from '../../src/os/drill-hand/hand-record.js';
import { readRecord } from '../../src/os/drill-hand/hand-record.js';
import { identityOf, lives } from '../../src/os/drill-hand/process-identity.js';
import { burnerMark } from '../../src/os/drill-hand/burners.js';
import { HandProcesses } from '../../src/os/drill-host.js';
import { processesWith } from '../../src/os/haproxy-processes.js';
import { PacketNeighbours } from '../../src/os/neighbours.js';
import { Nftables } from '../../src/os/nftables.js';
import { SystemProcessHost } from '../../src/os/process-host.js';
import { drillHostContract } from './drill-host.contract.js';
import { cidr, code, eventually, ip, value } from './expected.js';
import { mayMakeNetworks, ThrowAwayNetwork } from './throw-away-network.js';
import { vipairProgram } from './vipair-program.js';

const VIPAIR = vipairProgram();
const root = mkdtempSync(join(tmpdir(), 'vipair-hand-'));

async function elapse(ms: number): Promise<void> {
  await sleep(ms);
}

/** A node to drill on, with a daemon of its own. */
interface Site {
  readonly host: HandProcesses;
  readonly setup: Omit<HandSetup, 'power'>;
  readonly daemon: ChildProcess;
  readonly record: () => HandRecord | undefined;
  readonly power: HandSetup['power'];
}

const CLEAN = { phase: 'undone', problems: [], left: [] };

const stateOf = (pid: number): string =>
  /^State:\t(\S)/mu.exec(readFileSync(`/proc/${String(pid)}/status`, 'utf8'))?.[1] ?? '';

describe.skipIf(!mayMakeNetworks)('in a network namespace', () => {
  let network: ThrowAwayNetwork;
  let addresses: NetlinkAddressTable;
  let count = 0;
  const processes = new SystemProcessHost();
  const nftables = new Nftables(processes);
  const sites: Site[] = [];

  beforeAll(() => {
    network = new ThrowAwayNetwork();
    addresses = value(NetlinkAddressTable.open());
  });

  afterAll(() => {
    addresses.close();
    network.remove();
    rmSync(root, { recursive: true, force: true });
  });

  function setUp({ power, ...more }: Partial<HandSetup> = {}): Site {
    count += 1;
    const home = join(root, String(count));
    mkdirSync(join(home, 'state'), { recursive: true });
    const daemon = spawn('sleep', ['600'], { stdio: 'ignore' });
    const setup = {
      node: 'lb1',
      runtimeDirectory: join(home, 'run'),
      stateDirectory: join(home, 'state'),
      controlSocket: join(home, 'none.sock'),
      daemon: identityOf(daemon.pid!)!,
      proxy: undefined,
      burner: [...VIPAIR, 'drill-burner'] as const,
      ...more,
    };
    const site = {
      ...{ daemon, setup, power, host: hostOf(setup) },
      record: () => value(readRecord(setup.runtimeDirectory)),
    };
    sites.push(site);
    return site;
  }

  const hostOf = (setup: Site['setup']): HandProcesses =>
    new HandProcesses([...VIPAIR, 'drill-hand'], setup, {
      ...{ processes, addresses, clock: new SystemClock() },
      rules: (script, mode) => (mode === 'load' ? nftables.load(script) : nftables.check(script)),
    });

  const tables = () => execFileSync('nft', ['list', 'tables'], { encoding: 'utf8' });

  /** Also what a test that failed has left. */
  async function cleanUp(): Promise<void> {
    for (const { host, daemon, record } of sites.splice(0)) {
      const there = record();
      if (there !== undefined && !['undone', 'expired'].includes(there.state.phase)) {
        await host.undo(there.state.id);
      }
      daemon.kill('SIGKILL');
    }
  }

  async function fire({ host, power }: Site, ...faults: readonly DrillFault[]): Promise<HandState> {
    count += 1;
    const id = `lb1-${String(count)}`;
    const times = { lastsMs: 60_000, armedForMs: 20_000 };
    value(await host.arm({ id, drill: 'a-drill', by: 'lb1', faults, ...times }, power));
    value(await host.fire(id));
    return until(host, (state) => state.fired !== undefined);
  }

  async function until(
    host: HandProcesses,
    holds: (state: HandState) => boolean,
  ): Promise<HandState> {
    let last: HandState | undefined;
    await eventually(async () => {
      last = await host.state();
      return last !== undefined && holds(last);
    }, elapse);
    return last!;
  }

  async function undo({ host, record }: Site): Promise<HandState> {
    value(await host.undo(record()!.state.id));
    return until(host, ({ phase }) => phase === 'undone' || phase === 'failed');
  }

  /** A process that was killed is gone a moment later. */
  async function killHand({ record }: Site): Promise<void> {
    const { hand } = record()!;
    process.kill(hand.pid, 'SIGKILL');
    await eventually(() => !lives(hand), elapse);
  }

  describe('a hand that works on the network', () => {
    afterEach(cleanUp);

    drillHostContract('HandProcesses', () => {
      const site = setUp();
      return {
        host: site.host,
        next: () => hostOf(site.setup),
        fault: { kind: 'drop', packets: [{ what: 'everything', interface: 'eth0' }] },
        isInflicted: () => tables().includes('vipair_drill'),
        notFeasible: { kind: 'link-down', interface: 'eth9' },
        killHand: () => killHand(site),
        elapse,
      };
    });

    it('sets an interface down, and puts back what the kernel forgets', async () => {
      const route = [
        'route',
        'add',
        '10.99.0.0/16',
        'via',
        '10.77.0.2',
        'metric',
        '7',
        'mtu',
        '1400',
      ];
      network.ip('here', ...route);
      network.ip('here', '-6', 'route', 'add', 'fd99::/32', 'via', 'fd77::2', 'proto', 'static');
      const leased = ['valid_lft', '600', 'preferred_lft', '300', 'nodad'];
      network.ip('here', 'address', 'add', 'fd77::dcf6/128', 'dev', 'eth0', ...leased);
      const mac = ['lladdr', '02:00:00:00:00:09', 'nud', 'permanent'];
      for (const entry of [
        ['10.77.0.9', ...mac],
        ['proxy', '10.77.0.99'],
        ['fd77::9', ...mac],
      ]) {
        network.ip('here', 'neigh', 'replace', ...entry, 'dev', 'eth0');
      }
      const picture = () =>
        [
          network.ip('here', '-6', 'address', 'show', 'dev', 'eth0', 'scope', 'global'),
          network.ip('here', 'route', 'show', 'table', 'all', 'dev', 'eth0'),
          network.ip('here', '-6', 'route', 'show', 'table', 'main', 'dev', 'eth0'),
          network.ip('here', 'neigh', 'show', 'nud', 'permanent', 'dev', 'eth0'),
          network.ip('here', 'neigh', 'show', 'proxy', 'dev', 'eth0'),
        ]
          .join('')
          // What is left of a lease shrinks.
          .replaceAll(/\b\d+sec/gu, 'some time')
          .split('\n')
          .map((line) => line.trim())
          .toSorted();
      const before = picture();
      const site = setUp();
      await fire(site, { kind: 'link-down', interface: 'eth0' });
      expect(network.ip('here', 'link', 'show', 'eth0')).toContain('state DOWN');
      expect(picture()).not.toEqual(before);
      expect(await undo(site)).toMatchObject(CLEAN);
      expect(picture()).toEqual(before);
      expect(network.ip('here', 'link', 'show', 'eth0')).toContain('state UP');
    });

    /** What passes, of adverts in raw sockets and of questions in packet sockets. */
    async function passes(): Promise<readonly string[]> {
      const heard = new Set<string>();
      const hears = (how: string) => ({
        received: () => heard.add(how),
        heard: () => heard.add(how),
        failed: () => undefined,
      });
      const multicast = { interface: 'eth0', audience: { kind: 'multicast' } } as const;
      const families = [
        ['ipv4', ip('10.77.0.1'), ip('10.77.0.2')],
        ['ipv6', ip('fe80::1'), ip('fe80::2')],
      ] as const;
      const sockets = new RawAdvertSockets();
      const opened = families.flatMap(([family, here, there]) => [
        value(
          sockets.open({ ...multicast, family, source: here }, hears(`${family} adverts come in`)),
        ),
        network.there(() =>
          value(
            sockets.open(
              { ...multicast, family, source: there },
              hears(`${family} adverts go out`),
            ),
          ),
        ),
      ]);
      const own = value(
        new PacketNeighbours().open({ interface: 'eth0' }, hears('questions come in')),
      );
      const other = network.there(() =>
        value(new PacketNeighbours().open({ interface: 'eth0' }, hears('questions go out'))),
      );
      for (let times = 0; times < 5; times += 1) {
        opened.forEach((each) => {
          each.send(new Uint8Array(24));
        });
        own.ask({ target: ip('10.77.0.77'), sender: ip('10.77.0.1') });
        other.ask({ target: ip('10.77.0.77'), sender: ip('10.77.0.2') });
        await sleep(20);
      }
      [...opened, own, other].forEach((each) => {
        each.close();
      });
      return [...heard].toSorted();
    }

    const ALL = [
      ...['ipv4 adverts come in', 'ipv4 adverts go out'],
      ...['ipv6 adverts come in', 'ipv6 adverts go out'],
      ...['questions come in', 'questions go out'],
    ];

    it.each<[string, DroppedPackets, readonly string[]]>([
      ['everything', { what: 'everything', interface: 'eth0' }, []],
      [
        'adverts that come in',
        { what: 'adverts', interface: 'eth0', direction: 'in' },
        ALL.filter((each) => !each.endsWith('adverts come in')),
      ],
      [
        'adverts that go out',
        { what: 'adverts', interface: 'eth0', direction: 'out' },
        ALL.filter((each) => !each.endsWith('adverts go out')),
      ],
    ])('drops %s, at raw and packet sockets too', async (_what, packets, passing) => {
      expect(await passes()).toEqual(ALL);
      const site = setUp();
      await fire(site, { kind: 'drop', packets: [packets] });
      expect(await passes()).toEqual(passing);
      expect(await undo(site)).toMatchObject(CLEAN);
      expect(await passes()).toEqual(ALL);
    });

    it('drops what goes to a port and to a server, and nothing else', async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      const other = createServer().listen(0, '127.0.0.1');
      await once(other, 'listening');
      const second = (other.address() as AddressInfo).port;
      const connects = (to: number) =>
        new Promise<boolean>((resolve) => {
          const socket = connect({ port: to, host: '127.0.0.1', timeout: 300 });
          const end = (how: boolean) => () => {
            socket.destroy();
            resolve(how);
          };
          socket.on('connect', end(true)).on('timeout', end(false)).on('error', end(false));
        });
      for (const packets of [
        { what: 'port', port },
        { what: 'server', port, address: ip('127.0.0.1') },
      ] as const) {
        const site = setUp();
        await fire(site, { kind: 'drop', packets: [packets] });
        expect([await connects(port), await connects(second)]).toEqual([false, true]);
        expect(await undo(site)).toMatchObject(CLEAN);
        expect(await connects(port)).toBe(true);
      }
      server.close();
      other.close();
    });

    it('takes an address that the daemon holds, and only such a one', async () => {
      const vip = { interface: 'eth0', cidr: cidr('10.77.0.100/24') };
      value(await addresses.claim(vip, 60 as never));
      const site = setUp();
      const fault = { kind: 'remove-address', address: vip.cidr, interface: 'eth0' } as const;
      await fire(site, fault);
      expect(network.ip('here', 'address', 'show', 'dev', 'eth0')).not.toContain('10.77.0.100');
      expect(await undo(site)).toMatchObject(CLEAN);
      const times = { id: 'x', drill: 'a', by: 'lb1', lastsMs: 1000, armedForMs: 1000 };
      const own = { ...fault, address: cidr('10.77.0.1/24') };
      expect(code(await site.host.arm({ ...times, faults: [own] }))).toBe('drill-not-feasible');
    });

    it.each(['10.77.0.200/24', 'fd77::200/64'])(
      'puts %s on an interface, and takes it',
      async (at) => {
        const site = setUp();
        const shown = () => network.ip('here', 'address', 'show', 'dev', 'eth0');
        await fire(site, { kind: 'add-address', address: cidr(at), interface: 'eth0' });
        expect(shown()).toContain(at);
        expect(shown()).not.toMatch(new RegExp(`${at}.*\\n.*forever`, 'u'));
        expect(await undo(site)).toMatchObject(CLEAN);
        expect(shown()).not.toContain(at);
      },
    );

    it('leaves an address to the daemon that has claimed it meanwhile', async () => {
      const site = setUp();
      const vip = { interface: 'eth0', cidr: cidr('10.77.0.201/24') };
      await fire(site, { kind: 'add-address', address: vip.cidr, interface: 'eth0' });
      value(await addresses.claim(vip, 60 as never));
      expect(await undo(site)).toMatchObject(CLEAN);
      expect(network.ip('here', 'address', 'show', 'dev', 'eth0')).toContain('10.77.0.201');
      value(await addresses.release(vip));
    });

    it('does what it can where its file is damaged, and says so until a person has looked', async () => {
      const site = setUp();
      await fire(site, { kind: 'drop', packets: [{ what: 'everything', interface: 'eth0' }] });
      await killHand(site);
      writeFileSync(join(site.setup.runtimeDirectory, 'drill.json'), '{"version":1');
      const found = await site.host.recover('the daemon started anew');
      expect(found?.phase).toBe('failed');
      expect(tables()).not.toContain('vipair_drill');
      expect((await site.host.state())?.problems.join()).toContain('damaged');
      value(await site.host.undo('unknown'));
      expect(await site.host.state()).toBeUndefined();
    });
  });

  /** None of these sees what another does, and most of their time they wait. */
  describe.concurrent('a hand that works on processes and files', () => {
    afterAll(cleanUp);

    it('ends its own hand when that is stuck, and undoes in its place', async () => {
      const site = setUp();
      count += 1;
      const order = { drill: 'a-drill', by: 'lb1', lastsMs: 2_000, armedForMs: 20_000 };
      const faults: DrillFault[] = [{ kind: 'signal', to: 'daemon', signal: 'stop' }];
      value(await site.host.arm({ ...order, id: 'stuck', faults }));
      value(await site.host.fire('stuck'));
      await until(site.host, (state) => state.fired !== undefined);
      process.kill(site.record()!.hand.pid, 'SIGSTOP');
      expect(await site.host.recover('its hand was gone')).toBeUndefined();
      await sleep(7_100);
      expect(await site.host.recover('its hand was gone')).toMatchObject({ phase: 'undone' });
      await eventually(() => stateOf(site.daemon.pid!) === 'S', elapse);
    });

    it.skipIf(!existsSync('/usr/sbin/haproxy'))(
      'stops the HAProxy that systemd runs, master and workers, and no other',
      async () => {
        const config = join(root, 'adopted.cfg');
        const runtimeSocket = join(root, 'adopted.sock');
        writeFileSync(config, `global\n  stats socket ${runtimeSocket} level admin\n`);
        const haproxy = () => spawn('haproxy', ['-W', '-f', config], { stdio: 'ignore' });
        const master = haproxy();
        const children = () =>
          readFileSync(`/proc/${String(master.pid)}/task/${String(master.pid)}/children`, 'utf8')
            .split(' ')
            .filter((each) => each !== '')
            .map(Number);
        await eventually(() => existsSync(runtimeSocket) && children().length === 1, elapse);
        const all = [master.pid!, ...children()];
        const site = setUp({ proxy: { run: 'systemd', config, runtimeSocket } });
        await fire(site, { kind: 'signal', to: 'proxy', signal: 'stop' });
        await eventually(() => all.every((pid) => stateOf(pid) === 'T'), elapse);
        expect(stateOf(site.daemon.pid!)).toBe('S');
        expect(await undo(site)).toMatchObject(CLEAN);
        await eventually(() => all.every((pid) => stateOf(pid) === 'S'), elapse);
        await fire(site, { kind: 'signal', to: 'proxy', signal: 'kill' });
        await eventually(() => all.every((pid) => identityOf(pid) === undefined), elapse);
        expect(await undo(site)).toMatchObject(CLEAN);
      },
    );

    it('computes, and ends what computes with its hand', async () => {
      const site = setUp();
      const burners = () =>
        processesWith(burnerMark({ node: 'lb1', id: site.record()?.state.id ?? '' })).length;
      await fire(site, { kind: 'burn-processors', processes: 2 });
      expect(burners()).toBe(2);
      expect(await undo(site)).toMatchObject(CLEAN);
      expect(burners()).toBe(0);
      await fire(site, { kind: 'burn-processors', processes: 1 });
      await sleep(1500);
      await killHand(site);
      await eventually(() => burners() === 0, elapse);
      expect(await site.host.recover('its hand was gone')).toMatchObject(CLEAN);
    });

    it('lets it go on in place of a hand that was killed', async () => {
      const site = setUp();
      await fire(site, { kind: 'signal', to: 'daemon', signal: 'stop' });
      await killHand(site);
      expect(await site.host.recover('its hand was gone')).toMatchObject(CLEAN);
      await eventually(() => stateOf(site.daemon.pid!) === 'S', elapse);
    });

    it('fills a disk of its own, and no other', async () => {
      const times = { id: 'x', drill: 'a', by: 'lb1', lastsMs: 1000, armedForMs: 1000 };
      const site = setUp();
      const refused = await site.host.arm({ ...times, faults: [{ kind: 'fill-disk' }] });
      expect(JSON.stringify(refused)).toContain('same file system');
      execFileSync('mount', [
        '-t',
        'tmpfs',
        '-o',
        'size=2m',
        'vipair-test',
        site.setup.stateDirectory,
      ]);
      try {
        await fire(site, { kind: 'fill-disk' });
        expect(() => {
          writeFileSync(join(site.setup.stateDirectory, 'more'), 'x'.repeat(5000));
        }).toThrow('ENOSPC');
        rmSync(join(site.setup.stateDirectory, 'more'));
        expect(await undo(site)).toMatchObject(CLEAN);
        expect(existsSync(join(site.setup.stateDirectory, 'drill-filler'))).toBe(false);
      } finally {
        execFileSync('umount', [site.setup.stateDirectory]);
      }
    });

    it('takes the power of the other node with the commands that the configuration has for it', async () => {
      const power = join(root, 'power');
      const told = (word: string) => ['sh', '-c', `echo ${word} >>${power}`];
      const times = { id: 'x', drill: 'a', by: 'lb1', lastsMs: 1000, armedForMs: 1000 };
      const fault = { kind: 'power-off', node: 'lb2' } as const;
      const refused = await setUp().host.arm({ ...times, faults: [fault] });
      expect(code(refused)).toBe('drill-not-feasible');
      const site = setUp({ power: { off: told('off'), on: told('on') } });
      await fire(site, fault);
      expect(readFileSync(power, 'utf8')).toBe('off\n');
      expect(await undo(site)).toMatchObject(CLEAN);
      expect(readFileSync(power, 'utf8')).toBe('off\non\n');
    });

    it('stops a process, and lets it go on', async () => {
      const site = setUp();
      await fire(site, { kind: 'signal', to: 'daemon', signal: 'stop' });
      await eventually(() => stateOf(site.daemon.pid!) === 'T', elapse);
      expect(await undo(site)).toMatchObject(CLEAN);
      await eventually(() => stateOf(site.daemon.pid!) === 'S', elapse);
    });

    it('tells a person where something cannot be undone, and tries again when it is asked', async () => {
      const flag = join(root, 'flag');
      const site = setUp({ power: { off: ['true'], on: ['test', '-e', flag] } });
      await fire(site, { kind: 'power-off', node: 'lb2' });
      const failed = await undo(site);
      expect(failed).toMatchObject({ phase: 'failed' });
      expect(failed.problems.join()).toContain('test -e');
      const order = { id: 'y', drill: 'b', by: 'lb1', faults: [], lastsMs: 1000, armedForMs: 1000 };
      expect(JSON.stringify(await site.host.arm(order))).toContain('vipair drill undo');
      writeFileSync(flag, '');
      expect(await undo(site)).toMatchObject(CLEAN);
    });

    it('puts a line into haproxy.cfg that is taken out whatever happens', async () => {
      const config = join(root, 'haproxy.cfg');
      writeFileSync(config, 'defaults\n');
      chmodSync(config, 0o640);
      const site = setUp({ proxy: { run: 'vipair', config, overlay: join(root, 'overlay') } });
      // No daemon answers here: that is no refusal, so everything is undone at once.
      await fire(site, { kind: 'bad-proxy-config' });
      const state = await until(site.host, ({ phase }) => phase === 'undone');
      expect(state.undone?.why).toBe('not all of it could be done');
      expect(state.problems.join()).toContain('did not answer');
      expect(readFileSync(config, 'utf8')).toBe('defaults\n');
      expect((statSync(config).mode & 0o777).toString(8)).toBe('640');
    });

    it('puts none where systemd starts HAProxy, which a loss of power would keep down', async () => {
      const config = join(root, 'adopted.cfg');
      writeFileSync(config, 'defaults\n');
      const proxy = { run: 'systemd', config, runtimeSocket: join(root, 'none.sock') } as const;
      const times = { id: 'z', drill: 'a', by: 'lb1', lastsMs: 1000, armedForMs: 1000 };
      const faults = [{ kind: 'bad-proxy-config' }] as const;
      const refused = await setUp({ proxy }).host.arm({ ...times, faults });
      expect(JSON.stringify(refused)).toContain('systemd starts HAProxy');
      expect(readFileSync(config, 'utf8')).toBe('defaults\n');
    });
  });
});
