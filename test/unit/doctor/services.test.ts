import { expect, it } from 'vitest';
import type { Ip } from '../../../src/base/ip.js';
import { haproxyLines } from '../../../src/core/haproxy-text.js';
import { sectionsOf } from '../../../src/core/haproxy-sections.js';
import { checkServices } from '../../../src/doctor/services.js';
import type { Observations } from '../../../src/doctor/observations.js';

const MAIL = { name: 'mail', address: '10.77.0.100' as Ip, port: 25, protocol: 'tcp' } as const;

interface Around {
  readonly services?: Observations['services'];
  readonly haproxy?: string;
  readonly problems?: readonly string[];
}

function observed({ services = [MAIL], haproxy, problems }: Around): Observations {
  const sections = sectionsOf(haproxyLines(haproxy ?? ''));
  const proxy = { config: '/etc/haproxy/haproxy.cfg', file: { kind: 'read', sections } };
  const daemon =
    problems === undefined
      ? { kind: 'absent' }
      : { kind: 'running', after: { services: { problems } } };
  return {
    ...{ node: 'lb1', services, daemon },
    proxy: haproxy === undefined ? undefined : proxy,
  } as unknown as Observations;
}

it.each<readonly [string, Around, readonly string[]]>([
  ['there are none', { services: [] }, []],
  ['all is well', { problems: [], haproxy: 'frontend f\n  bind :80' }, ['well']],
  ['no daemon runs', {}, ['well']],
  [
    'HAProxy binds the port',
    { haproxy: 'frontend f\n  bind *:20-30' },
    [
      'line 2 of /etc/haproxy/haproxy.cfg (f) binds port 25 of 10.77.0.100, which the service mail takes: HAProxy gets no connection there.',
    ],
  ],
  [
    'it binds that of another protocol',
    { services: [{ ...MAIL, protocol: 'udp' }], haproxy: 'frontend f\n  bind *:25' },
    ['well'],
  ],
  [
    'the daemon has a problem',
    { problems: ['nftables is missing', 'the kernel forwards nothing, so …'] },
    ['Services: nftables is missing.'],
  ],
])('services where %s', (_when, around, said) => {
  const found = checkServices(observed(around));
  expect(found.map(({ severity, sentence }) => (severity === 'well' ? 'well' : sentence))).toEqual(
    said,
  );
});
