/** What replicators say to each other. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BrokenAssumption } from '../../../../src/base/unreachable.js';
import { PayloadWriter } from '../../../../src/wire/peers/payload.js';
import type { LinkMessage } from '../../../../src/wire/tables/message.js';
import { readLinkMessage, writeLinkMessage } from '../../../../src/wire/tables/message.js';
import { MOST_VERSION } from '../../../../src/wire/tables/version.js';
import { anyTable } from '../peers/given-peers.js';

const anyCount = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const anyUint32 = fc.integer({ min: 0, max: 0xffff_ffff });
const anyTime = fc.double({ min: 1, max: MOST_VERSION - 1, noNaN: true });

const anyMessage: fc.Arbitrary<LinkMessage> = fc.oneof(
  fc.record({
    kind: fc.constant('hello' as const),
    protocol: fc.integer({ min: 1, max: 0xffff_ffff }),
    node: fc.string({ minLength: 1, maxLength: 255, unit: 'grapheme-ascii' }),
    epoch: anyCount,
    clock: anyTime,
    seed: fc.record({ high: anyUint32, low: anyUint32, since: anyTime }),
  }),
  fc.record({ kind: fc.constant('definition' as const), table: anyTable }),
  fc.record({ kind: fc.constant('acknowledged' as const), sequence: anyCount }),
  fc.record({ kind: fc.constant('teach-asked' as const) }),
  fc.record({
    kind: fc.constant('teaching-ends' as const),
    how: fc.constantFrom('complete' as const, 'partial' as const, 'no-proxy' as const),
  }),
  fc.record({
    kind: fc.constant('digest' as const),
    table: anyUint32,
    cut: anyTime,
    rows: anyCount,
    high: anyUint32,
    low: anyUint32,
    heard: anyCount,
  }),
  fc.record({
    kind: fc.constant('digest-verdict' as const),
    table: anyUint32,
    verdict: fc.constantFrom('equal' as const, 'differs' as const, 'busy' as const),
  }),
  fc.record({ kind: fc.constant('alive' as const), clock: anyTime }),
);

const HELLO: LinkMessage = {
  kind: 'hello',
  protocol: 1,
  node: 'a',
  epoch: 7,
  clock: 1000,
  seed: { high: 1, low: 2, since: 3 },
};

describe('messages of the link', () => {
  it('are read as they were written', () => {
    fc.assert(
      fc.property(anyMessage, (message) => {
        expect(readLinkMessage(writeLinkMessage(message))).toEqual({ ok: true, value: message });
      }),
    );
  });

  it('bytes behind the fields that we know are skipped', () => {
    const { type, body } = writeLinkMessage(HELLO);
    const longer = Uint8Array.of(...body, 1, 2, 3);
    expect(readLinkMessage({ type, body: longer })).toEqual({ ok: true, value: HELLO });
  });

  it.each([0, 3, 10, 255])('type %i is none of these, and says nothing', (type) => {
    expect(readLinkMessage({ type, body: Uint8Array.of(1) })).toEqual({
      ok: true,
      value: undefined,
    });
  });

  it('a message that ends too early is refused wherever it ends', () => {
    const { type, body } = writeLinkMessage(HELLO);
    for (let length = 0; length < body.length; length += 1) {
      expect(readLinkMessage({ type, body: body.subarray(0, length) }).ok).toBe(false);
    }
  });

  it('a choice of more than 53 bits is none', () => {
    const { type } = writeLinkMessage({ kind: 'teaching-ends', how: 'complete' });
    const body = new PayloadWriter().varint(2n ** 60n).written;
    expect(readLinkMessage({ type, body })).toMatchObject({
      ok: false,
      error: { code: 'not-known', where: 'end of teaching' },
    });
  });

  it('a message that the wire cannot say is our mistake', () => {
    expect(() => writeLinkMessage({ kind: 'gossip' } as never)).toThrow(BrokenAssumption);
  });

  it.each<[LinkMessage, number, number, string, string]>([
    [{ kind: 'digest-verdict', table: 1, verdict: 'busy' }, 1, 3, 'not-known', 'verdict'],
    [{ kind: 'teaching-ends', how: 'complete' }, 0, 3, 'not-known', 'end of teaching'],
    [{ kind: 'alive', clock: 1000 }, 0, 0xff, 'out-of-range', 'clock'],
  ])('%j with byte %i %i is refused', (message, at, byte, code, where) => {
    const { type, body } = writeLinkMessage(message);
    body[at] = byte;
    expect(readLinkMessage({ type, body })).toMatchObject({
      ok: false,
      error: { code, where },
    });
  });
});
