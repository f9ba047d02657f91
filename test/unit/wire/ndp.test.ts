import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isMulticastIp } from '../../../src/base/ip.js';
import type { Ipv6 } from '../../../src/base/ipv6.js';
import { ipv6Bytes, ipv6FromBytes, solicitedNode } from '../../../src/base/ipv6.js';
import type { MacAddress } from '../../../src/base/mac.js';
import { macFromBytes } from '../../../src/base/mac.js';
import { ok } from '../../../src/base/result.js';
import { checksumOf, wordSum } from '../../../src/wire/internet-checksum.js';
import {
  ALL_NODES,
  decodeNdp,
  encodeSolicitation,
  encodeUnsolicitedAdvertisement,
  UNSPECIFIED,
} from '../../../src/wire/ndp.js';

const MAC = '02:00:00:00:00:0a' as MacAddress;
const VIP = 'fd77::100' as Ipv6;
const OWN = 'fe80::1' as Ipv6;

const ADVERTISEMENT = { mac: MAC, address: VIP, role: 'host' } as const;
const SOLICITATION = { mac: MAC, sender: OWN, target: VIP };
const PROBE = { mac: MAC, sender: undefined, target: VIP };

type Changes = Readonly<Record<number, number>>;

/** A frame with some bytes changed and its checksum made right again. */
function mended(frame: Uint8Array, changes: Changes): Uint8Array {
  const copy = changed(frame, changes);
  copy.set([0, 0], 56);
  const length = ((copy[18] ?? 0) << 8) | (copy[19] ?? 0);
  const pseudo = wordSum(copy.subarray(22, 54)) + length + 58;
  const checksum = checksumOf(wordSum(copy.subarray(54, 54 + length), pseudo));
  copy.set([checksum >>> 8, checksum & 0xff], 56);
  return copy;
}

function changed(frame: Uint8Array, changes: Changes): Uint8Array {
  const copy = Uint8Array.from(frame);
  for (const [at, value] of Object.entries(changes)) {
    copy[Number(at)] = value;
  }
  return copy;
}

function hex(frame: Uint8Array): string {
  return Buffer.from(frame).toString('hex');
}

describe('a frame', () => {
  it('RFC 4861 §7.2.6 announces an address to all nodes, from that address, with override', () => {
    expect(hex(encodeUnsolicitedAdvertisement(ADVERTISEMENT))).toBe(
      '33330000000102000000000a86dd' +
        '6000000000203aff' +
        'fd770000000000000000000000000100' +
        'ff020000000000000000000000000001' +
        '880057a620000000' +
        'fd770000000000000000000000000100' +
        '020102000000000a',
    );
  });

  it('RFC 4861 §7.2.6 tells that this is a router', () => {
    const frame = encodeUnsolicitedAdvertisement({ ...ADVERTISEMENT, role: 'router' });
    expect(decodeNdp(frame)).toMatchObject({ value: { flags: ['router', 'override'] } });
  });

  it("RFC 4861 §4.3 asks the target's group, and says who asks", () => {
    expect(decodeNdp(encodeSolicitation(SOLICITATION))).toEqual(
      ok({
        kind: 'solicitation',
        source: OWN,
        destination: 'ff02::1:ff00:100',
        sourceMac: MAC,
        destinationMac: '33:33:ff:00:01:00',
        target: VIP,
        linkLayer: MAC,
      }),
    );
  });

  it('RFC 4862 §5.4.2 asks for duplicates without saying who asks', () => {
    const frame = encodeSolicitation(PROBE);
    expect(frame).toHaveLength(14 + 40 + 24);
    expect(decodeNdp(frame)).toMatchObject({
      value: { source: UNSPECIFIED, linkLayer: undefined },
    });
  });

  it('reads back as it was written, with padding and without', () => {
    const macs = fc.uint8Array({ minLength: 6, maxLength: 6 }).map((six) => macFromBytes(six, 0));
    const addresses = fc
      .uint8Array({ minLength: 16, maxLength: 16 })
      .map((sixteen) => ipv6FromBytes(sixteen, 0))
      .filter((address) => !isMulticastIp(address) && address !== UNSPECIFIED);
    const role = fc.constantFrom('router' as const, 'host' as const);
    const padding = fc.constantFrom(0, 18);
    fc.assert(
      fc.property(macs, addresses, addresses, role, padding, (mac, address, sender, as, more) => {
        const padded = (frame: Uint8Array): Uint8Array =>
          Uint8Array.from([...frame, ...new Uint8Array(more)]);
        const told = decodeNdp(padded(encodeUnsolicitedAdvertisement({ mac, address, role: as })));
        expect(told).toEqual(
          ok({
            kind: 'advertisement',
            source: address,
            destination: ALL_NODES,
            sourceMac: mac,
            destinationMac: '33:33:00:00:00:01',
            target: address,
            linkLayer: mac,
            flags: as === 'router' ? ['router', 'override'] : ['override'],
          }),
        );
        const asked = decodeNdp(padded(encodeSolicitation({ mac, sender, target: address })));
        expect(asked).toMatchObject({
          ok: true,
          value: { source: sender, destination: solicitedNode(address), target: address },
        });
      }),
    );
  });
});

