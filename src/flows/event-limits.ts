/**
 * Of which flows the kernel tells in few words. Where it cannot, it tells in more. It is asked again now and then: somebody who
 * loads a ruleset of their own may have flushed ours.
 */
import { later, millis } from '../base/time.js';
import type { Alarm, Clock } from '../ports/clock.js';
import type { FlowEvents, FlowSelection } from '../ports/flow-events.js';

export interface EventLimitsPorts {
  readonly clock: Clock;
  readonly events: FlowEvents;
  readonly refused: (detail: string) => void;
}

const AGAIN_EVERY = millis(60_000);

export class EventLimits {
  readonly #ports: EventLimitsPorts;
  #wanted: FlowSelection | undefined;
  #alarm: Alarm | undefined;
  #phase: 'running' | 'stopped' = 'running';
  /** One after the other, or the former might come last. */
  #done: Promise<void> = Promise.resolve();

  constructor(ports: EventLimitsPorts) {
    this.#ports = ports;
  }

  set(selection: FlowSelection): void {
    const isSame = JSON.stringify(selection) === JSON.stringify(this.#wanted);
    this.#wanted = selection;
    if (!isSame) {
      this.#load();
      this.#again();
    }
  }

  /** Nothing is left in the kernel when this resolves, nor comes later. */
  async end(): Promise<void> {
    this.#phase = 'stopped';
    this.#alarm?.cancel();
    await this.#done;
    await this.#ports.events.dismantle();
  }

  #load(): void {
    this.#done = this.#done.then(async () => {
      const selection = this.#wanted;
      if (selection === undefined || this.#phase === 'stopped') {
        return;
      }
      const loaded = await this.#ports.events.select(selection);
      if (!loaded.ok) {
        this.#ports.refused(loaded.error.detail);
      }
    });
  }

  #again(): void {
    const { clock } = this.#ports;
    this.#alarm?.cancel();
    this.#alarm = clock.alarm(later(clock.now(), AGAIN_EVERY), () => {
      this.#load();
      this.#again();
    });
  }
}
