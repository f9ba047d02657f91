/**
 * A batch of rows of one table. What stands before a row's server and behind it is as the proxy wrote it; the server, which
 * the proxy says by a slot of its session, is said by its name once in a batch and by a number from then on. How long a
 * row still lives is not said: its version and its table's expire say it.
 *
 * Written and read row for row without an object for each: a resync has millions.
 */
import type { Result } from '../../base/result.js';
import { fail, ok } from '../../base/result.js';
import { invariant } from '../../base/unreachable.js';
import { byteAt } from '../octets.js';
import { MOST_TEXT_BYTES } from '../peers/dictionary.js';
import { MOST_PAYLOAD_BYTES } from '../peers/frame.js';
import type { PeersViolation } from '../peers/payload.js';
import { PayloadReader } from '../peers/payload.js';
import { FRAME_HEAD_BYTES, putFrameHead } from './frame.js';
import { isVersion } from './version.js';

/** One row on its way. The same object is used for each row of a batch, and overwritten by the next. */
export interface LinkRow {
  version: number;
  /** Where head and tail lie. */
  bytes: Uint8Array;
  /** Key, and the columns before the server. */
  headAt: number;
  headEnd: number;
  /** 1 to 255 characters of one byte; undefined where the row says none. */
  server: string | undefined;
  /** The columns behind the server; nothing where the table has none. */
  tailAt: number;
  tailEnd: number;
}

/** The type of a frame with rows. */
export const ROWS_TYPE = 3;

/** A batch that has this many bytes takes no more rows. */
const FULL_BATCH_BYTES = 32_768;

const SEQUENCE_AT = 4;
/** Table and sequence. */
const HEAD_BYTES = 12;
/** Version, server, and the lengths of head and tail. */
const ROW_BYTES = 13;
const MOST_ROW_BYTES = ROW_BYTES + 1 + MOST_TEXT_BYTES + MOST_PAYLOAD_BYTES;
const MOST_SERVERS = 254;
const NO_SERVER = 0;
/** Up to here a loop is faster than a view of the part that is copied. */
const SHORT_COPY_BYTES = 64;

/** Gathers the rows of a batch. */
export class RowsWriter {
  readonly #bytes = new Uint8Array(FRAME_HEAD_BYTES + FULL_BATCH_BYTES + MOST_ROW_BYTES);
  readonly #view = new DataView(this.#bytes.buffer);
  readonly #servers = new Map<string, number>();
  #at = FRAME_HEAD_BYTES + HEAD_BYTES;
  #rows = 0;

  get rows(): number {
    return this.#rows;
  }

  get isFull(): boolean {
    return this.#at >= FULL_BATCH_BYTES || this.#servers.size >= MOST_SERVERS;
  }

  /** A row that is too long, or one more than is full, is our mistake and throws. */
  add({ version, bytes, headAt, headEnd, server, tailAt, tailEnd }: LinkRow): void {
    invariant(!this.isFull, 'a batch that is full takes no more rows');
    const head = headEnd - headAt;
    const tail = tailEnd - tailAt;
    invariant(head + tail <= MOST_PAYLOAD_BYTES, 'a row fits into a message of its proxy');
    this.#view.setFloat64(this.#at, version);
    this.#at += 8;
    this.#addServer(server);
    const at = this.#at;
    this.#view.setUint16(at, head);
    this.#view.setUint16(at + 2, tail);
    this.#at = at + 4;
    this.#copy(bytes, headAt, headEnd);
    this.#copy(bytes, tailAt, tailEnd);
    this.#rows += 1;
  }

  /** The frame of all that was added; the next row begins another batch. */
  take(table: number, sequence: number): Uint8Array {
    this.#view.setUint32(FRAME_HEAD_BYTES, table);
    this.#view.setFloat64(FRAME_HEAD_BYTES + SEQUENCE_AT, sequence);
    const frame = this.#bytes.slice(0, this.#at);
    putFrameHead(frame, ROWS_TYPE);
    this.clear();
    return frame;
  }

  /** Forgets what was added. */
  clear(): void {
    this.#at = FRAME_HEAD_BYTES + HEAD_BYTES;
    this.#rows = 0;
    this.#servers.clear();
  }

  #addServer(server: string | undefined): void {
    const known = server === undefined ? NO_SERVER : this.#servers.get(server);
    if (known === undefined) {
      this.#nameServer(String(server));
    } else {
      this.#bytes[this.#at] = known;
      this.#at += 1;
    }
  }

  #nameServer(server: string): void {
    invariant(server.length >= 1 && server.length <= MOST_TEXT_BYTES, 'a name has a bound');
    this.#servers.set(server, this.#servers.size + 1);
    this.#bytes[this.#at] = this.#servers.size;
    this.#bytes[this.#at + 1] = server.length;
    this.#at += 2;
    for (let index = 0; index < server.length; index += 1) {
      this.#bytes[this.#at + index] = server.charCodeAt(index);
    }
    this.#at += server.length;
  }

  #copy(from: Uint8Array, start: number, end: number): void {
    const bytes = this.#bytes;
    const shift = this.#at - start;
    if (end - start > SHORT_COPY_BYTES) {
      bytes.set(from.subarray(start, end), this.#at);
    } else {
      for (let index = start; index < end; index += 1) {
        bytes[index + shift] = byteAt(from, index);
      }
    }
    this.#at = end + shift;
  }
}

