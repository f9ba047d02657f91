/** Services of the kernel with real traffic: TCP and UDP, IPv4 and IPv6, and every kind of check. */
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { askLine } from '../../src/lab/hash/line-socket.js';
import type { NodeName } from '../../src/lab/topology.js';
import {
  BACK_INTERFACE,
  BACK_VIRTUAL_CIDRS,
  NODE_NAMES,
  VIRTUAL_CIDRS,
} from '../../src/lab/topology.js';
import type { ServiceServerStatus } from '../../src/telemetry/services.js';
import { mayRaiseLabs, must, pause, Rig, TENTH, value } from './rig.js';
import type { Passed, TrafficLine } from './service-traffic-lines.js';
import { CHECK_PORTS, SERVERS, TRAFFIC_PORT } from './service-traffic-lines.js';

const PROGRAM = resolve(import.meta.dirname, 'service-traffic.ts');
/** Enough that each of three servers is sure to have some. */
const FLOWS = 60;
/** How servers are looked at, by service. */
const KINDS = { tcp4: 'tcp', tcp6: 'http', udp4: 'tls', udp6: 'script' } as const;
type ServiceName = keyof typeof KINDS;
const SERVICES = Object.keys(KINDS) as readonly ServiceName[];
const REASONS: Readonly<Record<ServiceName, RegExp>> = {
  tcp4: /ECONNREFUSED/u,
  tcp6: /it answered 503/u,
  udp4: /TLS|socket|ECONNRESET/iu,
  udp6: /exit code 1|ended with 1|code 1/u,
};
/** Time for sixty connections through each of two services, twice, on a machine that does other work too. */
const DRAIN_TIMEOUT_MS = 12_000;
/** Once in five seconds it is looked whether the rules are there; a load, and a machine that does other work too. */
const RESTORED_WITHIN_MS = 9_000;
/** Two looks of services, four of the tracked thing, an election. */
const WOULD_HAVE_MOVED_MS = 3_000;