describe('a frame is refused', () => {
  const told = encodeUnsolicitedAdvertisement(ADVERTISEMENT);
  const asked = encodeSolicitation(SOLICITATION);
  const probe = encodeSolicitation(PROBE);

  it.each<[string, Uint8Array, string]>([
    ['cut off in its header', told.subarray(0, 77), 'truncated'],
    ['cut off in its option', told.subarray(0, 85), 'truncated'],
    ['with a length that holds no message', changed(told, { 19: 23 }), 'truncated'],
    ['of another protocol', changed(told, { 13: 0xdc }), 'ether-type'],
    ['of IP version 4', changed(told, { 14: 0x40 }), 'ip-version'],
    ['of UDP', changed(told, { 20: 17 }), 'next-header'],
    ['that came from beyond the link', changed(told, { 21: 254 }), 'hop-limit'],
    ['of a router solicitation', mended(told, { 54: 133 }), 'type'],
    ['with a code', mended(told, { 55: 1 }), 'icmp-code'],
    ['with a wrong checksum', changed(told, { 57: 0 }), 'checksum'],
    ['about a multicast address', mended(told, { 62: 0xff }), 'target'],
    ['with an option of no length', mended(told, { 79: 0 }), 'option'],
    ['with an option that is too long', mended(told, { 79: 2 }), 'option'],
    ['with half an option', mended(told, { 19: 25 }), 'option'],
    ['that is solicited and yet to everybody', mended(told, { 58: 0x40 }), 'solicited-multicast'],
    ['that probes elsewhere', mended(probe, { 53: 0x01 }), 'duplicate-probe'],
    [
      'that probes and says who asks',
      mended(asked, Object.fromEntries(Array.from({ length: 16 }, (_, at) => [22 + at, 0]))),
      'duplicate-probe',
    ],
  ])('%s (RFC 4861 §7.1)', (_why, frame, code) => {
    expect(decodeNdp(frame)).toMatchObject({ ok: false, error: { code } });
  });

  it('whatever noise it is, without a throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
        expect(decodeNdp(noise).ok).toBe(false);
      }),
    );
  });

  it('or read, without a throw, where noise follows right headers and a right checksum', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 120 }),
        fc.nat(85),
        fc.nat(255),
        (noise, at, value) => {
          const frame = Uint8Array.from([...told.subarray(0, 62), ...noise, ...told.subarray(62)]);
          expect(typeof decodeNdp(mended(changed(frame, { 19: 24 + noise.length }), {})).ok).toBe(
            'boolean',
          );
          expect(typeof decodeNdp(mended(told, { [at]: value })).ok).toBe('boolean');
        },
      ),
    );
  });
});

describe('a frame is read', () => {
  it('with options that are not known, and without any', () => {
    const told = encodeUnsolicitedAdvertisement(ADVERTISEMENT);
    const unknown = mended(told, { 78: 14 });
    expect(decodeNdp(unknown)).toMatchObject({ ok: true, value: { linkLayer: undefined } });
    const bare = mended(told, { 19: 24 });
    expect(decodeNdp(bare)).toMatchObject({ ok: true, value: { linkLayer: undefined } });
    const long = Uint8Array.from([...told, ...new Uint8Array(8)]);
    const longOption = mended(long, { 19: 40, 79: 2 });
    expect(decodeNdp(longOption)).toMatchObject({ ok: true, value: { linkLayer: undefined } });
  });

  it('when a neighbour answers: solicited, to the asker alone', () => {
    const told = encodeUnsolicitedAdvertisement(ADVERTISEMENT);
    const toAsker = Object.fromEntries([...ipv6Bytes(OWN)].map((byte, at) => [38 + at, byte]));
    expect(decodeNdp(mended(told, { ...toAsker, 58: 0x60 }))).toMatchObject({
      ok: true,
      value: { destination: OWN, flags: ['solicited', 'override'] },
    });
  });
});
