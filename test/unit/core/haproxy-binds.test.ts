import { describe, expect, it } from 'vitest';
import type { Ip } from '../../../src/base/ip.js';
import { bindBehind, bindsAt, declaredBinds } from '../../../src/core/haproxy-binds.js';
import { sectionsOf } from '../../../src/core/haproxy-sections.js';
import { haproxyLines } from '../../../src/core/haproxy-text.js';

const binds = (text: string) => declaredBinds(sectionsOf(haproxyLines(text)));

describe('binds of haproxy.cfg', () => {
  it.each<[string, string | undefined]>([
    ['192.0.2.1:80', '192.0.2.1'],
    ['ipv4@192.0.2.1:80', '192.0.2.1'],
    ['[2001:db8::1]:443 ssl', '2001:db8::1'],
    ['2001:db8::1:443', '2001:db8::1'],
    ['*:80', 'any'],
    [':80', 'any'],
    ['0.0.0.0:8000-8010', 'any'],
    ['[::]:80', 'any'],
    ['/run/haproxy.sock', undefined],
    ['unix@/run/haproxy.sock', undefined],
    ['www.example:80', undefined],
    ['999.0.2.1:80', undefined],
    ['', undefined],
  ])('bind %s listens at %s', (line, address) => {
    expect(binds(`frontend web\n  bind ${line}`)[0]?.address).toBe(address);
  });

  it('several addresses of one line are several, and backends have none', () => {
    const text =
      'listen web\n  bind 192.0.2.1:80,:81 transparent\nbackend b\n  bind :82\n  server a b:1';
    expect(binds(text)).toEqual([
      {
        ...{ proxy: 'web', line: 2, address: '192.0.2.1', transparent: 'yes' },
        ports: { from: 80, to: 80 },
      },
      { proxy: 'web', line: 2, address: 'any', transparent: 'yes', ports: { from: 81, to: 81 } },
    ]);
  });

  it('those at the port of a service get nothing any more', () => {
    const found = binds(
      [
        'frontend a',
        ...['192.0.2.1:80', ':8000-8010', '192.0.2.9:25', '/run/web.sock'].map(
          (at) => `  bind ${at}`,
        ),
      ].join('\n'),
    );
    const at = (port: number) => bindBehind(found, { address: '192.0.2.1' as Ip, port })?.line;
    expect([80, 8000, 8010, 8011, 7999, 25].map(at)).toEqual([
      ...[2, 3, 3, undefined, undefined, undefined],
    ]);
  });

  it('only those at the addresses, of the family, wait for the address', () => {
    const found = binds(
      [
        'frontend a',
        ...['192.0.2.1:80', '192.0.2.9:80', ':81', '[2001:db8::1]:80'].map((at) => `  bind ${at}`),
        '  bind 192.0.2.1:82 transparent',
        '  bind /run/web.sock',
      ].join('\n'),
    );
    const addresses = ['192.0.2.1', '2001:db8::1'] as Ip[];
    expect(bindsAt(found, addresses, 'ipv4').map(({ line }) => line)).toEqual([2]);
    expect(bindsAt(found, addresses, 'ipv6').map(({ line }) => line)).toEqual([5]);
  });
});