describe.skipIf(!mayRaiseLabs)('services with real traffic', () => {
  const directory = mayRaiseLabs ? mkdtempSync('/run/vipair-test-services-') : '';
  let rig: Rig;

  beforeAll(async () => {
    chmodSync(directory, 0o755);
    const key = ['-keyout', `${directory}/key.pem`, '-out', `${directory}/cert.pem`];
    const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    execFileSync('openssl', ['req', '-x509', ...kind, '-subj', '/CN=lab', ...key], {
      stdio: 'ignore',
    });
    writeFileSync(`${directory}/check`, '#!/bin/sh\nexec test ! -e "$1/fails-$2"\n');
    chmodSync(`${directory}/check`, 0o755);
    rig = await Rig.raise('services', {
      ...{ advertInterval: TENTH, pairChannel: 'open', backLan: 'there' },
      families: ['ipv4', 'ipv6'],
      furtherVipair: servicesSection(),
    });
    for (const { ipv4, ipv6 } of SERVERS) {
      await rig.told('s1', 'ip', 'address', 'add', `${ipv4}/24`, 'dev', BACK_INTERFACE);
      await rig.told('s1', 'ip', 'address', 'add', `${ipv6}/64`, 'dev', BACK_INTERFACE, 'nodad');
    }
    await launched('s1', 'servers', directory);
    await launched('client', 'clients');
    await allUp();
  });

  afterAll(async () => {
    await rig.remove();
    rmSync(directory, { recursive: true, force: true });
  });

  afterEach(async () => {
    for (const name of NODE_NAMES) {
      await rig.inside(name, 'nft', 'delete', 'table', 'inet', 'wall');
    }
    for (const service of SERVICES) {
      await turn('mend', service, 's2');
    }
    await stated('ready', 'tcp4/s3');
    await stated('ready', 'tcp6/s3');
    await stated('weight', 'tcp4/s1', '100%');
    await allUp();
  });

  function servicesSection(): string {
    // Three in a row: what is busy with another lab for two seconds is not down.
    const looks = 'every: 1s, timeout: 1s, rise: 1, fall: 3';
    const checks: Readonly<Record<ServiceName, string>> = {
      tcp4: 'tcp: true',
      tcp6: `http: /health, port: ${String(CHECK_PORTS.http)}`,
      udp4: `tls: true, port: ${String(CHECK_PORTS.tls)}`,
      udp6: `script: ${directory}/check, args: [${directory}]`,
    };
    return [
      'services:',
      ...SERVICES.flatMap((name) => {
        const family = familyOf(name);
        const servers = SERVERS.map((each) => `{ name: ${each.name}, address: "${each[family]}" }`);
        return [
          `  - name: ${name}`,
          `    address: "${VIRTUAL_CIDRS[family].address}"`,
          `    port: ${String(TRAFFIC_PORT)}`,
          `    protocol: ${protocolOf(name)}`,
          `    check: { ${checks[name]}, ${looks} }`,
          `    drain_timeout: ${String(DRAIN_TIMEOUT_MS)}ms`,
          // One of each with the client's address, whose answers come back through the pair by themselves.
          ...(name === 'tcp4' || name === 'udp6'
            ? [`    source: "${BACK_VIRTUAL_CIDRS[family].address}"`]
            : []),
          `    servers: [${servers.join(', ')}]`,
        ];
      }),
    ].join('\n');
  }

  function socketOf(part: 'servers' | 'clients'): string {
    return `${directory}/${part}.sock`;
  }

  async function launched(
    role: 's1' | 'client',
    part: 'servers' | 'clients',
    ...more: readonly string[]
  ): Promise<void> {
    const program = [process.execPath, '--import', 'tsx', PROGRAM, part, socketOf(part), ...more];
    // It ends with its namespace.
    spawn('ip', ['netns', 'exec', rig.namespace(role), ...program], { stdio: 'ignore' }).unref();
    await rig.soon(`the ${part} to begin`, async () => {
      const line: TrafficLine = { ...whereTo('tcp4'), what: 'held', from: 0, count: 0 };
      return (await askLine(socketOf(part), JSON.stringify(line))).ok;
    });
  }

  async function turn(verb: 'fail' | 'mend', service: ServiceName, server: string): Promise<void> {
    const kind = KINDS[service];
    const { ipv6 } = must(
      SERVERS.find(({ name }) => name === server),
      server,
    );
    if (kind === 'script') {
      const flag = `${directory}/fails-${ipv6}`;
      if (verb === 'fail') {
        writeFileSync(flag, '');
      } else {
        rmSync(flag, { force: true });
      }
    } else {
      value(await askLine(socketOf('servers'), `${verb} ${kind} ${server}`));
    }
  }

  async function stated(verb: string, server: string, ...more: readonly string[]): Promise<void> {
    const said = await rig.vipair('server', verb, server, ...more, '-c', rig.configOf('lb2'));
    expect(said.exit, said.stdout + said.stderr).toBe(0);
  }

  async function serverOf(
    node: NodeName,
    service: ServiceName,
    server: string,
  ): Promise<ServiceServerStatus> {
    const { services } = await rig.status(node);
    const known = services?.services.find(({ name }) => name === service)?.servers;
    return must(
      known?.find(({ name }) => name === server),
      `${service}/${server}`,
    );
  }

  /** Until both nodes, and their kernels, go by it. */
  async function bothSay(
    service: ServiceName,
    server: string,
    expected: Partial<ServiceServerStatus>,
  ): Promise<void> {
    for (const node of NODE_NAMES) {
      await rig.soon(`${service}/${server} on ${node}: ${JSON.stringify(expected)}`, async () => {
        const { services } = await rig.status(node);
        const known = services?.services.find(({ name }) => name === service)?.servers;
        const seen = known?.find(({ name }) => name === server);
        return services?.rules === 'loaded' && seen !== undefined && isAs(seen, expected);
      });
    }
  }

  async function allUp(): Promise<void> {
    for (const node of NODE_NAMES) {
      await rig.soon(`all servers to be up on ${node}`, async () => {
        const { services } = await rig.status(node);
        const seen = services?.services.flatMap(({ servers }) => servers) ?? [];
        return (
          services?.rules === 'loaded' &&
          seen.length === SERVICES.length * SERVERS.length &&
          seen.every((each) =>
            isAs(each, { state: 'up', by: 'this node', admin: 'ready', weight: 100 }),
          )
        );
      });
    }
  }

  async function passed(
    service: ServiceName,
    from: number,
    what: TrafficLine['what'] = 'round',
  ): Promise<Passed> {
    const line: TrafficLine = { ...whereTo(service), what, from, count: FLOWS };
    return value(await askLine<Passed>(socketOf('clients'), JSON.stringify(line)));
  }

  it('a server that fails a check of any kind gets nothing new, and the same as before when it is back', async () => {
    const before = new Map<ServiceName, Passed>();
    for (const service of SERVICES) {
      const servers = await passed(service, 21_000);
      expect(new Set(servers)).toEqual(new Set(['s1', 's2', 's3']));
      before.set(service, servers);
    }
    const held = await passed('tcp4', 40_000, 'hold');
    await Promise.all(SERVICES.map((service) => turn('fail', service, 's2')));
    for (const service of SERVICES) {
      await bothSay(service, 's2', { state: 'down', share: 0 });
      const { why, by } = await serverOf('lb1', service, 's2');
      expect([why, by]).toEqual([expect.stringMatching(REASONS[service]), 'this node']);
    }
    // The node that has the address ends flows of UDP within its next beat.
    await pause(1_500);
    for (const service of SERVICES) {
      const was = must(before.get(service), service);
      const now = await passed(service, 21_000);
      // By the very ports from before: only what s2 had went elsewhere, to one that serves.
      expect(now.map((each, index) => (was[index] === 's2' ? 's2' : each))).toEqual(was);
      expect(now.filter((each) => each !== 's1' && each !== 's3')).toEqual([]);
    }
    expect(await passed('tcp4', 0, 'held')).toEqual(held);
    await Promise.all(SERVICES.map((service) => turn('mend', service, 's2')));
    await allUp();
    for (const service of ['tcp4', 'tcp6'] as const) {
      expect(await passed(service, 21_000)).toEqual(before.get(service));
    }
    for (const service of ['udp4', 'udp6'] as const) {
      expect(await passed(service, 23_000)).toContain('s2');
    }
  });

  it('a node that alone reaches no server gives the group away, and where both reach none, nothing moves', async () => {
    const track = '    track: [{ services: [tcp4], weight: -20, every: 200ms, rise: 4, fall: 4 }]';
    for (const node of NODE_NAMES) {
      if (!readFileSync(rig.configOf(node), 'utf8').includes(track)) {
        rig.editConfig(node, (text) => text.replace('    prefer:', `${track}\n    prefer:`));
      }
      const said = await rig.vipair('reload', '-c', rig.configOf(node));
      expect(said.exit, said.stderr).toBe(0);
    }
    for (const node of NODE_NAMES) {
      await tracked(node, 'well');
    }
    const { master, backup } = await rig.settled();
    await wallOff(master);
    await rig.soon('the other node to be master', async () => {
      return (await rig.role(backup)) === 'master';
    });
    const { priorityWhy } = await rig.group(master);
    expect(priorityWhy).toContain('− 20 (services fails)');
    await tracked(master, 'fails: tcp4 has 0 of 3 servers up');
    const explained = await rig.vipair('explain', '-c', rig.configOf(master));
    expect(explained.stdout).toContain(`if services failed on ${master}`);
    await rig.told(master, 'nft', 'delete', 'table', 'inet', 'wall');
    await tracked(master, 'well');
    expect(await rig.settled()).toEqual({ master: backup, backup: master });
    await wallOff(master);
    await wallOff(backup);
    for (const node of NODE_NAMES) {
      await tracked(node, 'fails');
    }
    await pause(WOULD_HAVE_MOVED_MS);
    expect(await rig.settled()).toEqual({ master: backup, backup: master });
  });

  it('a weight is the share of what is new; of none nothing', async () => {
    await stated('weight', 'tcp4/s1', '0');
    await bothSay('tcp4', 's1', { weight: 0, share: 0 });
    expect(new Set(await passed('tcp4', 25_000))).toEqual(new Set(['s2', 's3']));
    await stated('weight', 'tcp4/s1', '256');
    await bothSay('tcp4', 's1', { weight: 256 });
    const { share } = await serverOf('lb1', 'tcp4', 's1');
    expect((await passed('tcp4', 26_000)).filter((each) => each === 's1').length / FLOWS).toSatisfy(
      (seen: number) => Math.abs(seen - share) < 0.25,
    );
  });

  it('drained, a server keeps what it has until its time is up', async () => {
    const services = ['tcp4', 'tcp6'] as const;
    const held = new Map<ServiceName, Passed>();
    for (const service of services) {
      held.set(service, await passed(service, 41_000, 'hold'));
    }
    for (const service of services) {
      await stated('drain', `${service}/s3`);
    }
    for (const service of services) {
      await bothSay(service, 's3', { admin: 'drain', share: 0 });
      expect(await passed(service, 27_000)).not.toContain('s3');
      expect(await passed(service, 0, 'held')).toEqual(held.get(service));
    }
    const { master } = await rig.settled();
    for (const service of services) {
      await rig.soon(`connections of ${service}/s3 to be ended`, () =>
        rig
          .events(master)
          .some(
            ({ event, server }) => event === 'service.flows-ended' && server === `${service}/s3`,
          ),
      );
      const others = must(held.get(service), service);
      // None of those that were ended goes on, least of all with another server.
      expect(await passed(service, 0, 'held')).toEqual(
        others.map((each) => (each === 's3' ? 'broken' : each)),
      );
    }
  });

  it.each([
    ['all rules of the machine', ['flush', 'ruleset']],
    ['those of IPv6', ['delete', 'table', 'ip6', 'vipair_services']],
    ['what is in a table', ['flush', 'table', 'ip', 'vipair_services']],
  ])('somebody else removes %s, and they are back', async (_what, command) => {
    const { master } = await rig.settled();
    const held = await Promise.all([
      passed('tcp4', 42_000, 'hold'),
      passed('tcp6', 42_000, 'hold'),
    ]);
    const mark = rig.events(master).length;
    await rig.told(master, 'nft', ...command);
    await rig.soon(
      'the rules to be back',
      () => rig.eventsSince(master, mark).some(({ event }) => event === 'service.rules-restored'),
      RESTORED_WITHIN_MS,
    );
    for (const service of SERVICES) {
      expect(new Set(await passed(service, 29_000))).toEqual(new Set(['s1', 's2', 's3']));
    }
    expect([await passed('tcp4', 0, 'held'), await passed('tcp6', 0, 'held')]).toEqual(held);
    await rig.settled();
  });

  it('both nodes pass on to the same servers', async () => {
    const { master } = await rig.settled();
    const before = [await passed('tcp4', 21_000), await passed('tcp6', 21_000)];
    const moved = await rig.vipair('switchover', '--yes', '-c', rig.configOf(master));
    expect(moved.exit, moved.stderr).toBe(0);
    expect((await rig.settled()).backup).toBe(master);
    expect([await passed('tcp4', 21_000), await passed('tcp6', 21_000)]).toEqual(before);
  });

  async function wallOff(node: NodeName): Promise<void> {
    const rule = `tcp dport ${String(TRAFFIC_PORT)} reject with tcp reset`;
    const chain = `chain out { type filter hook output priority 0; ${rule}; }`;
    await rig.told(node, 'nft', `table inet wall { ${chain}; }`);
  }

  async function tracked(node: NodeName, state: string): Promise<void> {
    await rig.soon(`services of ${node} to be ${state}`, async () =>
      (await rig.group(node)).track.some(
        (each) => each.name === 'services' && each.state.startsWith(state),
      ),
    );
  }
});

function isAs(seen: ServiceServerStatus, expected: Partial<ServiceServerStatus>): boolean {
  const wanted = Object.entries(expected) as [keyof ServiceServerStatus, unknown][];
  return wanted.every(([key, each]) => seen[key] === each);
}

function familyOf(service: ServiceName): 'ipv4' | 'ipv6' {
  return service.endsWith('6') ? 'ipv6' : 'ipv4';
}

function protocolOf(service: ServiceName): 'tcp' | 'udp' {
  return service.startsWith('tcp') ? 'tcp' : 'udp';
}

function whereTo(service: ServiceName): Pick<TrafficLine, 'protocol' | 'address' | 'port'> {
  const { address } = VIRTUAL_CIDRS[familyOf(service)];
  return { protocol: protocolOf(service), address, port: TRAFFIC_PORT };
}
