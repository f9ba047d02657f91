/** A simulated process: it runs, is frozen (SIGSTOP, starvation), or is gone. Everything that reaches it passes here. */
import type { Instant, Millis } from '../../src/base/time.js';
import type { Alarm, Clock } from '../../src/ports/clock.js';
import { MachineClock } from './machine-clock.js';
import type { Scheduler } from './scheduler.js';

/** A frozen process's sockets keep what arrives, up to their buffers; its timers ring once, late. */
const MAILBOX_LIMIT = 200;

export class SimProcess implements Clock {
  readonly #scheduler: Scheduler;
  readonly #clock: MachineClock;
  #fate: 'running' | 'frozen' | 'gone' = 'running';
  #rings: (() => void)[] = [];
  #mail: (() => void)[] = [];

  constructor(scheduler: Scheduler, clock: MachineClock = new MachineClock(scheduler)) {
    this.#scheduler = scheduler;
    this.#clock = clock;
  }

  get fate(): 'running' | 'frozen' | 'gone' {
    return this.#fate;
  }

  /** Something arrives from outside: a packet, an answer, an event of the kernel. */
  deliver(receive: () => void): void {
    if (this.#fate === 'running') {
      receive();
    } else if (this.#fate === 'frozen' && this.#mail.length < MAILBOX_LIMIT) {
      this.#mail.push(receive);
    }
  }

  freeze(): void {
    this.#become(this.#fate === 'gone' ? 'gone' : 'frozen');
  }

  /** As an event loop does after a stop: timers that are due ring first, then the sockets are read. */
  thaw(): void {
    if (this.#fate !== 'frozen') {
      return;
    }
    this.#become('running');
    const waiting = [...this.#rings, ...this.#mail];
    this.#rings = [];
    this.#mail = [];
    for (const each of waiting) {
      each();
    }
  }

  kill(): void {
    this.#become('gone');
    this.#rings = [];
    this.#mail = [];
  }

  now(): Instant {
    return this.#clock.now;
  }

  wallTime(): ReturnType<Clock['wallTime']> {
    return this.#clock.wallTime;
  }

  alarm(at: Instant, ring: () => void): Alarm {
    let armed = true;
    const ringOnce = (): void => {
      if (armed && this.#fate !== 'gone') {
        ring();
        // Somebody may have waited for an answer until now.
        this.#scheduler.answered();
      }
    };
    const cancel = this.#clock.at(at, () => {
      if (this.#fate === 'frozen') {
        this.#rings.push(ringOnce);
      } else {
        ringOnce();
      }
    });
    return {
      cancel: () => {
        armed = false;
        cancel();
      },
    };
  }

  /** What a port answers to a process that is no more: nothing, ever. */
  answer<T>(value: () => T): Promise<T> {
    if (this.#fate === 'gone') {
      return new Promise(() => undefined);
    }
    this.#scheduler.answered();
    return Promise.resolve(value());
  }

  /** The same, after a while. */
  answerAfter<T>(delay: Millis, value: () => T): Promise<T> {
    return new Promise((resolve) => {
      this.#scheduler.after(delay, () => {
        this.deliver(() => {
          this.#scheduler.answered();
          resolve(value());
        });
      });
    });
  }

  #become(fate: 'running' | 'frozen' | 'gone'): void {
    this.#fate = fate;
    this.#scheduler.changed();
  }
}
