/** What flows are compared by. */
import { expect, it } from 'vitest';
import type { Flow } from '../../../../src/wire/conntrack/flow.js';
import { FlowIds } from '../../../../src/wire/conntrack/flow-id.js';
import { bucketOf, BUCKETS, flowHash, hashText } from '../../../../src/wire/flows/flow-hash.js';
import { NATTED } from '../conntrack/given-flows.js';

const ids = new FlowIds();
const hashOf = (flow: Flow): number =>
  flowHash({ id: ids.of(flow), reply: ids.of({ ...flow, original: flow.reply }) }, flow);

it('hashes as it always has: the other node may be of another release', () => {
  // Computed by another program.
  expect([hashText(''), hashText('vipair')]).toEqual([2_872_998_923, 2_651_918_770]);
});

it('divides flows evenly', () => {
  const counts = new Array<number>(BUCKETS).fill(0);
  for (let sourcePort = 0; sourcePort < 25_600; sourcePort += 1) {
    const original = { ...NATTED.original, sourcePort };
    const bucket = bucketOf(ids.of({ ...NATTED, original }));
    counts[bucket] = (counts[bucket] ?? 0) + 1;
  }
  expect(Math.min(...counts)).toBeGreaterThan(60);
  expect(Math.max(...counts)).toBeLessThan(150);
});

it('tells apart what both nodes are to have, and nothing else', () => {
  const usual = hashOf(NATTED);
  expect(hashOf({ ...NATTED, timeout: 5, tcp: undefined })).toBe(usual);
  // Bits of one kernel, such as IPS_OFFLOAD.
  expect(hashOf({ ...NATTED, status: NATTED.status ^ 0x4000 })).toBe(usual);
  const others = [
    { ...NATTED, mark: 8 },
    { ...NATTED, status: 0b10 },
    { ...NATTED, reply: { ...NATTED.reply, sourcePort: 1 } },
    { ...NATTED, zone: 1 },
  ];
  expect(new Set([usual, ...others.map(hashOf)]).size).toBe(5);
});
