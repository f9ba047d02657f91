/** Names, network plans and configuration files of a lab. */
import { describe, expect, it } from 'vitest';
import { centis, millis } from '../../../src/base/time.js';
import { parseDuration } from '../../../src/config/duration.js';
import { probeCommand, vipairCommand } from '../../../src/lab/commands.js';
import { PROBE_DEFAULTS } from '../../../src/lab/measure.js';
import { haproxyConfig } from '../../../src/lab/haproxy-config.js';
import { keepalivedConfig } from '../../../src/lab/keepalived-config.js';
import { hasListener } from '../../../src/lab/listening.js';
import {
  bootLines,
  cablePlan,
  namespacePlans,
  unplugLines,
} from '../../../src/lab/network-plan.js';
import { sortProcesses } from '../../../src/lab/node-processes.js';
import { readBrief } from '../../../src/lab/node-status.js';
import { defaultSettings } from '../../../src/lab/settings.js';
import { nodeFiles } from '../../../src/lab/state-directory.js';
import type { LabName } from '../../../src/lab/topology.js';
import {
  LAB_NAME_MAX_LENGTH,
  namespacesOf,
  nodeOfHardwareAddress,
  parseLabName,
} from '../../../src/lab/topology.js';
import { vipairConfig } from '../../../src/lab/vipair-config.js';

const LAB = 'one' as LabName;
const SETTINGS = { ...defaultSettings(LAB), advertInterval: centis(1) };

describe('a lab name', () => {
  it.each(['a', 'demo', 'ci-42', 'x'.repeat(LAB_NAME_MAX_LENGTH)])('%j is one', (text) => {
    expect(parseLabName(text)).toEqual({ ok: true, value: text });
  });

  it.each(['', '-a', 'a-', 'A', '../x', 'a b', 'x'.repeat(LAB_NAME_MAX_LENGTH + 1)])(
    '%j is none',
    (text) => {
      expect(parseLabName(text)).toMatchObject({ ok: false, error: { code: 'not-a-lab-name' } });
    },
  );

  it('keeps two labs apart', () => {
    const both = [...namespacesOf(LAB), ...namespacesOf('one-lan' as LabName)];
    expect(new Set(both).size).toBe(both.length);
  });
});

describe('the network plan', () => {
  it('makes every link inside a namespace, none in the machine’s own', () => {
    const links = cablePlan(LAB).filter((line) => line.startsWith('link add'));
    expect(links).toHaveLength(8);
    expect(links.every((line) => line.includes(' netns vipair-one-'))).toBe(true);
  });

  it('gives the nodes, and only them, the dedicated link', () => {
    const linked = namespacePlans(LAB).filter(({ lines }) => lines.join().includes('10.77.1.'));
    expect(linked.map(({ namespace }) => namespace)).toEqual(['vipair-one-lb1', 'vipair-one-lb2']);
  });

  it('boots without the addresses of the former life', () => {
    expect(bootLines('lb2').slice(0, 4)).toEqual([
      'address flush dev eth0',
      'address flush dev eth1',
      'address add 10.77.0.3/24 dev eth0',
      'address add fd77::3/64 dev eth0',
    ]);
  });

  it('has a LAN behind the nodes where one was asked for, with servers whose gateway is a virtual address', () => {
    const links = cablePlan(LAB, 'there').filter((line) => line.startsWith('link add'));
    expect(links).toHaveLength(8 + 1 + 4);
    const plans = namespacePlans(LAB, 'there');
    expect(plans.find(({ namespace }) => namespace === 'vipair-one-s1')?.lines).toEqual([
      'link set lo up',
      'address add 10.78.0.11/24 dev eth2',
      'address add fd78::11/64 dev eth2',
      'link set eth2 up',
      'route add 0.0.0.0/0 via 10.78.0.100 dev eth2',
      'route add ::/0 via fd78::100 dev eth2',
    ]);
    expect(bootLines('lb2', 'there')).toContain('address add 10.78.0.3/24 dev eth2');
    expect(unplugLines('there')).toContain('link set eth2 down');
    expect(unplugLines()).not.toContain('link set eth2 down');
    expect(namespacePlans(LAB).map(({ namespace }) => namespace)).not.toContain('vipair-one-s1');
  });

  it('knows a node by its hardware address', () => {
    expect(nodeOfHardwareAddress('02:77:00:00:00:03')).toBe('lb2');
    expect(nodeOfHardwareAddress('02:77:00:00:00:10')).toBeUndefined();
  });
});

