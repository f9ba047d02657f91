/** What one simulated machine has of services: the kernel's rules, and which servers it reaches. */
import type { Ip } from '../../src/base/ip.js';
import type { Result } from '../../src/base/result.js';
import { ok } from '../../src/base/result.js';
import { millis } from '../../src/base/time.js';
import type { LeaseRefusal } from '../../src/ports/lease-table.js';
import type { ServiceRule } from '../../src/ports/service-rules.js';
import type { ServicesMachine } from '../../src/services/services.js';
import type { SimProcess } from './process.js';
import type { Scheduler } from './scheduler.js';
import { SimServiceRules } from './service-rules.js';

/** Told when rules are asked for: those that the kernel had, and those that it is to have. */
export type LoadAsked = (
  before: readonly ServiceRule[] | undefined,
  wanted: readonly ServiceRule[],
) => void;

export class SimServices {
  readonly rules = new SimServiceRules();
  /** Servers that are not reached from here. */
  readonly lost = new Set<Ip>();
  /** How many times somebody else, or a loss of power, has removed the rules. */
  removals = 0;
  /** The judge's. */
  loadAsked: LoadAsked = () => undefined;
  readonly #scheduler: Scheduler;
  #boots = 0;

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  /** Somebody loads a ruleset of his own. */
  flush(): void {
    this.rules.rules = undefined;
    this.removals += 1;
  }

  powerLoss(): void {
    this.#boots += 1;
    this.flush();
  }

  heal(): void {
    this.rules.refusal = undefined;
    this.lost.clear();
  }

  /** As a process has it. What it asked of the kernel happens, although it may not live to hear of it. */
  of(process: SimProcess): ServicesMachine {
    const asked = <T>(
      happen: () => Promise<Result<T, LeaseRefusal>>,
    ): Promise<Result<T, LeaseRefusal>> =>
      new Promise((resolve) => {
        const boots = this.#boots;
        this.#scheduler.after(NFT_TAKES, () => {
          if (boots !== this.#boots) {
            return;
          }
          void happen().then((answer) => {
            process.deliver(() => {
              this.#scheduler.answered();
              resolve(answer);
            });
          });
          this.#scheduler.answered();
        });
      });
    return {
      rules: {
        load: (wanted) => {
          this.loadAsked(this.rules.rules, wanted);
          return asked(() => this.rules.load(wanted));
        },
        loaded: () => asked(() => this.rules.loaded()),
        dismantle: () => asked(() => this.rules.dismantle()),
      },
      checks: {
        look: ({ address }) =>
          process.answerAfter(LOOK_TAKES, () =>
            this.lost.has(address) ? { kind: 'failing', why: 'refused' } : { kind: 'well' },
          ),
      },
      // Nobody uses the services: what becomes of connections is the business of other tests.
      openFlows: () => ok({ list: () => process.answer(() => ok(0)), ...NO_FLOWS }),
    };
  }
}

const NO_FLOWS = { remove: () => Promise.resolve(ok([])), close: () => undefined };
const NFT_TAKES = millis(10);
const LOOK_TAKES = millis(2);
