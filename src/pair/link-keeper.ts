/**
 * Keeps one connection to the other node's process of the same kind: streams are sought and greeted, the newest counts, and one
 * on which nothing arrives is dead. What is said on it is its owner's.
 */
import type { Ip } from '../base/ip.js';
import type { Instant, WallTime } from '../base/time.js';
import { between, later, millis } from '../base/time.js';
import type { Alarm, Clock } from '../ports/clock.js';
import type { PairStream, PairTransport } from '../ports/pair-transport.js';
import type { Random } from '../ports/random.js';
import { Meeting } from './meeting.js';

export interface KeptLink {
  readonly own: LinkParty;
  readonly peer: LinkParty;
  readonly port: number;
}

export interface LinkParty {
  readonly name: string;
  readonly address: Ip;
}

/** One stream, from its first byte on. */
export interface KeptSession {
  begin(): void;
  /** Idempotent. */
  end(why: string): void;
}

/** What a session tells of itself. */
export interface SessionNews {
  /** The other end is who it should be. */
  readonly greeted: () => void;
  /** Once, whoever ended it. */
  readonly ended: (why: string) => void;
}

export interface KeeperPorts<Session extends KeptSession> {
  readonly clock: Clock;
  readonly random: Random;
  readonly transport: PairTransport;
  readonly open: (stream: PairStream, news: SessionNews) => Session;
  /** It is the one that counts from now on. */
  readonly counts: (session: Session) => void;
  /** The one that counted is no more. */
  readonly over: (why: string) => void;
  /** Once a second: the other end is to hear something. */
  readonly live: (session: Session | undefined) => void;
}

export interface LinkStatus {
  readonly state: 'down' | 'up';
  readonly since: WallTime;
  /** Why there is no connection, or why somebody was turned away. */
  readonly problem: string | undefined;
}

const ALIVE_EVERY = millis(1000);
const DEAD_AFTER = millis(5000);
const HELLO_WITHIN = millis(2000);
/** At a time. Only whoever has the key and the peer's address becomes one. */
const MOST_STRANGERS = 4;

export class LinkKeeper<Session extends KeptSession> {
  readonly #ports: KeeperPorts<Session>;
  readonly #meeting: Meeting;
  readonly #strangers = new Map<Session, Alarm>();
  #current: Session | undefined;
  #heardAt: Instant;
  #aliveAlarm: Alarm | undefined;
  #since: WallTime;
  #problem: string | undefined;
  #phase: 'running' | 'stopped' = 'running';

  constructor({ own, peer, port }: KeptLink, ports: KeeperPorts<Session>) {
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
    this.#current?.end('we leave');
    for (const stranger of [...this.#strangers.keys()]) {
      stranger.end('we leave');
    }
  }

  /** The one that counts: its other end is the peer. */
  get current(): Session | undefined {
    return this.#current;
  }

  get status(): LinkStatus {
    const isUp = this.#current !== undefined;
    return {
      state: isUp ? 'up' : 'down',
      since: this.#since,
      problem: isUp ? undefined : this.#problem,
    };
  }

  /** Something has arrived on the connection that counts. */
  heard(): void {
    this.#heardAt = this.#ports.clock.now();
  }

  #meet(stream: PairStream): void {
    if (this.#strangers.size >= MOST_STRANGERS || this.#phase === 'stopped') {
      stream.close();
      return;
    }
    const { clock, open } = this.#ports;
    const session = open(stream, {
      greeted: () => {
        this.#greeted(session);
      },
      ended: (why) => {
        this.#ended(session, why);
      },
    });
    const patience = clock.alarm(later(clock.now(), HELLO_WITHIN), () => {
      session.end('no hello');
    });
    this.#strangers.set(session, patience);
    session.begin();
  }

  #greeted(session: Session): void {
    this.#forget(session);
    // The other process was started again before its old connection was known to be dead.
    this.#current?.end('replaced by a new connection');
    const { clock, counts } = this.#ports;
    this.#current = session;
    this.#heardAt = clock.now();
    this.#since = clock.wallTime();
    this.#problem = undefined;
    this.#meeting.found('preferred');
    counts(session);
  }

  #ended(session: Session, why: string): void {
    this.#forget(session);
    this.#problem = why;
    if (session === this.#current) {
      this.#current = undefined;
      this.#since = this.#ports.clock.wallTime();
      this.#ports.over(why);
    }
    const isAlone = this.#current === undefined && this.#strangers.size === 0;
    if (isAlone && this.#phase === 'running') {
      this.#meeting.seek(undefined);
    }
  }

  #forget(session: Session): void {
    this.#strangers.get(session)?.cancel();
    this.#strangers.delete(session);
  }

  /** A connection on which nothing arrives is dead, whatever the kernel still hopes for. */
  #live(): void {
    const { clock, live } = this.#ports;
    const at = later(clock.now(), ALIVE_EVERY);
    this.#aliveAlarm = clock.alarm(at, () => {
      // Where this process was late itself, what has arrived lies in the socket unread.
      if (between(at, clock.now()) >= ALIVE_EVERY) {
        this.#heardAt = clock.now();
      }
      if (between(this.#heardAt, clock.now()) > DEAD_AFTER) {
        this.#current?.end('nothing was heard on it for too long');
      }
      live(this.#current);
      this.#live();
    });
  }
}
