import { describe, expect, it } from 'vitest';
import type { Config } from '../../../src/config/config.js';
import {
  agreementOf,
  changeInWords,
  changesBetween,
  digestOf,
  inOrderOf,
  sharedLines,
} from '../../../src/config/config-changes.js';
import { parseConfig } from '../../../src/config/load.js';
import { edited, EXAMPLE, withGroup, withGroupKeys } from './example.js';

function config(text: string) {
  const read = parseConfig(text, 'vipair.yaml');
  if (!read.ok) {
    throw new Error(JSON.stringify(read.error));
  }
  return read.value;
}

const changes = (text: string) =>
  changesBetween(config(EXAMPLE), config(text)).map(
    (each) => `${each.takes}: ${changeInWords(each)}`,
  );

describe('a change of the configuration', () => {
  it.each<[string, string, readonly string[]]>([
    ['none', `# A comment.\n${EXAMPLE}`, []],
    [
      'of the failback policy takes nothing',
      withGroupKeys('failback: after 5m'),
      [
        'nothing: groups.web.failback.kind: never → after',
        'nothing: groups.web.failback.stable_for: nothing → 300000ms',
      ],
    ],
    [
      'of what is tracked takes nothing',
      withGroupKeys('track: [{ name: a, file: /a, every: 1s, fault: true }]'),
      [
        'nothing: groups.web.track.a.consequence.kind: nothing → fault',
        'nothing: groups.web.track.a.thing.every: nothing → 1000ms',
        'nothing: groups.web.track.a.thing.kind: nothing → file',
        'nothing: groups.web.track.a.thing.path: nothing → /a',
      ],
    ],
    [
      'of the proxy’s probes takes nothing',
      edited('haproxy.cfg\n', 'haproxy.cfg\n    probe_every: 500ms\n'),
      ['nothing: proxy.probe_every: 250ms → 500ms'],
    ],
    [
      'of what is replicated takes a restart',
      edited('nodes:', 'key_file: /k\n  nodes:').replace(
        'runtime:',
        'replicate: { snapshot_every: 1m, stick_tables: [b, a] }\nruntime:',
      ),
      [
        'restart: pair.key_files: nothing → /k',
        'restart: replicate.peers_socket: nothing → /run/vipair/peers.sock',
        'restart: replicate.port: nothing → 5113',
        'restart: replicate.snapshot_every: nothing → 60000ms',
        'restart: replicate.stick_tables: nothing → a, b',
      ],
    ],
    [
      'of a VRID takes agreement',
      edited('vrid: 51', 'vrid: 52'),
      ['agreement: groups.web.ipv4 on eth0.vrid: 51 → 52'],
    ],
    [
      'that adds a virtual router on a VLAN of an interface takes a restart',
      withGroupKeys('instances: [{ interface: eth0.100, vrid: 54, addresses: [10.78.0.100/24] }]'),
      [
        'restart: groups.web.ipv4 on eth0.100.addresses: nothing → 10.78.0.100/24',
        'restart: groups.web.ipv4 on eth0.100.vrid: nothing → 54',
      ],
    ],
    [
      'of an interval takes agreement',
      withGroupKeys('advert_interval: 100ms'),
      ['agreement: groups.web.advert_interval: 1000ms → 100ms'],
    ],
    [
      'of the pair takes a restart',
      edited('pair:\n', 'pair:\n  port: 5113\n'),
      ['restart: pair.port: 5112 → 5113'],
    ],
    [
      'of where the daemon keeps its files takes a restart',
      edited('/run/vipair', '/run/other'),
      [
        'restart: runtime.control_socket: /run/vipair/control.sock → /run/other/control.sock',
        'restart: runtime.directory: /run/vipair → /run/other',
      ],
    ],
  ])('%s', (_what, text, expected) => {
    expect(changes(text)).toEqual(expected);
  });

  it.each<[string, string, string]>([
    [
      'adds a group',
      withGroup('name: mail, interface: eth0, vrid: 53, addresses: [10.77.0.101/24]'),
      'restart: groups.mail.ipv4 on eth0.vrid: nothing → 53',
    ],
    [
      'moves a group to another interface',
      edited('interface: eth0', 'interface: eth1'),
      'restart: groups.web.ipv4 on eth1.vrid: nothing → 51',
    ],
    [
      'gives a group addresses of another family',
      edited('10.77.0.100/24', '10.77.0.100/24, "fd77::100/64"'),
      'restart: groups.web.ipv6 on eth0.vrid: nothing → 51',
    ],
    [
      'gives a group addresses more',
      edited('10.77.0.100/24', '10.77.0.100/24, 10.77.0.101/24'),
      'agreement: groups.web.ipv4 on eth0.addresses: 10.77.0.100/24 → 10.77.0.100/24, 10.77.0.101/24',
    ],
    [
      'sends adverts another way',
      withGroupKeys('unicast: { lb1: 10.77.0.2, lb2: 10.77.0.3 }'),
      'restart: groups.web.unicast.min_ttl: nothing → 255',
    ],
    [
      'gives a group a MAC of its own',
      withGroupKeys('virtual_mac: true'),
      'restart: groups.web.virtual_mac: false → true',
    ],
  ])('that %s', (_what, text, expected) => {
    expect(changes(text)).toContain(expected);
  });

  it('of the VRID takes a restart where a MAC follows from it', () => {
    const before = config(withGroupKeys('virtual_mac: true'));
    const after = config(withGroupKeys('virtual_mac: true').replace('vrid: 51', 'vrid: 52'));
    expect(changesBetween(before, after).map(({ takes }) => takes)).toEqual(['restart']);
  });

  it('is none where only the order differs, and the order that runs stays', () => {
    const mail = { ...config(EXAMPLE).groups[0], name: 'mail' } as Config['groups'][number];
    const routers = [
      ...mail.instances,
      ...mail.instances.map((each) => ({ ...each, interface: 'eth9' })),
    ];
    const two = {
      ...config(EXAMPLE),
      groups: [...config(EXAMPLE).groups, { ...mail, instances: routers }],
    };
    const turned = {
      ...two,
      groups: two.groups
        .map((each) => ({ ...each, instances: each.instances.toReversed() }))
        .toReversed(),
    };
    expect(changesBetween(two, turned)).toEqual([]);
    expect(inOrderOf(two, turned)).toEqual(two);
    // What is new comes last.
    const added = { ...turned, groups: [{ ...mail, name: 'new' }, ...turned.groups] };
    expect(inOrderOf(two, added).groups.map(({ name }) => name)).toEqual(['web', 'mail', 'new']);
  });
});

