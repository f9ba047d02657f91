import { describe, expect, it } from 'vitest';
import type { Ip } from '../../../src/base/ip.js';
import type { ServiceReach } from '../../../src/core/service-reach.js';
import { reachOf, servicesSample } from '../../../src/core/service-reach.js';
import type { ServerKnown } from '../../../src/core/service-servers.js';
import { standingOf, UNSEEN } from '../../../src/core/service-servers.js';

const DOWN = { kind: 'down', why: 'refused' } as const;

function seen(verdict: ServerKnown['tracker']['verdict']): ServerKnown {
  return { ...UNSEEN, tracker: { verdict, doubt: undefined } };
}

describe('a server of a service is reached', () => {
  const LOST = seen({ kind: 'failing', why: 'refused' });

  it.each<readonly [string, ServerKnown, string, string, string]>([
    ['up where it answers', seen({ kind: 'well' }), 'ready', '100', 'up'],
    ['down where it does not', LOST, 'ready', '100', 'down'],
    ['up where it was not looked at yet', UNSEEN, 'ready', '100', 'up'],
    ['up where only the other node finds it down', { ...UNSEEN, peer: DOWN }, 'ready', '100', 'up'],
    ['out where it is drained', LOST, 'drain', '100', 'out'],
    ['out where it is in maintenance', UNSEEN, 'maint', '100', 'out'],
    ['out where it has no weight', LOST, 'ready', '0', 'out'],
  ])('%s', (_when, known, admin, weight, expected) => {
    const wanted = { admin: { value: admin, at: 1 }, weight: { value: weight } };
    expect(reachOf(known, standingOf(100, known, wanted))).toBe(expected);
  });
});

describe('services', () => {
  const OURS = '192.0.2.100' as Ip;
  const THEIRS = '192.0.2.200' as Ip;
  const service = (
    name: string,
    servers: ServiceReach['servers'],
    rest: Partial<ServiceReach> = {},
  ): ServiceReach => ({ name, address: OURS, looked: 'by this node', servers, ...rest });
  const SEEN = [
    service('web', ['up', 'down', 'out']),
    service('old', ['out']),
    service('api', ['down', 'down'], { address: THEIRS }),
    service('dns', ['up'], { looked: 'by nobody' }),
    service('log', ['down'], { looked: 'by nobody' }),
  ];
  const WELL = { kind: 'well' };

  it.each<[string, readonly string[] | 'all', number, object]>([
    ['with enough servers are well', ['web'], 50, WELL],
    ['with fewer are not', ['web'], 51, { why: 'web has 1 of 2 servers up' }],
    ['whose servers are all out are well', ['old'], 100, WELL],
    ['at the addresses of the group are all of them', 'all', 50, WELL],
    [
      'of another group count where they are named',
      ['api'],
      1,
      { why: 'api has 0 of 2 servers up' },
    ],
    ['that are none fail', ['mail', 'web'], 50, { why: 'there is no service mail' }],
  ])('%s', (_what, services, quorum, expected) => {
    expect(servicesSample({ services, addresses: [OURS], quorum }, SEEN)).toMatchObject(expected);
  });

  it('at the addresses of the group are told from the rest', () => {
    expect(servicesSample({ services: 'all', addresses: [THEIRS], quorum: 50 }, SEEN)).toEqual({
      kind: 'failing',
      why: 'api has 0 of 2 servers up',
    });
  });
});
