/** The interfaces with a MAC of their own that a group's addresses live on: up while it holds them, down otherwise. */
import type { Instant, Millis } from '../base/time.js';
import { later, millis } from '../base/time.js';
import type { Alarm, Clock } from '../ports/clock.js';
import type { VirtualInterfaces } from '../ports/virtual-interfaces.js';
import type { InstancePlan } from './group-plan.js';

export interface GroupInterfacesPorts {
  readonly clock: Clock;
  readonly virtualInterfaces: VirtualInterfaces;
  readonly refused: (detail: string) => void;
}

export class GroupInterfaces {
  readonly #names: readonly string[];
  readonly #ports: GroupInterfacesPorts;
  #down: Alarm | undefined;

  constructor(
    instances: readonly Pick<InstancePlan, 'virtualInterface'>[],
    ports: GroupInterfacesPorts,
  ) {
    this.#names = instances.flatMap(({ virtualInterface }) =>
      virtualInterface === undefined ? [] : [virtualInterface.name],
    );
    this.#ports = ports;
  }

  /** They are up when this returns. */
  up(): void {
    this.#down?.cancel();
    this.#down = undefined;
    this.#turn('up');
  }

  /** A little later, because last words still leave from them; a backup must not take what is sent to their MAC. */
  downSoon(): void {
    const { clock } = this.#ports;
    this.#down?.cancel();
    this.#down =
      this.#names.length === 0
        ? undefined
        : clock.alarm(after(clock.now()), () => {
            this.#turn('down');
          });
  }

  /** No alarm rings after it. */
  close(): void {
    this.#down?.cancel();
    this.#down = undefined;
  }

  #turn(state: 'up' | 'down'): void {
    for (const name of this.#names) {
      void this.#ports.virtualInterfaces.turn(name, state).then((turned) => {
        if (!turned.ok) {
          this.#ports.refused(`${name}: ${turned.error.detail}`);
        }
      });
    }
  }
}

function after(now: Instant): Instant {
  return later(now, LAST_WORDS_TAKE);
}

/** Three of them, 10 ms apart, and some patience. */
const LAST_WORDS_TAKE: Millis = millis(50);
