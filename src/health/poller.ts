/** Looks at one thing again and again: never twice at a time, and never waiting for ever. */
import type { Instant, Millis } from '../base/time.js';
import { between, later } from '../base/time.js';
import type { Sample } from '../core/tracking.js';
import type { Alarm, Clock } from '../ports/clock.js';

export interface PollerOptions {
  readonly firstAt: Instant;
  readonly every: Millis;
  /** How long a look may take. When it takes longer, the thing fails at each beat until it ends. */
  readonly patience: Millis;
  readonly look: () => Promise<Sample>;
  readonly seen: (sample: Sample) => void;
}

interface Look {
  readonly startedAt: Instant;
  /** `overdue`: given up, so its answer is old news. */
  state: 'awaited' | 'overdue';
}

export class Poller {
  readonly #options: PollerOptions;
  readonly #clock: Clock;
  #alarm: Alarm | undefined;
  #current: Look | undefined;

  constructor(options: PollerOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
    this.#setAlarm(options.firstAt);
  }

  /** Nothing is seen after it. Idempotent. */
  stop(): void {
    this.#alarm?.cancel();
    this.#alarm = undefined;
    if (this.#current !== undefined) {
      this.#current.state = 'overdue';
    }
  }

  #setAlarm(at: Instant): void {
    this.#alarm = this.#clock.alarm(at, () => {
      this.#beat(at);
    });
  }

  #beat(at: Instant): void {
    const now = this.#clock.now();
    const next = later(at, this.#options.every);
    // After a standstill the beats that were missed are not made up for.
    this.#setAlarm(next > now ? next : later(now, this.#options.every));
    if (this.#current === undefined) {
      void this.#look(now);
    } else if (between(this.#current.startedAt, now) >= this.#options.patience) {
      this.#current.state = 'overdue';
      const waited = Math.round(between(this.#current.startedAt, now));
      this.#options.seen({ kind: 'failing', why: `no answer for ${String(waited)} ms` });
    }
  }

  async #look(startedAt: Instant): Promise<void> {
    const mine: Look = { startedAt, state: 'awaited' };
    this.#current = mine;
    const sample = await this.#options.look();
    this.#current = undefined;
    if (mine.state === 'awaited') {
      this.#options.seen(sample);
    }
  }
}
