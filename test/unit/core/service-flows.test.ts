import { describe, expect, it } from 'vitest';
import type { Ip } from '../../../src/base/ip.js';
import { millis } from '../../../src/base/time.js';
import { flowsDue, nameOf, whoseFlow } from '../../../src/core/service-flows.js';
import type { PassedOn } from '../../../src/core/service-flows.js';

const ip = (text: string): Ip => text as Ip;
const MAIL: PassedOn = {
  name: 'mail',
  address: ip('10.77.0.100'),
  port: 25,
  protocol: 'tcp',
  servers: [
    { name: 's1', address: ip('10.78.0.11'), port: 2525 },
    { name: 's2', address: ip('10.78.0.12'), port: 25 },
  ],
};

interface Ends {
  readonly protocol: number;
  readonly to: readonly [string, number];
  readonly from: readonly [string, number];
}

function flow({ protocol, to, from }: Ends) {
  return {
    ...{ protocol, zone: 0 },
    original: {
      ...{ source: ip('10.77.0.9'), sourcePort: 40_000 },
      ...{ destination: ip(to[0]), destinationPort: to[1] },
    },
    reply: {
      ...{ source: ip(from[0]), sourcePort: from[1] },
      ...{ destination: ip('10.78.0.100'), destinationPort: 40_000 },
    },
  };
}

it.each<readonly [string, Ends, string | undefined]>([
  [
    'of one server',
    { protocol: 6, to: ['10.77.0.100', 25], from: ['10.78.0.11', 2525] },
    'mail/s1',
  ],
  ['of another', { protocol: 6, to: ['10.77.0.100', 25], from: ['10.78.0.12', 25] }, 'mail/s2'],
  [
    'of none that there is',
    { protocol: 6, to: ['10.77.0.100', 25], from: ['10.78.0.13', 25] },
    undefined,
  ],
  [
    'of another port',
    { protocol: 6, to: ['10.77.0.100', 26], from: ['10.78.0.11', 2525] },
    undefined,
  ],
  [
    'of another protocol',
    { protocol: 17, to: ['10.77.0.100', 25], from: ['10.78.0.11', 2525] },
    undefined,
  ],
  [
    'of the server itself',
    { protocol: 6, to: ['10.78.0.11', 2525], from: ['10.78.0.11', 2525] },
    undefined,
  ],
])('a connection %s is known', (_whose, ends, name) => {
  expect(whoseFlow([MAIL])(flow(ends))).toBe(name);
});

describe('the connections of a server', () => {
  const UP = { kind: 'up' } as const;
  const DOWN = { kind: 'down', why: 'refused' } as const;
  const since = (value: string) => ({ admin: { value, at: 1000 } });
  const nothing = { admin: undefined };

  it.each([
    ['tcp', 'ready', UP, nothing, 1_000_000, { kind: 'stay' }],
    ['tcp', 'ready', DOWN, nothing, 1_000_000, { kind: 'stay' }],
    ['tcp', 'ready', UP, since('ready'), 1_000_000, { kind: 'stay' }],
    ['tcp', 'drain', UP, since('drain'), 60_999, { kind: 'until', at: 61_000 }],
    ['tcp', 'drain', DOWN, since('drain'), 61_000, { kind: 'end' }],
    ['tcp', 'maint', undefined, since('maint'), 2000, { kind: 'until', at: 61_000 }],
    ['udp', 'ready', UP, nothing, 1_000_000, { kind: 'stay' }],
    ['udp', 'ready', DOWN, nothing, 1000, { kind: 'end' }],
    ['udp', 'maint', undefined, since('maint'), 1000, { kind: 'end' }],
    ['udp', 'drain', UP, since('drain'), 2000, { kind: 'until', at: 61_000 }],
  ] as const)('of %s, %s', (protocol, admin, opinion, wanted, now, due) => {
    const drainTimeout = millis(60_000);
    const standing = { admin, opinion };
    const knownFor = millis(now);
    expect(flowsDue({ protocol, drainTimeout, standing, wanted, now, knownFor })).toEqual(due);
  });

  it.each([
    [59_999, { kind: 'until', at: 5_000_001 }],
    [60_000, { kind: 'end' }],
  ] as const)(
    'of a server that was drained where the clock is behind are kept for the whole time: %d ms',
    (known, due) => {
      const drained = {
        protocol: 'tcp',
        drainTimeout: millis(60_000),
        standing: { admin: 'drain', opinion: UP },
        wanted: since('drain'),
        now: 5_000_000,
        knownFor: millis(known),
      } as const;
      expect(flowsDue(drained)).toEqual(due);
    },
  );

  it('go by its name', () => {
    expect(nameOf('mail', 's1')).toBe('mail/s1');
  });
});
