import { describe, expect, it } from 'vitest';
import { configOf, edited, EXAMPLE, problemsOf, withGroupKeys } from './example.js';

const GROUP_KEYS =
  'name, version, interface, vrid, advert_interval, addresses, instances, prefer, priority, failback, start_hold, unicast, unicast_peers, unicast_min_ttl, checksum, authentication, track, reachability, virtual_mac, accept, duplicate_probe, keep_connections, announce';
const A_NAME = 'a name of at most 32 lower-case letters, digits and hyphens';
const AN_ADDRESS = 'an address, such as 10.77.1.1 or fd77:1::1';
const A_CIDR = 'an address with its prefix length, such as 10.77.0.100/24 or fd77::100/64';
const FAILBACK = '`never`, `manual` or `after` and a duration, such as after 5m';
const A_DURATION = 'a duration with its unit, such as 100ms';
const A_VRID = 'a virtual router id from 1 to 255';
const AN_INTERFACE = 'an interface name of at most 15 characters, such as eth0';
const AN_INTERVAL = 'a duration from 10ms to 40.95s, in steps of 10ms';
const A_PROBE = 'a duration from 10ms to 1m';
const pathOf = (bytes: number): string =>
  `an absolute path of at most ${String(bytes)} bytes, without a slash at its end`;
const long = (length: number): string => `/${'a'.repeat(length - 1)}`;

