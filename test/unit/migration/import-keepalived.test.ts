import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BrokenAssumption } from '../../../src/base/unreachable.js';
import { lintPriorities } from '../../../src/config/lint-priorities.js';
import { parseConfig } from '../../../src/config/load.js';
import { keepalivedConfig } from '../../../src/lab/keepalived-config.js';
import { defaultSettings } from '../../../src/lab/settings.js';
import { nodeFiles } from '../../../src/lab/state-directory.js';
import { LAN_INTERFACE, parseLabName, VIRTUAL_ROUTER_ID } from '../../../src/lab/topology.js';
import type { Imported } from '../../../src/migration/import-keepalived.js';
import { importKeepalived } from '../../../src/migration/import-keepalived.js';
import { formatRemark, MAX_REMARKS } from '../../../src/migration/remark.js';
import { configOf, problemsOf } from '../config/example.js';

/** One file, or those of both nodes; each is called as its node. */
function imported(first: string, second?: string): Imported {
  const source = (name: string, text: string) => ({ id: undefined, file: { name, text } });
  return importKeepalived(
    [source('a.conf', first), second === undefined ? undefined : source('b.conf', second)],
    () => [],
  );
}

/** With every placeholder filled in. */
function filledIn({ yaml = '' }: Imported): string {
  let host = 0;
  return yaml
    .replaceAll(/FILL-IN-IPV6-ADDRESS\S*/gu, () => `fd00::${String((host += 1))}`)
    .replaceAll(/FILL-IN\S*ADDRESS\S*/gu, () => `10.99.0.${String((host += 1))}`)
    .replaceAll(/FILL-IN-PRIORITY\S*/gu, '90');
}

/** As the loader has it, the placeholders filled in; it must have nothing to say. */
function configured(result: Imported) {
  const config = configOf(filledIn(result));
  expect(lintPriorities(config).filter(({ severity }) => severity === 'error')).toEqual([]);
  return config;
}

function said(result: Imported, kind: string): readonly string[] {
  return result.remarks.filter((each) => each.kind === kind).map(formatRemark);
}

const NODE = (router: string, priority: number, more = ''): string => `
global_defs {
  router_id ${router}
  vrrp_version 3
}
vrrp_instance WEB {
  state BACKUP
  nopreempt
  interface eth0
  virtual_router_id 51
  priority ${String(priority)}
  advert_int 0.5
  virtual_ipaddress {
    10.0.0.100/24
  }
  ${more}
}
`;

describe('the files of both nodes', () => {
  it('become one, with the names, priorities and preference of both', () => {
    const result = imported(
      NODE('lb1', 100, 'unicast_src_ip 10.0.0.1\nunicast_peer {\n10.0.0.2\n}'),
      NODE('lb2', 150, 'unicast_src_ip 10.0.0.2\nunicast_peer {\n10.0.0.1\n}'),
    );
    expect(result.verdict).toBe('fully');
    expect(result.remarks.filter(({ kind }) => kind !== 'needless')).toEqual([]);
    const { pair, groups } = configOf(result.yaml ?? '');
    expect(pair.nodes).toEqual([
      { name: 'lb1', address: '10.0.0.1' },
      { name: 'lb2', address: '10.0.0.2' },
    ]);
    expect(groups[0]).toMatchObject({
      name: 'web',
      version: 3,
      prefer: 'lb2',
      advertInterval: 50,
      failback: { kind: 'never' },
    });
    expect([...(groups[0]?.priority ?? [])]).toEqual([
      ['lb1', 100],
      ['lb2', 150],
    ]);
    expect(groups[0]?.unicast?.nodes.get('lb2')).toEqual(['10.0.0.2']);
  });

  it('that differ where they may not are told apart', () => {
    const result = imported(
      NODE('lb1', 100, 'track_interface {\neth1\neth2\n}'),
      NODE('lb2', 100, 'track_interface {\neth1\neth3\n}\nno_accept\n').replace('51', '52') +
        'vrrp_instance MORE {\ninterface eth0\nvirtual_router_id 9\nvirtual_ipaddress {\n10.0.0.7\n}\n}',
    );
    expect(result.verdict).toBe('partly');
    expect(said(result, 'lost')).toEqual([
      'b.conf:23: MORE: lost: only lb2 has it; both nodes have the same groups',
      "b.conf:6: WEB: vrid: lost: 52 on lb2, 51 on lb1: one file serves both nodes, and lb1's was taken",
      "b.conf:6: WEB: track: lost: interface eth3, fault true on lb2, interface eth2, fault true on lb1: one file serves both nodes, and lb1's was taken",
      "b.conf:6: WEB: accept: lost: false on lb2, nothing on lb1: one file serves both nodes, and lb1's was taken",
    ]);
    expect(configured(result).groups[0]?.prefer).toBeUndefined();
  });

  it('may be one file with lines for each', () => {
    const result = imported(
      NODE('x', 0).replace('priority 0', '@main priority 200\n@spare priority 20'),
    );
    expect(configured(result)).toMatchObject({
      pair: { nodes: [{ name: 'main' }, { name: 'spare' }] },
    });
    expect(configured(result).groups[0]).toMatchObject({ prefer: 'main' });
  });
});

