import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BrokenAssumption } from '../../../../src/base/unreachable.js';
import { DictionaryReader, DictionaryWriter } from '../../../../src/wire/peers/dictionary.js';
import { encodePeersFrame, PeersFrameReader } from '../../../../src/wire/peers/frame.js';
import type { PeersMessage } from '../../../../src/wire/peers/message.js';
import { decodePeersMessage, encodePeersMessage } from '../../../../src/wire/peers/message.js';
import { PayloadReader } from '../../../../src/wire/peers/payload.js';
import type { RowApart } from '../../../../src/wire/peers/row.js';
import { UNSURE_SLOT, UpdateWriter } from '../../../../src/wire/peers/update-writer.js';

function rowOf(head: Uint8Array, tail: Uint8Array): RowApart {
  const bytes = Uint8Array.from([...head, 0xee, ...tail]);
  const tailAt = head.length + 1;
  return { bytes, headAt: 0, headEnd: head.length, tailAt, tailEnd: tailAt + tail.length };
}

function messages(writer: UpdateWriter): readonly PeersMessage[] {
  const frames = new PeersFrameReader().push(writer.take());
  return (frames.ok ? frames.value : []).map((frame) => {
    const message = decodePeersMessage(frame);
    expect(message.ok).toBe(true);
    return message.ok ? message.value : { kind: 'protocol-error' };
  });
}

const HEAD = Uint8Array.of(1, 2);
const TAIL = Uint8Array.of(8, 9);

describe('updates for HAProxy', () => {
  it('are what the codec writes of them, whatever their length, form and text', () => {
    const anyHead = fc.record({
      id: fc.option(fc.nat(0xffff), { nil: undefined }),
      expiresIn: fc.option(fc.nat(0xffff_ffff), { nil: undefined }),
    });
    const anyRow = fc.tuple(fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ maxLength: 4000 }));
    const anyText = fc.option(fc.constantFrom('web1', 'web2', 'x'.repeat(239), 'x'.repeat(255)), {
      nil: undefined,
    });
    fc.assert(
      fc.property(fc.array(fc.tuple(anyHead, anyRow, anyText), { maxLength: 8 }), (updates) => {
        const writer = new UpdateWriter();
        const dictionary = new DictionaryWriter();
        for (const [head, [start, end], text] of updates) {
          writer.update(rowOf(start, end), head, { text, dictionary });
        }
        const reader = new DictionaryReader();
        const read = messages(writer);
        expect(read).toHaveLength(updates.length);
        for (const [index, [head, [start, end], text]] of updates.entries()) {
          const message = read[index];
          expect(message).toMatchObject({ kind: 'update', ...head });
          const body = message?.kind === 'update' ? message.body : new Uint8Array(0);
          expect(body.slice(0, start.length)).toEqual(start);
          const payload = new PayloadReader(body.slice(start.length));
          expect(reader.read(payload)).toBe(text);
          expect(payload.rest()).toEqual(end);
        }
      }),
    );
  });

  it('have no text where their table has none', () => {
    const writer = new UpdateWriter();
    writer.update(rowOf(HEAD, TAIL), { id: 1, expiresIn: undefined }, undefined);
    expect(messages(writer)).toEqual([
      { kind: 'update', id: 1, expiresIn: undefined, body: Uint8Array.of(1, 2, 8, 9) },
    ]);
    expect(writer.length).toBe(0);
  });

  it.each([0, 63, 64, 65, 227, 228, 2275, 2276, 14_000])('may be long: %d bytes', (length) => {
    const writer = new UpdateWriter();
    const tail = Uint8Array.from({ length }, (_each, index) => index & 0xff);
    writer.update(rowOf(HEAD, tail), { id: 1, expiresIn: 5 }, undefined);
    writer.update(rowOf(HEAD, TAIL), { id: 2, expiresIn: 5 }, undefined);
    expect(messages(writer)).toMatchObject([
      { id: 1, expiresIn: 5, body: Uint8Array.of(...HEAD, ...tail) },
      { id: 2, expiresIn: 5, body: Uint8Array.of(...HEAD, ...TAIL) },
    ]);
  });

  it('write a text out, each time, for a reader that may not be listening', () => {
    const writer = new UpdateWriter();
    const text = { text: 'ab', dictionary: undefined };
    writer.update(rowOf(HEAD, TAIL), { id: undefined, expiresIn: undefined }, text);
    writer.update(rowOf(HEAD, TAIL), { id: undefined, expiresIn: undefined }, text);
    const body = Uint8Array.of(1, 2, 4, UNSURE_SLOT, 2, 0x61, 0x62, 8, 9);
    const update = { kind: 'update', id: undefined, expiresIn: undefined, body };
    expect(messages(writer)).toEqual([update, update]);
  });

  it('leave between other messages, in order, and as many as there are', () => {
    const writer = new UpdateWriter();
    const heartbeat = encodePeersMessage({ kind: 'heartbeat' });
    for (let count = 0; count < 2000; count += 1) {
      writer.update(rowOf(HEAD, TAIL), { id: undefined, expiresIn: 7 }, undefined);
      writer.message(heartbeat);
    }
    expect(writer.length).toBe(2000 * (11 + encodePeersFrame(heartbeat).length));
    expect(messages(writer)).toHaveLength(4000);
    writer.message({ class: 10, type: 0x90, payload: new Uint8Array(15_000) });
    writer.message({ class: 10, type: 0x90, payload: new Uint8Array(15_000) });
    expect(writer.length).toBeGreaterThan(30_000);
  });

  it('throw for a text that the wire cannot say', () => {
    const write = (text: string) => {
      new UpdateWriter().update(
        rowOf(HEAD, TAIL),
        { id: 1, expiresIn: 1 },
        { text, dictionary: undefined },
      );
    };
    expect(() => {
      write('');
    }).toThrow(BrokenAssumption);
    expect(() => {
      write('x'.repeat(256));
    }).toThrow(BrokenAssumption);
  });
});
