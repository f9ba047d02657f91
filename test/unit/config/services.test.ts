import { describe, expect, it } from 'vitest';
import { adviceOn } from '../../../src/config/advice.js';
import { changesBetween } from '../../../src/config/config-changes.js';
import { configOf, EXAMPLE, problemsOf } from './example.js';

const SERVERS = '[{ name: s1, address: 10.78.0.11 }, { name: s2, address: 10.78.0.12 }]';

/** The services begin on line 15, one a line. */
function withServices(...services: readonly string[]): string {
  return `${EXAMPLE}services:\n${services.map((each) => `  - { ${each} }\n`).join('')}`;
}

/** The same with a group that tracks some of them, on line 10. */
function tracking(services: string, text: string): string {
  const track = `    track: [{ services: ${services}, weight: -20 }]`;
  return text.replace('proxy:\n', `${track}\nproxy:\n`);
}

function mail(more = '', servers = SERVERS): string {
  return `name: mail, address: 10.77.0.100, port: 25, servers: ${servers}${more === '' ? '' : `, ${more}`}`;
}

const serviceOf = (text: string) => configOf(text).services?.[0];

const COMMON = { port: undefined, every: 2000, timeout: 1000, rise: 2, fall: 3 };

describe('a service', () => {
  it('is there where one is asked for', () => {
    expect(configOf(EXAMPLE).services).toBeUndefined();
  });

  it('has defaults', () => {
    expect(configOf(withServices(mail())).services).toEqual([
      {
        name: 'mail',
        address: '10.77.0.100',
        port: 25,
        protocol: 'tcp',
        mode: 'kernel',
        hash: 'flow',
        source: undefined,
        servers: [
          { name: 's1', address: '10.78.0.11', port: 25, weight: 100 },
          { name: 's2', address: '10.78.0.12', port: 25, weight: 100 },
        ],
        check: { kind: 'tcp', ...COMMON },
        drainTimeout: 600_000,
        replicateFlows: true,
      },
    ]);
  });

  it('is read', () => {
    const text = mail(
      'protocol: udp, mode: kernel, hash: source, source: 10.77.0.100, drain_timeout: 30s, replicate_flows: false',
      '[{ name: s1, address: 10.78.0.11, port: 2525, weight: 0 }, { name: S, address: 10.78.0.12 }]'.replace(
        'S',
        'b.c',
      ),
    );
    expect(serviceOf(withServices(text))).toMatchObject({
      protocol: 'udp',
      hash: 'source',
      source: '10.77.0.100',
      servers: [
        { name: 's1', port: 2525, weight: 0 },
        { name: 'b.c', port: 25, weight: 100 },
      ],
      check: undefined,
      drainTimeout: 30_000,
      replicateFlows: false,
    });
  });

  it.each([
    ['none', undefined],
    ['{ tcp: true, port: 8080 }', { kind: 'tcp', ...COMMON, port: 8080 }],
    [
      '{ http: /health, host: mail.example, status: 200-299, every: 1s, timeout: 500ms, rise: 1, fall: 5 }',
      {
        kind: 'http',
        path: '/health',
        host: 'mail.example',
        status: { from: 200, to: 299 },
        port: undefined,
        every: 1000,
        timeout: 500,
        rise: 1,
        fall: 5,
      },
    ],
    [
      '{ http: /, status: "204" }',
      { kind: 'http', path: '/', host: undefined, status: { from: 204, to: 204 }, ...COMMON },
    ],
    [
      '{ http: / }',
      { kind: 'http', path: '/', host: undefined, status: { from: 200, to: 399 }, ...COMMON },
    ],
    ['{ tls: true, host: a.b }', { kind: 'tls', host: 'a.b', ...COMMON }],
    [
      '{ script: /bin/check, args: [-x], user: checker }',
      { kind: 'script', path: '/bin/check', args: ['-x'], user: 'checker', ...COMMON },
    ],
    [
      '{ script: /bin/check }',
      { kind: 'script', path: '/bin/check', args: [], user: 'nobody', ...COMMON },
    ],
  ])('is checked as %s says', (check, read) => {
    expect(serviceOf(withServices(mail(`check: ${check}`)))?.check).toEqual(read);
  });

  it('changes while the daemon runs, and is compared between the nodes whatever its order', () => {
    const before = configOf(withServices(mail()));
    const after = configOf(
      withServices(
        mail(
          'drain_timeout: 1m',
          '[{ name: s2, address: 10.78.0.12 }, { name: s1, address: 10.78.0.11, weight: 5 }]',
        ),
      ),
    );
    expect(changesBetween(before, after)).toEqual([
      { path: 'services.mail.drain_timeout', from: '600000ms', to: '60000ms', takes: 'nothing' },
      { path: 'services.mail.servers.s1.weight', from: '100', to: '5', takes: 'nothing' },
    ]);
  });
});

