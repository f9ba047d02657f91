/**
 * Frames of the link between two replicators: four bytes that say how many follow, a type, and a body. Whoever does not
 * know a type skips it by its length, so that two versions can talk.
 */
import type { Result } from '../../base/result.js';
import { fail, ok } from '../../base/result.js';
import { invariant } from '../../base/unreachable.js';
import { byteAt, plainOctets } from '../octets.js';
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
  invariant(isLength(length), 'a frame has a bound');
  viewOf(bytes).setUint32(0, length);
  bytes.set([type], LENGTH_BYTES);
}

const NOTHING = new Uint8Array(0);

/**
 * Puts together what a stream delivers in pieces. It never keeps more than one frame that is not whole, and copies each byte
 * once at the most.
 */
export class LinkFrameReader {
  /** Room for a length, and when that is whole for all of its frame. */
  #begun: Uint8Array = NOTHING;
  #filled = 0;

  /** The frames that are whole now, in order. After a violation nothing more can be read, nor what came with it. */
  push(bytes: Uint8Array): Result<readonly LinkFrame[], PeersViolation> {
    const piece = plainOctets(bytes);
    const frames: LinkFrame[] = [];
    let at = 0;
    while (at < piece.length) {
      const isLengthHere = this.#filled === 0 && piece.length - at >= LENGTH_BYTES;
      const length = isLengthHere ? lengthAt(piece, at) : LEAST_FRAME_BYTES;
      if (!isLength(length)) {
        return fail(badLength(length));
      }
      const end = at + LENGTH_BYTES + length;
      if (isLengthHere && end <= piece.length) {
        frames.push(frameIn(piece.subarray(at, end)));
        at = end;
      } else {
        if (this.#filled === 0) {
          this.#begun = new Uint8Array(isLengthHere ? end - at : LENGTH_BYTES);
        }
        at += this.#fill(piece.subarray(at));
        const violation = this.#look(frames);
        if (violation !== undefined) {
          return fail(violation);
        }
      }
    }
    return ok(frames);
  }

  /** Says how many bytes it has taken. */
  #fill(bytes: Uint8Array): number {
    const taken = bytes.subarray(0, this.#begun.length - this.#filled);
    this.#begun.set(taken, this.#filled);
    this.#filled += taken.length;
    return taken.length;
  }

  /** What was begun may be whole. */
  #look(frames: LinkFrame[]): PeersViolation | undefined {
    const begun = this.#begun;
    if (this.#filled < begun.length) {
      return undefined;
    }
    if (begun.length > LENGTH_BYTES) {
      frames.push(frameIn(begun));
      this.#begun = NOTHING;
      this.#filled = 0;
      return undefined;
    }
    const length = lengthAt(begun, 0);
    if (!isLength(length)) {
      return badLength(length);
    }
    this.#begun = new Uint8Array(LENGTH_BYTES + length);
    this.#begun.set(begun);
    return undefined;
  }
}

function frameIn(bytes: Uint8Array): LinkFrame {
  return { type: byteAt(bytes, LENGTH_BYTES), body: bytes.subarray(FRAME_HEAD_BYTES) };
}

function lengthAt(bytes: Uint8Array, at: number): number {
  return viewOf(bytes).getUint32(at);
}

/** Looked at before anything is waited for: four bytes must not make us keep four gigabytes. */
function isLength(length: number): boolean {
  return length >= LEAST_FRAME_BYTES && length <= MOST_FRAME_BYTES;
}

function badLength(found: number): PeersViolation {
  const expected = `${String(LEAST_FRAME_BYTES)} to ${String(MOST_FRAME_BYTES)} bytes`;
  return { code: 'out-of-range', where: 'frame length', found, expected };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
