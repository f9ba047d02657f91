/** A replicator as the daemon has it: a child process that is started, listened to, started again, and ended with the daemon. */
import type { Result } from '../base/result.js';
import type { Instant, Millis } from '../base/time.js';
import { instant, later, millis } from '../base/time.js';
import { unreachable } from '../base/unreachable.js';
import type { ReplicatorEffect, ReplicatorEvent, ReplicatorLife } from '../core/replicator-life.js';
import { OFF, replicatorDeadline, stepReplicator } from '../core/replicator-life.js';
import type { Alarm, Clock } from '../ports/clock.js';
import type { Replicator, Replicators } from '../ports/replicator.js';

/** What it carries, and how that is told. */
export interface WatchedKind<Report> {
  /** Its first line. */
  readonly orders: () => string;
  readonly read: (line: string) => Result<Report, string>;
  /** A line that is no report. Whether it makes sense. */
  readonly heard: (line: string) => 'understood' | 'not understood';
  /** There is a new report, or none any more. */
  readonly reported: (report: Report | undefined) => void;
  /** It is another process now, or none. */
  readonly gone: (why: string) => void;
  readonly silent: (forMs: Millis) => void;
  readonly ended: (how: string, retryIn: Millis) => void;
}

export interface ProcessWatchPorts {
  readonly clock: Clock;
  readonly replicators: Replicators;
  /** A line of its own log. */
  readonly passOn: (line: string) => void;
}

export interface WatchedStatus<Report> {
  /** `waiting`: to be started again. */
  readonly state: 'running' | 'waiting' | 'off';
  readonly pid: number | undefined;
  readonly problem: string | undefined;
  readonly restarts: number;
  readonly report: Report | undefined;
}

export class ProcessWatch<Report> {
  readonly #kind: WatchedKind<Report>;
  readonly #ports: ProcessWatchPorts;
  /** From when on a long line is read again. */
  #longFrom: Instant = instant(0);
  #life: ReplicatorLife = OFF;
  #replicator: Replicator | undefined;
  #report: Report | undefined;
  #alarm: Alarm | undefined;
  #starts = 0;
  /** What it said that makes no sense, or its last end. */
  #problem: string | undefined;

  constructor(kind: WatchedKind<Report>, ports: ProcessWatchPorts) {
    this.#kind = kind;
    this.#ports = ports;
  }

  begin(): void {
    this.#take({ kind: 'begin' });
  }

  stop(): void {
    this.#take({ kind: 'stop' });
    this.#forget('the daemon ends');
  }

  status(): WatchedStatus<Report> {
    const { name } = this.#life;
    return {
      state: name === 'ending' ? 'waiting' : name,
      pid: name === 'running' ? this.#replicator?.pid : undefined,
      problem: this.#problem,
      restarts: Math.max(0, this.#starts - 1),
      report: this.#report,
    };
  }

  /** To the one that runs; where none does, its orders will say it. */
  tell(line: string): 'told' | 'none runs' {
    if (this.#life.name !== 'running' || this.#replicator === undefined) {
      return 'none runs';
    }
    this.#replicator.tell(line);
    return 'told';
  }

  #take(event: ReplicatorEvent): void {
    const step = stepReplicator(this.#life, event, this.#ports.clock.now());
    this.#life = step.state;
    for (const effect of step.effects) {
      this.#carryOut(effect);
    }
    this.#alarm?.cancel();
    const at = replicatorDeadline(this.#life);
    this.#alarm =
      at === undefined
        ? undefined
        : this.#ports.clock.alarm(at, () => {
            this.#take({ kind: 'alarm' });
          });
  }

  #carryOut(effect: ReplicatorEffect): void {
    switch (effect.kind) {
      case 'start':
        this.#start();
        return;
      case 'kill':
        this.#replicator?.kill();
        return;
      case 'end':
        this.#replicator?.end();
        return;
      case 'tell-silent':
        this.#kind.silent(effect.after);
        return;
      case 'tell-ended':
        this.#problem = effect.how;
        this.#kind.ended(effect.how, effect.retryIn);
        return;
      default:
        unreachable(effect);
    }
  }

  #start(): void {
    this.#starts += 1;
    this.#replicator = this.#ports.replicators.start({
      said: (line) => {
        this.#hear(line);
      },
      logged: this.#ports.passOn,
      ended: (how) => {
        this.#forget('the replicator has ended');
        this.#take({ kind: 'ended', how });
        if (this.#life.name !== 'off') {
          this.#kind.reported(undefined);
        }
      },
    });
    this.#replicator.tell(this.#kind.orders());
  }

  #hear(line: string): void {
    const now = this.#ports.clock.now();
    if (line.length > LONG_LINE && now < this.#longFrom) {
      // It lives, and that is all that elections have time for.
      this.#take({ kind: 'reported' });
      return;
    }
    this.#longFrom = line.length > LONG_LINE ? later(now, LONG_EVERY) : this.#longFrom;
    const report = this.#kind.read(line);
    if (report.ok) {
      this.#report = report.value;
      this.#problem = undefined;
      this.#take({ kind: 'reported' });
      this.#kind.reported(report.value);
    } else if (this.#kind.heard(line) === 'not understood') {
      this.#problem = `what it says makes no sense: ${report.error}`;
    }
  }

  #forget(why: string): void {
    this.#replicator = undefined;
    this.#report = undefined;
    this.#kind.gone(why);
  }
}

/** Hundreds of tables: to read it takes this process some milliseconds, in which no advert leaves. */
const LONG_LINE = 128 * 1024;
const LONG_EVERY = millis(5000);
