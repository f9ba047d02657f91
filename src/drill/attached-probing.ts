/** A prober that runs for us as a program: started, asked for its clock, watched, and in the end asked for what it saw. */
import type { Result } from '../base/result.js';
import { done, fail, ok } from '../base/result.js';
import type { Instant, Millis } from '../base/time.js';
import { later, millis } from '../base/time.js';
import type { Alarm, Clock } from '../ports/clock.js';
import type { ProbeProcess, ProbeProcesses } from '../ports/probe-process.js';
import type { AttachedProber } from './attached-prober.js';
import { askClock, FRESH_PROBER, hearProber, withProblem } from './attached-prober.js';

export interface ProbingPorts {
  readonly clock: Clock;
  readonly processes: ProbeProcesses;
}

/** ssh to a far machine, and a program that loads there. */
const STARTS_WITHIN: Millis = millis(20_000);
/** The last probe's deadline, and a report that may be long. */
const ENDS_WITHIN: Millis = millis(30_000);
/** One question may be unlucky; so many are not. */
const CLOCK_QUESTIONS = 8;
const CLOCK_EVERY: Millis = millis(100);
/** From then on, for as long as it runs: the luckiest of all counts. */
const CLOCK_LATER: Millis = millis(5_000);

export class AttachedProbing {
  readonly #clock: Clock;
  readonly #process: ProbeProcess;
  #prober: AttachedProber = FRESH_PROBER;
  #end: string | undefined;
  #question: Alarm | undefined;
  /** Those who wait for something that it has not said yet. */
  #waiting: readonly (() => void)[] = [];

  /** Starts it; {@link begun} says what came of that. */
  constructor(command: readonly [string, ...string[]], { clock, processes }: ProbingPorts) {
    this.#clock = clock;
    this.#process = processes.start(command, {
      said: (line) => {
        this.#prober = hearProber(this.#prober, line, clock.wallTime());
        this.#wake();
      },
      complained: (line) => {
        this.#prober = withProblem(this.#prober, line);
      },
      ended: (how) => {
        this.#end = how;
        this.#question?.cancel();
        this.#wake();
      },
    });
  }

  /** What it has told until now. */
  get prober(): AttachedProber {
    return this.#prober;
  }

  /** How it ended; undefined while it runs. */
  get end(): string | undefined {
    return this.#end;
  }

  /** Resolves when it measures and its clock is known. Where it does not begin it is ended, and the sentence says why. */
  async begun(): Promise<Result<undefined, string>> {
    if (!(await this.#until(STARTS_WITHIN, ({ started }) => started !== undefined))) {
      return this.#giveUp('did not begin to measure');
    }
    this.#askClockAgain();
    const isKnown = await this.#until(
      STARTS_WITHIN,
      ({ questions, asked }) => questions - asked.size >= CLOCK_QUESTIONS,
    );
    return isKnown ? done : this.#giveUp('did not say what its clock says');
  }

  /** Ends it, and resolves with all that it told: its `report` is there, or the sentence says why not. */
  async finish(): Promise<Result<AttachedProber, string>> {
    this.#question?.cancel();
    this.#process.end();
    const hasReported = await this.#until(ENDS_WITHIN, ({ report }) => report !== undefined);
    return hasReported ? ok(this.#prober) : this.#giveUp('did not report what it saw');
  }

  /** Without a word. Idempotent. */
  kill(): void {
    this.#question?.cancel();
    this.#process.kill();
  }

  #askClockAgain(): void {
    const { prober, line } = askClock(this.#prober, this.#clock.wallTime());
    this.#prober = prober;
    this.#process.tell(line);
    const every = prober.questions < CLOCK_QUESTIONS ? CLOCK_EVERY : CLOCK_LATER;
    this.#question = this.#clock.alarm(later(this.#clock.now(), every), () => {
      this.#askClockAgain();
    });
  }

  #giveUp(what: string): Result<never, string> {
    const why = [...this.#prober.problems, ...(this.#end === undefined ? [] : [this.#end])];
    this.kill();
    return fail(`the prober ${what}${why.length === 0 ? '' : `: ${why.join('; ')}`}`);
  }

  /** False where it does not become true in time, or cannot any more. */
  async #until(within: Millis, holds: (prober: AttachedProber) => boolean): Promise<boolean> {
    const giveUpAt = later(this.#clock.now(), within);
    while (!holds(this.#prober) && this.#end === undefined && this.#clock.now() < giveUpAt) {
      await this.#nextWord(giveUpAt);
    }
    return holds(this.#prober);
  }

  #nextWord(giveUpAt: Instant): Promise<void> {
    return new Promise((resolve) => {
      const alarm = this.#clock.alarm(giveUpAt, () => {
        this.#wake();
      });
      this.#waiting = [
        ...this.#waiting,
        () => {
          alarm.cancel();
          resolve();
        },
      ];
    });
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    waiting.forEach((go) => {
      go();
    });
  }
}
