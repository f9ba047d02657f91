import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Ip } from '../../../src/base/ip.js';
import { ipBytes } from '../../../src/base/ip.js';
import type { Ipv6 } from '../../../src/base/ipv6.js';
import { centis } from '../../../src/base/time.js';
import { BrokenAssumption } from '../../../src/base/unreachable.js';
import type { Arrived, Expectations, Rejection } from '../../../src/core/receive-checks.js';
import { describeRejection, judge, REJECTIONS } from '../../../src/core/receive-checks.js';
import type { ChecksumForm } from '../../../src/wire/vrrp-checksum.js';
import type { Advert, AdvertV2, AdvertV3 } from '../../../src/wire/vrrp.js';
import { VRRP_GROUPS } from '../../../src/wire/vrrp-groups.js';
import { authenticationFor, decodeAdvert, encodeAdvert } from '../../../src/wire/vrrp.js';

const OWN = '198.51.100.10' as Ip;
const PEER = '198.51.100.11' as Ip;
const VIP = '192.0.2.100' as Ip;
const OTHER_VIP = '192.0.2.101' as Ip;

const MULTICAST: Expectations = {
  family: 'ipv4',
  version: 3,
  vrid: 51,
  interval: centis(100),
  minTtl: 255,
  password: undefined,
  ownAddress: OWN,
  audience: { kind: 'multicast' },
  addresses: [VIP],
};
const UNICAST: Expectations = { ...MULTICAST, audience: { kind: 'unicast', peers: [PEER] } };
const ADVERT: AdvertV3 = {
  version: 3,
  vrid: 51,
  priority: 200,
  maxAdvertInterval: centis(100),
  addresses: [VIP],
};

interface Shape {
  readonly source?: Ip;
  readonly destination?: Ip;
  readonly advert?: Partial<AdvertV3>;
  /** Of version 2 instead. */
  readonly two?: Partial<AdvertV2>;
  readonly checksum?: ChecksumForm;
  /** Bytes to overwrite: of the message, before its checksum is made right again and after; of the IP header. */
  readonly message?: Readonly<Record<number, number>>;
  readonly corrupted?: Readonly<Record<number, number>>;
  readonly header?: Readonly<Record<number, number>>;
  readonly options?: readonly number[];
  /** Bytes behind the last address, inside the IP packet. */
  readonly trailer?: readonly number[];
  /** Bytes behind the IP packet, as Ethernet pads it. */
  readonly padding?: readonly number[];
}

function overwrite(bytes: Uint8Array, changes: Readonly<Record<number, number>>): void {
  Object.entries(changes).forEach(([at, value]) => (bytes[Number(at)] = value));
}

const TWO: AdvertV2 = { ...ADVERT, version: 2, authentication: authenticationFor(undefined) };
const VERSION_TWO: Expectations = { ...MULTICAST, version: 2 };
const SECRET = new TextEncoder().encode('secret');

/** An IPv4 packet as a raw socket delivers it: a valid advert from the peer to the group, except for `shape`. */
function packet(shape: Shape = {}): Uint8Array {
  const { source = PEER, destination = VRRP_GROUPS.ipv4, checksum = 'with-pseudo-header' } = shape;
  const endpoints = { source, destination };
  const advert: Advert =
    shape.two === undefined ? { ...ADVERT, ...shape.advert } : { ...TWO, ...shape.two };
  const message = encodeAdvert(advert, { ...endpoints, checksum });
  if (shape.message !== undefined) {
    overwrite(message, { ...shape.message, 6: 0, 7: 0 });
    const found = decodeAdvert(message, endpoints);
    if (!found.ok && found.error.code === 'checksum') {
      const right = found.error.expected[checksum];
      overwrite(message, { 6: right >>> 8, 7: right & 0xff });
    }
  }
  overwrite(message, shape.corrupted ?? {});
  const { options = [], trailer = [], padding = [] } = shape;
  const total = 20 + options.length + message.length + trailer.length;
  const header = [0x45 + options.length / 4, 0xc0, total >>> 8, total & 0xff, 0, 1, 0, 0, 255, 112];
  const addresses = [...ipBytes(source), ...ipBytes(destination)];
  const whole = [...header, 0, 0, ...addresses, ...options, ...message, ...trailer, ...padding];
  const bytes = Uint8Array.from(whole);
  overwrite(bytes, shape.header ?? {});
  return bytes;
}

