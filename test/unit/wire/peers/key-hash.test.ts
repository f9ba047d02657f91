import { describe, expect, it } from 'vitest';
import { KeyHash } from '../../../../src/wire/peers/key-hash.js';

const SEED = { high: 0x07060504, low: 0x03020100 };

function hashOf(octets: readonly number[], seed = SEED): string {
  const hash = new KeyHash();
  hash.of(Uint8Array.from([9, ...octets, 9]), 1, 1 + octets.length, seed);
  return hash.high.toString(16).padStart(8, '0') + hash.low.toString(16).padStart(8, '0');
}

/** HalfSipHash-1-3 as its paper writes it, word for word, with wide integers. */
function asOnPaper(octets: readonly number[], { high, low }: typeof SEED): string {
  const word = (value: bigint) => BigInt.asUintN(32, value);
  const turn = (value: bigint, by: bigint) => word((value << by) | (value >> (32n - by)));
  let [v0, v1, v2, v3] = [
    BigInt(low),
    BigInt(high) ^ 0xeen,
    BigInt(low) ^ 0x6c796765n,
    BigInt(high) ^ 0x74656462n,
  ];
  const round = () => {
    v0 = word(v0 + v1);
    v1 = turn(v1, 5n) ^ v0;
    v0 = turn(v0, 16n);
    v2 = word(v2 + v3);
    v3 = turn(v3, 8n) ^ v2;
    v0 = word(v0 + v3);
    v3 = turn(v3, 7n) ^ v0;
    v2 = word(v2 + v1);
    v1 = turn(v1, 13n) ^ v2;
    v2 = turn(v2, 16n);
  };
  const padded = [...octets];
  while (padded.length % 4 !== 3) {
    padded.push(0);
  }
  padded.push(octets.length & 0xff);
  for (let at = 0; at < padded.length; at += 4) {
    const message = padded
      .slice(at, at + 4)
      .reduce((sum, octet, index) => sum | (BigInt(octet) << BigInt(8 * index)), 0n);
    v3 ^= message;
    round();
    v0 ^= message;
  }
  v2 ^= 0xeen;
  [round, round, round].forEach((each) => {
    each();
  });
  const lower = v1 ^ v3;
  v1 ^= 0xddn;
  [round, round, round].forEach((each) => {
    each();
  });
  return (v1 ^ v3).toString(16).padStart(8, '0') + lower.toString(16).padStart(8, '0');
}

describe("a key's hash", () => {
  it('is HalfSipHash-1-3 of sixty-four bits, whatever the length', () => {
    for (let length = 0; length < 40; length += 1) {
      const key = Array.from({ length }, (_each, index) => (index * 7 + length) & 0xff);
      expect(hashOf(key)).toBe(asOnPaper(key, SEED));
    }
  });

  it('is another one under another seed', () => {
    expect(hashOf([10, 0, 0, 1])).not.toBe(hashOf([10, 0, 0, 1], { high: 1, low: 2 }));
  });
});
