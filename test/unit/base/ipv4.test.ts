import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Ipv4 } from '../../../src/base/ipv4.js';
import {
  compareIpv4,
  ipv4Bytes,
  ipv4FromBytes,
  isMulticast,
  parseIpv4,
} from '../../../src/base/ipv4.js';
import { ok } from '../../../src/base/result.js';

const octets = fc.uint8Array({ minLength: 4, maxLength: 4 });

describe('an IPv4 address', () => {
  it.each(['0.0.0.0', '10.77.0.100', '255.255.255.255'])('%s is itself', (text) => {
    expect(parseIpv4(text)).toEqual(ok(text));
  });

  it.each([
    '',
    '10.77.0',
    '10.77.0.100.1',
    '10.77.0.256',
    '10.77.0.010',
    '10.77.0.',
    '10.77.0.-1',
    '10.77.0.0x1',
    '10.77.0.1 ',
    '10.77.0.1\n',
    '١.1.1.1',
    '::1',
  ])('%j is refused and quoted', (found) => {
    expect(parseIpv4(found)).toEqual({ ok: false, error: { code: 'not-an-address', found } });
  });

  it('reads back what it wrote, at any offset', () => {
    fc.assert(
      fc.property(octets, fc.nat(8), (bytes, offset) => {
        const padded = new Uint8Array(offset + 5);
        padded.set(bytes, offset);
        const address = ipv4FromBytes(padded, offset);
        expect(ipv4Bytes(address)).toEqual(bytes);
        expect(parseIpv4(address)).toEqual(ok(address));
      }),
    );
  });

  it.each([
    ['9.0.0.0', '10.0.0.0', -1],
    ['10.0.0.10', '10.0.0.9', 1],
    ['128.0.0.0', '127.255.255.255', 1],
    ['255.255.255.255', '0.0.0.0', 1],
    ['10.0.0.1', '10.0.0.1', 0],
  ])('RFC 9568 §6.4.3 %s against %s compares as unsigned numbers: %i', (a, b, order) => {
    expect(Math.sign(compareIpv4(a as Ipv4, b as Ipv4))).toBe(order);
  });

  it('RFC 9568 §6.4.3 compares in the order of its bytes', () => {
    fc.assert(
      fc.property(octets, octets, (a, b) => {
        const [first, second] = [ipv4FromBytes(a, 0), ipv4FromBytes(b, 0)];
        expect(Math.sign(compareIpv4(first, second))).toBe(Buffer.compare(a, b));
      }),
    );
  });

  it.each([
    ['223.255.255.255', false],
    ['224.0.0.0', true],
    ['224.0.0.18', true],
    ['239.255.255.255', true],
    ['240.0.0.0', false],
  ])('RFC 1112 §4 %s is a group: %s', (address, expected) => {
    expect(isMulticast(address as Ipv4)).toBe(expected);
  });
});