const judgeIpv4 = (bytes: Uint8Array, expected: Expectations) =>
  judge({ family: 'ipv4', packet: bytes }, expected);

const rejected = (cause: Rejection) => ({ kind: 'rejected', cause });

describe('RFC 9568 §7.1 a packet is accepted', () => {
  it.each<[string, Shape]>([
    ['that is a plain advert', {}],
    ['RFC 9568 §5.2.8 with the message-only checksum', { checksum: 'without-pseudo-header' }],
    ['RFC 9568 §5.2.4 of priority 0', { advert: { priority: 0 } }],
    ['RFC 9568 §5.2.4 of priority 1', { advert: { priority: 1 } }],
    ['RFC 9568 §5.2.4 of priority 254', { advert: { priority: 254 } }],
    ['RFC 9568 §5.2.4 of priority 255', { advert: { priority: 255 } }],
    ['RFC 9568 §5.2.7 of interval 1', { advert: { maxAdvertInterval: centis(1) } }],
    ['RFC 9568 §5.2.7 of interval 4095', { advert: { maxAdvertInterval: centis(4_095) } }],
    ['RFC 9568 §5.2.6 with reserved bits set', { message: { 4: 0xf0 } }],
    ['RFC 791 §3.1 with IP options', { options: [1, 1, 1, 0] }],
    ["RFC 791 §3.1 with don't-fragment set", { header: { 6: 0x40 } }],
    ['RFC 894 padded to the least Ethernet frame', { padding: Array<number>(14).fill(0xee) }],
  ])('%s', (_name, shape) => {
    expect(judgeIpv4(packet(shape), MULTICAST)).toEqual({
      kind: 'accepted',
      source: PEER,
      advert: { ...ADVERT, ...shape.advert },
      checksum: shape.checksum ?? 'with-pseudo-header',
      warnings: (shape.advert?.maxAdvertInterval ?? 100) === 100 ? [] : ['interval-differs'],
      message: expect.any(Uint8Array) as Uint8Array,
      trailer: undefined,
    });
  });

  it('that a configured peer sent to our own address', () => {
    const verdict = judgeIpv4(packet({ destination: OWN }), UNICAST);
    expect(verdict).toMatchObject({ kind: 'accepted', source: PEER });
  });
});

describe('RFC 3768 §7.1 a packet of version 2', () => {
  const shortly = { maxAdvertInterval: centis(200) };
  const password = { authentication: authenticationFor(SECRET) };

  it.each<[string, Shape, Expectations, string]>([
    ['is accepted', { two: {} }, VERSION_TWO, 'accepted'],
    ['with the password too', { two: password }, { ...VERSION_TWO, password: SECRET }, 'accepted'],
    ['of another interval is not', { two: shortly }, VERSION_TWO, 'interval'],
    ['with a password where none is used', { two: password }, VERSION_TWO, 'auth-type'],
    ['without one where one is', { two: {} }, { ...VERSION_TWO, password: SECRET }, 'auth-type'],
    [
      'with another password',
      { two: password },
      { ...VERSION_TWO, password: new TextEncoder().encode('secrets') },
      'auth-data',
    ],
    [
      'RFC 2338 §5.3.6 with a type that nobody speaks',
      { two: { authentication: { type: 2, octets: new Uint8Array(8) } } },
      VERSION_TWO,
      'auth-type',
    ],
    ['heard where version 3 is spoken', { two: {} }, MULTICAST, 'version'],
    ['of another virtual router where version 3 is', { two: { vrid: 52 } }, MULTICAST, 'vrid'],
    ['of version 3', {}, VERSION_TWO, 'version'],
  ])('%s', (_name, shape, expected, outcome) => {
    const verdict = judgeIpv4(packet(shape), expected);
    expect(verdict.kind === 'accepted' ? verdict.kind : verdict.cause).toBe(outcome);
  });

  it('RFC 3768 §5.3.10 says nothing with its data where it has no password', () => {
    const authentication = { type: 0, octets: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8) };
    expect(judgeIpv4(packet({ two: { authentication } }), VERSION_TWO).kind).toBe('accepted');
  });
});

