/** Messages of the links between replicators: a frame's type says what its body is. */
import type { Result } from '../../base/result.js';
import { fail, ok } from '../../base/result.js';
import type { PeersViolation } from '../peers/payload.js';
import { PayloadReader } from '../peers/payload.js';
import type { LinkFrame } from './frame.js';

/** By the number of its type, what kind of message it is. */
export type KindsByType<Kind extends string> = ReadonlyMap<number, Kind>;

export function kindsByType<Kind extends string>(
  types: Readonly<Record<Kind, number>>,
): KindsByType<Kind> {
  return new Map((Object.keys(types) as Kind[]).map((kind) => [types[kind], kind]));
}

/** Undefined for a type that this version does not know. Bytes behind the fields that we know are skipped. Never throws. */
export function readTypedFrame<Kind extends string, Message>(
  { type, body }: LinkFrame,
  kinds: KindsByType<Kind>,
  readers: Readonly<Record<Kind, (payload: PayloadReader) => Message>>,
): Result<Message | undefined, PeersViolation> {
  const kind = kinds.get(type);
  if (kind === undefined) {
    return ok(undefined);
  }
  const payload = new PayloadReader(body);
  const message = readers[kind](payload);
  return payload.violation === undefined ? ok(message) : fail(payload.violation);
}
