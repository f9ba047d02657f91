/** Flows on the link between two replicators: what has become of each, in batches that are written and read in one go. */
import type { Result } from '../../base/result.js';
import { fail, ok } from '../../base/result.js';
import { invariant } from '../../base/unreachable.js';
import type { Flow, FlowKey } from '../conntrack/flow.js';
import type { FlowRecord, FlowRecordReader } from '../conntrack/record.js';
import { FlowRecordWriter, MOST_RECORD_BYTES } from '../conntrack/record.js';
import type { PeersViolation } from '../peers/payload.js';
import { FRAME_HEAD_BYTES, MOST_FRAME_BYTES, putFrameHead } from '../tables/frame.js';

/** What one node says of a flow. */
export type FlowWord =
  /** It is so, in the kernel of the node that says it. */
  | { readonly kind: 'is'; readonly flow: Flow }
  /** It has ended. */
  | { readonly kind: 'gone'; readonly key: FlowKey }
  /** The other node answers for it now: whatever it is, this one says nothing of it any more. */
  | { readonly kind: 'yours'; readonly key: FlowKey };

export interface FlowBatch {
  /** From 1 on each connection. */
  readonly sequence: number;
  /** When the oldest of them was heard of, on the sender's clock; 0 where that is of no interest. */
  readonly since: number;
  readonly words: readonly FlowWord[];
}

/** The frame's type. */
export const BATCH_TYPE = 3;

/** Of all words of a batch: `news` are flows that are or are gone. */
const SUBJECTS = ['news', 'yours'] as const;
const HEAD_BYTES = 4 + 8 + 1;
const MOST_RECORDS_BYTES = MOST_FRAME_BYTES - 1 - HEAD_BYTES;

/** Gathers words until they leave. */
export class BatchWriter {
  readonly #records = new FlowRecordWriter();
  #subject: (typeof SUBJECTS)[number] = 'news';

  get words(): number {
    return this.#records.records;
  }

  /** Whether this word has to wait for the next one, because it is full or of something else. */
  isClosedTo({ kind }: FlowWord): boolean {
    const isOther = subjectOf(kind) !== this.#subject && this.words > 0;
    return isOther || this.#records.length + MOST_RECORD_BYTES > MOST_RECORDS_BYTES;
  }

  /** One more; where it is closed to it, that is our mistake and throws. */
  add(word: FlowWord): void {
    invariant(!this.isClosedTo(word), 'a batch that is closed has left');
    this.#subject = subjectOf(word.kind);
    if (word.kind === 'is') {
      this.#records.is(word.flow);
    } else {
      this.#records.gone(word.key);
    }
  }

  /** The whole frame, without a number yet; then it is empty. */
  take(since: number): Uint8Array {
    const records = this.#records.take();
    const frame = new Uint8Array(FRAME_HEAD_BYTES + HEAD_BYTES + records.length);
    const view = new DataView(frame.buffer);
    view.setFloat64(FRAME_HEAD_BYTES + 4, since);
    view.setUint8(FRAME_HEAD_BYTES + 12, SUBJECTS.indexOf(this.#subject));
    frame.set(records, FRAME_HEAD_BYTES + HEAD_BYTES);
    putFrameHead(frame, BATCH_TYPE);
    return frame;
  }
}

/** Of a whole frame, when it leaves. */
export function numberBatch(frame: Uint8Array, sequence: number): void {
  new DataView(frame.buffer, frame.byteOffset).setUint32(FRAME_HEAD_BYTES, sequence);
}

/** The body of a frame. Never throws. */
export function readBatch(
  body: Uint8Array,
  reader: FlowRecordReader,
): Result<FlowBatch, PeersViolation> {
  if (body.length < HEAD_BYTES) {
    const found = `${String(body.length)} bytes`;
    return fail({ code: 'truncated', where: 'a batch', found, expected: 'more' });
  }
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  const [sequence, since] = [view.getUint32(0), view.getFloat64(4)];
  if (!(since >= 0 && since <= Number.MAX_SAFE_INTEGER)) {
    const expected = 'milliseconds since a boot';
    return fail({ code: 'out-of-range', where: 'time of a batch', found: String(since), expected });
  }
  const subject = SUBJECTS[view.getUint8(12)];
  if (subject === undefined) {
    const expected = `0 to ${String(SUBJECTS.length - 1)}`;
    return fail({
      code: 'not-known',
      where: 'subject of a batch',
      found: view.getUint8(12),
      expected,
    });
  }
  const records = reader.read(body.subarray(HEAD_BYTES));
  return records.ok
    ? ok({
        sequence,
        since,
        words: subject === 'news' ? records.value : records.value.map(asYours),
      })
    : records;
}

function subjectOf(kind: FlowWord['kind']): (typeof SUBJECTS)[number] {
  return kind === 'yours' ? 'yours' : 'news';
}

function asYours(record: FlowRecord): FlowWord {
  return { kind: 'yours', key: record.kind === 'is' ? record.flow : record.key };
}