describe('RFC 9568 §7.1 a packet over IPv6', () => {
  const own = 'fe80::1' as Ipv6;
  const peer = 'fe80::2' as Ipv6;
  const vip = 'fd77::100' as Ipv6;
  const expected: Expectations = {
    ...MULTICAST,
    family: 'ipv6',
    ownAddress: own,
    addresses: [vip],
  };
  const unicast: Expectations = {
    ...expected,
    ownAddress: 'fd77::2' as Ipv6,
    audience: { kind: 'unicast', peers: ['fd77::3' as Ipv6] },
    minTtl: 254,
  };
  const arrived = (changes: {
    readonly source?: Ipv6;
    readonly destination?: Ipv6;
    readonly hopLimit?: number;
    readonly noise?: Uint8Array;
  }): Arrived => {
    const { source = peer, destination = VRRP_GROUPS.ipv6, hopLimit = 255, noise } = changes;
    const payload = encodeAdvert(
      { ...ADVERT, addresses: [vip] },
      { source, destination, checksum: 'with-pseudo-header' },
    );
    return { family: 'ipv6', source, destination, hopLimit, payload: noise ?? payload };
  };

  it.each<[string, Arrived, Expectations, string]>([
    ['is accepted', arrived({}), expected, 'accepted'],
    ['§5.1.2.3 with hop limit 254', arrived({ hopLimit: 254 }), expected, 'ttl'],
    ['§5.1.2.3 with hop limit 0', arrived({ hopLimit: 0 }), expected, 'ttl'],
    ['§5.1.2.1 from no link-local address', arrived({ source: vip }), expected, 'link-local'],
    ['our own', arrived({ source: own }), expected, 'own'],
    ['to us', arrived({ destination: own }), expected, 'destination'],
    ['empty', arrived({ noise: new Uint8Array() }), expected, 'truncated'],
    [
      'from a peer beyond a router',
      arrived({ source: 'fd77::3' as Ipv6, destination: 'fd77::2' as Ipv6, hopLimit: 254 }),
      unicast,
      'accepted',
    ],
    [
      'from a peer beyond two',
      arrived({ source: 'fd77::3' as Ipv6, destination: 'fd77::2' as Ipv6, hopLimit: 253 }),
      unicast,
      'ttl',
    ],
    [
      'from a stranger',
      arrived({ source: 'fd77::4' as Ipv6, destination: 'fd77::2' as Ipv6 }),
      unicast,
      'stranger',
    ],
  ])('%s', (_name, packetSix, expectations, outcome) => {
    const verdict = judge(packetSix, expectations);
    expect(verdict.kind === 'accepted' ? verdict.kind : verdict.cause).toBe(outcome);
  });
});

