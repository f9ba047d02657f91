import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodePeersFrame, MOST_PAYLOAD_BYTES } from '../../../../src/wire/peers/frame.js';
import { readPeersHello } from '../../../../src/wire/peers/hello.js';
import type { PeersMessage } from '../../../../src/wire/peers/message.js';
import { decodePeersMessage, encodePeersMessage } from '../../../../src/wire/peers/message.js';
import type { PeersViolation } from '../../../../src/wire/peers/payload.js';
import { PeersFrameReader } from '../../../../src/wire/peers/frame.js';
import { PeersStreamReader } from '../../../../src/wire/peers/stream.js';
import { capture, TABLE } from './given-peers.js';

function octetsOf(message: PeersMessage): Uint8Array {
  return encodePeersFrame(encodePeersMessage(message));
}

/** What is received of a stream in pieces of that size. */
function received(stream: Uint8Array, size: number, refuse?: (message: PeersMessage) => boolean) {
  const reader = new PeersStreamReader();
  const messages: PeersMessage[] = [];
  const refusal: PeersViolation = { code: 'unset', where: 'here', found: 1, expected: 'nothing' };
  const take = (message: PeersMessage) => {
    messages.push(message);
    return refuse?.(message) === true ? refusal : undefined;
  };
  for (let at = 0; at < stream.length; at += size) {
    const violation = reader.push(stream.slice(at, at + size), {
      update: (bytes, { at: from, end }, head) =>
        take({ kind: 'update', ...head, body: bytes.slice(from, end) }),
      message: take,
    });
    if (violation !== undefined) {
      return { messages, violation };
    }
  }
  return { messages, violation: undefined };
}

const BODY = Uint8Array.of(1, 2, 3);
const UPDATES: readonly PeersMessage[] = [
  { kind: 'update', id: 7, expiresIn: undefined, body: BODY },
  { kind: 'update', id: undefined, expiresIn: undefined, body: BODY },
  { kind: 'update', id: 0xffff_fffe, expiresIn: 5000, body: BODY },
  { kind: 'update', id: undefined, expiresIn: 0x8000_0000, body: new Uint8Array(300) },
  { kind: 'update', id: 8, expiresIn: undefined, body: new Uint8Array(2000) },
];

describe('a stream of messages', () => {
  it.each(['live.caller', 'live.called', 'resync.caller', 'resync.called'])(
    'is read as frame by frame, in pieces of any size: %s of a real session',
    (name) => {
      const stream = capture(name);
      const hello = readPeersHello(stream);
      const messages = stream.slice((hello.ok ? hello.value?.end : undefined) ?? 4);
      const frames = new PeersFrameReader().push(messages);
      expect(frames.ok).toBe(true);
      const expected = (frames.ok ? frames.value : []).map((frame) => {
        const message = decodePeersMessage(frame);
        return message.ok ? message.value : message.error;
      });
      for (const size of [1, 7, messages.length]) {
        expect(received(messages, size)).toEqual({ messages: expected, violation: undefined });
      }
    },
  );

  it('refuses a message whose head comes in two pieces as it does in one', () => {
    const { violation } = received(Uint8Array.of(255, 0), 1);
    expect(violation).toMatchObject({ where: 'message class', found: 255 });
  });

  it('carries updates of every form, and what stands between them', () => {
    const all: readonly PeersMessage[] = [
      { kind: 'definition', table: TABLE },
      ...UPDATES,
      { kind: 'heartbeat' },
      { kind: 'unknown', class: 10, type: 0x90, payload: BODY },
      { kind: 'unknown', class: 77, type: 0x81, payload: BODY },
    ];
    const stream = Uint8Array.from(all.flatMap((message) => [...octetsOf(message)]));
    for (const size of [5, 700]) {
      expect(received(stream, size)).toEqual({ messages: all, violation: undefined });
    }
  });

  it.each<[string, readonly number[]]>([
    ['the reserved class', [255, 0]],
    ['a length that is too long', [10, 0x80, 0xff, 0xff, 0xff, 0x7f]],
    ['a length of more than 64 bits', [10, 0x80, ...Array<number>(10).fill(0xff)]],
    ['an update that is shorter than its id', [10, 0x80, 3, 1, 2, 3]],
    ['a timed update that is shorter than its head', [10, 0x85, 7, 1, 2, 3, 4, 5, 6, 7]],
    ['a definition that is none', [10, 0x82, 1, 1]],
  ])('ends with %s', (_what, octets) => {
    const { violation } = received(Uint8Array.from([0, 4, ...octets]), 64);
    expect(violation).toBeDefined();
  });

  it('waits for what is not whole', () => {
    expect(received(Uint8Array.of(10), 1)).toEqual({ messages: [], violation: undefined });
    expect(received(Uint8Array.of(10, 0x80), 2)).toEqual({ messages: [], violation: undefined });
    expect(received(Uint8Array.of(10, 0x80, 0xf0), 3)).toEqual({
      messages: [],
      violation: undefined,
    });
    const longest = encodePeersFrame({
      class: 10,
      type: 0x81,
      payload: new Uint8Array(MOST_PAYLOAD_BYTES),
    });
    expect(received(longest.slice(0, -1), 4096)).toEqual({ messages: [], violation: undefined });
    expect(received(longest, 4096).messages).toHaveLength(1);
  });

  it('ends where its reader refuses, and nothing behind it is told', () => {
    const stream = Uint8Array.from(UPDATES.flatMap((message) => [...octetsOf(message)]));
    const outcome = received(stream, stream.length, (message) => message === message);
    expect(outcome.messages).toHaveLength(1);
    expect(outcome.violation?.where).toBe('here');
    const control = received(octetsOf({ kind: 'heartbeat' }), 2, () => true);
    expect(control.violation?.where).toBe('here');
  });

  it('survives noise, and says the same of it as frame by frame', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (noise) => {
        const whole = received(noise, noise.length + 1);
        expect(received(noise, 1)).toEqual(whole);
      }),
    );
  });
});
