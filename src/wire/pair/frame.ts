/**
 * Frames of the pair channel: four bytes that say how many follow, a type, a version, and a body in MessagePack. Whoever
 * does not know a type skips it by its length, so nodes of two versions can talk.
 */
import type { Result } from '../../base/result.js';
import { fail, ok } from '../../base/result.js';
import { invariant } from '../../base/unreachable.js';
import { oneAfterOther } from '../octets.js';

export interface Frame {
  /** 0–255. */
  readonly type: number;
  /** Of the protocol that wrote the body: 1–255. */
  readonly version: number;
  readonly body: Uint8Array;
}

/** Lengths are in bytes. The stream cannot be read on from there. */
export interface FrameViolation {
  readonly code: 'too-long' | 'too-short';
  readonly found: number;
  readonly expected: number;
}

/** Type, version and body of the longest frame: far more than the state of sixteen groups. */
export const MOST_FRAME_BYTES = 65_536;

const LENGTH_BYTES = 4;
/** A type and a version. */
const LEAST_FRAME_BYTES = 2;
const TYPE_AT = LENGTH_BYTES;
const VERSION_AT = TYPE_AT + 1;
const BODY_AT = VERSION_AT + 1;

/** A body that is too long is our mistake and throws. */
export function encodeFrame({ type, version, body }: Frame): Uint8Array {
  const length = LEAST_FRAME_BYTES + body.length;
  invariant(length <= MOST_FRAME_BYTES, 'a frame has at most 64 KiB');
  const bytes = new Uint8Array(LENGTH_BYTES + length);
  new DataView(bytes.buffer).setUint32(0, length);
  bytes.set([type, version], TYPE_AT);
  bytes.set(body, BODY_AT);
  return bytes;
}

const NOTHING = new Uint8Array(0);

/** Puts together what a stream delivers in pieces. It never keeps more than one frame that is not whole. */
export class FrameReader {
  #pending: Uint8Array = NOTHING;

  /** The frames that are whole now, in order. After a violation nothing more can be read. */
  push(piece: Uint8Array): Result<readonly Frame[], FrameViolation> {
    const bytes = this.#pending.length === 0 ? piece : oneAfterOther(this.#pending, piece);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const frames: Frame[] = [];
    let at = 0;
    while (bytes.length - at >= LENGTH_BYTES) {
      const length = view.getUint32(at);
      // Before anything is waited for: four bytes must not make us keep four gigabytes.
      if (length > MOST_FRAME_BYTES) {
        return fail({ code: 'too-long', found: length, expected: MOST_FRAME_BYTES });
      }
      if (length < LEAST_FRAME_BYTES) {
        return fail({ code: 'too-short', found: length, expected: LEAST_FRAME_BYTES });
      }
      const end = at + LENGTH_BYTES + length;
      if (end > bytes.length) {
        break;
      }
      frames.push({
        type: view.getUint8(at + TYPE_AT),
        version: view.getUint8(at + VERSION_AT),
        body: bytes.slice(at + BODY_AT, end),
      });
      at = end;
    }
    this.#pending = at < bytes.length ? bytes.slice(at) : NOTHING;
    return ok(frames);
  }
}
