/** Virtual time: a queue of things to happen, run in order, as fast as the machine can. */
import type { Instant, Millis } from '../../src/base/time.js';
import { instant, later } from '../../src/base/time.js';

interface Entry {
  readonly at: Instant;
  readonly order: number;
  happen: (() => void) | undefined;
}

export class Scheduler {
  now: Instant = instant(1_000_000);
  #order = 0;
  #promises: 'settled' | 'may settle' = 'settled';
  /** How many things have happened at this instant. */
  #stuck = 0;
  #world: 'as seen' | 'changed' = 'changed';
  readonly #heap: Entry[] = [];
  readonly #pace: 'as needed' | 'at every step';

  /** `at every step` settles promises and calls the observer after each thing that happened: slow, and the same. */
  constructor(pace: 'as needed' | 'at every step' = 'as needed') {
    this.#pace = pace;
  }

  /** Returns a function that cancels. What is due at the same instant happens in the order it was asked for. */
  at(when: Instant, happen: () => void): () => void {
    const entry: Entry = { at: when < this.now ? this.now : when, order: this.#order, happen };
    this.#order += 1;
    this.#push(entry);
    return () => {
      entry.happen = undefined;
    };
  }

  after(delay: Millis, happen: () => void): () => void {
    return this.at(later(this.now, delay), happen);
  }

  /** Somebody who waits was answered: what follows from it happens now, before anything else. */
  answered(): void {
    this.#promises = 'may settle';
  }

  /** Something changed that the observer looks at. */
  changed(): void {
    this.#world = 'changed';
  }

  /** Runs up to `until`; `observe` is called when something it looks at changed, at the instant it did. */
  run(until: Instant, observe: () => void): Promise<void> {
    return new Promise((done, failed) => {
      const goOn = (): void => {
        try {
          if (this.#happenUntil(until, observe) === 'promises may settle') {
            void SETTLED.then(goOnWhenSettled);
          } else {
            this.now = until;
            done();
          }
        } catch (error) {
          failed(error instanceof Error ? error : new Error(String(error)));
        }
      };
      // A tick that a promise asks for comes when every chain of promises has come to its end.
      const goOnWhenSettled = (): void => {
        process.nextTick(goOn);
      };
      goOn();
    });
  }

  #happenUntil(until: Instant, observe: () => void): 'promises may settle' | 'done' {
    for (;;) {
      if (this.#promises === 'may settle') {
        this.#promises = 'settled';
        return 'promises may settle';
      }
      if (this.#world === 'changed' || this.#pace === 'at every step') {
        this.#world = 'as seen';
        observe();
      }
      const top = this.#heap[0];
      if (top === undefined || top.at > until) {
        return 'done';
      }
      this.#pop();
      this.#happen(top);
    }
  }

  #happen({ at, happen }: Entry): void {
    if (happen === undefined) {
      return;
    }
    this.#stuck = at > this.now ? 0 : this.#stuck + 1;
    if (this.#stuck > MOST_AT_ONCE) {
      throw new Error(`time stands still at ${String(this.now)}`);
    }
    this.now = at;
    happen();
    if (this.#pace === 'at every step') {
      this.answered();
    }
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let index = heap.push(entry) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (before(heap[parent]!, entry)) {
        break;
      }
      heap[index] = heap[parent]!;
      index = parent;
    }
    heap[index] = entry;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop()!;
    if (heap.length === 0) {
      return;
    }
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      if (left >= heap.length) {
        break;
      }
      const right = left + 1;
      const child = right < heap.length && before(heap[right]!, heap[left]!) ? right : left;
      if (before(last, heap[child]!)) {
        break;
      }
      heap[index] = heap[child]!;
      index = child;
    }
    heap[index] = last;
  }
}

function before(a: Entry, b: Entry): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

/** More things than this at one instant are a loop: a deadline that its own alarm does not move. */
const MOST_AT_ONCE = 10_000;

const SETTLED = Promise.resolve();