describe('a value of the wrong kind is a problem', () => {
  it.each<readonly [string, string, string]>([
    // pair
    [
      'pair:',
      'pear:',
      'f:1: pair: found nothing, expected a mapping (keys: nodes, key_file, port, heartbeat)',
    ],
    ['lb1: {', 'LB1: {', `f:3: pair.nodes.LB1: found the key "LB1", expected ${A_NAME}`],
    ['lb1: {', '-lb: {', `f:3: pair.nodes.-lb: found the key "-lb", expected ${A_NAME}`],
    ['lb1: {', '"a b": {', `f:3: pair.nodes["a b"]: found the key "a b", expected ${A_NAME}`],
    [
      '{ address: 10.77.1.1 }',
      '{}',
      `f:3: pair.nodes.lb1.address: found nothing, expected ${AN_ADDRESS}`,
    ],
    [
      '10.77.1.1 ',
      '10.77.1 ',
      `f:3: pair.nodes.lb1.address: found 10.77.1, expected ${AN_ADDRESS}`.replace(
        'found 10.77.1',
        'found "10.77.1"',
      ),
    ],
    [
      '10.77.1.1 ',
      '10.77.1.1/24 ',
      `f:3: pair.nodes.lb1.address: found "10.77.1.1/24", expected ${AN_ADDRESS}`,
    ],
    [
      '10.77.1.1 ',
      '"fe80::1%eth0" ',
      `f:3: pair.nodes.lb1.address: found "fe80::1%eth0", expected ${AN_ADDRESS}`,
    ],
    // groups
    ['name: web', 'name: Web', `f:6: groups[0].name: found "Web", expected ${A_NAME}`],
    [
      'name: web',
      `name: ${'a'.repeat(33)}`,
      `f:6: groups[0].name: found "${'a'.repeat(33)}", expected ${A_NAME}`,
    ],
    ['name: web', 'name: 7', `f:6: groups[0].name: found 7, expected ${A_NAME}`],
    [
      'eth0',
      'a234567890123456',
      `f:7: groups[0].interface: found "a234567890123456", expected ${AN_INTERFACE}`,
    ],
    ['eth0', 'eth/0', `f:7: groups[0].interface: found "eth/0", expected ${AN_INTERFACE}`],
    ['eth0', 'eth0:1', `f:7: groups[0].interface: found "eth0:1", expected ${AN_INTERFACE}`],
    ['eth0', 'eth 0', `f:7: groups[0].interface: found "eth 0", expected ${AN_INTERFACE}`],
    ['eth0', '..', `f:7: groups[0].interface: found "..", expected ${AN_INTERFACE}`],
    ['eth0', '', `f:7: groups[0].interface: found nothing, expected ${AN_INTERFACE}`],
    ['vrid: 51', 'vrid: 0', `f:8: groups[0].vrid: found 0, expected ${A_VRID}`],
    ['vrid: 51', 'vrid: 256', `f:8: groups[0].vrid: found 256, expected ${A_VRID}`],
    ['vrid: 51', 'vrid: 1.5', `f:8: groups[0].vrid: found 1.5, expected ${A_VRID}`],
    ['vrid: 51', 'vrid: "51"', `f:8: groups[0].vrid: found "51", expected ${A_VRID}`],
    ['vrid: 51', 'vrid: .nan', `f:8: groups[0].vrid: found NaN, expected ${A_VRID}`],
    ['vrid: 51', 'vrid: true', `f:8: groups[0].vrid: found true, expected ${A_VRID}`],
    [
      '[10.77.0.100/24]',
      '[]',
      'f:9: groups[0].addresses: found a list of 0 items, expected a list of 1 to 20 addresses',
    ],
    [
      '[10.77.0.100/24]',
      '10.77.0.100/24',
      'f:9: groups[0].addresses: found "10.77.0.100/24", expected a list of 1 to 20 addresses',
    ],
    [
      '10.77.0.100/24',
      '10.77.0.100/33',
      `f:9: groups[0].addresses[0]: found "10.77.0.100/33", expected ${A_CIDR}`,
    ],
    [
      '10.77.0.100/24',
      '"fd77::100/129"',
      `f:9: groups[0].addresses[0]: found "fd77::100/129", expected ${A_CIDR}`,
    ],
    [
      '[10.77.0.100/24]',
      `[${Array.from({ length: 21 }, (_, host) => `10.77.0.${String(host + 100)}/24`).join(', ')}]`,
      'f:9: groups[0].addresses: found a list of 21 items, expected a list of 1 to 20 addresses',
    ],
    // proxy
    [
      'config: /etc/haproxy/haproxy.cfg',
      'run: supervised',
      `f:11: proxy.haproxy.config: found nothing, expected ${pathOf(4095)}`,
    ],
    [
      '/etc/haproxy/haproxy.cfg',
      'haproxy.cfg',
      `f:12: proxy.haproxy.config: found "haproxy.cfg", expected ${pathOf(4095)}`,
    ],
    [
      '/etc/haproxy/haproxy.cfg',
      '/etc/haproxy/',
      `f:12: proxy.haproxy.config: found "/etc/haproxy/", expected ${pathOf(4095)}`,
    ],
    [
      '/etc/haproxy/haproxy.cfg',
      '"/etc/a\\0b"',
      `f:12: proxy.haproxy.config: found "/etc/a\\u0000b", expected ${pathOf(4095)}`,
    ],
    [
      'config: /',
      'program: haproxy\n    config: /',
      `f:12: proxy.haproxy.program: found "haproxy", expected ${pathOf(4095)}`,
    ],
    [
      'config: /',
      'run: docker\n    config: /',
      'f:12: proxy.haproxy.run: found "docker", expected supervised or systemd',
    ],
    [
      'config: /',
      'probe_every: 250\n    config: /',
      `f:12: proxy.haproxy.probe_every: found 250, expected ${A_DURATION}`,
    ],
    [
      'config: /',
      'probe_every: 5ms\n    config: /',
      `f:12: proxy.haproxy.probe_every: found "5ms", expected ${A_PROBE}`,
    ],
    [
      'config: /',
      'probe_timeout: 61s\n    config: /',
      `f:12: proxy.haproxy.probe_timeout: found "61s", expected ${A_PROBE}`,
    ],
    // runtime
    ['/run/vipair', 'run', `f:14: runtime.directory: found "run", expected ${pathOf(94)}`],
    [
      '/run/vipair',
      long(95),
      `f:14: runtime.directory: found "${long(80)}…", expected ${pathOf(94)}`,
    ],
    [
      'directory: /run/vipair',
      `control_socket: ${long(108)}`,
      `f:14: runtime.control_socket: found "${long(80)}…", expected ${pathOf(107)}`,
    ],
    [
      'directory: /run/vipair',
      `control_socket: /${'é'.repeat(54)}`,
      `f:14: runtime.control_socket: found "/${'é'.repeat(54)}", expected ${pathOf(107)}`,
    ],
    // mappings
    [
      '  directory: /run/vipair',
      '  - a',
      'f:13: runtime: found a list of 1 item, expected a mapping (keys: directory, state_directory, control_socket)',
    ],
    [
      'haproxy:\n    config: /etc/haproxy/haproxy.cfg',
      '',
      'f:10: proxy: found nothing, expected a mapping (keys: haproxy)',
    ],
  ])('%s → %s', (from, to, problem) => {
    expect(problemsOf(edited(from, to))).toContain(problem);
  });

  it.each<readonly [string, string]>([
    ['advert_interval: 100', `f:10: groups[0].advert_interval: found 100, expected ${A_DURATION}`],
    [
      'advert_interval: 1 s',
      `f:10: groups[0].advert_interval: found "1 s", expected ${A_DURATION}`,
    ],
    ['advert_interval: 1h', `f:10: groups[0].advert_interval: found "1h", expected ${A_DURATION}`],
    [
      'advert_interval: -1s',
      `f:10: groups[0].advert_interval: found "-1s", expected ${A_DURATION}`,
    ],
    [
      'advert_interval: 0ms',
      `f:10: groups[0].advert_interval: found "0ms", expected ${AN_INTERVAL}`,
    ],
    [
      'advert_interval: 9.999ms',
      `f:10: groups[0].advert_interval: found "9.999ms", expected ${AN_INTERVAL}`,
    ],
    [
      'advert_interval: 15ms',
      `f:10: groups[0].advert_interval: found "15ms", expected ${AN_INTERVAL}`,
    ],
    [
      'advert_interval: 40.96s',
      `f:10: groups[0].advert_interval: found "40.96s", expected ${AN_INTERVAL}`,
    ],
    ['prefer: [lb1]', `f:10: groups[0].prefer: found a list of 1 item, expected ${A_NAME}`],
    ['failback: always', `f:10: groups[0].failback: found "always", expected ${FAILBACK}`],
    ['failback: never 5m', `f:10: groups[0].failback: found "never 5m", expected ${FAILBACK}`],
    ['failback: false', `f:10: groups[0].failback: found false, expected ${FAILBACK}`],
    [
      'failback: after 5',
      `f:10: groups[0].failback: found "after 5", expected ${A_DURATION}, of at least 1s, behind after`,
    ],
    [
      'failback: after 999ms',
      `f:10: groups[0].failback: found "after 999ms", expected ${A_DURATION}, of at least 1s, behind after`,
    ],
    ['version: 4', 'f:10: groups[0].version: found 4, expected 3 or 2'],
    ['version: "3"', 'f:10: groups[0].version: found "3", expected 3 or 2'],
    [
      'start_hold: 11m',
      'f:10: groups[0].start_hold: found "11m", expected a duration from 0ms to 10m',
    ],
    [
      'priority: { lb1: 255, lb2: 100 }',
      'f:10: groups[0].priority.lb1: found 255, expected a priority from 1 to 254',
    ],
    [
      'instances: [{ interface: eth1, vrid: 0, addresses: [10.78.0.1/24] }]',
      `f:10: groups[0].instances[0].vrid: found 0, expected ${A_VRID}`,
    ],
    [
      'authentication: { mode: enforce }',
      'f:10: groups[0].authentication.keys: found nothing, expected a list of 1 to 8 keys',
    ],
    [
      'authentication: { mode: enforce, keys: [{ id: 1 }] }',
      'f:10: groups[0].authentication.keys[0]: found a mapping of 1 key, expected exactly one of file and credential',
    ],
    [
      'authentication: { mode: enforce, keys: [{ id: 1, file: /k }, { id: 1, credential: k }] }',
      'f:10: groups[0].authentication.keys: found a list of 2 items, expected keys whose ids differ',
    ],
    [
      'authentication: { mode: enforce, sign_with: 2, keys: [{ id: 1, file: /k }] }',
      'f:10: groups[0].authentication.sign_with: found 2, expected the id of a key: 1',
    ],
    [
      'authentication: { mode: enforce, file: /k, keys: [{ id: 1, file: /k }] }',
      'f:10: groups[0].authentication.file: found "/k", expected nothing: mode enforce takes keys',
    ],
    [
      'track: [{ weight: -20 }]',
      'f:10: groups[0].track[0]: found a mapping of 1 key, expected exactly one of interface, script, process, file, neighbours, backends, services, listeners, proxy',
    ],
    [
      'track: [{ interface: eth1 }]',
      'f:10: groups[0].track[0]: found a mapping of 1 key, expected exactly one of fault and weight: what its failure does',
    ],
    [
      'track: [{ interface: eth1, fault: true, rise: 2 }]',
      'f:10: groups[0].track[0].rise: found 2, expected no such key beside interface; it takes debounce, name, fault, weight',
    ],
    [
      'track: [{ script: check, fault: true }]',
      `f:10: groups[0].track[0].script: found "check", expected ${pathOf(4095)}`,
    ],
    [
      'track: [{ backends: all, quorum: 0%, weight: -20 }]',
      'f:10: groups[0].track[0].quorum: found "0%", expected a share from 1% to 100%',
    ],
    [
      'track: [{ backends: web, weight: -20 }]',
      'f:10: groups[0].track[0].backends: found "web", expected the word all, or a list of backends',
    ],
    [
      'track: [{ listeners: [0], fault: true }]',
      'f:10: groups[0].track[0].listeners[0]: found 0, expected a port from 1 to 65535',
    ],
    [
      'track: [{ process: nginx, weight: 0 }]',
      'f:10: groups[0].track[0].weight: found 0, expected a weight other than 0',
    ],
    ['accept: yes', 'f:10: groups[0].accept: found "yes", expected true or false'],
    [
      'unicast: 10.77.0.11',
      'f:10: groups[0].unicast: found "10.77.0.11", expected the word pair, or a mapping of both nodes, name to the node\'s LAN address',
    ],
    [
      'unicast: { lb1: 10.77.0.11/24, lb2: 10.77.0.12 }',
      'f:10: groups[0].unicast.lb1: found "10.77.0.11/24", expected an address, or a list of one for each family',
    ],
    [
      'checksum: rfc',
      'f:10: groups[0].checksum: found "rfc", expected with-pseudo-header or without-pseudo-header',
    ],
    [
      'announce:',
      'f:10: groups[0].announce: found nothing, expected a mapping (keys: burst, burst_again_after, refresh_every)',
    ],
    [
      'announce: { burst: 0 }',
      'f:10: groups[0].announce.burst: found 0, expected a number of announcements from 1 to 20',
    ],
    [
      'announce: { burst: 21 }',
      'f:10: groups[0].announce.burst: found 21, expected a number of announcements from 1 to 20',
    ],
    [
      'announce: { burst_again_after: 99ms }',
      'f:10: groups[0].announce.burst_again_after: found "99ms", expected a duration from 100ms to 60m',
    ],
    [
      'announce: { refresh_every: 61m }',
      'f:10: groups[0].announce.refresh_every: found "61m", expected a duration from 1s to 60m',
    ],
  ])('%s', (line, problem) => {
    expect(problemsOf(withGroupKeys(line))).toEqual([problem]);
  });

  it.each<readonly [string, string, string]>([
    ['no groups at all', '', 'f:1: groups: found nothing, expected a list of 1 to 16 groups'],
    [
      'an empty list of groups',
      'groups: []\n',
      'f:5: groups: found a list of 0 items, expected a list of 1 to 16 groups',
    ],
    [
      'too many groups',
      `groups:\n${'  - {}\n'.repeat(17)}`,
      'f:5: groups: found a list of 17 items, expected a list of 1 to 16 groups',
    ],
  ])('%s', (_what, groups, problem) => {
    expect(problemsOf(EXAMPLE.replace(/groups:\n(?: .*\n)+/u, groups))).toEqual([problem]);
  });
});