describe('a packet is rejected', () => {
  it.each<[string, Rejection, Shape, Expectations?]>([
    ['RFC 791 §3.1 IPv6', 'not-ipv4', { header: { 0: 0x60 } }],
    ['RFC 791 §3.1 longer than what arrived', 'not-ipv4', { header: { 3: 33 } }],
    ['RFC 791 §3.1 a first fragment', 'fragment', { header: { 6: 0x20 } }],
    ['RFC 791 §3.1 a last fragment', 'fragment', { header: { 7: 0x01 } }],
    ['RFC 9568 §5.1.1.4 protocol 111', 'protocol', { header: { 9: 111 } }],
    ['RFC 9568 §5.1.1.3 TTL 254', 'ttl', { header: { 8: 254 } }],
    ['RFC 9568 §5.1.1.3 TTL 1', 'ttl', { header: { 8: 1 } }],
    ['RFC 9568 §5.1.1.3 TTL 0', 'ttl', { header: { 8: 0 } }],
    [
      'RFC 9568 §5.1.1.3 TTL 64 from a peer',
      'ttl',
      { destination: OWN, header: { 8: 64 } },
      UNICAST,
    ],
    ['RFC 9568 §5.1.1.2 to another group', 'destination', { destination: '224.0.0.17' as Ip }],
    ['RFC 9568 §5.1.1.2 to us though we are multicast', 'destination', { destination: OWN }],
    ['RFC 9568 §5.1.1.2 to the group though we are unicast', 'destination', {}, UNICAST],
    ['RFC 9568 §5.1.1.1 our own', 'own', { source: OWN }],
    ['RFC 9568 §5.1.1.1 our own, unicast', 'own', { source: OWN, destination: OWN }, UNICAST],
    [
      'RFC 9568 §5.1.1.1 a stranger with a higher priority',
      'stranger',
      { source: '198.51.100.66' as Ip, destination: OWN, advert: { priority: 255 } },
      UNICAST,
    ],
    ['RFC 9568 §7.1 with no message', 'truncated', { header: { 3: 20 } }],
    ...[0, 1, 2, 4, 15].map((version): [string, Rejection, Shape] => [
      `RFC 9568 §7.1 version ${String(version)}`,
      'version',
      { message: { 0: (version << 4) | 1 } },
    ]),
    ['RFC 9568 §7.1 type 0', 'type', { message: { 0: 0x30 } }],
    ['RFC 9568 §7.1 type 2', 'type', { message: { 0: 0x32 } }],
    ['RFC 9568 §5.2.5 count 0', 'length', { message: { 3: 0 } }],
    ['RFC 9568 §5.2.5 count 0 that fits', 'length', { message: { 3: 0 }, header: { 3: 28 } }],
    ['RFC 9568 §7.1 count 2 of one address', 'length', { message: { 3: 2 } }],
    ['RFC 9568 §7.1 count 255 of one address', 'length', { message: { 3: 255 } }],
    ['RFC 9568 §7.1 one trailing byte', 'length', { trailer: [0] }],
    ['RFC 9568 §7.1 a trailing address', 'length', { trailer: [192, 0, 2, 101] }],
    ['RFC 9568 §7.1 64 KB', 'length', { trailer: Array<number>(65_503).fill(0) }],
    ['RFC 9568 §5.2.8 checksum 0', 'checksum', { corrupted: { 6: 0, 7: 0 } }],
    ['RFC 9568 §5.2.8 another priority', 'checksum', { corrupted: { 2: 201 } }],
    ['RFC 9568 §5.2.3 VRID 0', 'vrid', { message: { 1: 0 } }],
    ['RFC 9568 §5.2.3 VRID 52', 'vrid', { advert: { vrid: 52 } }],
    ['RFC 9568 §7.1 erratum 8301 interval 0', 'interval', { message: { 4: 0, 5: 0 } }],
    ['RFC 9568 §5.2.6 interval 0, reserved bits set', 'interval', { message: { 4: 0xf0, 5: 0 } }],
  ])('%s: %s', (_name, cause, shape, expected = MULTICAST) => {
    expect(judgeIpv4(packet(shape), expected)).toEqual(rejected(cause));
  });

  it.each([1, -1])('RFC 9568 §5.2.8 checksum off by %i: checksum', (by) => {
    for (const checksum of ['with-pseudo-header', 'without-pseudo-header'] as const) {
      const bytes = packet({ checksum });
      bytes[27]! += by;
      expect(judgeIpv4(bytes, MULTICAST)).toEqual(rejected('checksum'));
    }
  });

  it('RFC 9568 §7.1 that arrives cut short, at every length', () => {
    for (let length = 0; length < 32; length += 1) {
      expect(judgeIpv4(packet().subarray(0, length), MULTICAST)).toEqual(rejected('not-ipv4'));
    }
  });

  it('RFC 9568 §7.1 that was sent cut short, at every length', () => {
    for (let length = 20; length < 32; length += 1) {
      const cause = length < 28 ? 'truncated' : 'length';
      expect(judgeIpv4(packet({ header: { 3: length } }), MULTICAST)).toEqual(rejected(cause));
    }
  });

  it('with any one bit of its message flipped', () => {
    for (let bit = 20 * 8; bit < 32 * 8; bit += 1) {
      const bytes = packet();
      bytes[bit >>> 3]! ^= 1 << (bit & 7);
      expect(judgeIpv4(bytes, MULTICAST).kind, `bit ${String(bit)}`).toBe('rejected');
    }
  });

  // Every shape is wrong in its own way and in the way of all that follow it.
  it('RFC 9568 §7.1 for the first of several reasons', () => {
    const faults: readonly [Rejection, Shape][] = [
      ['interval', { message: { 4: 0, 5: 0 } }],
      ['vrid', { message: { 4: 0, 5: 0, 1: 52 } }],
      ['checksum', { message: { 4: 0, 5: 0, 1: 52 }, corrupted: { 2: 1 } }],
      ['length', { message: { 4: 0, 5: 0, 1: 52, 3: 2 } }],
      ['type', { message: { 4: 0, 5: 0, 1: 52, 3: 2, 0: 0x32 } }],
      ['version', { message: { 4: 0, 5: 0, 3: 2, 0: 0x22 } }],
      // Of another virtual router, any version is as harmless.
      ['vrid', { message: { 4: 0, 5: 0, 1: 52, 3: 2, 0: 0x22 } }],
      ['own', { source: OWN, message: { 0: 0x22 } }],
      ['destination', { source: OWN, destination: OWN, message: { 0: 0x22 } }],
      ['ttl', { source: OWN, destination: OWN, header: { 8: 1 } }],
      ['protocol', { source: OWN, destination: OWN, header: { 8: 1, 9: 1 } }],
      ['fragment', { header: { 6: 0x20, 8: 1, 9: 1 } }],
      ['not-ipv4', { header: { 0: 0x65, 6: 0x20, 8: 1, 9: 1 } }],
    ];
    for (const [cause, shape] of faults) {
      expect(judgeIpv4(packet(shape), MULTICAST)).toEqual(rejected(cause));
    }
  });

  it('when it is noise, with a right IP header and without, and never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (noise) => {
        const head = packet({ header: { 3: 20 + noise.length } }).subarray(0, 20);
        expect(judgeIpv4(Uint8Array.from([...head, ...noise]), MULTICAST).kind).toBe('rejected');
        expect(judgeIpv4(noise, MULTICAST).kind).toBe('rejected');
      }),
    );
  });

  it('never for an audience nobody thought of: that is our mistake', () => {
    const expected = { ...MULTICAST, audience: { kind: 'anycast' } as never };
    expect(() => judgeIpv4(packet(), expected)).toThrow(BrokenAssumption);
  });
});

