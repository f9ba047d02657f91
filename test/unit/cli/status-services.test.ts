import { expect, it } from 'vitest';
import { servicesSection } from '../../../src/cli/status/services.js';
import type { ServiceServerStatus, ServicesStatus } from '../../../src/telemetry/services.js';

const SERVER: ServiceServerStatus = {
  ...{ name: 's1', address: '10.78.0.11', port: 25, state: 'up', why: undefined },
  ...{ by: 'this node', there: 'up', admin: 'ready', weight: 100, share: 0.5 },
  ...{ connections: undefined, endsAt: undefined },
};

function section(servers: readonly ServiceServerStatus[], more: Partial<ServicesStatus> = {}) {
  const services: ServicesStatus = {
    services: [
      {
        ...{ name: 'mail', address: '10.77.0.100', port: 25, protocol: 'tcp' },
        ...{ hash: 'flow', source: undefined, servers },
      },
    ],
    ...{ rules: 'loaded', problems: [], ...more },
  };
  return servicesSection(services, 'lb2').replaceAll(/ +\n/gu, '\n').trimEnd();
}

it('says nothing where there are none', () => {
  expect(servicesSection(undefined, 'lb2')).toBe('');
});

it('shows each server, on both nodes, with what it gets and what is left of it', () => {
  const down = { ...SERVER, name: 's2', state: 'down', why: 'refused', share: 0 } as const;
  const drained: ServiceServerStatus = {
    ...{ ...SERVER, name: 's3', admin: 'drain', share: 0, connections: 4 },
    ...{ endsAt: Date.UTC(2026, 0, 1), there: undefined, by: 'the other node' },
  };
  const text = section([SERVER, down, drained]);
  expect(text).toContain('mail, tcp 10.77.0.100 25  s1');
  expect(text).toMatch(/s1 +10\.78\.0\.11 25 +up +up +50\.0 %, weight 100/u);
  expect(text).toMatch(/s2 +10\.78\.0\.11 25 +down: refused +up +0\.0 %/u);
  expect(text).toMatch(
    /s3 .* drain, up, by the other node +– +0\.0 %, weight 100 +4 left, until /u,
  );
});

it('says what stands in the way', () => {
  const text = section([{ ...SERVER, state: 'unknown' }], {
    ...{ rules: 'waiting', problems: ['nftables is missing'] },
  });
  expect(text).toMatch(/^nftables is missing\nservices: the rules before are in force\n/u);
  expect(text).toContain('not looked at');
});