describe('an unknown key is a problem', () => {
  it.each<readonly [string, string, string]>([
    [
      'pair:',
      'pairs: 1\npair:',
      'f:1: pairs: found an unknown key, expected a key among pair, groups, proxy, replicate, hooks, push, drills, services, runtime; did you mean pair?',
    ],
    [
      'pair:',
      'telemetry: 1\npair:',
      'f:1: telemetry: found an unknown key, expected a key among pair, groups, proxy, replicate, hooks, push, drills, services, runtime',
    ],
    [
      'pair:',
      '__proto__: 1\npair:',
      'f:1: __proto__: found an unknown key, expected a key among pair, groups, proxy, replicate, hooks, push, drills, services, runtime',
    ],
    [
      'pair:',
      '? ""\n: 1\npair:',
      'f:1: [""]: found an unknown key, expected a key among pair, groups, proxy, replicate, hooks, push, drills, services, runtime',
    ],
    [
      'vrid: 51',
      'vrid: 51\n    vird: 51',
      `f:9: groups[0].vird: found an unknown key, expected a key among ${GROUP_KEYS}; did you mean vrid?`,
    ],
    [
      'vrid: 51',
      'vrid: 51\n    advertInterval: 1s',
      `f:9: groups[0].advertInterval: found an unknown key, expected a key among ${GROUP_KEYS}; did you mean advert_interval?`,
    ],
    [
      'vrid: 51',
      'vrid: 51\n    adress: 1',
      `f:9: groups[0].adress: found an unknown key, expected a key among ${GROUP_KEYS}; did you mean addresses?`,
    ],
    [
      '  directory:',
      '  dir: 1\n  directory:',
      'f:14: runtime.dir: found an unknown key, expected a key among directory, state_directory, control_socket',
    ],
  ])('%s → %s', (from, to, problem) => {
    expect(problemsOf(edited(from, to))).toEqual([problem]);
  });
});

