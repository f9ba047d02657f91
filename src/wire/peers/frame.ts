/**
 * The peers protocol's messages as a stream carries them: a class, a type, and, where the type has its uppermost bit set,
 * a length and so many bytes.
 */
import type { Result } from '../../base/result.js';
import { fail, ok } from '../../base/result.js';
import { invariant } from '../../base/unreachable.js';
import { byteAt, oneAfterOther } from '../octets.js';
import type { PeersViolation } from './payload.js';
import { putVarint, readVarint } from './varint.js';

export interface PeersFrame {
  /** 0–254. */
  readonly class: number;
  /** 0–255. */
  readonly type: number;
  /** Empty for a type without one. */
  readonly payload: Uint8Array;
}

/**
 * The longest payload that is read. It leaves room for what a message grows by when it is passed on (an id, an expiry, a
 * server's name instead of its slot) before it is longer than {@link MOST_SENT_BYTES}.
 */
export const MOST_PAYLOAD_BYTES = 15_000;

/** The longest message that is written: HAProxy's buffer of 16,384 bytes, less the 1,024 that it reserves. */
export const MOST_SENT_BYTES = 15_360;

const HEAD_BYTES = 2;
const HAS_PAYLOAD = 0x80;
/** Whoever sends it has lost the thread. */
const RESERVED_CLASS = 255;

/** A message that is too long, or a payload where the type has none, is our mistake and throws. */
export function encodePeersFrame({ class: ofClass, type, payload }: PeersFrame): Uint8Array {
  const head = [ofClass, type];
  if ((type & HAS_PAYLOAD) === 0) {
    invariant(payload.length === 0, 'a type without its uppermost bit has no payload');
  } else {
    putVarint(head, payload.length);
  }
  const bytes = new Uint8Array(head.length + payload.length);
  invariant(bytes.length <= MOST_SENT_BYTES, 'a message fits into the buffer of its reader');
  bytes.set(head);
  bytes.set(payload, head.length);
  return bytes;
}

const NOTHING = new Uint8Array(0);

/** Puts together what a stream delivers in pieces. It never keeps more than one message that is not whole. */
export class PeersFrameReader {
  #pending: Uint8Array = NOTHING;

  /** The messages that are whole now, in order. After a violation nothing more can be read, nor what came with it. */
  push(piece: Uint8Array): Result<readonly PeersFrame[], PeersViolation> {
    // Always a copy: what a socket delivers may be used again, and slices of a Buffer would be parts of it.
    const bytes = oneAfterOther(this.#pending, piece);
    const frames: PeersFrame[] = [];
    let at = 0;
    for (;;) {
      const read = frameAt(bytes, at);
      if (!read.ok) {
        return read;
      }
      if (read.value === undefined) {
        break;
      }
      frames.push(read.value.frame);
      at = read.value.end;
    }
    this.#pending = bytes.slice(at);
    return ok(frames);
  }
}

interface Placed {
  readonly frame: PeersFrame;
  readonly end: number;
}

/** Undefined where it is not whole yet. */
function frameAt(bytes: Uint8Array, at: number): Result<Placed | undefined, PeersViolation> {
  if (bytes.length - at < HEAD_BYTES) {
    return ok(undefined);
  }
  const head = { class: byteAt(bytes, at), type: byteAt(bytes, at + 1) };
  if (head.class === RESERVED_CLASS) {
    const expected = 'a class from 0 to 254';
    return fail({ code: 'not-known', where: 'message class', found: RESERVED_CLASS, expected });
  }
  const lengthAt = at + HEAD_BYTES;
  if ((head.type & HAS_PAYLOAD) === 0) {
    return ok({ frame: { ...head, payload: NOTHING }, end: lengthAt });
  }
  const length = readVarint(bytes, lengthAt);
  if (!length.ok && length.error.code === 'truncated') {
    return ok(undefined);
  }
  // Before anything is waited for: a few bytes must not make us keep gigabytes.
  if (!length.ok || length.value.value > MOST_PAYLOAD_BYTES) {
    const found = length.ok ? String(length.value.value) : 'more than 64 bits';
    const expected = `at most ${String(MOST_PAYLOAD_BYTES)} bytes`;
    return fail({ code: 'too-long', where: 'message length', found, expected });
  }
  const start = length.value.end;
  const end = start + Number(length.value.value);
  return ok(
    end > bytes.length ? undefined : { frame: { ...head, payload: bytes.slice(start, end) }, end },
  );
}