describe('what both nodes must have just the same', () => {
  const shared = (text: string) => sharedLines(config(text));

  it('is said by the same digest where it is the same', () => {
    expect(shared(withGroupKeys('failback: manual'))).toEqual(shared(EXAMPLE));
    expect(digestOf(shared(edited('vrid: 51', 'vrid: 52')))).not.toBe(digestOf(shared(EXAMPLE)));
  });
});

describe('what both nodes must agree on, of a group', () => {
  const agreement = (text: string) => config(text).groups.map(agreementOf)[0];

  it.each([
    ['the failback policy', withGroupKeys('failback: manual'), 'is no part of it'],
    [
      'another group',
      withGroup('name: mail, interface: eth0, vrid: 53, addresses: [10.77.0.101/24]'),
      'is no part of it',
    ],
    ['the VRID', edited('vrid: 51', 'vrid: 52'), 'is part of it'],
    ['an address', edited('10.77.0.100/24', '10.77.0.101/24'), 'is part of it'],
    ['the interval', withGroupKeys('advert_interval: 100ms'), 'is part of it'],
  ])('%s', (_what, text, expected) => {
    const isSame = agreement(text) === agreement(EXAMPLE);
    expect(isSame ? 'is no part of it' : 'is part of it').toBe(expected);
  });
});
