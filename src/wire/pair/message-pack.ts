/** MessagePack, bounded: values to bytes, and bytes of strangers to values. */
import { Decoder, Encoder } from '@msgpack/msgpack';
import type { Result } from '../../base/result.js';
import { fail, ok } from '../../base/result.js';

/** What one body may contain; anything more is no message of ours. */
const BOUNDS = {
  maxStrLength: 65_536,
  maxBinLength: 1024,
  maxArrayLength: 256,
  maxMapLength: 64,
  maxExtLength: 0,
};

/** Kept: each has a buffer of its own, and they are asked dozens of times a second. */
const ENCODER = new Encoder({ ignoreUndefined: true });
const DECODER = new Decoder(BOUNDS);

export function pack(value: unknown): Uint8Array {
  return ENCODER.encode(value);
}

/** The one value that these bytes are. Never throws; tells what the decoder stumbled over. */
export function unpack(bytes: Uint8Array): Result<unknown, string> {
  try {
    return ok(DECODER.decode(bytes));
  } catch (error) {
    return fail(String(error));
  }
}
