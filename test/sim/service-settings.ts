/** The services of a simulated pair, and how their file changes. */
import { parseIp } from '../../src/base/ip.js';
import type { Ip } from '../../src/base/ip.js';
import type { Millis } from '../../src/base/time.js';
import { millis } from '../../src/base/time.js';
import type { ServiceConfig } from '../../src/config/config.js';

/** Of the pair's one group. */
const AT = ip('10.77.0.100');

/** What an operator writes into the file, one after the other. */
export const WEIGHTS = ['usual', 'otherwise', 'one has none'] as const;
export type Weights = (typeof WEIGHTS)[number];

const CHECK_EVERY = millis(500);
const CHECK_TIMEOUT = millis(200);
const [RISE, FALL] = [2, 2];
/** From what happens to a server until a node that looks at it has found it out. */
export const FOUND_WITHIN: Millis = millis(CHECK_EVERY * Math.max(RISE, FALL) + CHECK_TIMEOUT);

export function servicesFor(weights: Weights): readonly ServiceConfig[] {
  const [a, b, c] = {
    usual: [100, 50, 100],
    otherwise: [30, 100, 100],
    'one has none': [100, 50, 0],
  }[weights];
  return [
    service('mail', 'tcp', 25, [
      ['a', '10.78.0.11', a],
      ['b', '10.78.0.12', b],
      ['c', '10.78.0.13', c],
    ]),
    service('dns', 'udp', 53, [
      ['d', '10.78.0.14', 1],
      ['e', '10.78.0.15', 3],
    ]),
  ];
}

/** The same as a file. */
export function servicesText(weights: Weights): readonly string[] {
  return [
    'services:',
    ...servicesFor(weights).flatMap(({ name, address, port, protocol, servers }) => [
      `  - name: ${name}`,
      `    address: ${address}`,
      `    port: ${String(port)}`,
      `    protocol: ${protocol}`,
      `    check: { tls: true, every: ${String(CHECK_EVERY)}ms, timeout: ${String(CHECK_TIMEOUT)}ms, rise: ${String(RISE)}, fall: ${String(FALL)} }`,
      `    drain_timeout: ${String(DRAIN_TIMEOUT)}ms`,
      '    servers:',
      ...servers.map(
        (each) =>
          `      - { name: ${each.name}, address: ${each.address}, weight: ${String(each.weight)} }`,
      ),
    ]),
  ];
}

const DRAIN_TIMEOUT = millis(2000);

type Listed = readonly [name: string, address: string, weight: number | undefined];

function service(
  name: string,
  protocol: ServiceConfig['protocol'],
  port: number,
  servers: readonly Listed[],
): ServiceConfig {
  return {
    ...{ name, address: AT, port, protocol, mode: 'kernel', hash: 'flow' },
    source: undefined,
    servers: servers.map(([server, address, weight = 0]) => {
      return { name: server, address: ip(address), port, weight };
    }),
    check: {
      ...{ kind: 'tls', host: undefined, port: undefined },
      ...{ every: CHECK_EVERY, timeout: CHECK_TIMEOUT, rise: RISE, fall: FALL },
    },
    drainTimeout: DRAIN_TIMEOUT,
    replicateFlows: true,
  };
}

function ip(text: string): Ip {
  const parsed = parseIp(text);
  if (!parsed.ok) {
    throw new Error(text);
  }
  return parsed.value;
}
