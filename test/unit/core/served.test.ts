import { describe, expect, it } from 'vitest';
import type { Ip } from '../../../src/base/ip.js';
import type { Listening, ServerSeen } from '../../../src/core/served.js';
import {
  backendsOf,
  backendsSample,
  differingServers,
  listenersSample,
  MOST_TROUBLED,
  standingOf,
  summarizeServers,
} from '../../../src/core/served.js';

function server(name: string, status: string): ServerSeen {
  const [backend = '', own = ''] = name.split('/');
  return { backend, name: own, status, check: undefined };
}

it.each([
  ['UP', 'up'],
  ['UP 2/3', 'up'],
  ['UP (via web/a)', 'up'],
  ['NOLB', 'up'],
  ['no check', 'up'],
  ['DOWN', 'down'],
  ['DOWN 1/2', 'down'],
  ['DOWN (agent)', 'down'],
  ['MAINT (resolution)', 'down'],
  ['a word of a later version', 'down'],
  ['MAINT', 'out'],
  ['MAINT (via web/a)', 'out'],
  ['DRAIN', 'out'],
  ['DRAIN (agent)', 'out'],
])('a server that HAProxy calls %s is %s', (status, standing) => {
  expect(standingOf({ status })).toBe(standing);
});

describe('backends', () => {
  const SEEN = [
    server('web/a', 'UP'),
    server('web/b', 'DOWN'),
    server('web/c', 'MAINT'),
    server('api/a', 'DOWN'),
    server('api/b', 'MAINT (resolution)'),
    server('old/a', 'MAINT'),
  ];
  const WELL = { kind: 'well' };

  it('are named once each', () => {
    expect(backendsOf(SEEN)).toEqual(['web', 'api', 'old']);
  });

  it.each<[readonly string[] | 'all', number, object]>([
    [['web'], 50, WELL],
    [['web'], 51, { kind: 'failing', why: 'web has 1 of 2 servers up' }],
    ['all', 50, { kind: 'failing', why: 'api has 0 of 2 servers up' }],
    // Whoever takes every server out means it.
    [['old'], 100, WELL],
    [['mail'], 1, { kind: 'failing', why: 'there is no backend mail' }],
    [
      ['a', 'b', 'c', 'd'],
      1,
      {
        kind: 'failing',
        why: 'there is no backend a, there is no backend b, there is no backend c and 1 more',
      },
    ],
  ])('%j with a quorum of %i percent', (backends, quorum, expected) => {
    expect(backendsSample({ backends, quorum }, SEEN)).toEqual(expected);
  });

  it('of a proxy that has none are well', () => {
    expect(backendsSample({ backends: 'all', quorum: 50 }, [])).toEqual(WELL);
  });
});

describe('listeners', () => {
  const IPV4 = '192.0.2.100' as Ip;
  const IPV6 = '2001:db8::100' as Ip;
  const at = (address: Ip | undefined, family: Listening['family'], port = 80): Listening => ({
    ...{ address, family, port },
  });

  it.each<[string, readonly Ip[], readonly Listening[], string]>([
    ['at the address itself', [IPV4], [at(IPV4, 'ipv4')], 'well'],
    ['at every address of the family', [IPV4], [at(undefined, 'ipv4')], 'well'],
    ['at every address of both', [IPV4, IPV6], [at(undefined, 'both')], 'well'],
    ['at those of the other family', [IPV6], [at(undefined, 'ipv4')], 'failing'],
    ['at another address', [IPV4], [at('192.0.2.1' as Ip, 'ipv4')], 'failing'],
    ['at another port', [IPV4], [at(IPV4, 'ipv4', 443)], 'failing'],
    ['nowhere', [IPV4], [], 'failing'],
  ])('%s', (_where, addresses, listening, kind) => {
    expect(listenersSample({ addresses, ports: [80] }, listening).kind).toBe(kind);
  });

  it('that are missing are named', () => {
    expect(listenersSample({ addresses: [IPV4], ports: [80, 443] }, [at(IPV4, 'ipv4')])).toEqual({
      kind: 'failing',
      why: 'nothing listens on 192.0.2.100 port 443',
    });
  });
});

describe('in short', () => {
  it('servers that are not up are named, with what their last check found', () => {
    const down = { ...server('web/b', 'DOWN'), check: 'L4CON' };
    expect(summarizeServers([server('web/a', 'UP'), down, server('web/c', 'MAINT')])).toEqual({
      total: 3,
      up: 1,
      troubled: [
        { name: 'web/b', standing: 'down', status: 'DOWN, L4CON' },
        { name: 'web/c', standing: 'out', status: 'MAINT' },
      ],
    });
  });

  it('so many of them, and no more', () => {
    const many = Array.from({ length: MOST_TROUBLED + 1 }, (_none, index) =>
      server(`web/s${String(index)}`, 'DOWN'),
    );
    const { up, troubled } = summarizeServers(many);
    expect([up, troubled.length]).toEqual([0, MOST_TROUBLED]);
  });

  it('two nodes agree where both call a server down, in whatever words', () => {
    const here = summarizeServers([server('web/a', 'DOWN'), server('web/b', 'MAINT')]);
    const there = summarizeServers([server('web/a', 'DOWN 1/2'), server('web/b', 'DOWN')]);
    expect(differingServers(here, there)).toEqual([
      { server: 'web/b', here: 'MAINT', there: 'DOWN' },
    ]);
    const up = summarizeServers([server('web/a', 'UP'), server('web/b', 'UP')]);
    expect(differingServers(here, up)).toEqual([
      { server: 'web/a', here: 'DOWN', there: 'UP' },
      { server: 'web/b', here: 'MAINT', there: 'UP' },
    ]);
    // A node without such a server does not call it up.
    expect(differingServers(summarizeServers([]), here)[0]).toEqual({
      ...{ server: 'web/a', here: 'not named', there: 'DOWN' },
    });
  });

  it('of what a list is too long to name nothing is said', () => {
    const many = (count: number): ReturnType<typeof summarizeServers> =>
      summarizeServers(
        Array.from({ length: 150 }, (_none, index) =>
          server(`web/s${String(index)}`, index < count ? 'DOWN' : 'UP'),
        ),
      );
    const last = summarizeServers(
      Array.from({ length: 150 }, (_none, index) =>
        server(`web/s${String(index)}`, index === 140 ? 'DOWN' : 'UP'),
      ),
    );
    expect(differingServers(many(149), last).some(({ server: name }) => name === 'web/s140')).toBe(
      false,
    );
    expect(differingServers(last, many(149)).some(({ server: name }) => name === 'web/s140')).toBe(
      false,
    );
  });
});
