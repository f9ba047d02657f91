/**
 * The link to the other replicator: the one connection that counts, the rows that leave on it in batches, and how much of
 * them is on its way. Whoever gives it rows stops reading its proxy while the window is shut; the link itself is always
 * read, or acknowledgements would not get through.
 */
import type { Ip } from '../base/ip.js';
import type { Instant, WallTime } from '../base/time.js';
import { between, later, millis } from '../base/time.js';
import { unreachable } from '../base/unreachable.js';
import { Meeting } from '../pair/meeting.js';
import type { Alarm, Clock } from '../ports/clock.js';
import type { PairStream, PairTransport } from '../ports/pair-transport.js';
import type { Random } from '../ports/random.js';
import type { TableDefinition } from '../wire/peers/table.js';
import type {
  Digest,
  DigestVerdict,
  HashSeed,
  LinkHello,
  TeachingEnd,
} from '../wire/tables/message.js';
import type { LinkRow, RowsReader } from '../wire/tables/rows.js';
import { Acknowledgements } from './acknowledgements.js';
import type { LinkWord } from './link-session.js';
import { LinkSession } from './link-session.js';
import { OutgoingRows } from './outgoing-rows.js';
import type { UnderWay } from './outgoing-rows.js';
import type { RowClock } from './row-clock.js';

export interface LinkOptions {
  readonly own: LinkParty;
  readonly peer: LinkParty;
  readonly port: number;
  /** Of this process; another one has another. */
  readonly epoch: number;
  /** What our hashes begin with now. */
  readonly seed: () => HashSeed;
}

export interface LinkParty {
  readonly name: string;
  readonly address: Ip;
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

export interface LinkStatus {
  readonly state: 'down' | 'up';
  readonly since: WallTime;
  /** Why there is no connection, or why somebody was turned away. */
  readonly problem: string | undefined;
}

/** All that is of one connection, and forgotten with it. */
interface Connection {
  readonly session: LinkSession;
  readonly outgoing: OutgoingRows;
  readonly acknowledgements: Acknowledgements;
}

const ALIVE_EVERY = millis(1000);
const DEAD_AFTER = millis(5000);
const HELLO_WITHIN = millis(2000);
/** At a time. Only whoever has the key and the peer's address becomes one. */
const MOST_STRANGERS = 4;

export class Link {
  readonly #options: LinkOptions;
  readonly #ports: LinkPorts;
  readonly #meeting: Meeting;
  readonly #strangers = new Map<LinkSession, Alarm>();
  /** The one that counts: its other end is the peer. */
  #connection: Connection | undefined;
  #heardAt: Instant;
  #aliveAlarm: Alarm | undefined;
  #since: WallTime;
  #problem: string | undefined;
  #phase: 'running' | 'stopped' = 'running';

  constructor(options: LinkOptions, ports: LinkPorts) {
    const { own, peer, port } = options;
    this.#options = options;
    this.#ports = ports;
    this.#heardAt = ports.clock.now();
    this.#since = ports.clock.wallTime();
    this.#meeting = new Meeting(
      {
        name: own.name,
        role: own.name < peer.name ? 'dials' : 'listens',
        paths: [{ name: 'preferred', own: own.address, peer: peer.address }],
        port,
      },
      {
        ...ports,
        met: (stream) => {
          this.#meet(stream);
        },
        refused: (detail) => {
          this.#problem = detail;
        },
      },
    );
  }

  /** The node whose name comes first dials, the other listens. */
  begin(): void {
    this.#meeting.begin();
    this.#live();
  }

