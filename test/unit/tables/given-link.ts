/** A link between replicators whose other end, time and streams are in the test's hands. */
import type { Ip } from '../../../src/base/ip.js';
import { ok } from '../../../src/base/result.js';
import type {
  PairListener,
  PairStream,
  PairStreamHandlers,
} from '../../../src/ports/pair-transport.js';
import { Link } from '../../../src/tables/link.js';
import { RowClock } from '../../../src/tables/row-clock.js';
import { encodeLinkFrame, LinkFrameReader } from '../../../src/wire/tables/frame.js';
import type { LinkMessage } from '../../../src/wire/tables/message.js';
import { readLinkMessage, writeLinkMessage } from '../../../src/wire/tables/message.js';
import type { LinkRow } from '../../../src/wire/tables/rows.js';
import { readRows, ROWS_TYPE, RowsWriter } from '../../../src/wire/tables/rows.js';
import { HandClock, settled } from '../engine/fakes.js';
import { TABLE } from '../wire/peers/given-peers.js';

export const SEED = { high: 1, low: 2, since: 3 };
export const HELLO: LinkMessage = {
  kind: 'hello',
  protocol: 1,
  node: 'lb2',
  epoch: 9,
  clock: 1_700_000_000_000,
  seed: SEED,
};
export const DEFINITION: LinkMessage = { kind: 'definition', table: TABLE };

/** One end of a stream; the test is the other. */
export class HandStream implements PairStream {
  /** Messages as they are, rows as `batch N of table T: R rows`. */
  readonly said: (LinkMessage | string)[] = [];
  state: 'open' | 'closed' = 'open';
  room: 'sent' | 'busy' | 'full' = 'sent';
  readonly peer: string | undefined;
  #handlers: PairStreamHandlers | undefined;
  readonly #reader = new LinkFrameReader();

  constructor(peer?: string) {
    this.peer = peer;
  }

  send(bytes: Uint8Array): 'sent' | 'busy' | 'full' {
    const frames = this.#reader.push(bytes);
    for (const frame of frames.ok && this.room !== 'full' ? frames.value : []) {
      const message = readLinkMessage(frame);
      if (message.ok && message.value !== undefined) {
        this.said.push(message.value);
      } else if (frame.type === ROWS_TYPE) {
        this.said.push(batchText(frame.body));
      }
    }
    return this.room;
  }

  begin(handlers: PairStreamHandlers): void {
    this.#handlers = handlers;
  }

  close(): void {
    this.state = 'closed';
  }

  hear(...messages: readonly LinkMessage[]): void {
    this.hearBytes(
      Uint8Array.from(messages.flatMap((each) => [...encodeLinkFrame(writeLinkMessage(each))])),
    );
  }

  hearBytes(bytes: Uint8Array): void {
    this.#handlers?.received(bytes);
  }

  drain(): void {
    this.#handlers?.drained?.();
  }

  lose(detail: string): void {
    this.#handlers?.closed(detail);
  }
}

function batchText(body: Uint8Array): string {
  const batch = readRows(body, Infinity);
  let rows = 0;
  while (batch.ok && batch.value.next()) {
    rows += 1;
  }
  return batch.ok
    ? `batch ${String(batch.value.sequence)} of table ${String(batch.value.table)}: ${String(rows)} rows`
    : batch.error.where;
}

export function row(version = 1_700_000_000_000, length = 5): LinkRow {
  const bytes = new Uint8Array(length).fill(1);
  return { version, bytes, headAt: 0, headEnd: length, server: 's1', tailAt: 0, tailEnd: 0 };
}

export function batch(sequence: number, version?: number): Uint8Array {
  const writer = new RowsWriter();
  writer.add(row(version));
  writer.add(row(version));
  return writer.take(TABLE.id, sequence);
}

/** Of some 45,000 bytes. */
export function longBatch(sequence: number): Uint8Array {
  const writer = new RowsWriter();
  while (!writer.isFull) {
    writer.add(row(undefined, 15_000));
  }
  return writer.take(TABLE.id, sequence);
}

export interface GivenLink {
  readonly link: Link;
  readonly clock: HandClock;
  readonly rowClock: RowClock;
  /** What the link told its owner. */
  readonly told: string[];
  /** What the next attempts to dial come to; silence where there are none. */
  readonly answers: HandStream[];
  listener: PairListener | undefined;
}

/** lb1 dials, lb3 listens; the peer is lb2. */
export function givenLink(own: 'lb1' | 'lb3' = 'lb1'): GivenLink {
  const clock = new HandClock();
  const rowClock = new RowClock({ own, peer: 'lb2' }, clock);
  const told: string[] = [];
  const answers: HandStream[] = [];
  const tell = (what: string) => (): void => {
    told.push(what);
  };
  const link = new Link(
    {
      own: { name: own, address: '10.77.1.1' as Ip },
      peer: { name: 'lb2', address: '10.77.1.2' as Ip },
      port: 5113,
      epoch: 4,
      seed: () => ({ high: 7, low: 8, since: 9 }),
    },
    {
      clock,
      rowClock,
      random: { fraction: () => 1 },
      transport: {
        listen: (_at, listener) => {
          all.listener = listener;
          return Promise.resolve(
            ok(() => {
              all.listener = undefined;
            }),
          );
        },
        dial: () => {
          const answer = answers.shift();
          return answer === undefined ? new Promise(() => undefined) : Promise.resolve(ok(answer));
        },
      },
      handlers: {
        up: (seed) => told.push(`up ${JSON.stringify(seed)}`),
        down: (why) => told.push(`down: ${why}`),
        defined: ({ name }) => told.push(`defined ${name}`),
        rows: (rows) => {
          let count = 0;
          while (rows.next()) {
            count += 1;
          }
          told.push(`${String(count)} rows`);
        },
        acknowledged: (sequence) => told.push(`acknowledged ${String(sequence)}`),
        teachAsked: tell('teach asked'),
        teachingEnds: (how) => told.push(`teaching ends ${how}`),
        digest: ({ table }) => told.push(`digest ${String(table)}`),
        verdict: ({ verdict }) => told.push(`verdict ${verdict}`),
        opened: tell('opened'),
      },
    },
  );
  const all: GivenLink = { link, clock, rowClock, told, answers, listener: undefined };
  return all;
}

/** lb1, whose peer has said hello. */
export async function greeted(): Promise<GivenLink & { readonly stream: HandStream }> {
  const all = givenLink();
  const stream = new HandStream();
  all.answers.push(stream);
  all.link.begin();
  await settled();
  stream.hear(HELLO);
  all.told.length = 0;
  stream.said.length = 0;
  return { ...all, stream };
}