describe('one file', () => {
  it('leaves what the other node has to a person, and `vipair check` says so', () => {
    const result = imported(NODE('lb1', 100));
    expect(result.verdict).toBe('fully');
    expect(said(result, 'fill-in')).toHaveLength(3);
    expect(problemsOf(result.yaml ?? '')).toEqual([
      expect.stringContaining(
        'pair.nodes.node1.address: found "FILL-IN-ADDRESS-OF-NODE1", expected an address',
      ),
      expect.stringContaining(
        'pair.nodes.node2.address: found "FILL-IN-ADDRESS-OF-NODE2", expected an address',
      ),
      expect.stringContaining(
        'groups[0].priority.node2: found "FILL-IN-PRIORITY-OF-NODE2", expected a priority',
      ),
    ]);
    configured(result);
  });

  it('that moves nothing is none', () => {
    for (const text of [
      '',
      'virtual_server 10.0.0.1 80 {\n}',
      'vrrp_instance A {\n}',
      '{{{{',
      'vrrp_sync_group G {\n}',
    ]) {
      const result = imported(text);
      expect(result).toMatchObject({ verdict: 'not', yaml: undefined });
      expect(said(result, 'lost').at(-1)).toMatch(/there is nothing to move$/u);
    }
  });
});

describe('instances', () => {
  const instance = (more: string, name = 'A', vrid = 1): string =>
    `vrrp_instance ${name} {\ninterface eth0\nvirtual_router_id ${String(vrid)}\n${more}\n}\n`;
  const address = (text = '10.0.0.1/24'): string => `virtual_ipaddress {\n${text}\n}`;
  const first = (text: string) => configured(imported(text)).groups[0];

  it('keep the version of VRRP that keepalived speaks', () => {
    expect(first(instance(address()))).toMatchObject({ version: 2 });
    expect(first(instance(`version 3\n${address()}`))).toMatchObject({ version: 3 });
    expect(first(instance(address('fd00::1/64')))).toMatchObject({ version: 3 });
    const both = imported(instance(`${address()}\nvirtual_ipaddress_excluded {\nfd00::1/64\n}`));
    expect(configured(both).groups[0]).toMatchObject({
      version: 3,
      instances: [{ family: 'ipv4' }, { family: 'ipv6' }],
    });
    expect(said(both, 'differs').join('\n')).toMatch(/both would be master/u);
  });

  it('have a password in a file of its own, and it is told nowhere', () => {
    const result = imported(
      instance(`${address()}\nauthentication {\nauth_type PASS\nauth_pass s3cret\n}`),
    );
    expect(configured(result).groups[0]?.authentication).toEqual({
      kind: 'password',
      secret: { kind: 'file', path: '/etc/vipair/a.password' },
    });
    expect(JSON.stringify(result)).not.toContain('s3cret');
    const ah = imported(
      instance(`${address()}\nauthentication {\nauth_type AH\nauth_pass s3cret\nx s\n}`),
    );
    expect(said(ah, 'lost')).toHaveLength(2);
    const third = imported(
      instance(`version 3\n${address()}\nauthentication {\nauth_type PASS\n}`),
    );
    expect(configured(third).groups[0]?.authentication).toBeUndefined();
  });

  it('preempt as keepalived does, or as near as it can be', () => {
    expect(first(instance(address()))?.failback).toEqual({ kind: 'after', stableFor: 1000 });
    expect(first(instance(`preempt_delay 300\n${address()}`))?.failback).toEqual({
      kind: 'after',
      stableFor: 300_000,
    });
    expect(first(instance(`nopreempt\n${address()}`))?.failback).toEqual({ kind: 'never' });
    expect(first(instance(`nopreempt\npreempt\n${address()}`))?.failback).toMatchObject({
      kind: 'after',
    });
    expect(first(instance(`state MASTER\nnopreempt\n${address()}`))?.failback).toMatchObject({
      kind: 'after',
    });
  });

  it('have each address once, and those that a machine can hold', () => {
    const result = imported(
      instance(
        address(
          '10.0.0.1/24\n10.0.0.1/24 label eth0:1\n10.0.0.255/24\n127.0.0.1\n192.168.1./24\n10.0.0.2 dev eth1 brd +\n10.0.0.3/24 scope link peer 10.0.0.9 no_track frob',
        ),
      ) +
        instance(address('10.0.0.1/24\n10.0.0.8/24'), 'B') +
        instance(address('10.0.0.9/24'), 'C', 2),
    );
    expect(
      configured(result).groups.map(({ instances }) =>
        instances.map((each) =>
          [each.interface, ...each.addresses.map((it) => it.address)].join(' '),
        ),
      ),
    ).toEqual([['eth0 10.0.0.1 10.0.0.3', 'eth1 10.0.0.2'], ['eth0 10.0.0.9']]);
    expect(said(result, 'lost').join('\n')).toMatch(/broadcast address of its network/u);
    expect(said(result, 'lost').join('\n')).toMatch(
      /another group has virtual router id 1 on eth0/u,
    );
    expect(said(result, 'differs').join('\n')).toMatch(/virtual router of its own on eth1/u);
  });

  it('track what they track, with what its failure does', () => {
    const text = `
global_defs {
  script_user checker
}
vrrp_script haproxy {
  script "/usr/bin/killall -0 haproxy"
  interval 2
  weight -20
}
vrrp_script port {
  script "nc -z 127.0.0.1 80"
  timeout 3
  fall 2
  rise 4
}
vrrp_script own {
  script "/usr/local/bin/check 'a b' c"
  user bob staff
  interval 0.01
}
vrrp_script shell { script "test -f /x && true" }
vrrp_script relative { script ./x }
vrrp_script none { }
track_file load { file /run/load
 weight -2 }
vrrp_track_process nginx { process nginx
 quorum 2 }
${instance(`${address()}
track_script {
 haproxy
 port weight 300
 own
 shell
 relative
 none
 unknown
}
track_interface {
 eth0
 eth1 weight 5
 eth2 weight 5 reverse
}
track_file { load }
track_process { nginx weight 0 }
track_bfd { b }`)}`;
    const result = imported(text);
    expect(
      configured(result).groups[0]?.track.map(({ name, thing, consequence }) => [
        name,
        thing.kind,
        consequence.kind === 'weight' ? consequence.weight : 'fault',
      ]),
    ).toEqual([
      ['haproxy', 'process', -20],
      ['port', 'script', 253],
      ['own', 'script', 'fault'],
      ['shell', 'script', 'fault'],
      ['eth1', 'interface', 5],
      ['load', 'file', -2],
      ['nginx', 'process', 'fault'],
    ]);
    const [, port, own, shell] = configured(result).groups[0]?.track ?? [];
    expect(port?.thing).toMatchObject({
      path: '/usr/bin/env',
      args: ['nc', '-z', '127.0.0.1', '80'],
      user: 'checker',
      rise: 4,
      fall: 2,
      timeout: 3000,
    });
    expect(own?.thing).toMatchObject({
      path: '/usr/local/bin/check',
      args: ['a b', 'c'],
      user: 'bob',
      every: 100,
      rise: 1,
    });
    expect(shell?.thing).toMatchObject({ path: '/bin/sh', args: ['-c', 'test -f /x && true'] });
    expect(said(result, 'lost').map((line) => line.split(': ').slice(1, 3).join(': '))).toEqual([
      'relative: script ./x',
      'none: vrrp_script none',
      'nginx: quorum 2',
      'A: relative',
      'A: none',
      'A: unknown',
      'A: eth2 weight 5 reverse',
      'A: b',
    ]);
  });

  it('announce, hide and hear as before, within our bounds', () => {
    const group = first(
      `global_defs {\nvrrp_garp_master_repeat 50\nvrrp_garp_master_refresh 30\nvrrp_startup_delay 7.5\n}\n${instance(`use_vmac vrrp.51\nno_accept\ngarp_master_delay 10\npriority 255\nunicast_src_ip 10.0.0.3\nunicast_ttl 64\nunicast_peer {\n10.0.0.4\n10.0.0.5 min_ttl 60\n}\n${address()}`)}`,
    );
    expect(group).toMatchObject({
      virtualMac: true,
      accept: false,
      startHold: 7500,
      announce: { burst: 20, burstAgainAfter: 10_000, refreshEvery: 30_000 },
      unicast: { foreignPeers: ['10.0.0.5'], minTtl: 60 },
    });
    expect(
      first(instance(`garp_master_delay 0\nvrrp_garp_master_refresh 4\n${address()}`))?.announce
        .burstAgainAfter,
    ).toBe(5000);
    expect(first(instance(`garp_master_delay 300\n${address()}`))?.announce).toMatchObject({
      refreshEvery: 360_000,
    });
    expect(first(instance(`garp_master_refresh 3\n${address()}`))?.announce).toMatchObject({
      refreshEvery: 60_000,
    });
    expect(
      first(`global_defs {\nvrrp_min_garp\nvrrp_strict\n}\n${instance(address())}`),
    ).toMatchObject({ accept: false, announce: { burst: 1 } });
  });

  it('of both families in one sync group speak version 3, and lose nothing but a password', () => {
    const dual = imported(
      `vrrp_sync_group G { group { A
B } }
${instance(`${address()}\nauthentication {\nauth_type PASS\nauth_pass x\n}`)}${instance(address('fd00::1/64'), 'B')}`,
    );
    expect(said(dual, 'lost')).toEqual([]);
    expect(said(dual, 'differs').join('\n')).toMatch(/version 3 of VRRP has no passwords/u);
    expect(configured(dual).groups).toMatchObject([
      {
        version: 3,
        instances: [
          { family: 'ipv4', vrid: 1 },
          { family: 'ipv6', vrid: 1 },
        ],
      },
    ]);
  });

  it('in numbers that there are not are told', () => {
    const result = imported(
      instance(
        `${address()}\npriority x\nadvert_int 99\nversion 4\npreempt_delay -1\nvirtual_router_id 1\ninterface much-too-long-a-name\nunicast_src_ip x\nunicast_ttl 999\nfrobnicate 1\nvirtual_routes {\n1.2.3.4\n}\nsmtp_alert\nsmtp_alert off`,
      ),
    );
    expect(said(result, 'lost')).toHaveLength(11);
    expect(configured(result).groups[0]).toMatchObject({ advertInterval: 4000 });
  });

  it('of a sync group are one group, and a failure of one is a failure of all', () => {
    const text = `
vrrp_sync_group G {
  group {
    A
    B
    C
  }
  track_interface { eth7 }
  notify /usr/local/bin/tell
  smtp_alert
  frob 1
}
${instance(`${address()}\ntrack_interface {\neth8 weight 3\n}\nnotify_master /usr/local/bin/x`)}${instance(`advert_int 2\n${address('10.0.1.1/24')}`, 'B', 2)}`;
    const result = imported(text);
    const { groups, hooks } = configured(result);
    expect(groups).toHaveLength(1);
    expect(groups[0]).toMatchObject({ name: 'g', instances: [{ vrid: 1 }, { vrid: 2 }] });
    expect(groups[0]?.track.map(({ name, consequence }) => [name, consequence.kind])).toEqual([
      ['eth7', 'fault'],
      ['eth8', 'fault'],
    ]);
    expect(hooks).toMatchObject([
      { path: '/usr/local/bin/tell', arguments: 'keepalived-group', user: 'root' },
    ]);
    expect(said(result, 'lost').map((line) => line.split(': ').slice(1, 3).join(': '))).toEqual([
      'G: C',
      'G: smtp_alert',
      'G: frob 1',
      'B: vrrp_instance B',
      'A: notify_master /usr/local/bin/x',
    ]);
  });

  it('have scripts as hooks where all groups have the same', () => {
    const notify = 'notify /usr/local/bin/tell root\nnotify_stop "/x y"\nnotify_fault x';
    const one = imported(instance(`${address()}\n${notify}`));
    expect(configured(one).hooks).toEqual([
      {
        path: '/usr/local/bin/tell',
        on: ['master', 'backup', 'fault', 'stopped'],
        arguments: 'keepalived',
        timeout: 10_000,
        user: 'root',
      },
    ]);
    expect(said(one, 'lost')).toHaveLength(2);
    const two = imported(
      instance(`${address()}\n${notify}`) + instance(address('10.0.0.2/24'), 'B', 2),
    );
    expect(configured(two).hooks).toEqual([]);
    expect(said(two, 'lost').join('\n')).toMatch(/this script is for A only/u);
  });
});