  stop(): void {
    this.#phase = 'stopped';
    this.#meeting.stop();
    this.#aliveAlarm?.cancel();
    this.end('we leave');
    for (const stranger of [...this.#strangers.keys()]) {
      stranger.end('we leave');
    }
  }

  get status(): LinkStatus {
    const isUp = this.#connection !== undefined;
    return {
      state: isUp ? 'up' : 'down',
      since: this.#since,
      problem: isUp ? undefined : this.#problem,
    };
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
    return this.#connection?.session.received ?? 0;
  }

  /** The last batch with rows of a table, also where it has not left; 0 before the first. */
  sentOf(table: number): number {
    return this.#connection?.outgoing.sentOf(table) ?? 0;
  }

  /** Closes the connection because of what was said on it; another one is sought. */
  end(why: string): void {
    this.#connection?.session.end(why);
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
    this.#connection?.session.say(word);
  }

  #meet(stream: PairStream): void {
    if (this.#strangers.size >= MOST_STRANGERS || this.#phase === 'stopped') {
      stream.close();
      return;
    }
    const { own, peer, epoch, seed } = this.#options;
    const { clock, rowClock } = this.#ports;
    const session = new LinkSession(
      stream,
      { own: own.name, peer: peer.name, epoch, seed: seed(), rowClock },
      {
        greeted: (greeted, hello) => {
          this.#greeted(greeted, hello);
        },
        heard: (from, word) => {
          // Of a connection that was replaced only the end still arrives.
          if (from === this.#connection?.session) {
            this.#heard(word);
          }
        },
        rows: (from, batch) => {
          if (from === this.#connection?.session) {
            this.#heardAt = clock.now();
            this.#rows(this.#connection, batch);
          }
        },
        drained: (drained) => {
          if (drained === this.#connection?.session) {
            this.#connection.outgoing.drained();
          }
        },
        ended: (ended, why) => {
          this.#ended(ended, why);
        },
      },
    );
    const patience = clock.alarm(later(clock.now(), HELLO_WITHIN), () => {
      session.end('no hello');
    });
    this.#strangers.set(session, patience);
    session.begin();
  }

  #greeted(session: LinkSession, { seed }: LinkHello): void {
    this.#strangers.get(session)?.cancel();
    this.#strangers.delete(session);
    // The other replicator was started again before its old connection was known to be dead.
    this.end('replaced by a new connection');
    const { clock, handlers } = this.#ports;
    this.#connection = {
      session,
      outgoing: new OutgoingRows({
        clock,
        send: (frame) => session.sendRows(frame),
        opened: handlers.opened,
      }),
      acknowledgements: new Acknowledgements(clock, (sequence) => {
        session.say({ kind: 'acknowledged', sequence });
      }),
    };
    this.#heardAt = clock.now();
    this.#since = clock.wallTime();
    this.#problem = undefined;
    this.#meeting.found('preferred');
    handlers.up(seed);
  }

  #ended(session: LinkSession, why: string): void {
    this.#strangers.get(session)?.cancel();
    this.#strangers.delete(session);
    this.#problem = why;
    if (session === this.#connection?.session) {
      this.#connection.outgoing.stop();
      this.#connection.acknowledgements.stop();
      this.#connection = undefined;
      this.#since = this.#ports.clock.wallTime();
      this.#ports.handlers.down(why);
    }
    const isAlone = this.#connection === undefined && this.#strangers.size === 0;
    if (isAlone && this.#phase === 'running') {
      this.#meeting.seek(undefined);
    }
  }

  #rows({ acknowledgements }: Connection, batch: RowsReader): void {
    if (acknowledgements.received(batch.sequence, batch.bytes.length) === 'too much') {
      this.end('sends more than was acknowledged allows');
    } else {
      this.#ports.handlers.rows(batch);
    }
  }

  #heard(word: LinkWord): void {
    const { clock, handlers } = this.#ports;
    this.#heardAt = clock.now();
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

  /** A connection on which nothing arrives is dead, whatever the kernel still hopes for. */
  #live(): void {
    const { clock, rowClock } = this.#ports;
    const at = later(clock.now(), ALIVE_EVERY);
    this.#aliveAlarm = clock.alarm(at, () => {
      // Where this process was late itself, what has arrived lies in the socket unread.
      if (between(at, clock.now()) >= ALIVE_EVERY) {
        this.#heardAt = clock.now();
      }
      if (between(this.#heardAt, clock.now()) > DEAD_AFTER) {
        this.end('nothing was heard on it for too long');
      }
      this.#connection?.session.say({ kind: 'alive', clock: rowClock.now() });
      this.#live();
    });
  }
}

const NOTHING_UNDER_WAY: UnderWay = { rows: 0, since: undefined };
