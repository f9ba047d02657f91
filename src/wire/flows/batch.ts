/** Flows on the link between two replicators: what became of each, in batches that are written and read in one go. */
import type { Family, Ip } from '../../base/ip.js';
import { familyOf, ipBytes } from '../../base/ip.js';
import { ipv4FromBytes } from '../../base/ipv4.js';
import { ipv6FromBytes } from '../../base/ipv6.js';
import type { Result } from '../../base/result.js';
import { fail, ok } from '../../base/result.js';
import { invariant } from '../../base/unreachable.js';
import type { Flow, FlowKey, FlowTuple, SctpProgress, TcpProgress } from '../conntrack/flow.js';
import { byteAt } from '../octets.js';
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

const KINDS = ['is', 'gone', 'yours'] as const;
const SIX = 0x80;
const ADDRESS_BYTES: Readonly<Record<Family, number>> = { ipv4: 4, ipv6: 16 };
const HEAD_BYTES = 4 + 8 + 2;
/** A word's kind, protocol and zone. */
const KEY_HEAD_BYTES = 1 + 1 + 2;
const PORTS_BYTES = 4;
/** Status, timeout, mark, and what kind of progress follows. */
const STATE_BYTES = 4 + 4 + 4 + 1;
const PROGRESS_BYTES = { none: 0, tcp: 5, sctp: 9 } as const;
const PROGRESS = ['none', 'tcp', 'sctp'] as const;
const MOST_WORD_BYTES = KEY_HEAD_BYTES + 2 * (2 * 16 + PORTS_BYTES) + STATE_BYTES + 9;

/** Gathers words until they leave. */
export class BatchWriter {
  readonly #bytes = new Uint8Array(FRAME_HEAD_BYTES + MOST_FRAME_BYTES - 1);
  readonly #view = new DataView(this.#bytes.buffer);
  #at = FIRST_WORD;
  #words = 0;

  get words(): number {
    return this.#words;
  }

  /** Whether another word may be too long for it. */
  get isFull(): boolean {
    return this.#at + MOST_WORD_BYTES > this.#bytes.length;
  }

  /** One more; to a batch that is full is our mistake and throws. */
  add(word: FlowWord): void {
    invariant(!this.isFull, 'a batch that is full has left');
    const key = word.kind === 'is' ? word.flow : word.key;
    const isSix = familyOf(key.original.source) === 'ipv6';
    this.#byte(KINDS.indexOf(word.kind) | (isSix ? SIX : 0));
    this.#byte(key.protocol);
    this.#two(key.zone);
    this.#tuple(key.original);
    if (word.kind === 'is') {
      this.#state(word.flow);
    }
    this.#words += 1;
  }

  /** The whole frame, in bytes of its own; then it is empty. */
  take({ sequence, since }: Pick<FlowBatch, 'sequence' | 'since'>): Uint8Array {
    this.#view.setUint32(FRAME_HEAD_BYTES, sequence);
    this.#view.setFloat64(FRAME_HEAD_BYTES + 4, since);
    this.#view.setUint16(FRAME_HEAD_BYTES + 12, this.#words);
    const frame = this.#bytes.slice(0, this.#at);
    putFrameHead(frame, BATCH_TYPE);
    this.#at = FIRST_WORD;
    this.#words = 0;
    return frame;
  }

  #state({ reply, status, timeout, mark, tcp, sctp }: Flow): void {
    this.#tuple(reply);
    this.#four(status);
    this.#four(Math.min(timeout, MOST_UINT32));
    this.#four(mark);
    this.#byte(PROGRESS.indexOf(progressOf(tcp, sctp)));
    if (tcp !== undefined) {
      for (const each of [
        ...[tcp.state, tcp.original.windowScale, tcp.original.flags],
        ...[tcp.reply.windowScale, tcp.reply.flags],
      ]) {
        this.#byte(each);
      }
    } else if (sctp !== undefined) {
      this.#byte(sctp.state);
      this.#four(sctp.originalTag);
      this.#four(sctp.replyTag);
    }
  }

  #tuple({ source, destination, sourcePort, destinationPort }: FlowTuple): void {
    this.#address(source);
    this.#address(destination);
    this.#two(sourcePort);
    this.#two(destinationPort);
  }

  #address(address: Ip): void {
    const bytes = ipBytes(address);
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  #byte(value: number): void {
    this.#view.setUint8(this.#at, value);
    this.#at += 1;
  }

  #two(value: number): void {
    this.#view.setUint16(this.#at, value);
    this.#at += 2;
  }

  #four(value: number): void {
    this.#view.setUint32(this.#at, value);
    this.#at += 4;
  }
}

function progressOf(
  tcp: TcpProgress | undefined,
  sctp: SctpProgress | undefined,
): (typeof PROGRESS)[number] {
  if (tcp !== undefined) {
    return 'tcp';
  }
  return sctp === undefined ? 'none' : 'sctp';
}