describe('RFC 9568 §7.1 the address list', () => {
  it.each<[string, readonly Ip[], readonly Ip[], readonly string[]]>([
    ['in another order is the same', [OTHER_VIP, VIP], [VIP, OTHER_VIP], []],
    ['with one address more differs', [VIP, OTHER_VIP], [VIP], ['address-list-differs']],
    ['with one address less differs', [VIP], [VIP, OTHER_VIP], ['address-list-differs']],
    ['with another address differs', [OTHER_VIP], [VIP], ['address-list-differs']],
    ['with one address twice differs', [VIP, VIP], [VIP, OTHER_VIP], ['address-list-differs']],
  ])('%s, and the advert is obeyed all the same', (_name, heard, configured, warnings) => {
    const expected = { ...MULTICAST, addresses: configured };
    expect(judgeIpv4(packet({ advert: { addresses: heard } }), expected)).toMatchObject({
      kind: 'accepted',
      warnings,
    });
  });
});

describe('a cause', () => {
  it('has one counter', () => {
    expect(new Set(REJECTIONS).size).toBe(REJECTIONS.length);
  });

  it.each(REJECTIONS)('%s can be told to people', (cause) => {
    expect(describeRejection(cause)).toMatch(/^\S.{10,}\S$/u);
  });
});
