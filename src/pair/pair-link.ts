/** The channel between the two daemons: the one connection that counts, whoever comes to be it, and what is said on it. */
import type { Ip } from '../base/ip.js';
import type { Result } from '../base/result.js';
import { fail } from '../base/result.js';
import type { Instant, Millis } from '../base/time.js';
import { between, later, millis } from '../base/time.js';
import { unreachable } from '../base/unreachable.js';
import type { Goodbye } from '../core/fault-detector.js';
import type { PeerEvent } from '../core/node-peer.js';
import type { GroupView } from '../core/peer-view.js';
import type { Alarm, Clock } from '../ports/clock.js';
import type { PairTimes } from '../ports/pair-times.js';
import type { PairStream, PairTransport } from '../ports/pair-transport.js';
import type { Random } from '../ports/random.js';
import type { Log } from '../telemetry/events.js';
import type { PairStatus } from '../telemetry/status.js';
import type { PairProtocol } from '../wire/pair/message.js';
import { QUESTIONS_SINCE, REGISTERS_SINCE } from '../wire/pair/message.js';
import type { PairRegister } from '../wire/pair/registers.js';
import { Heartbeats } from './heartbeats.js';
import type { PairPath, PathName } from './meeting.js';
import { Meeting } from './meeting.js';
import type { Answerer, AskRefusal } from './questions.js';
import { ASK_WITHDRAW } from '../wire/pair/reload.js';
import { NO_CHANNEL, Questions } from './questions.js';
import type { SessionWord } from './session.js';
import { PairSession } from './session.js';

export interface PairLinkOptions {
  readonly own: PairParty;
  readonly peer: PairParty;
  readonly port: number;
  /** How often this node says how it is. */
  readonly every: Millis;
  readonly release: string;
  readonly protocol: PairProtocol;
}

export interface PairParty {
  readonly name: string;
  readonly address: Ip;
  /** A second one, for as long as the first does not work. */
  readonly fallback?: Ip | undefined;
}

interface Stranger {
  /** Ends it where it says nothing. */
  readonly patience: Alarm;
  readonly path: PairPath;
}

export interface PairLinkPorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly random: Random;
  readonly transport: PairTransport;
  readonly dispatch: (event: PeerEvent) => void;
  /** What is to be said of this node's groups. */
  readonly views: () => readonly GroupView[];
  /** Undefined where nothing is recorded. */
  readonly history: PairTimes | undefined;
  readonly answer: Answerer;
  /** The other daemon can be talked to now. */
  readonly met: () => void;
  /** What it knows of operators' wishes. */
  readonly heardRegisters: (registers: readonly PairRegister[]) => void;
}

export class PairLink {
  readonly #options: PairLinkOptions;
  readonly #ports: PairLinkPorts;
  /** The one that counts: its other end is the peer. */
  #session: PairSession | undefined;
  /** Those whose other end has not said yet who it is. */
  readonly #strangers = new Map<PairSession, Stranger>();
  readonly #meeting: Meeting;
  /** Of the connection that counts, or counted last. */
  #path: PathName = 'preferred';
  readonly #heartbeats: Heartbeats;
  readonly #questions: Questions;
  #refused = 0;
  #problem: string | undefined;
  /** What was last said of those that were turned away. */
  #told: { readonly detail: string; readonly at: Instant } | undefined;
  #phase: 'running' | 'stopped' = 'running';