describe('of a service, what contradicts itself is a problem', () => {
  it.each<readonly [string, string, readonly string[]]>([
    [
      'a check of two kinds',
      withServices(mail('check: { tcp: true, tls: true }')),
      ['f:16: services[0].check.tls: found true, expected exactly one of tcp, http, tls, script'],
    ],
    [
      'a check of no kind',
      withServices(mail('check: {}')),
      [
        'f:16: services[0].check.tcp: found nothing, expected exactly one of tcp, http, tls, script',
      ],
    ],
    [
      'a check with the key of another one',
      withServices(mail('check: { tcp: true, host: a }')),
      [
        'f:16: services[0].check.host: found "a", expected no such key beside tcp; it takes port, every, timeout, rise, fall',
      ],
    ],
    [
      'a look that takes longer than the time between two',
      withServices(mail('check: { tcp: true, every: 1s, timeout: 2s }')),
      [
        'f:16: services[0].check.timeout: found "2s", expected not longer than every: looks would wait for each other',
      ],
    ],
    [
      'two of one name',
      withServices(mail(), mail('protocol: udp')),
      [
        'f:17: services[1].name: found "mail", expected a name of its own; services[0] has this one',
      ],
    ],
    [
      'two at one port',
      withServices(mail(), mail().replace('mail', 'post')),
      [
        'f:17: services[1].port: found 25, expected a port of its own at 10.77.0.100; services[0] has this one',
      ],
    ],
    [
      'an address of no group',
      withServices(mail().replace('10.77.0.100', '10.77.0.99')),
      [
        'f:16: services[0].address: found "10.77.0.99", expected a virtual address of one of the groups',
      ],
    ],
    [
      'an address that takes no packets',
      withServices(mail()).replace('vrid: 51\n', 'vrid: 51\n    accept: false\n'),
      [
        'f:17: services[0].address: found "10.77.0.100", expected an address that takes packets; group web has accept: false',
      ],
    ],
    [
      'a source of no group',
      withServices(mail('source: 10.78.0.99')),
      [
        'f:16: services[0].source: found "10.78.0.99", expected a virtual address of the group that the address of the service is of',
      ],
    ],
    [
      'a source of another group',
      withServices(mail('source: 10.78.0.100')).replace(
        'proxy:',
        '  - { name: b, interface: eth1, vrid: 52, addresses: [10.78.0.100/24] }\nproxy:',
      ),
      [
        'f:17: services[0].source: found "10.78.0.100", expected a virtual address of the group that the address of the service is of',
      ],
    ],
    [
      'a source of another family',
      withServices(mail('source: "fd77::100"')).replace(
        '[10.77.0.100/24]',
        '[10.77.0.100/24, "fd77::100/64"]',
      ),
      [
        'f:16: services[0].source: found "fd77::100", expected an address of the same family as the address of the service',
      ],
    ],
    [
      'two servers of one name',
      withServices(
        mail('', '[{ name: s1, address: 10.78.0.11 }, { name: s1, address: 10.78.0.12 }]'),
      ),
      [
        'f:16: services[0].servers[1].name: found "s1", expected a name of its own; services[0].servers[0] has this one',
      ],
    ],
    [
      'two servers that are one',
      withServices(
        mail(
          '',
          '[{ name: s1, address: 10.78.0.11 }, { name: s2, address: 10.78.0.11, port: 25 }]',
        ),
      ),
      [
        'f:16: services[0].servers[1].address: found "10.78.0.11", expected another address or port than services[0].servers[0]; a greater weight gives it more',
      ],
    ],
    [
      'a server of another family',
      withServices(mail('', '[{ name: s1, address: "fd78::11" }]')),
      [
        'f:16: services[0].servers[0].address: found "fd78::11", expected an address of the same family as the address of the service',
      ],
    ],
    [
      'a server that is a virtual address',
      withServices(mail('', '[{ name: s1, address: 10.77.0.100 }]')),
      [
        'f:16: services[0].servers[0].address: found "10.77.0.100", expected the address of a server; this one is virtual, and would lead back here',
      ],
    ],
    [
      'servers of which none serves',
      withServices(mail('', '[{ name: s1, address: 10.78.0.11, weight: 0 }]')),
      [
        'f:16: services[0].servers: found weight 0 for all, expected at least one server with another weight',
      ],
    ],
  ])('%s', (_what, text, problems) => {
    expect(problemsOf(text)).toEqual(problems);
  });

  it('what is mistaken anyway is not objected to twice', () => {
    const broken = withServices('name: A, address: x, port: 0, source: y, servers: [{ name: B }]');
    expect(problemsOf(broken).map((each) => each.replace(/: found.*/u, ''))).toEqual([
      'f:16: services[0].name',
      'f:16: services[0].address',
      'f:16: services[0].port',
      'f:16: services[0].source',
      'f:16: services[0].servers[0].name',
      'f:16: services[0].servers[0].address',
    ]);
  });

  it.each([
    [
      'the same port of another protocol',
      withServices(mail(), mail('protocol: udp').replace('mail', 'post')),
    ],
    [
      'one address with two ports',
      withServices(
        mail(
          '',
          '[{ name: a, address: 10.78.0.11, port: 1 }, { name: b, address: 10.78.0.11, port: 2 }]',
        ),
      ),
    ],
  ])('%s is none', (_what, text) => {
    expect(problemsOf(text)).toEqual([]);
  });
});