describe('a value that is allowed', () => {
  it('has its defaults filled in', () => {
    expect(configOf(EXAMPLE)).toEqual({
      pair: {
        nodes: [
          { name: 'lb1', address: '10.77.1.1' },
          { name: 'lb2', address: '10.77.1.2' },
        ],
        keyFiles: [],
        port: 5112,
        heartbeat: 100,
      },
      groups: [
        {
          name: 'web',
          version: 3,
          instances: [
            {
              interface: 'eth0',
              vrid: 51,
              family: 'ipv4',
              addresses: [{ address: '10.77.0.100', prefixLength: 24 }],
            },
          ],
          advertInterval: 100,
          prefer: undefined,
          priority: undefined,
          failback: { kind: 'never' },
          startHold: 3000,
          unicast: undefined,
          checksum: 'with-pseudo-header',
          authentication: undefined,
          track: [],
          virtualMac: false,
          accept: true,
          duplicateProbe: true,
          announce: { burst: 5, burstAgainAfter: 5000, refreshEvery: 60_000 },
        },
      ],
      proxy: {
        kind: 'haproxy',
        program: '/usr/sbin/haproxy',
        config: '/etc/haproxy/haproxy.cfg',
        run: 'supervised',
        runtimeSocket: '/run/haproxy/admin.sock',
        probeEvery: 250,
        probeTimeout: 1000,
        workerAge: 86_400_000,
      },
      hooks: [],
      runtime: {
        directory: '/run/vipair',
        stateDirectory: '/var/lib/vipair',
        controlSocket: '/run/vipair/control.sock',
      },
    });
  });

  it('takes the place of its default', () => {
    const text = withGroupKeys(
      'advert_interval: 10ms',
      'prefer: lb2',
      'failback: never',
      'unicast: { lb1: 10.77.0.11, lb2: 10.77.0.12 }',
      'checksum: without-pseudo-header',
      'announce: { burst: 20, burst_again_after: 100ms, refresh_every: 1m }',
    );
    expect(configOf(text).groups[0]).toMatchObject({
      advertInterval: 1,
      prefer: 'lb2',
      unicast: {
        nodes: new Map([
          ['lb1', ['10.77.0.11']],
          ['lb2', ['10.77.0.12']],
        ]),
        foreignPeers: [],
        minTtl: 255,
      },
      checksum: 'without-pseudo-header',
      announce: { burst: 20, burstAgainAfter: 100, refreshEvery: 60_000 },
    });
  });

  it('has what is served tracked at the addresses of its group', () => {
    const text = withGroupKeys(
      'track: [{ listeners: [80, 443], fault: true }, { backends: [web], weight: -20 }]',
    );
    expect(configOf(text).groups[0]?.track).toEqual([
      {
        name: 'listeners',
        consequence: { kind: 'fault' },
        thing: {
          kind: 'listeners',
          addresses: ['10.77.0.100'],
          ports: [80, 443],
          ...{ every: 1000, rise: 2, fall: 2 },
        },
      },
      {
        name: 'backends',
        consequence: { kind: 'weight', weight: -20 },
        thing: {
          kind: 'backends',
          backends: ['web'],
          quorum: 50,
          ...{ every: 2000, rise: 5, fall: 5 },
        },
      },
    ]);
  });

  it('may be no proxy and no runtime directory', () => {
    const config = configOf(EXAMPLE.replace(/proxy:[^]*$/u, ''));
    expect(config).toMatchObject({
      proxy: undefined,
      runtime: {
        directory: '/run/vipair',
        stateDirectory: '/var/lib/vipair',
        controlSocket: '/run/vipair/control.sock',
      },
    });
  });

  it.each([
    ['directory: /run/vipair', 'directory: /run/lab/lb1', '/run/lab/lb1/control.sock'],
    ['directory: /run/vipair', `directory: ${long(94)}`, `${long(94)}/control.sock`],
    ['directory: /run/vipair', 'control_socket: /run/v.sock', '/run/v.sock'],
    ['directory: /run/vipair', `control_socket: ${long(107)}`, long(107)],
  ])('%s → %s is where the daemon listens', (from, to, socket) => {
    expect(configOf(edited(from, to)).runtime.controlSocket).toBe(socket);
  });

  it.each([
    ['10ms', 1],
    ['1.15s', 115],
    ['40.95s', 4095],
    ['0.5m', 3000],
  ])('advert_interval %s is %i hundredths of a second', (text, interval) => {
    const { groups } = configOf(withGroupKeys(`advert_interval: ${text}`));
    expect(groups[0]?.advertInterval).toBe(interval);
  });

  it.each([1, 255])('vrid %i', (vrid) => {
    expect(
      configOf(edited('vrid: 51', `vrid: ${String(vrid)}`)).groups[0]?.instances[0]?.vrid,
    ).toBe(vrid);
  });

  it.each(['a23456789012345', 'eth0.100', 'br-lan', '@x'])('interface %s', (name) => {
    const { groups } = configOf(edited('interface: eth0', `interface: "${name}"`));
    expect(groups[0]?.instances[0]?.interface).toBe(name);
  });

  it('both families are two virtual routers, and so is every further interface', () => {
    const text = edited('[10.77.0.100/24]', '[10.77.0.100/24, "fd77::100/64"]').replace(
      'proxy:',
      '    instances: [{ interface: eth1, vrid: 52, addresses: [10.78.0.1/24] }]\nproxy:',
    );
    expect(
      configOf(text).groups[0]?.instances.map(({ interface: on, family, vrid }) => [
        on,
        family,
        vrid,
      ]),
    ).toEqual([
      ['eth0', 'ipv4', 51],
      ['eth0', 'ipv6', 51],
      ['eth1', 'ipv4', 52],
    ]);
  });

  it.each([
    ['never', { kind: 'never' }],
    ['manual', { kind: 'manual' }],
    ['after 5m', { kind: 'after', stableFor: 300_000 }],
  ])('failback: %s', (text, failback) => {
    expect(configOf(withGroupKeys(`failback: ${text}`)).groups[0]?.failback).toEqual(failback);
  });

  it('unicast: pair takes the addresses of the pair', () => {
    const [group] = configOf(
      withGroupKeys('unicast: pair', 'unicast_peers: [10.77.0.9]', 'unicast_min_ttl: 254'),
    ).groups;
    expect(group?.unicast).toEqual({
      nodes: new Map([
        ['lb1', ['10.77.1.1']],
        ['lb2', ['10.77.1.2']],
      ]),
      foreignPeers: ['10.77.0.9'],
      minTtl: 254,
    });
  });

  it('authentication has its window from the interval, and signs with the first key', () => {
    const of = (interval: string) =>
      configOf(
        withGroupKeys(
          `advert_interval: ${interval}`,
          'authentication: { mode: enforce, keys: [{ id: 7, file: /k }, { id: 8, credential: k }] }',
        ),
      ).groups[0]?.authentication;
    expect(of('1s')).toEqual({
      kind: 'hmac',
      mode: 'enforce',
      keys: [
        { id: 7, secret: { kind: 'file', path: '/k' } },
        { id: 8, secret: { kind: 'credential', name: 'k' } },
      ],
      signWith: 7,
      window: 5000,
      replay: 'time',
    });
    expect(of('10s')).toMatchObject({ window: 30_000 });
  });

  it('a password is VRRPv2’s', () => {
    const text = withGroupKeys('version: 2', 'authentication: { mode: password, file: /p }');
    expect(configOf(text).groups[0]?.authentication).toEqual({
      kind: 'password',
      secret: { kind: 'file', path: '/p' },
    });
  });

  it('things to track have their defaults filled in, and names of their own', () => {
    const text = withGroupKeys(
      'reachability: [10.77.0.1]',
      'track:',
      '  - { interface: eth1, fault: true }',
      '  - { script: /usr/local/sbin/check-db, args: [-v], weight: -20, every: 2s }',
      '  - { process: nginx, weight: 10, name: web }',
      '  - { file: /run/weight, weight: 1 }',
      '  - { neighbours: [10.77.0.1], timeout: 100ms, weight: -5 }',
      '  - { proxy: haproxy, weight: -50 }',
    );
    const tracked = configOf(text).groups[0]?.track ?? [];
    expect(tracked.map(({ name }) => name)).toEqual(
      ['reachability', 'eth1', 'check-db', 'web', 'weight', 'neighbours', 'haproxy'].map((name) =>
        name === 'haproxy' ? 'proxy' : name,
      ),
    );
    expect(tracked.map(({ thing }) => thing)).toMatchObject([
      { kind: 'neighbours', interface: 'eth0', addresses: ['10.77.0.1'], rise: 2, fall: 2 },
      { kind: 'interface', interface: 'eth1', debounce: 1000 },
      { kind: 'script', args: ['-v'], user: 'nobody', every: 2000, timeout: 2000 },
      { kind: 'process', program: 'nginx', every: 1000 },
      { kind: 'file', path: '/run/weight' },
      { kind: 'neighbours', interface: 'eth0', timeout: 100 },
      { kind: 'proxy' },
    ]);
    expect(tracked.map(({ consequence }) => consequence)).toMatchObject([
      { kind: 'fault' },
      { kind: 'fault' },
      ...[-20, 10, 1, -5, -50].map((weight) => ({ kind: 'weight', weight })),
    ]);
  });
});