  constructor(options: PairLinkOptions, ports: PairLinkPorts) {
    this.#options = options;
    this.#ports = ports;
    const role = options.own.name < options.peer.name ? 'dials' : 'listens';
    const pace = role === 'listens' ? 'with the other end' : 'own';
    this.#heartbeats = new Heartbeats(options.every, pace, {
      ...ports,
      say: (heartbeat) => {
        this.#session?.say(heartbeat);
      },
      silent: () => {
        this.#session?.end(SILENT);
      },
    });
    this.#meeting = new Meeting(
      {
        name: options.own.name,
        role,
        paths: pathsBetween(options.own, options.peer),
        port: options.port,
      },
      {
        ...ports,
        met: (stream, path) => {
          this.#meet(stream, path);
        },
        refused: (detail) => {
          this.#refuse(detail);
        },
      },
    );
    this.#questions = new Questions({
      ...ports,
      say: (message) => {
        this.#session?.say(message);
      },
    });
  }

  /** Of the other node. */
  get name(): string {
    return this.#options.peer.name;
  }

  /** The node whose name comes first dials, the other listens. */
  begin(): void {
    this.#meeting.begin();
    this.#heartbeats.begin();
  }

  /** Says how it is so often from the next time on. */
  become(every: Millis): void {
    this.#heartbeats.become(every);
  }

  /** Something may have changed: what is new is said at once. */
  refresh(): void {
    if (this.#session !== undefined) {
      this.#heartbeats.refresh();
    }
  }

  /** Asks the other daemon; `body` and the answer are JSON. */
  ask(ask: string, body: string, within: Millis): Promise<Result<string, AskRefusal>> {
    const protocol = this.#session?.status?.protocol;
    if (protocol === undefined) {
      return Promise.resolve(NO_CHANNEL);
    }
    const detail = 'the other daemon is of an older version, which answers no questions';
    return protocol < QUESTIONS_SINCE
      ? Promise.resolve(fail({ code: 'older', detail }))
      : this.#questions.ask(ask, body, within);
  }

  /** Tells the other daemon, if it can be talked to and understands. */
  sayRegisters(registers: readonly PairRegister[]): void {
    if ((this.#session?.status?.protocol ?? 0) >= REGISTERS_SINCE) {
      this.#session?.say({ kind: 'registers', registers });
    }
  }

  status(): PairStatus {
    const { peer } = this.#options;
    const session = this.#session?.status;
    return {
      peer: peer.name,
      state: session === undefined ? 'down' : 'up',
      path: session === undefined ? undefined : this.#path,
      protocol: session?.protocol,
      release: session?.release,
      problem: session === undefined ? this.#problem : undefined,
      refused: this.#refused,
    };
  }

  /** Says why, and leaves. */
  stop(why: Goodbye): void {
    this.#phase = 'stopped';
    this.#heartbeats.stop();
    this.#meeting.stop();
    this.#session?.say({ kind: 'goodbye', why });
    this.#session?.end('we leave');
    for (const stranger of [...this.#strangers.keys()]) {
      stranger.end('we leave');
    }
  }

  #meet(stream: PairStream, path: PairPath): void {
    if (this.#strangers.size >= MOST_STRANGERS || this.#phase === 'stopped') {
      stream.close();
      return;
    }
    const { own, peer, release, protocol } = this.#options;
    const session = new PairSession(
      stream,
      { own: own.name, peer: peer.name, release, protocol },
      {
        greeted: (greeted) => {
          this.#greeted(greeted);
        },
        heard: (from, message) => {
          // Of a connection that was replaced only the end still arrives.
          if (from === this.#session) {
            this.#heartbeats.heardAnything();
            this.#heard(message);
          }
        },
        ended: (ended, why) => {
          this.#ended(ended, why);
        },
      },
    );
    const { clock } = this.#ports;
    const patience = clock.alarm(later(clock.now(), HELLO_WITHIN), () => {
      session.end('no hello');
    });
    this.#strangers.set(session, { patience, path });
    session.begin();
  }

  #greeted(session: PairSession): void {
    const stranger = this.#strangers.get(session);
    stranger?.patience.cancel();
    this.#strangers.delete(session);
    const former = this.#session;
    this.#questions.ended();
    this.#session = session;
    // The peer's daemon was started again before its old connection was known to be dead.
    former?.end('replaced by a new connection');
    this.#problem = undefined;
    this.#told = undefined;
    this.#tell(
      'up',
      `${session.status?.release ?? ''} speaks version ${String(session.status?.protocol)}`,
    );
    this.#nowOn(stranger?.path);
    this.#heartbeats.connected();
    this.#ports.met();
  }

  #ended(session: PairSession, why: string): void {
    this.#strangers.get(session)?.patience.cancel();
    const wasStranger = this.#strangers.delete(session);
    if (wasStranger) {
      this.#refuse(why);
    }
    if (session === this.#session) {
      this.#session = undefined;
      this.#questions.ended();
      this.#problem = why;
      this.#tell('down', why);
    }
    if (this.#session === undefined && this.#strangers.size === 0) {
      this.#meeting.seek(why === SILENT ? this.#path : undefined);
    }
  }

  #heard(message: SessionWord): void {
    switch (message.kind) {
      case 'heartbeat':
        this.#heartbeats.heard(message);
        return;
      case 'goodbye':
        if (this.#heartbeats.arrives === 'in time') {
          this.#ports.dispatch({ kind: 'peer-goodbye', why: message.why });
        }
        return;
      case 'question':
        // Nobody waits for its answer any more, and what it asks for may be the last that anybody wants now.
        // What is taken back is always heard: that only ever undoes.
        if (this.#heartbeats.arrives === 'in time' || message.ask === ASK_WITHDRAW) {
          void this.#questions.heardQuestion(message);
        }
        return;
      case 'answer':
        this.#questions.heardAnswer(message);
        return;
      case 'registers':
        this.#ports.heardRegisters(message.registers);
        return;
      default:
        unreachable(message);
    }
  }

  #refuse(detail: string): void {
    this.#refused += 1;
    this.#problem = detail;
    const now = this.#ports.clock.now();
    const isSoon = this.#told !== undefined && between(this.#told.at, now) < TOLD_EVERY;
    // Two strangers that take turns say something new each time.
    if (this.#told?.detail !== detail && !isSoon) {
      this.#told = { detail, at: now };
      this.#ports.log.tell({ event: 'pair.refused', peer: this.#options.peer.name, detail });
    }
  }

  #tell(to: 'up' | 'down', detail: string): void {
    this.#ports.log.tell({ event: 'pair.channel', peer: this.#options.peer.name, to, detail });
  }

  #nowOn(path: PairPath | undefined): void {
    if (path === undefined) {
      return;
    }
    this.#meeting.found(path.name);
    if (path.name !== this.#path) {
      this.#path = path.name;
      const { name: peer } = this.#options.peer;
      this.#ports.log.tell({ event: 'pair.path', peer, to: path.name, address: path.peer });
    }
  }
}

function pathsBetween(own: PairParty, peer: PairParty): readonly PairPath[] {
  const preferred: PairPath = { name: 'preferred', own: own.address, peer: peer.address };
  return own.fallback === undefined || peer.fallback === undefined
    ? [preferred]
    : [preferred, { name: 'fallback', own: own.fallback, peer: peer.fallback }];
}

const SILENT = 'nothing was heard on it for too long';
/** Whoever is turned away sets the rate at which it comes. */
const TOLD_EVERY = millis(1000);
const HELLO_WITHIN = millis(2000);
/** At a time. Only whoever has the key and the peer's address becomes one. */
const MOST_STRANGERS = 4;
