/** The judges of what arrived: the receive checks, and who may sign. */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { ipBytes } from '../../src/base/ip.js';
import { ipv6FromBytes } from '../../src/base/ipv6.js';
import { centis, millis, wallTime } from '../../src/base/time.js';
import type { AuthenticationParams } from '../../src/core/authentication.js';
import { authenticate, NOTHING_SIGNED } from '../../src/core/authentication.js';
import type { Arrived, Expectations } from '../../src/core/receive-checks.js';
import { judge, REJECTIONS } from '../../src/core/receive-checks.js';
import { encodeTrailer, readTrailer } from '../../src/wire/trailer.js';
import { TRAILER_BYTES } from '../../src/wire/vrrp.js';
import { checkFields, checksumByHand, goodAdvert, ip, OVER } from './adverts.js';
import { ipv4Packet } from './packets.js';
import type { Target } from './target.js';
import { putChecksum } from './target.js';

const COMMON = {
  vrid: 51,
  interval: centis(100),
  minTtl: 255,
  addresses: [ip('10.77.0.100')],
  password: undefined,
} as const;

/** The first byte of an input chooses one. */
const EXPECTATIONS: readonly Expectations[] = [
  {
    ...COMMON,
    family: 'ipv4',
    version: 3,
    ownAddress: ip('10.77.0.3'),
    audience: { kind: 'multicast' },
  },
  {
    ...COMMON,
    family: 'ipv6',
    version: 3,
    ownAddress: ip('fe80::3'),
    audience: { kind: 'multicast' },
  },
  {
    ...COMMON,
    family: 'ipv4',
    version: 2,
    ownAddress: ip('10.77.0.3'),
    audience: { kind: 'unicast', peers: [ip('10.77.0.2')] },
    minTtl: 250,
    password: Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8]),
  },
];

const IPV6_PREFIX = 33;

/** An IPv6 packet has no header here: its hop limit and addresses are what a raw socket tells. */
function arrivedOf(input: Uint8Array, { family }: Expectations): Arrived | undefined {
  if (family === 'ipv4') {
    return { family, packet: input.subarray(1) };
  }
  if (input.length < 1 + IPV6_PREFIX) {
    return undefined;
  }
  return {
    family,
    hopLimit: input[1]!,
    source: ipv6FromBytes(input, 2),
    destination: ipv6FromBytes(input, 18),
    payload: input.subarray(1 + IPV6_PREFIX),
  };
}

function expectedOf(input: Uint8Array): Expectations {
  return EXPECTATIONS[(input[0] ?? 0) % EXPECTATIONS.length]!;
}

/** Of the input: where the VRRP message begins, whoever carries it. */
function messageAt(input: Uint8Array, { family }: Expectations): number {
  return family === 'ipv4' ? 1 + ((input[1] ?? 0) & 15) * 4 : 1 + IPV6_PREFIX;
}

const RECEIVE_CHECKS: Target = {
  name: 'receive-checks',
  seeds: [
    Uint8Array.of(
      0,
      ...ipv4Packet(goodAdvert(3, 'ipv4', { checksum: 'with-pseudo-header', count: 1 }), {
        source: '10.77.0.2',
        destination: '224.0.0.18',
      }),
    ),
    Uint8Array.of(
      1,
      255,
      ...ipBytes(OVER.ipv6.source),
      ...ipBytes(OVER.ipv6.destination),
      ...goodAdvert(3, 'ipv6', { checksum: 'with-pseudo-header', count: 1 }),
    ),
    Uint8Array.of(
      2,
      ...ipv4Packet(goodAdvert(2, 'ipv4', { checksum: 'without-pseudo-header', count: 1 }), {
        source: '10.77.0.2',
        destination: '10.77.0.3',
        ttl: 251,
      }),
    ),
  ],
  mend: (input) => {
    const expected = expectedOf(input);
    const message = input.subarray(messageAt(input, expected));
    if (message.length >= 8) {
      const form = expected.version === 2 ? 'without-pseudo-header' : 'with-pseudo-header';
      const { source, destination } = OVER[expected.family];
      putChecksum(message, 6, checksumByHand(message, { source, destination }, form));
    }
  },
  run: (input) => {
    const expected = expectedOf(input);
    const arrived = arrivedOf(input, expected);
    if (arrived === undefined) {
      return 'too short';
    }
    const verdict = judge(arrived, expected);
    if (verdict.kind === 'rejected') {
      assert(REJECTIONS.includes(verdict.cause));
      return verdict.cause;
    }
    const { advert, source, message, trailer, checksum } = verdict;
    checkFields(advert, expected.family);
    const ttl = arrived.family === 'ipv4' ? arrived.packet[8]! : arrived.hopLimit;
    assert(ttl >= (expected.audience.kind === 'multicast' ? 255 : expected.minTtl));
    assert.notEqual(source, expected.ownAddress);
    assert.equal(advert.version, expected.version);
    assert.equal(advert.vrid, expected.vrid);
    assert(trailer === undefined || trailer.length === TRAILER_BYTES);
    const destination =
      expected.audience.kind === 'multicast'
        ? OVER[expected.family].destination
        : expected.ownAddress;
    const covered =
      trailer !== undefined && expected.family === 'ipv6' ? joined(message, trailer) : message;
    const found = message[6]! * 256 + message[7]!;
    const right = checksumByHand(covered, { source, destination }, checksum);
    assert.equal(found % 0xffff, right % 0xffff);
    if (advert.version === 2) {
      assert.equal(advert.maxAdvertInterval, expected.interval);
      assert.deepEqual(Uint8Array.from(advert.authentication.octets), expected.password);
    }
    return `accepted ${expected.family} ${verdict.warnings.join(' ')}`;
  },
};

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

