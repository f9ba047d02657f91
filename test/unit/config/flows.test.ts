/** Connections that both nodes are to have. */
import { describe, expect, it } from 'vitest';
import { configOf, edited, problemsOf } from './example.js';

const keyed = (replicate: string): string =>
  edited('nodes:', 'key_file: /k\n  nodes:').replace(
    'runtime:',
    `replicate: ${replicate}\nruntime:`,
  );
const PROXY = 'proxy:\n  haproxy:\n    config: /etc/haproxy/haproxy.cfg\n';

describe('flows', () => {
  it('need no proxy, and then no stick tables are replicated', () => {
    const config = configOf(keyed('{ flows: {} }').replace(PROXY, ''));
    expect(config.replicate).toBeUndefined();
    expect(config.flows).toEqual({
      ...{ port: 5114, protocols: undefined, ports: undefined, zones: undefined, networks: [] },
    });
  });

  it('are filtered by what the operator says', () => {
    const flows =
      '{ port: 6000, protocols: [tcp, sctp], ports: [25], zones: [0], networks: [10.78.0.0/24] }';
    expect(configOf(keyed(`{ flows: ${flows} }`)).flows).toEqual({
      ...{ port: 6000, protocols: [6, 132], ports: [25], zones: [0] },
      networks: [{ address: '10.78.0.0', prefixLength: 24 }],
    });
  });

  it('may be all that is replicated', () => {
    const config = configOf(keyed('{ stick_tables: none, flows: {} }'));
    expect([config.replicate, config.flows?.port]).toEqual([undefined, 5114]);
    expect(configOf(keyed('{ flows: {} }')).replicate?.stickTables).toBe('all');
  });

  it.each([
    ['{ flows: { port: 5112 } }', ['another port than pair.port']],
    ['{ flows: { port: 5113 } }', ['another port than replicate.port']],
    ['{ flows: { protocols: [icmp] } }', ['tcp or udp or sctp']],
    ['{ flows: { ports: [] } }', ['a list of 1 to 64 ports']],
    ['{ flows: { networks: [here] } }', ['such as']],
  ])('%s is a problem', (replicate, expected) => {
    const problems = problemsOf(keyed(replicate)).join('\n');
    for (const each of expected) {
      expect(problems).toContain(each);
    }
  });
});
