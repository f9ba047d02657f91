/**
 * Frames of the link between two replicators: four bytes that say how many follow, a type, and a body. Whoever does not
 * know a type skips it by its length, so that two versions can talk.
 */
import type { Result } from '../../base/result.js';
import { fail, ok } from '../../base/result.js';
import { invariant } from '../../base/unreachable.js';
import { byteAt, oneAfterOther } from '../octets.js';
import type { PeersViolation } from '../peers/payload.js';

export interface LinkFrame {
  /** 0–255. */
  readonly type: number;
  /** A part of the bytes that were pushed: not to be kept. */
  readonly body: Uint8Array;
}

/** Type and body of the longest frame: two of the longest rows, and more than any definition. */
export const MOST_FRAME_BYTES = 65_536;

export const FRAME_HEAD_BYTES = 5;
const LENGTH_BYTES = 4;
const LEAST_FRAME_BYTES = 1;

/** A body that is too long is our mistake and throws. */
export function encodeLinkFrame({ type, body }: LinkFrame): Uint8Array {
  const bytes = new Uint8Array(FRAME_HEAD_BYTES + body.length);
  putFrameHead(bytes, type);
  bytes.set(body, FRAME_HEAD_BYTES);
  return bytes;
}

/** The head of a frame that fills these bytes. */
export function putFrameHead(bytes: Uint8Array, type: number): void {
  const length = bytes.length - LENGTH_BYTES;
  invariant(length >= LEAST_FRAME_BYTES && length <= MOST_FRAME_BYTES, 'a frame has a bound');
  viewOf(bytes).setUint32(0, length);
  bytes.set([type], LENGTH_BYTES);
}

const NOTHING = new Uint8Array(0);

/** Puts together what a stream delivers in pieces. It never keeps more than one frame that is not whole. */
export class LinkFrameReader {
  #pending: Uint8Array = NOTHING;

  /** The frames that are whole now, in order. After a violation nothing more can be read, nor what came with it. */
  push(piece: Uint8Array): Result<readonly LinkFrame[], PeersViolation> {
    const bytes = this.#pending.length === 0 ? piece : oneAfterOther(this.#pending, piece);
    const view = viewOf(bytes);
    const frames: LinkFrame[] = [];
    let at = 0;
    while (bytes.length - at >= LENGTH_BYTES) {
      const length = view.getUint32(at);
      // Before anything is waited for: four bytes must not make us keep four gigabytes.
      if (length < LEAST_FRAME_BYTES || length > MOST_FRAME_BYTES) {
        return fail(badLength(length));
      }
      const end = at + LENGTH_BYTES + length;
      if (end > bytes.length) {
        break;
      }
      const type = byteAt(bytes, at + LENGTH_BYTES);
      frames.push({ type, body: bytes.subarray(at + FRAME_HEAD_BYTES, end) });
      at = end;
    }
    this.#pending = at < bytes.length ? new Uint8Array(bytes.subarray(at)) : NOTHING;
    return ok(frames);
  }
}

function badLength(found: number): PeersViolation {
  const expected = `${String(LEAST_FRAME_BYTES)} to ${String(MOST_FRAME_BYTES)} bytes`;
  return { code: 'out-of-range', where: 'frame length', found, expected };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
