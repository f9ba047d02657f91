import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Ipv6 } from '../../../src/base/ipv6.js';
import {
  ipv6Bytes,
  ipv6FromBytes,
  isLinkLocal,
  parseIpv6,
  solicitedNode,
} from '../../../src/base/ipv6.js';
import { ok } from '../../../src/base/result.js';

const octets = fc.uint8Array({ minLength: 16, maxLength: 16 });

describe('an IPv6 address', () => {
  it.each([
    ['::', '::'],
    ['::1', '::1'],
    ['fd77::100', 'fd77::100'],
    ['FD77:0:0:0:0:0:0:0100', 'fd77::100'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['::ffff:10.0.0.1', '::ffff:a00:1'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
    ['1::', '1::'],
  ])('RFC 5952 §4 %s is printed as %s', (text, canonical) => {
    expect(parseIpv6(text)).toEqual(ok(canonical));
  });

  it.each([
    '',
    ':',
    ':::',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7:8::',
    '1::2::3',
    'fe80::1%eth0',
    '12345::',
    'g::',
    '::10.0.0.256',
    '10.0.0.1::',
    '::1 ',
    '10.0.0.1',
    'x::1',
    '::x',
  ])('%j is refused and quoted', (found) => {
    expect(parseIpv6(found)).toEqual({ ok: false, error: { code: 'not-an-address', found } });
  });

  it('reads back what it wrote, at any offset', () => {
    fc.assert(
      fc.property(octets, fc.nat(8), (bytes, offset) => {
        const padded = new Uint8Array(offset + 17);
        padded.set(bytes, offset);
        const address = ipv6FromBytes(padded, offset);
        expect(ipv6Bytes(address)).toEqual(bytes);
        expect(parseIpv6(address)).toEqual(ok(address));
      }),
    );
  });

  it.each([
    ['fe80::1', true],
    ['febf::1', true],
    ['fec0::1', false],
    ['fd77::1', false],
  ])('RFC 4291 §2.5.6 %s is link-local: %s', (address, expected) => {
    expect(isLinkLocal(address as Ipv6)).toBe(expected);
  });

  it('RFC 4291 §2.7.1 neighbours ask for an address at a group of its last 24 bits', () => {
    expect(solicitedNode('fd77::12:3456' as Ipv6)).toBe('ff02::1:ff12:3456');
  });
});
