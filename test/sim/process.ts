/** A simulated process: it runs, is frozen (SIGSTOP, starvation), or is gone. Everything that reaches it passes here. */
import type { Instant, Millis } from '../../src/base/time.js';
import { wallTime } from '../../src/base/time.js';
import type { Alarm, Clock } from '../../src/ports/clock.js';
import type { Scheduler } from './scheduler.js';

/** A frozen process's sockets keep what arrives, up to their buffers; its timers ring once, late. */
const MAILBOX_LIMIT = 200;

export class SimProcess implements Clock {
  readonly #scheduler: Scheduler;
  #fate: 'running' | 'frozen' | 'gone' = 'running';
  #rings: (() => void)[] = [];
  #mail: (() => void)[] = [];

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
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
    this.#fate = this.#fate === 'gone' ? 'gone' : 'frozen';
  }

  /** As an event loop does after a stop: timers that are due ring first, then the sockets are read. */
  thaw(): void {
    if (this.#fate !== 'frozen') {
      return;
    }
    this.#fate = 'running';
    const waiting = [...this.#rings, ...this.#mail];
    this.#rings = [];
    this.#mail = [];
    for (const each of waiting) {
      each();
    }
  }

  kill(): void {
    this.#fate = 'gone';
    this.#rings = [];
    this.#mail = [];
  }

  now(): Instant {
    return this.#scheduler.now;
  }

  wallTime(): ReturnType<Clock['wallTime']> {
    return wallTime(this.#scheduler.now);
  }

  alarm(at: Instant, ring: () => void): Alarm {
    let armed = true;
    const ringOnce = (): void => {
      if (armed && this.#fate !== 'gone') {
        ring();
      }
    };
    const cancel = this.#scheduler.at(at, () => {
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
    return this.#fate === 'gone' ? new Promise(() => undefined) : Promise.resolve(value());
  }

  /** The same, after a while. */
  answerAfter<T>(delay: Millis, value: () => T): Promise<T> {
    return new Promise((resolve) => {
      this.#scheduler.after(delay, () => {
        this.deliver(() => {
          resolve(value());
        });
      });
    });
  }
}
