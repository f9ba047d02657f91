/**
 * The last transitions of this node's groups, in memory and on the disk: read back after a restart, written one line at a
 * time behind a bounded queue. Whatever the disk does, the daemon goes on, and its history in memory.
 */
import type { Instant, Millis } from '../base/time.js';
import { between, millis } from '../base/time.js';
import type { PairClock } from '../core/pair-clock.js';
import { givePairTime, hearPairTime, readPairClock, startPairClock } from '../core/pair-clock.js';
import type { Clock } from '../ports/clock.js';
import type { PairTimes } from '../ports/pair-times.js';
import type { Journal, JournalFailure } from '../ports/journal.js';
import type { Log } from '../telemetry/events.js';
import type {
  FirstRequestPhase,
  HistoryAnswer,
  HistoryQuestion,
  Phases,
  Transition,
} from '../telemetry/transition.js';
import type { Move, MoveListener } from './move-witness.js';
import { completed, FormerTransitions, MOST_KEPT } from './former-transitions.js';
import { inTime } from '../ports/in-time.js';
import type { Entry } from './transition-line.js';
import { formatLine } from './transition-line.js';

export interface HistoryOptions {
  readonly node: string;
  /** When this daemon was started. */
  readonly epoch: number;
}

export interface HistoryPorts {
  readonly clock: Clock;
  readonly journal: Journal;
  readonly log: Log;
}

export class TransitionHistory implements MoveListener, PairTimes {
  readonly #options: HistoryOptions;
  readonly #ports: HistoryPorts;
  #kept: readonly Transition[] = [];
  /** What happened before the old numbers were known. */
  readonly #early: (() => void)[] = [];
  /** The number of the last transition of the daemon before this one; undefined until it is known. */
  #before: number | undefined;
  readonly #waiting: string[] = [];
  #dropped = 0;
  #disk: 'idle' | 'busy' | 'failing' = 'idle';
  /** Of what is under way, or was last. */
  #work: Promise<void> = Promise.resolve();
  #complainedAt: Instant | undefined;
  #pairClock: PairClock;

  constructor(options: HistoryOptions, ports: HistoryPorts) {
    this.#options = options;
    this.#ports = ports;
    this.#pairClock = startPairClock(ports.clock.wallTime(), ports.clock.now());
  }

  pairTime(): number {
    return readPairClock(this.#pairClock, this.#ports.clock.now());
  }

  heardPairTime(said: number): void {
    this.#pairClock = hearPairTime(this.#pairClock, said, this.#ports.clock.now());
  }

  /** Reads what former daemons kept. A disk that does not answer is waited for, but not for long. */
  load(): Promise<void> {
    this.#work = this.#load();
    return this.#work;
  }

  async #load(): Promise<void> {
    const { clock, journal } = this.#ports;
    const found = new FormerTransitions();
    const outcome = await inTime(clock, READ_PATIENCE, found.read(journal));
    this.#begin(found, outcome === 'done' ? 'read' : 'gave up');
  }

  moved(move: Move): void {
    this.#numbered((before) => {
      const { order, decidedAt, ...rest } = move;
      const { clock, time: pairTime } = givePairTime(this.#pairClock, decidedAt);
      this.#pairClock = clock;
      const number = before + order;
      const transition: Transition = { ...this.#options, number, pairTime, ...rest };
      this.#kept = [...this.#kept, transition].slice(-MOST_KEPT);
      this.#write({ kind: 'transition', transition });
    });
  }

