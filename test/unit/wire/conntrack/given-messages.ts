/** Messages of flows: as the kernel told them (Linux 6.18), and made by hand. */
import type { Flow } from '../../../../src/wire/conntrack/flow.js';
import { tuple } from './given-flows.js';

export function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.replaceAll(/\s/gu, ''), 'hex'));
}

/** An attribute, padded. */
export function attribute(type: number, ...value: readonly number[]): readonly number[] {
  const length = 4 + value.length;
  const padding = Array.from({ length: (4 - (length % 4)) % 4 }, () => 0);
  return [length & 0xff, length >>> 8, type & 0xff, type >>> 8, ...value, ...padding];
}

export function nested(
  type: number,
  ...members: readonly (readonly number[])[]
): readonly number[] {
  return attribute(type | 0x8000, ...members.flat());
}

const COMMON = { zone: 0, mark: 0, tcp: undefined, sctp: undefined };

/** Events with which it told of flows that were put there, and what they say. */
export const TOLD: readonly (readonly [string, string, Flow])[] = [
  [
    'TCP with both ends translated, of a zone, with a mark',
    `02000000 34000180 14000180 080001000a4f0009 080002000a4d0064 1c000280 0500010006000000 060002009c400000
     0600030000500000 34000280 14000180 080001000a4e000c 080002000a4e0064 1c000280 0500010006000000
     060002001f900000 06000300c3510000 0600120000070000 08000c0090da02c6 08000300000001be 0800070000061a80
     30000480 2c000180 0500010003000000 0500020007000000 0500030009000000 060004000b000000 060005000b000000
     1c001880 0800010000000000 0800020000000000 0800030000000000 08000800fffffffe`,
    {
      protocol: 6,
      zone: 7,
      original: tuple('10.79.0.9', '10.77.0.100', 40_000, 80),
      reply: tuple('10.78.0.12', '10.78.0.100', 8_080, 50_001),
      status: 0x1be,
      timeout: 400_000,
      mark: 0xffff_fffe,
      tcp: {
        state: 3,
        original: { windowScale: 7, flags: 11 },
        reply: { windowScale: 9, flags: 11 },
      },
      sctp: undefined,
    },
  ],
  [
    'UDP over IPv6, its destination translated',
    `0a000000 4c000180 2c000180 14000300fd790000000000000000000000000009 14000400fd770000000000000000000000000100
     1c000280 0500010011000000 060002009c400000 0600030000350000 4c000280 2c000180
     14000300fd780000000000000000000000000053 14000400fd790000000000000000000000000009 1c000280 0500010011000000
     0600020000350000 060003009c400000 08000c0053d8f126 08000300000001ae 080007000000012c 1c001880
     0800010000000000 0800020000000000 0800030000000000 0800080000000000`,
    {
      ...COMMON,
      protocol: 17,
      original: tuple('fd79::9', 'fd77::100', 40_000, 53),
      reply: tuple('fd78::53', 'fd79::9', 53, 40_000),
      status: 0x1ae,
      timeout: 300,
    },
  ],
  [
    'an echo whose identifier is translated',
    `02000000 3c000180 14000180 080001000a4f0009 080002000a4e000b 24000280 0500010001000000 0600040002bc0000
     0500050008000000 0500060000000000 3c000280 14000180 080001000a4e000b 080002000a4e0064 24000280
     0500010001000000 0600040002bd0000 0500050000000000 0500060000000000 08000c00c8b50b8d 080003000000019e
     080007000000001e 1c001880 0800010000000000 0800020000000000 0800030000000000 0800080000000000`,
    {
      ...COMMON,
      protocol: 1,
      original: tuple('10.79.0.9', '10.78.0.11', 700, 0x800),
      reply: tuple('10.78.0.11', '10.78.0.100', 701, 0),
      status: 0x19e,
      timeout: 30,
    },
  ],
  [
    'an echo of IPv6',
    `0a000000 54000180 2c000180 14000300fd790000000000000000000000000009 14000400fd780000000000000000000000000011
     24000280 050001003a000000 0600070002bc0000 0500080080000000 0500090000000000 54000280 2c000180
     14000300fd780000000000000000000000000011 14000400fd790000000000000000000000000009 24000280 050001003a000000
     0600070002bc0000 0500080081000000 0500090000000000 08000c002d700944 080003000000000e 080007000000001e
     1c001880 0800010000000000 0800020000000000 0800030000000000 0800080000000000`,
    {
      ...COMMON,
      protocol: 58,
      original: tuple('fd79::9', 'fd78::11', 700, 0x8000),
      reply: tuple('fd78::11', 'fd79::9', 700, 0x8100),
      status: 14,
      timeout: 30,
    },
  ],
  [
    'SCTP',
    `02000000 34000180 14000180 080001000a4f0009 080002000a4e000b 1c000280 0500010084000000 0600020002bc0000
     0600030003200000 34000280 14000180 080001000a4e000b 080002000a4f0009 1c000280 0500010084000000
     0600020003200000 0600030002bc0000 08000c00bc2d2df9 080003000000000e 080007000000001e 20000480 1c000380
     0500010004000000 08000200deadbeef 0800030000000007 1c001880 0800010000000000 0800020000000000
     0800030000000000 0800080000000000`,
    {
      ...COMMON,
      protocol: 132,
      original: tuple('10.79.0.9', '10.78.0.11', 700, 800),
      reply: tuple('10.78.0.11', '10.79.0.9', 800, 700),
      status: 14,
      timeout: 30,
      sctp: { state: 4, originalTag: 0xdead_beef, replyTag: 7 },
    },
  ],
  [
    'the end of one, whose timeout is said all the same',
    `02000000 34000180 14000180 080001000a4f0009 080002000a4d0064 1c000280 0500010006000000 060002009c400000
     0600030000500000 34000280 14000180 080001000a4e000c 080002000a4e0064 1c000280 0500010006000000
     060002001f900000 06000300c3510000 0600120000070000 08000c0090da02c6 08000300000003be 0800070000061a80
     10000480 0c000180 0500010003000000 08000800fffffffe`,
    {
      protocol: 6,
      zone: 7,
      original: tuple('10.79.0.9', '10.77.0.100', 40_000, 80),
      reply: tuple('10.78.0.12', '10.78.0.100', 8_080, 50_001),
      status: 0x3be,
      timeout: 400_000,
      mark: 0xffff_fffe,
      tcp: {
        state: 3,
        original: { windowScale: 0, flags: 0 },
        reply: { windowScale: 0, flags: 0 },
      },
      sctp: undefined,
    },
  ],
];