const SECRET = new Uint8Array(32).fill(7);
const NOW = wallTime(1_790_000_000_000);
const PARAMS: AuthenticationParams = {
  mode: 'enforce',
  keys: [{ id: 1, secret: SECRET }],
  signWith: 1,
  window: millis(5000),
  replay: 'time',
};

/** RFC 2104 over what keepalived signs, by hand. */
function signatureByHand(message: Uint8Array, trailer: Uint8Array): Uint8Array {
  const { source } = OVER.ipv4;
  const pseudo = Uint8Array.from([4, 3, message[1]!, 0, ...ipBytes(source), ...new Uint8Array(12)]);
  const bare = message.slice();
  bare.fill(0, 6, 8);
  const signed = joined(pseudo, bare, trailer.subarray(0, 12), new Uint8Array(16));
  return createHmac('sha256', SECRET).update(signed).digest().subarray(0, 16);
}

/** Long enough for a message and its trailer. */
const SHORTEST_SIGNED = 8 + TRAILER_BYTES;

function goodSigned(age: number, keyId = 1): Uint8Array {
  const message = goodAdvert(3, 'ipv4', { checksum: 'with-pseudo-header', count: 1 });
  const sequence = BigInt(Math.floor(NOW / 1000) - age) << 32n;
  const signed = { version: 3, source: OVER.ipv4.source, message } as const;
  return joined(message, encodeTrailer({ keyId, sequence }, signed, SECRET));
}

const AUTHENTICATION: Target = {
  name: 'authentication',
  seeds: [goodSigned(0), goodSigned(5), goodSigned(6), goodSigned(-5), goodSigned(0, 2)],
  mend: (input) => {
    if (input.length >= SHORTEST_SIGNED) {
      const end = input.length - TRAILER_BYTES;
      const trailer = input.subarray(end);
      trailer.set(signatureByHand(input.subarray(0, end), trailer), 12);
    }
  },
  run: (input) => {
    if (input.length < SHORTEST_SIGNED) {
      return 'too short';
    }
    const end = input.length - TRAILER_BYTES;
    const message = input.subarray(0, end);
    const trailer = input.subarray(end);
    const heard = { signed: { version: 3, source: OVER.ipv4.source, message }, trailer } as const;
    const first = authenticate(PARAMS, NOTHING_SIGNED, heard, NOW);
    if (first.rejected !== undefined) {
      assert.equal(first.state, NOTHING_SIGNED);
      return first.rejected;
    }
    assert.deepEqual(
      Uint8Array.from(trailer.subarray(12)),
      Uint8Array.from(signatureByHand(message, trailer)),
    );
    assert.deepEqual(Uint8Array.from(trailer.subarray(0, 4)), Uint8Array.of(1, 1, 0, 0));
    assert.equal(authenticate(PARAMS, first.state, heard, NOW).rejected, 'trailer-replayed');
    return 'accepted';
  },
};

const TRAILER: Target = {
  name: 'trailer',
  seeds: [goodSigned(0).subarray(-TRAILER_BYTES), goodSigned(3, 255).subarray(-TRAILER_BYTES)],
  mend: undefined,
  run: (input) => {
    const read = readTrailer(input);
    if (!read.ok) {
      return read.error.code;
    }
    const { keyId, sequence, signature } = read.value;
    const octets = Array.from({ length: 8 }, (_octet, index) =>
      Number((sequence >> BigInt(8 * (7 - index))) & 255n),
    );
    assert.deepEqual(Uint8Array.from([1, keyId, 0, 0, ...octets, ...signature]), input.slice());
    assert(keyId >= 1);
    return 'read';
  },
};

export const JUDGE_TARGETS: readonly Target[] = [RECEIVE_CHECKS, AUTHENTICATION, TRAILER];
