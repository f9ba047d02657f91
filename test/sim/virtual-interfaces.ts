/** The virtual interfaces of a simulated machine. */
import { done, fail, ok } from '../../src/base/result.js';
import { millis } from '../../src/base/time.js';
import type { VirtualInterface, VirtualInterfaces } from '../../src/ports/virtual-interfaces.js';
import type { SimProcess } from './process.js';

const ANSWER_TAKES = millis(0.05);

export class SimVirtualInterfaces {
  readonly #parent: string;
  readonly #made = new Map<string, VirtualInterface>();
  readonly #up = new Set<string>();

  constructor(parent: string) {
    this.#parent = parent;
  }

  isUp(name: string): boolean {
    return name === this.#parent || this.#up.has(name);
  }

  powerLoss(): void {
    this.#made.clear();
    this.#up.clear();
  }

  interfaces(process: SimProcess): VirtualInterfaces {
    return {
      ensure: (wanted) =>
        process.answerAfter(ANSWER_TAKES, () => {
          if (wanted.parent !== this.#parent) {
            return fail({ code: 'no-such-interface' as const, detail: wanted.parent });
          }
          if (wanted.name === this.#parent) {
            return fail({ code: 'refused' as const, detail: wanted.name });
          }
          if (this.#made.get(wanted.name)?.mac !== wanted.mac) {
            this.#up.delete(wanted.name);
          }
          this.#made.set(wanted.name, wanted);
          return done;
        }),
      turn: (name, state) =>
        process.answer(() => {
          if (state === 'up' && !this.#made.has(name)) {
            return fail({ code: 'no-such-interface' as const, detail: name });
          }
          if (state === 'up') {
            this.#up.add(name);
          } else {
            this.#up.delete(name);
          }
          return done;
        }),
      remove: (name) =>
        process.answerAfter(ANSWER_TAKES, () => {
          if (name === this.#parent) {
            return fail({ code: 'refused' as const, detail: name });
          }
          this.#made.delete(name);
          this.#up.delete(name);
          return done;
        }),
      ours: () => process.answerAfter(ANSWER_TAKES, () => ok([...this.#made.values()])),
    };
  }
}
