/**
 * The link to the other replicator: the one connection that counts, the rows that leave on it in batches, and how much of
 * them is on its way. Whoever gives it rows stops reading its proxy while the window is shut; the link itself is always
 * read, or acknowledgements would not get through.
 */
import { unreachable } from '../base/unreachable.js';
import type { KeptLink, LinkStatus, SessionNews } from '../pair/link-keeper.js';
import { LinkKeeper } from '../pair/link-keeper.js';
import type { Clock } from '../ports/clock.js';
import type { PairStream, PairTransport } from '../ports/pair-transport.js';
import type { Random } from '../ports/random.js';
import type { TableDefinition } from '../wire/peers/table.js';
import type { Digest, DigestVerdict, HashSeed, TeachingEnd } from '../wire/tables/message.js';
import type { LinkRow, RowsReader } from '../wire/tables/rows.js';
import { Acknowledgements } from '../pair/acknowledgements.js';
import type { LinkWord } from './link-session.js';
import { LinkSession } from './link-session.js';
import { OutgoingRows } from './outgoing-rows.js';
import type { UnderWay } from './outgoing-rows.js';
import type { RowClock } from './row-clock.js';

export interface LinkOptions extends KeptLink {
  /** Of this process; another one has another. */
  readonly epoch: number;
  /** What our hashes begin with now. */
  readonly seed: () => HashSeed;
}

export interface LinkPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly transport: PairTransport;
  readonly rowClock: RowClock;
  readonly handlers: LinkHandlers;
}

export interface LinkHandlers {
  /** There is a connection on which nothing has been said; the other end's hashes begin so. */
  readonly up: (seed: HashSeed) => void;
  /** What was not acknowledged on it is lost, and its window is of no importance any more. */
  readonly down: (why: string) => void;
  /** Rows of a table with that number follow. */
  readonly defined: (table: TableDefinition) => void;
  /** To be read to its end at once: its rows are parts of what was received. */
  readonly rows: (batch: RowsReader) => void;
  readonly acknowledged: (sequence: number) => void;
  readonly teachAsked: () => void;
  readonly teachingEnds: (how: TeachingEnd) => void;
  readonly digest: (digest: Digest) => void;
  readonly verdict: (verdict: DigestVerdict) => void;
  /** The window is open again. */
  readonly opened: () => void;
}

/** All that is of one connection, and forgotten with it. */
interface Connection {
  readonly outgoing: OutgoingRows;
  readonly acknowledgements: Acknowledgements;
}

export class Link {
  readonly #options: LinkOptions;
  readonly #ports: LinkPorts;
  readonly #keeper: LinkKeeper<LinkSession>;
  /** Of the one that counts: its other end is the peer. */
  #connection: Connection | undefined;