describe('any configuration', () => {
  const word = fc.constantFrom(
    ...[
      'vrrp_instance',
      'vrrp_sync_group',
      'group',
      'A',
      'B',
      'global_defs',
      'interface',
      'eth0',
      'virtual_router_id',
      '5',
    ],
    ...[
      'priority',
      '255',
      'virtual_ipaddress',
      '10.0.0.1/24',
      'fd00::1/64',
      '10.0.0.2',
      'dev',
      'eth1',
      '{',
      '}',
      '{\n',
      '}\n',
      '\n',
    ],
    ...[
      'vrrp_script',
      'script',
      '"killall -0 x"',
      '"a | b"',
      'track_script',
      'track_interface',
      'weight',
      '-4',
      'reverse',
    ],
    ...[
      'notify',
      '/bin/x',
      '"/bin/x y"',
      'unicast_peer',
      '10.0.0.9',
      'authentication',
      'auth_type',
      'PASS',
      'advert_int',
      '0.3',
    ],
    ...[
      'version',
      '2',
      '3',
      'state',
      'MASTER',
      'use_vmac',
      'garp_master_delay',
      'track_file',
      'file',
      '/x',
      'user',
      'ä\u0000[{',
    ],
  );
  const soup = fc.array(word, { maxLength: 80 }).map((words) => words.join(' '));
  /** A whole configuration that ends somewhere. */
  const truncated = fc
    .tuple(fc.nat(900), soup)
    .map(
      ([at, more]) =>
        `${(NODE('lb1', 100, 'track_script {\nx\n}') + NODE('lb2', 9)).slice(0, at)}\n${more}`,
    );

  it('is converted or not, without a throw, and what comes out is what `vipair check` takes', () => {
    fc.assert(
      fc.property(fc.oneof(soup, truncated), fc.option(soup, { nil: undefined }), (a, b) => {
        const result = imported(a, b);
        expect(result.remarks.length).toBeLessThanOrEqual(2 * MAX_REMARKS);
        expect(result.yaml === undefined).toBe(result.verdict === 'not');
        const problems = result.yaml === undefined ? [] : problemsOf(result.yaml);
        expect(problems.filter((line) => !line.includes('FILL-IN'))).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  it('with too many groups, addresses and things to track keeps what fits', () => {
    const many = `~SEQ(N, 1, 20) $I\n`;
    const instance = `$I= \\\nvrrp_instance V\${N} { \\\ninterface eth0 \\\nvirtual_router_id \${N} \\\nvirtual_ipaddress { \\\n~SEQ(H, 1, 30) 10.0.\${N}.\${H}/24 \\\n} \\\ntrack_interface { \\\n~SEQ(E, 1, 40) if\${E} \\\n} \\\n}\n`;
    const result = imported(instance + many);
    expect(result.verdict).toBe('partly');
    const { groups } = configured(result);
    expect(groups).toHaveLength(16);
    expect(groups[0]?.track).toHaveLength(32);
    expect(parseConfig(result.yaml ?? '', 'f').ok).toBe(false);
  });
});

describe('large configurations', () => {
  const instance = (name: string, more = ''): string =>
    `vrrp_instance ${name} {\ninterface eth0\nvirtual_router_id 1\nvirtual_ipaddress {\n10.0.0.1/24\n}\n${more}\n}\n`;
  const lines = (amount: number, line: (index: number) => string): string =>
    Array.from({ length: amount }, (...[, index]) => `${line(index)}\n`).join('');
  const many = lines(5000, (at) => `vrrp_instance V${String(at)} {\n}`);

  it.each([
    ['instances', many],
    ['members', `${many}vrrp_sync_group G {\n${lines(10_000, (at) => `V${String(at)}`)}}`],
    [
      'things to track',
      instance(
        'A',
        `track_interface {\n${lines(10_000, (at) => `i${'!?*'.charAt(at % 3)}${String(at)}`)}}`,
      ),
    ],
    [
      'scripts',
      instance(
        'A',
        lines(10_000, (at) => `notify /x/${String(at)}`),
      ),
    ],
    [
      'addresses',
      instance(
        'A',
        `virtual_ipaddress {\n${lines(10_000, (at) => `10.1.${String(Math.floor(at / 256))}.${String(at % 256)}/32`)}}`,
      ),
    ],
    ['parameters', `$A=1\n${lines(300, () => '${B} '.repeat(800))}`],
    ['quotes', lines(200, () => `a ${`"'`.repeat(2000)}`)],
  ])(
    'of many %s take a moment',
    (name, text) => {
      const result = imported(text);
      expect(result.remarks.length, name).toBeLessThanOrEqual(2 * MAX_REMARKS);
    },
    10_000,
  );

  it('never lose that something is lost', () => {
    const text = `global_defs {\n${'process_names\n'.repeat(MAX_REMARKS + 5)}frob\n}\n${instance('A')}`;
    const result = imported(text);
    expect(result.verdict).toBe('partly');
    expect(said(result, 'lost')).toEqual([
      expect.stringMatching(
        /^a\.conf:507: remarks: lost: \d+ more from here on, which are left out$/u,
      ),
    ]);
  });
});

describe("the lab's own keepalived.conf", () => {
  it.each([2, 3] as const)('of version %i becomes the pair that the lab has', (version) => {
    const name = parseLabName('x');
    if (!name.ok) {
      throw new BrokenAssumption('a name for a lab');
    }
    const settings = { ...defaultSettings(name.value), version };
    const [a = '', b] = (['lb1', 'lb2'] as const).map((node) =>
      keepalivedConfig(node, settings, nodeFiles(name.value, 'lb1')),
    );
    const result = imported(a, b);
    expect(result.verdict).toBe('fully');
    const { pair, groups } = configured(result);
    expect(pair.nodes.map((each) => each.name)).toEqual(['lb1', 'lb2']);
    expect(groups).toMatchObject([
      {
        ...{ name: 'web', version, failback: { kind: 'never' } },
        instances: [{ vrid: VIRTUAL_ROUTER_ID, interface: LAN_INTERFACE }],
      },
    ]);
    const thing = { kind: 'script', path: '/usr/bin/pkill', user: 'root' };
    expect(groups[0]?.track[0]?.thing).toMatchObject(thing);
  });
});