/** The body of a frame. Never throws. */
export function readBatch(body: Uint8Array): Result<FlowBatch, PeersViolation> {
  if (body.length < HEAD_BYTES) {
    return fail(truncated('a batch', body.length));
  }
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  const [sequence, since] = [view.getUint32(0), view.getFloat64(4)];
  if (!(since >= 0 && since <= Number.MAX_SAFE_INTEGER)) {
    const expected = 'milliseconds since a boot';
    return fail({ code: 'out-of-range', where: 'time of a batch', found: String(since), expected });
  }
  const reader = new WordReader(body, view);
  const words: FlowWord[] = [];
  for (let left = view.getUint16(12); left > 0; left -= 1) {
    const word = reader.read();
    if (!word.ok) {
      return word;
    }
    words.push(word.value);
  }
  return ok({ sequence, since, words });
}

class WordReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = HEAD_BYTES;

  constructor(bytes: Uint8Array, view: DataView) {
    this.#bytes = bytes;
    this.#view = view;
  }

  read(): Result<FlowWord, PeersViolation> {
    const head = this.#bytes[this.#at] ?? 0;
    const kind = KINDS[head & ~SIX];
    const family: Family = (head & SIX) === 0 ? 'ipv4' : 'ipv6';
    const tupleBytes = 2 * ADDRESS_BYTES[family] + PORTS_BYTES;
    if (kind === undefined) {
      return fail(unknown('kind of a word', head, `0 to ${String(KINDS.length - 1)}`));
    }
    const fixed = KEY_HEAD_BYTES + tupleBytes + (kind === 'is' ? tupleBytes + STATE_BYTES : 0);
    if (this.#at + fixed > this.#bytes.length) {
      return fail(truncated('a flow', this.#bytes.length - this.#at));
    }
    const [protocol, zone] = [
      byteAt(this.#bytes, this.#at + 1),
      this.#view.getUint16(this.#at + 2),
    ];
    this.#at += KEY_HEAD_BYTES;
    const key: FlowKey = { protocol, zone, original: this.#tuple(family) };
    return kind === 'is' ? this.#flow(key, family) : ok({ kind, key });
  }

  #flow(key: FlowKey, family: Family): Result<FlowWord, PeersViolation> {
    const reply = this.#tuple(family);
    const view = this.#view;
    const [status, timeout] = [view.getUint32(this.#at), view.getUint32(this.#at + 4)];
    const mark = view.getUint32(this.#at + 8);
    const number = byteAt(this.#bytes, this.#at + 12);
    const progress = PROGRESS[number];
    this.#at += STATE_BYTES;
    if (progress === undefined) {
      return fail(unknown('progress of a flow', number, `0 to ${String(PROGRESS.length - 1)}`));
    }
    if (this.#at + PROGRESS_BYTES[progress] > this.#bytes.length) {
      return fail(truncated('progress of a flow', this.#bytes.length - this.#at));
    }
    const at = this.#at;
    this.#at += PROGRESS_BYTES[progress];
    return ok({
      kind: 'is',
      flow: {
        ...{ ...key, reply, status, timeout, mark },
        tcp: progress === 'tcp' ? this.#tcp(at) : undefined,
        sctp: progress === 'sctp' ? this.#sctp(at) : undefined,
      },
    });
  }

  #tcp(at: number): TcpProgress {
    const direction = (from: number): TcpProgress['original'] => ({
      windowScale: byteAt(this.#bytes, from),
      flags: byteAt(this.#bytes, from + 1),
    });
    return {
      state: byteAt(this.#bytes, at),
      original: direction(at + 1),
      reply: direction(at + 3),
    };
  }

  #sctp(at: number): SctpProgress {
    return {
      state: byteAt(this.#bytes, at),
      originalTag: this.#view.getUint32(at + 1),
      replyTag: this.#view.getUint32(at + 5),
    };
  }

  #tuple(family: Family): FlowTuple {
    const read = family === 'ipv4' ? ipv4FromBytes : ipv6FromBytes;
    const size = ADDRESS_BYTES[family];
    const at = this.#at;
    this.#at += 2 * size + PORTS_BYTES;
    return {
      source: read(this.#bytes, at),
      destination: read(this.#bytes, at + size),
      sourcePort: this.#view.getUint16(at + 2 * size),
      destinationPort: this.#view.getUint16(at + 2 * size + 2),
    };
  }
}

function truncated(where: string, left: number): PeersViolation {
  return { code: 'truncated', where, found: `${String(left)} bytes`, expected: 'more' };
}

function unknown(where: string, found: number, expected: string): PeersViolation {
  return { code: 'not-known', where, found, expected };
}

const FIRST_WORD = FRAME_HEAD_BYTES + HEAD_BYTES;
const MOST_UINT32 = 0xffff_ffff;