/** A batch that was received whole and whose lengths are right. Its rows are parts of the bytes it came in. */
export class RowsReader {
  /** The sender's number for it. */
  readonly table: number;
  readonly sequence: number;
  readonly bytes: Uint8Array;
  /** The greatest version in it. */
  readonly newest: number;
  /** Of the last {@link next}. */
  readonly row: LinkRow;
  readonly #view: DataView;
  readonly #servers: (string | undefined)[] = [undefined];
  #at = HEAD_BYTES;

  /** `body`: checked by {@link readRows}. */
  constructor(body: Uint8Array, newest: number) {
    this.bytes = body;
    this.newest = newest;
    this.#view = new DataView(body.buffer, body.byteOffset, body.length);
    this.table = this.#view.getUint32(0);
    this.sequence = this.#view.getFloat64(SEQUENCE_AT);
    const nowhere = { headAt: 0, headEnd: 0, tailAt: 0, tailEnd: 0 };
    this.row = { version: 0, bytes: body, server: undefined, ...nowhere };
  }

  /** The same from its beginning, in bytes of its own. */
  kept(): RowsReader {
    return new RowsReader(new Uint8Array(this.bytes), this.newest);
  }

  /** Whether there is one more row; then {@link row} is it. */
  next(): boolean {
    if (this.#at >= this.bytes.length) {
      return false;
    }
    const { row } = this;
    row.version = this.#view.getFloat64(this.#at);
    this.#at += 8;
    row.server = this.#server();
    const head = this.#view.getUint16(this.#at);
    const tail = this.#view.getUint16(this.#at + 2);
    row.headAt = this.#at + 4;
    row.headEnd = row.headAt + head;
    row.tailAt = row.headEnd;
    row.tailEnd = row.tailAt + tail;
    this.#at = row.tailEnd;
    return true;
  }

  #server(): string | undefined {
    const number = this.#view.getUint8(this.#at);
    this.#at += 1;
    if (number === this.#servers.length) {
      const length = this.#view.getUint8(this.#at);
      const start = this.bytes.byteOffset + this.#at + 1;
      this.#servers.push(Buffer.from(this.bytes.buffer, start, length).toString('latin1'));
      this.#at += 1 + length;
    }
    return this.#servers[number];
  }
}

/**
 * The batch that a frame holds, with no version later than `latest`: one from the future would win for ever. All of it is
 * looked at before any of its rows counts. Never throws.
 */
export function readRows(body: Uint8Array, latest: number): Result<RowsReader, PeersViolation> {
  if (body.length < HEAD_BYTES) {
    return fail(truncated('rows', body.length));
  }
  const walk = new Walk(body, latest);
  while (walk.violation === undefined && walk.at < body.length) {
    walk.row();
  }
  if (walk.violation !== undefined) {
    return fail(walk.violation);
  }
  const rows = new RowsReader(body, walk.newest);
  if (!Number.isSafeInteger(rows.sequence) || rows.sequence < 1) {
    const found = String(rows.sequence);
    return fail({ code: 'out-of-range', where: 'sequence', found, expected: '1 and on' });
  }
  return ok(rows);
}

/** Goes over the rows of a batch by their lengths. */
class Walk {
  violation: PeersViolation | undefined;
  at = HEAD_BYTES;
  newest = 0;
  readonly #body: Uint8Array;
  readonly #latest: number;
  readonly #view: DataView;
  #servers = 0;

  constructor(body: Uint8Array, latest: number) {
    this.#body = body;
    this.#latest = latest;
    this.#view = new DataView(body.buffer, body.byteOffset, body.length);
  }

  row(): void {
    if (this.#left < ROW_BYTES) {
      this.violation = truncated('row', this.#left);
      return;
    }
    const version = this.#view.getFloat64(this.at);
    if (!isVersion(version) || version > this.#latest) {
      const expected = `milliseconds since 1970, until ${String(this.#latest)}`;
      this.violation = { code: 'out-of-range', where: 'version', found: String(version), expected };
      return;
    }
    this.newest = Math.max(this.newest, version);
    this.at += 8;
    this.#server();
    // A name may have left less than the lengths need.
    if (this.violation === undefined && this.#left < 4) {
      this.violation = truncated('row', this.#left);
    }
    if (this.violation === undefined) {
      this.#lengths();
    }
  }

  get #left(): number {
    return this.#body.length - this.at;
  }

  #lengths(): void {
    const length = this.#view.getUint16(this.at) + this.#view.getUint16(this.at + 2);
    this.at += 4 + length;
    if (length > MOST_PAYLOAD_BYTES) {
      const expected = `at most ${String(MOST_PAYLOAD_BYTES)} bytes`;
      this.violation = { code: 'too-long', where: 'row', found: length, expected };
    } else if (this.#left < 0) {
      this.violation = truncated('row', length + this.#left);
    }
  }

  #server(): void {
    const number = this.#view.getUint8(this.at);
    this.at += 1;
    if (number <= this.#servers) {
      return;
    }
    if (number > this.#servers + 1 || number > MOST_SERVERS) {
      const expected = `at most ${String(Math.min(this.#servers + 1, MOST_SERVERS))}`;
      this.violation = { code: 'not-known', where: 'server', found: number, expected };
      return;
    }
    this.#servers = number;
    const length = this.#view.getUint8(this.at);
    const name = new PayloadReader(this.#body.subarray(this.at + 1));
    name.text('name of a server', length);
    this.violation = name.violation;
    this.at += 1 + length;
  }
}

function truncated(where: string, left: number): PeersViolation {
  return { code: 'truncated', where, found: `${String(left)} bytes`, expected: 'more bytes' };
}
