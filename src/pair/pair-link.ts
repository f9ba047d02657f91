/** The channel between the two daemons: one connection, heartbeats on it, and what the other end says of itself. */
import type { Ip } from '../base/ip.js';
import type { Result } from '../base/result.js';
import { fail } from '../base/result.js';
import type { Millis } from '../base/time.js';
import { later, millis, scale, shorter } from '../base/time.js';
import { unreachable } from '../base/unreachable.js';
import type { Goodbye } from '../core/fault-detector.js';
import type { PeerEvent } from '../core/node-peer.js';
import type { GroupView } from '../core/peer-view.js';
import { sameViews } from '../core/peer-view.js';
import type { Alarm, Clock } from '../ports/clock.js';
import type { PairStream, PairTransport } from '../ports/pair-transport.js';
import type { Random } from '../ports/random.js';
import type { Log } from '../telemetry/events.js';
import type { PairStatus } from '../telemetry/status.js';
import type { PairHello } from '../wire/pair/hello.js';
import type { PairMessage, PairProtocol } from '../wire/pair/message.js';
import { QUESTIONS_SINCE } from '../wire/pair/message.js';
import { HeartbeatCount } from './heartbeat-count.js';
import type { Answerer, AskRefusal } from './questions.js';
import { NO_CHANNEL, Questions } from './questions.js';
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
}

export interface PairLinkPorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly random: Random;
  readonly transport: PairTransport;
  readonly dispatch: (event: PeerEvent) => void;
  /** What is to be said of this node's groups. */
  readonly views: () => readonly GroupView[];
  readonly answer: Answerer;
  /** The other daemon can be talked to now. */
  readonly met: () => void;
}

export class PairLink {
  readonly #options: PairLinkOptions;
  readonly #ports: PairLinkPorts;
  /** The one that counts: its other end is the peer. */
  #session: PairSession | undefined;
  /** Those whose other end has not said yet who it is, with the alarm that ends them. */
  readonly #strangers = new Map<PairSession, Alarm>();
  #stopListening: (() => void) | undefined;
  #again: Alarm | undefined;
  #beat: Alarm | undefined;
  #attempts = 0;
  readonly #questions: Questions;
  #count = new HeartbeatCount();
  #said: readonly GroupView[] = [];
  #refused = 0;
  #problem: string | undefined;
  #phase: 'running' | 'stopped' = 'running';

  constructor(options: PairLinkOptions, ports: PairLinkPorts) {
    this.#options = options;
    this.#ports = ports;
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
    const { own, peer } = this.#options;
    void (own.name < peer.name ? this.#dial() : this.#listen());
    this.#beatLater();
  }

  /** Something may have changed: what is new is said at once. */
  refresh(): void {
    if (this.#session !== undefined && !sameViews(this.#ports.views(), this.#said)) {
      this.#sayHeartbeat();
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

  status(): PairStatus {
    const { peer } = this.#options;
    const session = this.#session?.status;
    return {
      peer: peer.name,
      state: session === undefined ? 'down' : 'up',
      protocol: session?.protocol,
      release: session?.release,
      problem: session === undefined ? this.#problem : undefined,
      refused: this.#refused,
    };
  }

  /** Says why, and leaves. */
  stop(why: Goodbye): void {
    this.#phase = 'stopped';
    this.#beat?.cancel();
    this.#again?.cancel();
    this.#stopListening?.();
    this.#session?.say({ kind: 'goodbye', why });
    this.#session?.end('we leave');
    for (const stranger of [...this.#strangers.keys()]) {
      stranger.end('we leave');
    }
  }

  async #listen(): Promise<void> {
    const { own, peer, port } = this.#options;
    const listening = await this.#ports.transport.listen(
      { address: own.address, port, peer: peer.address },
      {
        accepted: (stream) => {
          this.#meet(stream);
        },
        refused: ({ detail }) => {
          this.#refuse(detail);
        },
      },
    );
    if (!listening.ok) {
      this.#refuse(listening.error.detail);
      this.#later(() => this.#listen());
    } else if (this.#phase === 'stopped') {
      listening.value();
    } else {
      this.#stopListening = listening.value;
    }
  }

  async #dial(): Promise<void> {
    const { own, peer, port } = this.#options;
    const dialled = await this.#ports.transport.dial(
      { ...own, attempt: this.#attempts },
      { address: peer.address, port },
    );
    if (!dialled.ok) {
      this.#refuse(dialled.error.detail);
      this.#later(() => this.#dial());
    } else if (this.#phase === 'stopped') {
      dialled.value.close();
    } else {
      this.#meet(dialled.value);
    }
  }

  /** After a while that grows with every attempt, and is never the same for two nodes. */
  #later(act: () => Promise<void>): void {
    if (this.#phase === 'stopped') {
      return;
    }
    const { clock, random } = this.#ports;
    const longest = shorter(scale(FIRST_PAUSE, 2 ** Math.min(this.#attempts, 10)), LONGEST_PAUSE);
    this.#attempts += 1;
    const pause = scale(longest, 0.5 + random.fraction() / 2);
    this.#again?.cancel();
    this.#again = clock.alarm(later(clock.now(), pause), () => {
      void act();
    });
  }

  #meet(stream: PairStream): void {
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
    this.#strangers.set(session, patience);
    session.begin();
  }

