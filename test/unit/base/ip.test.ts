import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Ip } from '../../../src/base/ip.js';
import {
  compareIp,
  familyOf,
  formatCidr,
  ipBytes,
  isIpv4Cidr,
  isIpv6Cidr,
  isMulticastIp,
  parseCidr,
  parseIp,
  withPort,
} from '../../../src/base/ip.js';
import type { Ipv4 } from '../../../src/base/ipv4.js';
import { ipv4FromBytes } from '../../../src/base/ipv4.js';
import { ipv6FromBytes } from '../../../src/base/ipv6.js';
import { ok } from '../../../src/base/result.js';

const anyIp: fc.Arbitrary<Ip> = fc.oneof(
  fc.uint8Array({ minLength: 4, maxLength: 4 }).map((bytes) => ipv4FromBytes(bytes, 0)),
  fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => ipv6FromBytes(bytes, 0)),
);

describe('an address of either family', () => {
  it('is read back as it was printed', () => {
    fc.assert(
      fc.property(anyIp, (address) => {
        expect(parseIp(address)).toEqual(ok(address));
        expect(ipBytes(address)).toHaveLength(familyOf(address) === 'ipv6' ? 16 : 4);
      }),
    );
  });

  it('RFC 9568 §6.4.3 compares in the order of its bytes within a family, IPv4 first', () => {
    fc.assert(
      fc.property(anyIp, anyIp, (a, b) => {
        const families = Number(familyOf(a) === 'ipv6') - Number(familyOf(b) === 'ipv6');
        const expected = families === 0 ? Buffer.compare(ipBytes(a), ipBytes(b)) : families;
        expect(Math.sign(compareIp(a, b))).toBe(expected);
      }),
    );
  });

  it.each([
    ['224.0.0.18', true],
    ['10.0.0.1', false],
    ['ff02::12', true],
    ['ff::1', false],
    ['fe80::1', false],
  ])('%s is a group: %s', (address, expected) => {
    expect(isMulticastIp(address as Ip)).toBe(expected);
  });

  it.each(['10.77.0', 'fd77:', ''])('%j is refused and quoted', (found) => {
    expect(parseIp(found)).toEqual({ ok: false, error: { code: 'not-an-address', found } });
  });

  it('tells which family a prefix is of', () => {
    const cidr = { address: 'fd77::1' as Ip, prefixLength: 64 };
    expect([isIpv6Cidr(cidr), isIpv4Cidr(cidr)]).toEqual([true, false]);
  });
});

describe('an address with a prefix length', () => {
  it.each([
    ['10.77.0.100/24', '10.77.0.100', 24],
    ['10.77.0.100/1', '10.77.0.100', 1],
    ['10.77.0.100/32', '10.77.0.100', 32],
    ['10.77.0.100', '10.77.0.100', 32],
    ['fd77::100/64', 'fd77::100', 64],
    ['FD77:0::0100/128', 'fd77::100', 128],
    ['fd77::100', 'fd77::100', 128],
  ])('%s is read', (text, address, prefixLength) => {
    expect(parseCidr(text)).toEqual(ok({ address, prefixLength }));
  });

  it.each([
    '',
    '/24',
    '10.77.0.100/',
    '10.77.0.100/0',
    '10.77.0.100/33',
    '10.77.0.100/024',
    '10.77.0.100/08',
    '10.77.0.100/2x',
    '10.77.0.100/24/24',
    '10.77.0.300/24',
    'fd77::100/129',
    'fd77::100/0',
    'fe80::1%eth0/64',
    'fd77:::1/64',
  ])('%j is refused and quoted', (found) => {
    expect(parseCidr(found)).toEqual({ ok: false, error: { code: 'not-an-address', found } });
  });

  it.each([
    ['10.77.0.100', '10.77.0.100:80'],
    ['fd77::100', '[fd77::100]:80'],
  ])('%s stands before a port as in a URL', (text, written) => {
    const host = parseIp(text);
    expect(host.ok ? withPort(host.value, 80) : undefined).toBe(written);
  });

  it('prints as it was written', () => {
    expect(formatCidr({ address: '10.77.0.100' as Ipv4, prefixLength: 24 })).toBe('10.77.0.100/24');
  });
});
