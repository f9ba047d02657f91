/**
 * The messages of a session as they arrive, one after the other. Updates, which nearly all are, stay where they lie and are
 * handed on by their place; the few others as values.
 */
import type { Result } from '../../base/result.js';
import { fail } from '../../base/result.js';
import { byteAt, oneAfterOther, plainOctets } from '../octets.js';
import type { PeersFrame } from './frame.js';
import { MOST_PAYLOAD_BYTES } from './frame.js';
import type { PeersMessage } from './message.js';
import { decodePeersMessage } from './message.js';
import type { PeersViolation } from './payload.js';
import type { Range } from './row.js';
import { readVarint } from './varint.js';

/** What is done with messages. A violation that it finds ends the session, and nothing more is read. */
export interface PeersReceiver {
  /** `id`: undefined for one more than before. `expiresIn`: undefined for the table's whole expire. */
  update(
    bytes: Uint8Array,
    body: Range,
    head: { readonly id: number | undefined; readonly expiresIn: number | undefined },
  ): PeersViolation | undefined;
  message(message: PeersMessage): PeersViolation | undefined;
}

const TABLE_CLASS = 10;
const UPDATE = 0x80;
const INCREMENTAL = 0x81;
const TIMED_UPDATE = 0x85;
const TIMED_INCREMENTAL = 0x86;
const RESERVED_CLASS = 255;
const HAS_PAYLOAD = 0x80;
const HEAD_BYTES = 2;
const UINT32_BYTES = 4;
const FIRST_LONG = 240;
const NOTHING = new Uint8Array(0);
const INCREMENT = { id: undefined, expiresIn: undefined } as const;

/** Of a piece so much is put behind a message that is not whole; nearly always its end is in it. */
const SHORT_MESSAGE_BYTES = 512;

/** It never keeps more than one message that is not whole. */
export class PeersStreamReader {
  #pending: Uint8Array = NOTHING;

  /** All messages that are whole now. After a violation nothing more can be read. */
  push(bytes: Uint8Array, receiver: PeersReceiver): PeersViolation | undefined {
    const piece = plainOctets(bytes);
    const pending = this.#pending;
    if (pending.length === 0) {
      return this.#read(piece, 0, receiver);
    }
    // What is copied of a piece is its first message, not all of it.
    const first = oneAfterOther(pending, piece.subarray(0, SHORT_MESSAGE_BYTES));
    const frame = placeAt(first, 0);
    if (frame === undefined) {
      return this.#read(oneAfterOther(pending, piece), 0, receiver);
    }
    if (!frame.ok) {
      return frame.error;
    }
    const { end } = frame.value;
    return (
      deliver(first, frame.value, receiver) ?? this.#read(piece, end - pending.length, receiver)
    );
  }

  #read(bytes: Uint8Array, from: number, receiver: PeersReceiver): PeersViolation | undefined {
    let at = from;
    for (;;) {
      const frame = placeAt(bytes, at);
      if (frame === undefined) {
        break;
      }
      if (!frame.ok) {
        return frame.error;
      }
      const violation = deliver(bytes, frame.value, receiver);
      if (violation !== undefined) {
        return violation;
      }
      at = frame.value.end;
    }
    // A copy: what a socket delivers may be used again.
    this.#pending = at === bytes.length ? NOTHING : bytes.slice(at);
    return undefined;
  }
}

interface Place {
  readonly class: number;
  readonly type: number;
  readonly at: number;
  readonly end: number;
}

/** Undefined where it is not whole yet. */
function placeAt(bytes: Uint8Array, at: number): Result<Place, PeersViolation> | undefined {
  if (bytes.length - at < HEAD_BYTES) {
    return undefined;
  }
  const ofClass = byteAt(bytes, at);
  const type = byteAt(bytes, at + 1);
  if (ofClass === RESERVED_CLASS) {
    const expected = 'a class from 0 to 254';
    return fail({ code: 'not-known', where: 'message class', found: ofClass, expected });
  }
  let start = at + HEAD_BYTES;
  let length = 0;
  if ((type & HAS_PAYLOAD) !== 0) {
    length = bytes[start] ?? FIRST_LONG;
    if (length < FIRST_LONG) {
      start += 1;
    } else {
      const read = readVarint(bytes, start);
      if (!read.ok && read.error.code === 'truncated') {
        return undefined;
      }
      // Before anything is waited for: a few bytes must not make us keep gigabytes.
      if (!read.ok || read.value.value > MOST_PAYLOAD_BYTES) {
        const found = read.ok ? String(read.value.value) : 'more than 64 bits';
        const expected = `at most ${String(MOST_PAYLOAD_BYTES)} bytes`;
        return fail({ code: 'too-long', where: 'message length', found, expected });
      }
      start = read.value.end;
      length = Number(read.value.value);
    }
  }
  const end = start + length;
  return end > bytes.length
    ? undefined
    : { ok: true, value: { class: ofClass, type, at: start, end } };
}

function deliver(
  bytes: Uint8Array,
  place: Place,
  receiver: PeersReceiver,
): PeersViolation | undefined {
  const isTable = place.class === TABLE_CLASS;
  if (isTable && place.type === INCREMENTAL) {
    return receiver.update(bytes, place, INCREMENT);
  }
  if (isTable && isUpdate(place.type)) {
    return deliverUpdate(bytes, place, receiver);
  }
  const payload = bytes.slice(place.at, place.end);
  const frame: PeersFrame = { class: place.class, type: place.type, payload };
  const message = decodePeersMessage(frame);
  return message.ok ? receiver.message(message.value) : message.error;
}

function isUpdate(type: number): boolean {
  return type === UPDATE || type === TIMED_UPDATE || type === TIMED_INCREMENTAL;
}

function deliverUpdate(
  bytes: Uint8Array,
  { type, at, end }: Place,
  receiver: PeersReceiver,
): PeersViolation | undefined {
  const words = type === TIMED_UPDATE ? 2 : 1;
  const body = { at: at + UINT32_BYTES * words, end };
  if (body.at > end) {
    const expected = `${String(UINT32_BYTES * words)} bytes`;
    const found = `${String(end - at)} bytes`;
    return { code: 'truncated', where: 'head of an update', found, expected };
  }
  const first = uint32At(bytes, at);
  if (type === UPDATE) {
    return receiver.update(bytes, body, { id: first, expiresIn: undefined });
  }
  return type === TIMED_INCREMENTAL
    ? receiver.update(bytes, body, { id: undefined, expiresIn: first })
    : receiver.update(bytes, body, { id: first, expiresIn: uint32At(bytes, at + UINT32_BYTES) });
}

function uint32At(bytes: Uint8Array, at: number): number {
  return (
    ((byteAt(bytes, at) << 24) |
      (byteAt(bytes, at + 1) << 16) |
      (byteAt(bytes, at + 2) << 8) |
      byteAt(bytes, at + 3)) >>>
    0
  );
}
