/** One stream to the other replicator: who it is, the frames that follow, and what must hold of them. */
import type { WordOf } from '../pair/frame-session.js';
import { FrameSession, violationText } from '../pair/frame-session.js';
import type { PairStream } from '../ports/pair-transport.js';
import type { HashSeed, LinkHello, LinkMessage } from '../wire/tables/message.js';
import { readLinkMessage, writeLinkMessage } from '../wire/tables/message.js';
import { readRows, ROWS_TYPE } from '../wire/tables/rows.js';
import type { RowsReader } from '../wire/tables/rows.js';
import type { RowClock } from './row-clock.js';

export interface LinkParties {
  readonly own: string;
  readonly peer: string;
  /** Of this process. */
  readonly epoch: number;
  readonly seed: HashSeed;
  readonly rowClock: RowClock;
}

/** What is said once both have said hello. */
export type LinkWord = WordOf<LinkMessage>;

export interface LinkSessionHandlers {
  /** The other end is who it should be. */
  readonly greeted: (session: LinkSession) => void;
  readonly heard: (session: LinkSession, word: LinkWord) => void;
  /** The batch that follows the last, of a table that was defined. */
  readonly rows: (session: LinkSession, batch: RowsReader) => void;
  readonly drained: (session: LinkSession) => void;
  /** Once, whoever ended it. */
  readonly ended: (why: string) => void;
}

/** Of this protocol. Types that an older one does not know are skipped by it. */
const PROTOCOL = 1;
/** By so much, in milliseconds, a version may be ahead of our clock, which hears of the other node's every second. */
const MOST_AHEAD = 2000;
/** Tables that one end defines. */
export const MOST_DEFINED_TABLES = 1000;

export class LinkSession {
  readonly #parties: LinkParties;
  readonly #handlers: LinkSessionHandlers;
  readonly #frames: FrameSession<LinkMessage>;
  readonly #defined = new Set<number>();
  #peerSeed: HashSeed;
  #received = 0;

  constructor(stream: PairStream, parties: LinkParties, handlers: LinkSessionHandlers) {
    const { own: node, peer, epoch, seed, rowClock } = parties;
    this.#parties = parties;
    this.#peerSeed = seed;
    this.#handlers = handlers;
    const hello: LinkHello = {
      kind: 'hello',
      protocol: PROTOCOL,
      ...{ node, epoch, clock: rowClock.now(), seed },
    };
    this.#frames = new FrameSession<LinkMessage>(
      stream,
      {
        ...{ peer, hello, batchType: ROWS_TYPE },
        ...{ write: writeLinkMessage, read: readLinkMessage },
      },
      {
        greeted: (said) => {
          rowClock.hear(said.clock);
          this.#peerSeed = said.seed;
          handlers.greeted(this);
        },
        heard: (word) => {
          this.#hear(word);
        },
        batch: (body) => {
          this.#takeRows(body);
        },
        drained: () => {
          handlers.drained(this);
        },
        ended: (why) => {
          handlers.ended(why);
        },
      },
    );
  }

  /** The last batch of rows that has arrived. */
  get received(): number {
    return this.#received;
  }

  /** What the other end's hashes begin with, once it has said hello. */
  get peerSeed(): HashSeed {
    return this.#peerSeed;
  }

  begin(): void {
    this.#frames.begin();
  }

  say(word: LinkWord): void {
    this.#frames.say(word);
  }

  /** A whole frame. `busy`: it is queued, and more should wait. */
  sendRows(frame: Uint8Array): 'sent' | 'busy' {
    return this.#frames.write(frame);
  }

  /** Idempotent. */
  end(why: string): void {
    this.#frames.end(why);
  }

  #takeRows(body: Uint8Array): void {
    const { rowClock } = this.#parties;
    const batch = readRows(body, rowClock.now() + MOST_AHEAD);
    if (!batch.ok) {
      this.end(violationText(batch.error));
    } else if (!this.#defined.has(batch.value.table)) {
      this.end('rows of a table that was not defined');
    } else if (batch.value.sequence !== this.#received + 1) {
      this.end(`batch ${String(batch.value.sequence)} behind ${String(this.#received)}`);
    } else {
      this.#received += 1;
      rowClock.hearVersion(batch.value.newest);
      this.#handlers.rows(this, batch.value);
    }
  }

  #hear(word: LinkWord): void {
    if (word.kind === 'definition') {
      this.#defined.add(word.table.id);
      if (this.#defined.size > MOST_DEFINED_TABLES) {
        this.end(`defines more than ${String(MOST_DEFINED_TABLES)} tables`);
        return;
      }
    } else if (word.kind === 'alive') {
      this.#parties.rowClock.hear(word.clock);
    }
    this.#handlers.heard(this, word);
  }
}