describe('the configuration files', () => {
  it('HAProxy binds the virtual address and names the node', () => {
    expect(haproxyConfig(SETTINGS)).toContain('bind 10.77.0.100:80');
    expect(haproxyConfig(SETTINGS)).toContain('x-node %[env(VIPAIR_NODE)]');
    expect(haproxyConfig(SETTINGS)).not.toContain('http-reuse');
    expect(haproxyConfig({ ...SETTINGS, serverConnections: 'shared' })).toContain(
      'balance roundrobin\n  http-reuse always\n',
    );
  });

  it.each(['lb1', 'lb2'] as const)('make HAProxy a peer of the other node, as %s', (node) => {
    const files = nodeFiles(LAB, node);
    const other = node === 'lb1' ? 'lb2' : 'lb1';
    const relayed = haproxyConfig({ ...SETTINGS, replicate: 'vipair' });
    expect(relayed).toContain(`  server ${node}\n  server ${other} unix@${files.peersSocket}\n`);
    const native = haproxyConfig({ ...SETTINGS, replicate: 'haproxy' });
    expect(native).toContain(`  peer ${node} 10.77.1.`);
    const written = vipairConfig({ ...SETTINGS, pairChannel: 'open', replicate: 'vipair' }, files);
    expect(written).toContain(`\nreplicate: { peers_socket: ${files.peersSocket} }\n`);
    expect(haproxyConfig(SETTINGS)).not.toContain('peer');
  });

  it('name an IPv6 address where one was asked for', () => {
    const both = { ...SETTINGS, families: ['ipv4', 'ipv6'] as const };
    const files = nodeFiles(LAB, 'lb1');
    expect(haproxyConfig(both)).toContain('bind [fd77::100]:80\n');
    expect(vipairConfig(both, files)).toContain('addresses: [10.77.0.100/24, fd77::100/64]\n');
    expect(keepalivedConfig('lb1', both, files)).toMatch(/excluded \{\n +fd77::100\/64 dev/u);
    expect(keepalivedConfig('lb1', SETTINGS, files)).not.toContain('fd77');
  });

  it('have the addresses behind the nodes move along', () => {
    const both = { ...SETTINGS, families: ['ipv4', 'ipv6'] as const, backLan: 'there' as const };
    const files = nodeFiles(LAB, 'lb1');
    expect(vipairConfig(both, files)).toMatch(
      /instances:\n +- interface: eth2\n +vrid: 52\n +addresses: \[10\.78\.0\.100\/24, fd78::100\/64\]\n/u,
    );
    expect(keepalivedConfig('lb1', both, files)).toMatch(
      /excluded \{\n +10\.78\.0\.100\/24 dev eth2\n +fd77::100\/64 dev eth0\n +fd78::100\/64 dev eth2\n/u,
    );
    expect(vipairConfig(SETTINGS, files)).not.toContain('instances');
  });

  it('speak the version that was asked for', () => {
    const two = { ...SETTINGS, version: 2 as const };
    expect(vipairConfig(two, nodeFiles(LAB, 'lb1'))).toContain('version: 2\n');
    expect(keepalivedConfig('lb1', two, nodeFiles(LAB, 'lb1'))).toContain('version 2\n');
  });

  it('vipair gets the interval it was asked for', () => {
    expect(vipairConfig(SETTINGS, nodeFiles(LAB, 'lb1'))).toContain('advert_interval: 10ms');
  });

  it('keepalived gets it in seconds, its own priority and its own pid file', () => {
    const text = keepalivedConfig('lb2', SETTINGS, nodeFiles(LAB, 'lb2'));
    expect(text).toContain('advert_int 0.01\n');
    expect(text).toContain('priority 253\n');
    expect(text).toContain('-F /run/vipair-lab/one/lb2/haproxy.pid');
  });
});

describe('what is read from the kernel', () => {
  it.each([
    ['eth0@if3 UP 10.77.0.2/24 10.77.0.100/24', { address: 'held', link: 'up' }],
    ['eth0@if3 UP 10.77.0.2/24', { address: 'not-held', link: 'up' }],
    ['eth0@if3 DOWN', { address: 'not-held', link: 'down' }],
    ['eth0@if3 LOWERLAYERDOWN 10.77.0.100/24', { address: 'held', link: 'down' }],
  ])('%s', (line, expected) => {
    expect(readBrief(line)).toEqual(expected);
  });

  it('a listener, not a connection, on the port', () => {
    const table = [
      '  sl  local_address rem_address   st',
      '   0: 00000000:1F90 00000000:0000 0A 00000000:00000000',
      '   1: 0100007F:0050 0100007F:1234 01 00000000:00000000',
    ].join('\n');
    expect([hasListener(table, 8080), hasListener(table, 80)]).toEqual([true, false]);
  });

  it('HAProxy is the proxy’s, also where the daemon is its parent', () => {
    const living = [
      { pid: 10, name: 'node', parentPid: 1 },
      { pid: 11, name: 'haproxy', parentPid: 10 },
      { pid: 12, name: 'haproxy', parentPid: 11 },
      { pid: 13, name: 'child', parentPid: 10 },
      { pid: 14, name: 'other', parentPid: 1 },
    ];
    expect(sortProcesses(living, 10)).toEqual({
      enginePid: 10,
      enginePids: [10, 13],
      proxyPids: [11, 12],
    });
  });

  it('a remembered pid that HAProxy has now, or nobody, is no engine', () => {
    const living = [{ pid: 11, name: 'haproxy', parentPid: 1 }];
    expect(sortProcesses(living, 11).enginePid).toBeUndefined();
    expect(sortProcesses(living, undefined).enginePids).toEqual([]);
  });
});

describe('the command of a lab’s prober', () => {
  it('is one that vipair probe takes, also for an hour', () => {
    const options = { ...PROBE_DEFAULTS, every: millis(2000), lasting: millis(3_600_000) };
    const command = probeCommand(vipairCommand('node', 'vipair'), options, '/tmp/report');
    // Nobody's lease depends on it: it may be optimized.
    expect(command.slice(0, 3)).toEqual(['node', 'vipair', 'probe']);
    for (const option of ['--every', '--for', '--deadline', '--stall']) {
      const said = command[command.indexOf(option) + 1] ?? '';
      expect(parseDuration(said).ok, `${option} ${said}`).toBe(true);
    }
  });
});
