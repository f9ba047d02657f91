/** Launches probes at fixed instants, whatever became of the earlier ones, and collects how each ended. */
import type { Instant, Millis } from '../base/time.js';
import { instant, later, longer, millis, scale } from '../base/time.js';
import type { Alarm, Clock } from '../ports/clock.js';
import type { ProbeConnection, ProbeEnding, ProbeLauncher } from './probe-connection.js';
import { probeLauncher } from './probe-connection.js';
import type { ProbeOptions, ProbeSample } from './sample.js';

/** Room for a 1 ms schedule with the longest sensible deadline; beyond it a probe is recorded as unlaunched. */
export const MAX_OUTSTANDING = 2_048;

/** Launches that are late are made up for so many at a time, so that answers are read between them. */
const MOST_AT_ONCE = 32;

/** About a quarter of an hour at 1 ms; the probing ends there. */
export const MAX_PROBES = 1_000_000;

interface Outstanding {
  readonly launchedAt: Instant;
  readonly connection: ProbeConnection;
}

/** Is shown each sample when it ends, with the number of its probe. */
export type SampleWatcher = (probe: number, sample: ProbeSample) => void;

/** What a finished schedule has seen. */
export interface ScheduleOutcome {
  readonly samples: readonly ProbeSample[];
  readonly worstLateness: Millis;
}

export class ProbeSchedule {
  readonly #options: ProbeOptions;
  readonly #clock: Clock;
  readonly #launcher: ProbeLauncher;
  readonly #watcher: SampleWatcher | undefined;
  readonly #startsAt: Instant;
  readonly #planned: number;
  readonly #samples: ProbeSample[] = [];
  /** By number of the probe, so in order of launch: all have the same deadline, the oldest is the first to fail. */
  readonly #outstanding = new Map<number, Outstanding>();
  #next = 0;
  #worstLateness = millis(0);
  #alarm: Alarm | undefined;
  #finished: (() => void) | undefined;
  #stopping = false;

  constructor(options: ProbeOptions, clock: Clock, watcher?: SampleWatcher) {
    this.#options = options;
    this.#clock = clock;
    this.#launcher = probeLauncher(options, clock);
    this.#watcher = watcher;
    this.#startsAt = clock.now();
    this.#planned = Math.min(Math.ceil(options.lasting / options.every), MAX_PROBES);
  }

  /** Resolves when the last probe was answered or given up: at the latest one deadline after its launch. */
  async run(signal: AbortSignal): Promise<ScheduleOutcome> {
    const finished = new Promise<void>((resolve) => {
      this.#finished = resolve;
    });
    const stop = (): void => {
      this.#stopping = true;
    };
    signal.addEventListener('abort', stop);
    this.#stopping = signal.aborted;
    this.#turn();
    await finished;
    signal.removeEventListener('abort', stop);
    return {
      samples: this.#samples.toSorted((a, b) => a.launchedAt - b.launchedAt),
      worstLateness: this.#worstLateness,
    };
  }

  #turn(): void {
    const now = this.#clock.now();
    this.#giveUpUntil(instant(now - this.#options.deadline));
    // A late timer finds several launches due: all are made up for, so the schedule never drifts.
    const last = this.#next + MOST_AT_ONCE;
    while (this.#launching() && this.#next < last && this.#dueAt(this.#next) <= now) {
      this.#worstLateness = longer(this.#worstLateness, millis(now - this.#dueAt(this.#next)));
      this.#launch(this.#next);
      this.#next += 1;
    }
    if (!this.#launching() && this.#outstanding.size === 0) {
      this.#alarm?.cancel();
      this.#finished?.();
      return;
    }
    const wakeAt = this.#launching() ? this.#dueAt(this.#next) : later(now, this.#options.every);
    this.#alarm = this.#clock.alarm(wakeAt, () => {
      this.#turn();
    });
  }

  #launching(): boolean {
    return !this.#stopping && this.#next < this.#planned;
  }

  #dueAt(probe: number): Instant {
    return later(this.#startsAt, scale(this.#options.every, probe));
  }

  #launch(probe: number): void {
    const launchedAt = this.#clock.now();
    if (this.#outstanding.size >= MAX_OUTSTANDING) {
      this.#record(probe, launchedAt, this.#lost('unlaunched'));
      return;
    }
    const connection = this.#launcher({
      ended: (ending) => {
        this.#outstanding.delete(probe);
        this.#record(probe, launchedAt, ending);
      },
    });
    this.#outstanding.set(probe, { launchedAt, connection });
  }

  #giveUpUntil(launchedBefore: Instant): void {
    for (const [probe, { launchedAt, connection }] of this.#outstanding) {
      if (launchedAt > launchedBefore) {
        return;
      }
      this.#outstanding.delete(probe);
      connection.giveUp();
      this.#record(probe, launchedAt, this.#lost('timed-out'));
    }
  }

  #lost(outcome: 'timed-out' | 'unlaunched'): ProbeEnding {
    return { at: this.#clock.now(), outcome, head: undefined };
  }

  #record(probe: number, launchedAt: Instant, { at, outcome, head }: ProbeEnding): void {
    const sample: ProbeSample = {
      launchedAt,
      endedAt: at,
      outcome,
      node: head?.node,
      server: head?.server,
    };
    this.#samples.push(sample);
    this.#watcher?.(probe, sample);
  }
}
