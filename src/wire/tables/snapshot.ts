/**
 * A file of rows that outlives a loss of power: a mark, then frames as on the link (definitions, and batches of rows with their
 * versions), then a checksum over all of it. What is not whole is no snapshot: none of it counts.
 */
import type { Result } from '../../base/result.js';
import { fail, ok } from '../../base/result.js';
import { invariant } from '../../base/unreachable.js';
import { byteAt } from '../octets.js';
import type { TableDefinition } from '../peers/table.js';
import type { LinkFrame } from './frame.js';
import { FRAME_HEAD_BYTES, LinkFrameReader } from './frame.js';
import { readLinkMessage } from './message.js';
import { readRows, ROWS_TYPE } from './rows.js';

/** Some million rows. What has no room is left out. */
export const MOST_SNAPSHOT_BYTES: number = 64 << 20;

/** What it begins with: its name, and the version of its form. */
export const SNAPSHOT_MARK: Uint8Array = new TextEncoder().encode('vipair tables 1\n');

/** At its end. */
export const CHECKSUM_BYTES = 4;

export type SnapshotPart =
  | { readonly kind: 'definition'; readonly table: TableDefinition }
  /** The body of a batch, which can be read as often as is wanted. */
  | { readonly kind: 'rows'; readonly body: Uint8Array };

/** CRC-32 as in IEEE 802.3: any damage of up to 32 bits in a row is seen, and other damage almost always. */
export class Checksum {
  #register = 0xffffffff;

  add(bytes: Uint8Array): void {
    let register = this.#register;
    for (const byte of bytes) {
      register = (register >>> 8) ^ entryOf((register ^ byte) & 0xff);
    }
    this.#register = register;
  }

  /** Four bytes, the greatest first. */
  get bytes(): Uint8Array {
    const bytes = new Uint8Array(CHECKSUM_BYTES);
    new DataView(bytes.buffer).setUint32(0, (this.#register ^ 0xffffffff) >>> 0);
    return bytes;
  }
}

/** Its parts in their order, or a sentence that says what is wrong. `latest`: no version is later than that. Never throws. */
export function readSnapshot(
  bytes: Uint8Array,
  latest: number,
): Result<readonly SnapshotPart[], string> {
  const end = bytes.length - CHECKSUM_BYTES;
  if (end < SNAPSHOT_MARK.length || SNAPSHOT_MARK.some((byte, at) => byteAt(bytes, at) !== byte)) {
    return fail('is no snapshot of this version');
  }
  const checksum = new Checksum();
  checksum.add(bytes.subarray(0, end));
  if (checksum.bytes.some((byte, at) => byteAt(bytes, end + at) !== byte)) {
    return fail('is damaged or not whole: its checksum is another');
  }
  const frames = new LinkFrameReader().push(bytes.subarray(SNAPSHOT_MARK.length, end));
  if (!frames.ok) {
    return fail(`has a frame that is none: ${frames.error.where}`);
  }
  const length = frames.value.reduce((sum, { body }) => sum + FRAME_HEAD_BYTES + body.length, 0);
  return length === end - SNAPSHOT_MARK.length
    ? readParts(frames.value, latest)
    : fail('ends in the middle of a frame');
}

function readParts(
  frames: readonly LinkFrame[],
  latest: number,
): Result<readonly SnapshotPart[], string> {
  const parts: SnapshotPart[] = [];
  const defined = new Set<number>();
  for (const frame of frames) {
    const part = frame.type === ROWS_TYPE ? readBatch(frame, latest, defined) : readTable(frame);
    if (!part.ok) {
      return part;
    }
    if (part.value.kind === 'definition') {
      defined.add(part.value.table.id);
    }
    parts.push(part.value);
  }
  return ok(parts);
}

function readBatch(
  { body }: LinkFrame,
  latest: number,
  defined: ReadonlySet<number>,
): Result<SnapshotPart, string> {
  const batch = readRows(body, latest);
  if (!batch.ok) {
    const { where, found, expected } = batch.error;
    return fail(`has rows that are none here: ${where} is ${String(found)}, expected ${expected}`);
  }
  return defined.has(batch.value.table)
    ? ok({ kind: 'rows', body })
    : fail('has rows of a table that it does not define');
}

function readTable(frame: LinkFrame): Result<SnapshotPart, string> {
  const message = readLinkMessage(frame);
  return message.ok && message.value?.kind === 'definition'
    ? ok({ kind: 'definition', table: message.value.table })
    : fail(`has a frame of type ${String(frame.type)} that is no definition`);
}

const ENTRIES = Uint32Array.from(new Uint8Array(256).keys(), (index) => {
  let entry = index;
  for (let bit = 0; bit < 8; bit += 1) {
    entry = (entry & 1) === 0 ? entry >>> 1 : (entry >>> 1) ^ 0xedb88320;
  }
  return entry;
});

function entryOf(index: number): number {
  const entry = ENTRIES[index];
  invariant(entry !== undefined, 'a byte has an entry');
  return entry;
}