  constructor(options: LinkOptions, ports: LinkPorts) {
    this.#options = options;
    this.#ports = ports;
    this.#keeper = new LinkKeeper<LinkSession>(options, {
      ...ports,
      open: (stream, news) => this.#open(stream, news),
      counts: (session) => {
        this.#counts(session);
      },
      over: (why) => {
        this.#over(why);
      },
      live: (session) => {
        session?.say({ kind: 'alive', clock: ports.rowClock.now() });
      },
    });
  }

  /** The node whose name comes first dials, the other listens. */
  begin(): void {
    this.#keeper.begin();
  }

  stop(): void {
    this.#keeper.stop();
  }

  get status(): LinkStatus {
    return this.#keeper.status;
  }

  /** While it is shut, rows that were read already are still taken, and no more should be read. */
  get window(): 'open' | 'shut' {
    return this.#connection?.outgoing.window ?? 'open';
  }

  get underWay(): UnderWay {
    return this.#connection?.outgoing.underWay ?? NOTHING_UNDER_WAY;
  }

  /** The last batch that came; 0 before the first. */
  get received(): number {
    return this.#keeper.current?.received ?? 0;
  }

  /** The last batch with rows of a table, also where it has not left; 0 before the first. */
  sentOf(table: number): number {
    return this.#connection?.outgoing.sentOf(table) ?? 0;
  }

  /** Closes the connection because of what was said on it; another one is sought. */
  end(why: string): void {
    this.#keeper.current?.end(why);
  }

  /** The table's id is the number by which {@link add} means it. */
  define(table: TableDefinition): void {
    this.#say({ kind: 'definition', table });
  }

  /**
   * Gathers a row, and says in which batch it leaves; 0 where there is no connection. A batch that is full leaves by itself.
   * Whoever has added all it has for now calls {@link flush}.
   */
  add(table: number, row: LinkRow): number {
    return this.#connection?.outgoing.add(table, row) ?? 0;
  }

  /** What was gathered leaves now, or a moment later where many batches have just left. */
  flush(): void {
    this.#connection?.outgoing.flush();
  }

  askToTeach(): void {
    this.#say({ kind: 'teach-asked' });
  }

  teachingEnds(how: TeachingEnd): void {
    this.#say({ kind: 'teaching-ends', how });
  }

  /** Behind all rows that were added before. */
  digest(digest: Digest): void {
    this.#say(digest);
  }

  verdict(verdict: DigestVerdict): void {
    this.#say(verdict);
  }

  /** The proxy here has acknowledged all rows of the batches up to that one, or did not need them. */
  acknowledge(sequence: number): void {
    this.#connection?.acknowledgements.acknowledge(sequence);
  }

  /** In order with the rows. */
  #say(word: LinkWord): void {
    this.#connection?.outgoing.sendNow();
    this.#keeper.current?.say(word);
  }

  #open(stream: PairStream, news: SessionNews): LinkSession {
    const { own, peer, epoch, seed } = this.#options;
    const { rowClock } = this.#ports;
    return new LinkSession(
      stream,
      { own: own.name, peer: peer.name, epoch, seed: seed(), rowClock },
      {
        greeted: news.greeted,
        heard: (from, word) => {
          // Of a connection that was replaced only the end still arrives.
          if (from === this.#keeper.current) {
            this.#heard(word);
          }
        },
        rows: (from, batch) => {
          if (from === this.#keeper.current && this.#connection !== undefined) {
            this.#keeper.heard();
            this.#rows(this.#connection, batch);
          }
        },
        drained: (drained) => {
          if (drained === this.#keeper.current) {
            this.#connection?.outgoing.drained();
          }
        },
        ended: news.ended,
      },
    );
  }

  #counts(session: LinkSession): void {
    const { clock, handlers } = this.#ports;
    this.#connection = {
      outgoing: new OutgoingRows({
        clock,
        send: (frame) => session.sendRows(frame),
        opened: handlers.opened,
      }),
      acknowledgements: new Acknowledgements(clock, (sequence) => {
        session.say({ kind: 'acknowledged', sequence });
      }),
    };
    handlers.up(session.peerSeed);
  }

  #over(why: string): void {
    this.#connection?.outgoing.stop();
    this.#connection?.acknowledgements.stop();
    this.#connection = undefined;
    this.#ports.handlers.down(why);
  }

  #rows({ acknowledgements }: Connection, batch: RowsReader): void {
    if (acknowledgements.received(batch.sequence, batch.bytes.length) === 'too much') {
      this.end('sends more than was acknowledged allows');
    } else {
      this.#ports.handlers.rows(batch);
    }
  }

  #heard(word: LinkWord): void {
    const { handlers } = this.#ports;
    this.#keeper.heard();
    switch (word.kind) {
      case 'alive':
        return;
      case 'definition':
        handlers.defined(word.table);
        return;
      case 'acknowledged':
        this.#acknowledged(word.sequence);
        return;
      case 'teach-asked':
        handlers.teachAsked();
        return;
      case 'teaching-ends':
        handlers.teachingEnds(word.how);
        return;
      case 'digest':
        handlers.digest(word);
        return;
      case 'digest-verdict':
        handlers.verdict(word);
        return;
      default:
        unreachable(word);
    }
  }

  #acknowledged(sequence: number): void {
    if (this.#connection?.outgoing.acknowledged(sequence) === 'unsent') {
      this.end(`acknowledges batch ${String(sequence)}, which never left`);
    } else {
      this.#ports.handlers.acknowledged(sequence);
    }
  }
}

const NOTHING_UNDER_WAY: UnderWay = { rows: 0, since: undefined };