describe('services that a group tracks', () => {
  const DNS = mail('protocol: udp').replace('mail', 'dns');

  it.each([
    ['all', 'all'],
    ['[mail]', ['mail']],
  ])('%s: are known with the addresses of the group', (named, services) => {
    expect(configOf(tracking(named, withServices(mail(), DNS))).groups[0]?.track).toEqual([
      {
        name: 'services',
        consequence: { kind: 'weight', weight: -20 },
        thing: {
          ...{ kind: 'services', services, addresses: ['10.77.0.100'], quorum: 50 },
          ...{ every: 2000, rise: 5, fall: 5 },
        },
      },
    ]);
  });

  const CHECKED = 'expected at least one service that is checked, at an address of the group';

  it.each<readonly [string, string, readonly string[]]>([
    [
      'one that is none',
      tracking('[mail, mial]', withServices(mail(), DNS)),
      [
        'f:10: groups[0].track[0].services[1]: found "mial", expected one of the services: mail, dns',
      ],
    ],
    [
      'one where there is none',
      tracking('[mail]', EXAMPLE),
      [
        'f:10: groups[0].track[0].services[0]: found "mail", expected a service in the configuration, under services',
      ],
    ],
    [
      'one that nobody looks at',
      tracking('[dns, mail]', withServices(mail('check: none'), DNS)),
      [
        'f:10: groups[0].track[0].services[0]: found "dns", expected a service that is checked; dns has no check',
        'f:10: groups[0].track[0].services[1]: found "mail", expected a service that is checked; mail has no check',
      ],
    ],
    [
      'all where there is none',
      tracking('all', EXAMPLE),
      [`f:10: groups[0].track[0].services: found "all", ${CHECKED}`],
    ],
    [
      'all where nobody looks at any',
      tracking('all', withServices(DNS)),
      [`f:10: groups[0].track[0].services: found "all", ${CHECKED}`],
    ],
    [
      'all where they are of another group',
      tracking('all', withServices(mail())).replace(
        'proxy:\n',
        '  - { name: db, interface: eth1, vrid: 52, addresses: [10.78.0.100/24], track: [{ services: all, fault: true }] }\nproxy:\n',
      ),
      [`f:11: groups[1].track[0].services: found "all", ${CHECKED}`],
    ],
    [
      'neither all nor a list',
      tracking('mail', withServices(mail())),
      [
        'f:10: groups[0].track[0].services: found "mail", expected the word all, or a list of services',
      ],
    ],
    [
      'one that may be the one whose name is mistaken',
      tracking('[post]', withServices(mail().replace('mail', 'Post'))),
      [
        'f:17: services[0].name: found "Post", expected a name of at most 32 lower-case letters, digits and hyphens',
      ],
    ],
    [
      'all, where one has a mistaken address',
      tracking('all', withServices(mail().replace('10.77.0.100', 'there'))),
      [
        'f:17: services[0].address: found "there", expected an address, such as 10.77.1.1 or fd77:1::1',
      ],
    ],
    [
      'a name that is none',
      tracking('[A]', withServices(mail())),
      [
        'f:10: groups[0].track[0].services[0]: found "A", expected a name of at most 32 lower-case letters, digits and hyphens',
      ],
    ],
  ])('%s', (_what, text, problems) => {
    expect(problemsOf(text)).toEqual(problems);
  });
});

describe('advice', () => {
  const keyed = (text: string): string =>
    text.replace('groups:', '  key_file: /etc/vipair/pair.key\ngroups:');

  it.each<readonly [string, string, readonly string[]]>([
    ['all is well', keyed(withServices(mail())), []],
    [
      'nothing looks',
      keyed(withServices(mail('protocol: udp'))),
      [
        'service mail: nothing looks at its servers, and one that is down goes on getting its share; add check',
      ],
    ],
    [
      'there is no other server anyway',
      keyed(withServices(mail('check: none', '[{ name: s1, address: 10.78.0.11 }]'))),
      [],
    ],
    [
      'there is no key',
      withServices(mail()),
      [
        'service mail: its connections die with the node, and what operators want of its servers stays on one node; add pair.key_file',
      ],
    ],
    ['that is meant so', withServices(mail('replicate_flows: false')), []],
  ])('where %s', (_when, text, advice) => {
    expect(adviceOn(configOf(text))).toEqual(advice);
  });
});