  announced(order: number, phases: Pick<Phases, 'claimMs' | 'announceMs'>): void {
    this.#numbered((before) => {
      const announced = { ...this.#options, number: before + order, ...phases };
      this.#kept = completed(this.#kept, announced);
      this.#write({ kind: 'announced', announced });
    });
  }

  served(order: number, firstRequest: FirstRequestPhase): void {
    this.#numbered((before) => {
      const served = { ...this.#options, number: before + order, firstRequest };
      this.#kept = completed(this.#kept, served);
      this.#write({ kind: 'served', served });
    });
  }

  answer({ group, limit, skip = 0 }: HistoryQuestion): HistoryAnswer {
    const those =
      group === undefined ? this.#kept : this.#kept.filter((each) => each.group === group);
    const end = Math.max(0, those.length - skip);
    const transitions = those.slice(Math.max(0, end - limit), end);
    return { node: this.#options.node, kept: this.#where(), transitions };
  }

  /** Resolves when all is written that can be, or after a while. */
  async settled(within: Millis): Promise<void> {
    await inTime(this.#ports.clock, within, this.#workDone());
  }

  /** What is read at the start is followed by what is written because of it. */
  async #workDone(): Promise<void> {
    let awaited: Promise<void> | undefined;
    while (awaited !== this.#work) {
      awaited = this.#work;
      await awaited;
    }
  }

  #where(): HistoryAnswer['kept'] {
    if (this.#before === undefined) {
      return 'being read';
    }
    return this.#disk === 'failing' ? 'memory only' : 'on disk';
  }

  #numbered(record: (before: number) => void): void {
    if (this.#before !== undefined) {
      record(this.#before);
    } else if (this.#early.length < MOST_WAITING) {
      this.#early.push(() => {
        this.#numbered(record);
      });
    } else {
      this.#dropped += 1;
    }
  }

  #begin(found: FormerTransitions, outcome: 'read' | 'gave up'): void {
    const { log } = this.#ports;
    if (outcome === 'gave up' || found.failure !== undefined) {
      const detail = found.failure?.detail ?? `not read within ${String(READ_PATIENCE)} ms`;
      log.tell({ event: 'history.unreadable', detail });
    }
    if (found.damaged + found.unknown > 0) {
      log.tell({ event: 'history.skipped', damaged: found.damaged, unknown: found.unknown });
    }
    this.#kept = found.transitions;
    this.#before = found.last;
    this.heardPairTime(found.lastPairTime);
    for (const record of this.#early.splice(0)) {
      record();
    }
  }

  #write(entry: Entry): void {
    if (this.#waiting.length >= MOST_WAITING) {
      this.#waiting.shift();
      this.#dropped += 1;
    }
    this.#waiting.push(formatLine(entry));
    if (this.#disk !== 'busy') {
      this.#work = this.#writeWaiting();
    }
  }

  /** One line after the other; the one that fails waits for the next transition, with all that are behind it. */
  async #writeWaiting(): Promise<void> {
    const was = this.#disk;
    this.#disk = 'busy';
    for (let line = this.#waiting.shift(); line !== undefined; line = this.#waiting.shift()) {
      const written = await this.#ports.journal.append(line);
      if (!written.ok) {
        this.#disk = 'failing';
        this.#putBack(line);
        this.#complain(written.error);
        return;
      }
    }
    this.#disk = 'idle';
    if (was === 'failing') {
      this.#ports.log.tell({ event: 'history.kept', dropped: this.#dropped });
    }
  }

  /** It is the oldest, and goes first where too many wait. */
  #putBack(line: string): void {
    if (this.#waiting.length < MOST_WAITING) {
      this.#waiting.unshift(line);
    } else {
      this.#dropped += 1;
    }
  }

  #complain({ detail }: JournalFailure): void {
    const { clock, log } = this.#ports;
    const now = clock.now();
    if (this.#complainedAt === undefined || between(this.#complainedAt, now) >= COMPLAIN_AGAIN) {
      this.#complainedAt = now;
      log.tell({ event: 'history.not-kept', detail });
    }
  }
}

/** For a disk that is slow or full. The oldest go first: what is lost is told when the disk is back. */
const MOST_WAITING = 256;
const READ_PATIENCE = millis(5000);
const COMPLAIN_AGAIN = millis(600_000);