  #greeted(session: PairSession): void {
    this.#strangers.get(session)?.cancel();
    this.#strangers.delete(session);
    const former = this.#session;
    this.#questions.ended();
    this.#session = session;
    // The peer's daemon was started again before its old connection was known to be dead.
    former?.end('replaced by a new connection');
    this.#attempts = 0;
    this.#count = new HeartbeatCount();
    this.#problem = undefined;
    this.#tell(
      'up',
      `${session.status?.release ?? ''} speaks version ${String(session.status?.protocol)}`,
    );
    this.#sayHeartbeat();
    this.#ports.met();
  }

  #ended(session: PairSession, why: string): void {
    this.#strangers.get(session)?.cancel();
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
    const { own, peer } = this.#options;
    if (this.#session === undefined && this.#strangers.size === 0 && own.name < peer.name) {
      this.#later(() => this.#dial());
    }
  }

  #heard(message: Exclude<PairMessage, PairHello>): void {
    switch (message.kind) {
      case 'heartbeat': {
        const { every: interval, groups: views, ...numbers } = message;
        const age = this.#count.heard(numbers, this.#ports.clock.now());
        this.#ports.dispatch({ kind: 'peer-heartbeat', interval, age, views });
        return;
      }
      case 'goodbye':
        this.#ports.dispatch({ kind: 'peer-goodbye', why: message.why });
        return;
      case 'question':
        void this.#questions.heardQuestion(message);
        return;
      case 'answer':
        this.#questions.heardAnswer(message);
        return;
      default:
        unreachable(message);
    }
  }

  #refuse(detail: string): void {
    this.#refused += 1;
    if (this.#problem !== detail) {
      this.#problem = detail;
      this.#ports.log.tell({ event: 'pair.refused', peer: this.#options.peer.name, detail });
    }
  }

  #tell(to: 'up' | 'down', detail: string): void {
    this.#ports.log.tell({ event: 'pair.channel', peer: this.#options.peer.name, to, detail });
  }

  #beatLater(): void {
    const { clock } = this.#ports;
    this.#beat = clock.alarm(later(clock.now(), this.#options.every), () => {
      this.#sayHeartbeat();
      this.#beatLater();
    });
  }

  #sayHeartbeat(): void {
    const groups = this.#ports.views();
    this.#said = groups;
    const numbers = this.#count.next(this.#ports.clock.now());
    this.#session?.say({ kind: 'heartbeat', every: this.#options.every, ...numbers, groups });
  }
}

const FIRST_PAUSE = millis(100);
const LONGEST_PAUSE = millis(2000);
const HELLO_WITHIN = millis(2000);
/** At a time. Only whoever has the key and the peer's address becomes one. */
const MOST_STRANGERS = 4;
