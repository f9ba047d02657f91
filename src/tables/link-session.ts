/** One stream to the other replicator: who it is, the frames that follow, and what must hold of them. */
import type { PairStream } from '../ports/pair-transport.js';
import type { PeersViolation } from '../wire/peers/payload.js';
import type { LinkFrame } from '../wire/tables/frame.js';
import { encodeLinkFrame, LinkFrameReader } from '../wire/tables/frame.js';
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
export type LinkWord = Exclude<LinkMessage, LinkHello>;

export interface LinkSessionHandlers {
  /** The other end is who it should be. */
  readonly greeted: (session: LinkSession, hello: LinkHello) => void;
  readonly heard: (session: LinkSession, word: LinkWord) => void;
  /** The batch that follows the last, of a table that was defined. */
  readonly rows: (session: LinkSession, batch: RowsReader) => void;
  readonly drained: (session: LinkSession) => void;
  /** Once, whoever ended it. */
  readonly ended: (session: LinkSession, why: string) => void;
}

/** Of this protocol. Types that an older one does not know are skipped by it. */
const PROTOCOL = 1;
/** By so much, in milliseconds, a version may be ahead of our clock, which hears of the other node's every second. */
const MOST_AHEAD = 2000;
/** Tables that one end defines. */
export const MOST_DEFINED_TABLES = 1000;

export class LinkSession {
  readonly #stream: PairStream;
  readonly #parties: LinkParties;
  readonly #handlers: LinkSessionHandlers;
  readonly #reader = new LinkFrameReader();
  readonly #defined = new Set<number>();
  #hello: LinkHello | undefined;
  #received = 0;
  #state: 'open' | 'ended' = 'open';

  constructor(stream: PairStream, parties: LinkParties, handlers: LinkSessionHandlers) {
    this.#stream = stream;
    this.#parties = parties;
    this.#handlers = handlers;
  }

  /** The last batch of rows that has arrived. */
  get received(): number {
    return this.#received;
  }

  begin(): void {
    this.#stream.begin({
      received: (bytes) => {
        this.#receive(bytes);
      },
      drained: () => {
        this.#handlers.drained(this);
      },
      closed: (detail) => {
        this.end(detail);
      },
    });
    const { own: node, epoch, seed, rowClock } = this.#parties;
    const hello: LinkHello = {
      kind: 'hello',
      protocol: PROTOCOL,
      node,
      epoch,
      clock: rowClock.now(),
      seed,
    };
    this.#write(encodeLinkFrame(writeLinkMessage(hello)));
  }

  say(word: LinkWord): void {
    this.#write(encodeLinkFrame(writeLinkMessage(word)));
  }

  /** A whole frame. `busy`: it is queued, and more should wait. */
  sendRows(frame: Uint8Array): 'sent' | 'busy' {
    return this.#write(frame);
  }

  /** Idempotent. */
  end(why: string): void {
    if (this.#state === 'open') {
      this.#state = 'ended';
      this.#stream.close();
      this.#handlers.ended(this, why);
    }
  }

  #write(frame: Uint8Array): 'sent' | 'busy' {
    if (this.#state === 'ended') {
      return 'sent';
    }
    const sent = this.#stream.send(frame);
    if (sent === 'full') {
      this.end('the other end has stopped reading');
    }
    return sent === 'busy' ? 'busy' : 'sent';
  }

  #receive(bytes: Uint8Array): void {
    if (this.#state === 'ended') {
      return;
    }
    const frames = this.#reader.push(bytes);
    if (!frames.ok) {
      this.end(sentenceOf(frames.error));
      return;
    }
    for (const frame of frames.value) {
      // Whatever ends it in the middle ends all behind it.
      if (this.#isOpen()) {
        this.#take(frame);
      }
    }
  }

  #isOpen(): boolean {
    return this.#state === 'open';
  }

  #take(frame: LinkFrame): void {
    if (frame.type === ROWS_TYPE) {
      this.#takeRows(frame);
      return;
    }
    const message = readLinkMessage(frame);
    if (!message.ok) {
      this.end(sentenceOf(message.error));
    } else if (message.value?.kind === 'hello') {
      this.#greet(message.value);
    } else if (this.#hello === undefined) {
      this.end('something before a hello');
    } else if (message.value !== undefined) {
      this.#hear(message.value);
    }
  }

  #takeRows({ body }: LinkFrame): void {
    const { rowClock } = this.#parties;
    const batch = readRows(body, rowClock.now() + MOST_AHEAD);
    if (!batch.ok) {
      this.end(sentenceOf(batch.error));
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

  #greet(hello: LinkHello): void {
    const { peer, rowClock } = this.#parties;
    if (this.#hello !== undefined) {
      this.end('a second hello');
    } else if (hello.node !== peer || (this.#stream.peer ?? peer) !== peer) {
      this.end(`says that it is ${hello.node}, expected ${peer}`);
    } else {
      this.#hello = hello;
      rowClock.hear(hello.clock);
      this.#handlers.greeted(this, hello);
    }
  }
}

function sentenceOf({ code, where, found, expected }: PeersViolation): string {
  return `${where} is ${code}: found ${String(found)}, expected ${expected}`;
}
