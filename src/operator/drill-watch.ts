/** Looks after the hand of this node: tells what becomes of it, and undoes in its place where it is gone. */
import { later, millis } from '../base/time.js';
import { isOver } from '../core/drill-hand.js';
import { unreachable } from '../base/unreachable.js';
import type { HandState } from '../core/drill-order.js';
import type { Alarm, Clock } from '../ports/clock.js';
import type { DrillHost } from '../ports/drill-host.js';
import { inTime } from '../ports/in-time.js';
import type { Log, LogEvent } from '../telemetry/events.js';

export interface DrillWatchPorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly host: DrillHost;
}

export class DrillWatch {
  readonly #ports: DrillWatchPorts;
  #last: HandState | undefined;
  #alarm: Alarm | undefined;
  #phase: 'watching' | 'stopped' = 'watching';

  constructor(ports: DrillWatchPorts) {
    this.#ports = ports;
  }

  /** As it was seen last. */
  get state(): HandState | undefined {
    return this.#last;
  }

  /** Before a proxy is started: what a hand has left that died with the former daemon is undone. A stuck disk is not waited for. */
  async begin(): Promise<void> {
    const { clock, host } = this.#ports;
    const recovered = host.recover('the daemon started anew').then(() => this.look());
    await inTime(clock, RECOVERS_WITHIN, recovered);
  }

  /** Something was asked of the hand. */
  async look(): Promise<HandState | undefined> {
    const state = await this.#ports.host.state();
    this.#take(state);
    return state;
  }

  stop(): void {
    this.#phase = 'stopped';
    this.#alarm?.cancel();
  }

  #take(state: HandState | undefined): void {
    const last = this.#last;
    if (state === undefined && last !== undefined && !isOver(last.phase)) {
      // Its file cannot be read now: what was begun is looked after all the same, and undone blindly if need be.
      this.#watchOn();
      return;
    }
    this.#last = state;
    if (state !== undefined && (last?.id !== state.id || last.phase !== state.phase)) {
      const news = eventOf(state);
      if (news !== undefined) {
        this.#ports.log.tell(news);
      }
    }
    this.#alarm?.cancel();
    if (state !== undefined && !isOver(state.phase)) {
      this.#watchOn();
    }
  }

  #watchOn(): void {
    const { clock, host } = this.#ports;
    this.#alarm?.cancel();
    if (this.#phase === 'watching') {
      this.#alarm = clock.alarm(later(clock.now(), LOOK_EVERY), () => {
        void host.recover('its hand was gone').then(() => this.look());
      });
    }
  }
}

function eventOf({ phase, id, drill, by, ...state }: HandState): LogEvent | undefined {
  const named = { drill, id };
  switch (phase) {
    case 'armed':
      return { event: 'drill.armed', ...named, by };
    case 'fired':
      return { event: 'drill.fired', ...named };
    case 'undoing':
      return undefined;
    case 'undone':
      return { event: 'drill.undone', ...named, why: state.undone?.why ?? '' };
    case 'expired':
      return { event: 'drill.expired', ...named };
    case 'failed':
      return { event: 'drill.failed', ...named, detail: state.problems.join('; ') };
    default:
      return unreachable(phase);
  }
}

const LOOK_EVERY = millis(1000);
const RECOVERS_WITHIN = millis(1000);
