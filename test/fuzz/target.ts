/** What is fuzzed, and what must hold of it. */
import assert from 'node:assert/strict';

export interface Target {
  readonly name: string;
  /** Good inputs to begin with. */
  readonly seeds: readonly Uint8Array[];
  /** Feeds the decoder; throws where a promise is broken. Returns what became of the input, in a word or two. */
  run(input: Uint8Array): string;
  /** Makes a mutated input pass the first checks, such as a checksum; undefined where there is nothing to mend. */
  readonly mend: ((input: Uint8Array) => void) | undefined;
}

/** Runs a target; besides its own promises, the input must be left as it was. */
export function feed(target: Target, input: Uint8Array): string {
  const before = input.slice();
  const outcome = target.run(input);
  assert.deepEqual(input, before, 'the input was changed');
  return outcome;
}

/** The Internet checksum (RFC 1071) of these parts one after the other, each of an even length but the last. */
export function internetChecksum(...parts: readonly Uint8Array[]): number {
  let total = 0;
  for (const part of parts) {
    for (let at = 0; at < part.length; at += 2) {
      total += part[at]! * 256 + (part[at + 1] ?? 0);
    }
  }
  while (total > 0xffff) {
    total = (total & 0xffff) + Math.floor(total / 0x10000);
  }
  return 0xffff - total;
}

/** For IPv4 (RFC 5798 §5.2.8) and IPv6 (RFC 8200 §8.1) alike: what a checksum covers beside the message. */
export function pseudoHeader(
  source: Uint8Array,
  destination: Uint8Array,
  { protocol, length }: { readonly protocol: number; readonly length: number },
): Uint8Array {
  return source.length === 4
    ? Uint8Array.from([...source, ...destination, 0, protocol, length >>> 8, length & 0xff])
    : Uint8Array.from([
        ...source,
        ...destination,
        ...[0, 0, length >>> 8, length & 0xff],
        ...[0, 0, 0, protocol],
      ]);
}

export function putChecksum(message: Uint8Array, at: number, value: number): void {
  message[at] = value >>> 8;
  message[at + 1] = value & 0xff;
}

/** A copy whose checksum is zero. */
export function withoutChecksum(message: Uint8Array, at: number): Uint8Array {
  const copy = message.slice();
  copy.fill(0, at, at + 2);
  return copy;
}
