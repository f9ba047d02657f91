/** The last events of this daemon, in memory, and those who wait for the next ones: both bounded. */
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import type { Millis } from '../base/time.js';
import { later } from '../base/time.js';
import { invariant } from '../base/unreachable.js';
import type { Clock } from '../ports/clock.js';
import type { Log, LogEvent } from '../telemetry/events.js';
import { levelOf } from '../telemetry/events.js';
import type { EventsAnswer, RecordedEvent } from '../telemetry/recorded-event.js';
import { cut } from './evidence.js';

export interface EventsQuestion {
  /** The number of the last event that is known already, and the daemon that told it; undefined: the newest are asked. */
  readonly after: { readonly number: number; readonly epoch: number } | undefined;
  /** So many at the most. */
  readonly limit: number;
}

export interface Following {
  /** How long to wait for something new; then there is none. */
  readonly patience: Millis;
  /** Aborted when nobody waits for the answer any more. */
  readonly gone: AbortSignal;
}

export class RecentEvents {
  readonly #node: string;
  readonly #epoch: number;
  readonly #clock: Clock;
  /** Event n is at n modulo the size: nothing is moved when one is added. */
  readonly #ring: RecordedEvent[] = [];
  #last = 0;
  readonly #followers = new Set<() => void>();

  constructor(options: { readonly node: string; readonly epoch: number }, clock: Clock) {
    this.#node = options.node;
    this.#epoch = options.epoch;
    this.#clock = clock;
  }

  /** A log that tells the same to another, and remembers it. */
  beside(log: Log): Log {
    return {
      tell: (event) => {
        log.tell(event);
        this.#remember(event);
      },
    };
  }

  answer({ after, limit }: EventsQuestion): EventsAnswer {
    // Numbers of another daemon say nothing here: everything is new to whoever knows those.
    const known = after?.epoch === this.#epoch ? Math.min(after.number, this.#last) : 0;
    const oldest = Math.max(1, this.#last - KEPT + 1);
    const first =
      after === undefined ? Math.max(oldest, this.#last - limit + 1) : Math.max(oldest, known + 1);
    const last = Math.min(this.#last, first + limit - 1);
    return {
      node: this.#node,
      epoch: this.#epoch,
      last: Math.max(last, known),
      missed: after === undefined ? 0 : first - known - 1,
      events: this.#between(first, last),
    };
  }

  /** The same, but waits while there is nothing new; refused where too many wait already. */
  async follow(
    question: EventsQuestion,
    following: Following,
  ): Promise<Result<EventsAnswer, 'too many'>> {
    const answer = this.answer(question);
    if (question.after === undefined || answer.events.length > 0) {
      return ok(answer);
    }
    if (this.#followers.size >= MOST_FOLLOWERS) {
      return fail('too many');
    }
    await this.#next(following);
    return ok(this.answer(question));
  }

  #next({ patience, gone }: Following): Promise<void> {
    const { promise, wake } = waiting();
    const alarm = this.#clock.alarm(later(this.#clock.now(), patience), wake);
    this.#followers.add(wake);
    gone.addEventListener('abort', wake);
    return promise.finally(() => {
      alarm.cancel();
      this.#followers.delete(wake);
      gone.removeEventListener('abort', wake);
    });
  }

  #remember(event: LogEvent): void {
    this.#last += 1;
    this.#ring[this.#last % KEPT] = {
      number: this.#last,
      at: this.#clock.wallTime(),
      level: levelOf(event),
      ...bounded(event),
    };
    for (const wake of this.#followers) {
      wake();
    }
  }

  #between(first: number, last: number): readonly RecordedEvent[] {
    const events: RecordedEvent[] = [];
    for (let number = first; number <= last; number += 1) {
      const event = this.#ring[number % KEPT];
      invariant(event?.number === number, 'what is asked for is still kept');
      events.push(event);
    }
    return events;
  }
}

function waiting(): { readonly promise: Promise<void>; readonly wake: () => void } {
  let wake = (): void => undefined;
  const promise = new Promise<void>((resolve) => {
    wake = resolve;
  });
  return { promise, wake };
}

/** What a program said may be long, and a thousand of it must fit into memory. */
function bounded(event: LogEvent): LogEvent {
  return Object.fromEntries(
    Object.entries(event).map(([key, value]) => [
      key,
      typeof value === 'string' ? cut(value) : value,
    ]),
  ) as unknown as LogEvent;
}

const KEPT = 1000;
/** Fewer than the control socket has clients, so that followers keep nobody from asking for the status. */
const MOST_FOLLOWERS = 8;
