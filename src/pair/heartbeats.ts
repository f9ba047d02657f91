/**
 * The heartbeats of one link: ours, said at a steady pace and at once where something is new, and the peer's, with how
 * old each can be. What follows one on the connection was said later, and no more than a heartbeat later.
 */
import type { Instant, Millis } from '../base/time.js';
import { between, later, longer, millis, scale } from '../base/time.js';
import { isOld } from '../core/fault-detector.js';
import type { PeerEvent } from '../core/node-peer.js';
import type { GroupView } from '../core/peer-view.js';
import { sameViews } from '../core/peer-view.js';
import type { Alarm, Clock } from '../ports/clock.js';
import type { PairTimes } from '../ports/pair-times.js';
import type { WholeHeartbeat } from '../wire/pair/heartbeat.js';
import type { HeartbeatNumbers } from './heartbeat-count.js';
import { HeartbeatCount } from './heartbeat-count.js';

export interface HeartbeatPorts {
  readonly clock: Clock;
  /** To whoever is at the other end now; nobody where there is no connection. */
  readonly say: (heartbeat: WholeHeartbeat) => void;
  /** Nothing has been heard on the connection for so long that it is dead. */
  readonly silent: () => void;
  readonly dispatch: (event: PeerEvent) => void;
  /** What is to be said of this node's groups. */
  readonly views: () => readonly GroupView[];
  /** Whose clock both nodes keep together; undefined where nothing is recorded. */
  readonly history: PairTimes | undefined;
}

/** When ours are said; where both nodes followed each other, a long way between them would quicken both. */
export type HeartbeatPace = 'own' | 'with the other end';

export class Heartbeats {
  #every: Millis;
  readonly #pace: HeartbeatPace;
  readonly #ports: HeartbeatPorts;
  /** When the other end was last heard on the connection, and how often it says that it speaks. */
  #heardAt: Instant;
  #peerEvery: Millis;
  #arrives: 'in time' | 'late' = 'in time';
  /** Our next one, said by itself; undefined before they begin and after they end. */
  #beat: { readonly at: Instant; readonly alarm: Alarm } | undefined;
  #count = new HeartbeatCount();
  #said: readonly GroupView[] = [];

  /** `every`: how often this node says how it is. */
  constructor(every: Millis, pace: HeartbeatPace, ports: HeartbeatPorts) {
    this.#every = every;
    this.#pace = pace;
    this.#peerEvery = every;
    this.#ports = ports;
    this.#heardAt = ports.clock.now();
  }

  /** Whether what the other end says is of now, by its last heartbeat. */
  get arrives(): 'in time' | 'late' {
    return this.#arrives;
  }

  /** Where they have begun already, the wait for the next begins anew. */
  begin(): void {
    const { clock } = this.#ports;
    this.#beat?.alarm.cancel();
    const at = later(clock.now(), this.#every);
    const alarm = clock.alarm(at, () => {
      this.#listenForLife(between(at, clock.now()));
      this.say();
      this.begin();
    });
    this.#beat = { at, alarm };
  }

  /** At another pace from the next time on, which is not later than that pace has it. */
  become(every: Millis): void {
    const isQuicker = every < this.#every;
    this.#every = every;
    if (isQuicker && this.#beat !== undefined) {
      this.begin();
    }
  }

  stop(): void {
    this.#beat?.alarm.cancel();
    this.#beat = undefined;
  }

  /** Another connection counts from now on. */
  connected(): void {
    this.heardAnything();
    this.#count = new HeartbeatCount();
    this.#arrives = 'in time';
    this.say();
  }

  heardAnything(): void {
    this.#heardAt = this.#ports.clock.now();
  }

  heard({ every: interval, groups: views, pairTime, ...numbers }: WholeHeartbeat): void {
    if (pairTime !== undefined) {
      this.#ports.history?.heardPairTime(pairTime);
    }
    this.#peerEvery = interval;
    const age = this.#ageOf(numbers, interval);
    this.#arrives = isOld({ interval, age }) ? 'late' : 'in time';
    this.#ports.dispatch({ kind: 'peer-heartbeat', interval, age, views });
    this.#keepStep();
  }

  /** Something may have changed: what is new is said at once. */
  refresh(): void {
    if (!sameViews(this.#ports.views(), this.#said)) {
      this.say();
    }
  }

  say(): void {
    const { clock, say, views, history } = this.#ports;
    const groups = views();
    this.#said = groups;
    const numbers = this.#count.next(clock.now());
    const time = history === undefined ? {} : { pairTime: history.pairTime() };
    say({ kind: 'heartbeat', every: this.#every, ...numbers, ...time, groups });
  }

  /**
   * Ours is said with the other end's where it is due soon, so that both nodes wake once for the two. Not where the other
   * end speaks more often, nor with what was long under way: ours would answer to that, and be called old. Whatever it
   * does, we speak twice as often as we should at the most.
   */
  #keepStep(): void {
    const { clock } = this.#ports;
    const isDueSoon =
      this.#beat !== undefined &&
      this.#pace === 'with the other end' &&
      this.#arrives === 'in time' &&
      this.#peerEvery >= this.#every &&
      between(clock.now(), this.#beat.at) < this.#every / 2;
    if (isDueSoon) {
      this.say();
      this.begin();
    }
  }

  /** Between two of ours the peer can answer to none: where it speaks more often than we do, that is no delay. */
  #ageOf(numbers: HeartbeatNumbers, interval: Millis): Millis {
    const age = this.#count.heard(numbers, this.#ports.clock.now());
    const rarer = Math.max(0, this.#every - interval);
    return millis(Math.max(0, age - rarer));
  }

  /**
   * A connection on which nothing arrives is dead, whatever the kernel still hopes for: what was sent on it is not
   * waited for. Where this process was late itself, what has arrived lies in the socket unread.
   */
  #listenForLife(lateBy: Millis): void {
    const { clock, silent } = this.#ports;
    if (lateBy >= this.#every) {
      this.heardAnything();
    }
    const patience = longer(
      SILENT_AFTER,
      scale(longer(this.#every, this.#peerEvery), SILENT_BEATS),
    );
    if (between(this.#heardAt, clock.now()) > patience) {
      silent();
    }
  }
}

/** In heartbeats of whoever sends the fewer; the peer has been said to be gone after five. */
const SILENT_BEATS = 10;
const SILENT_AFTER = millis(2000);
