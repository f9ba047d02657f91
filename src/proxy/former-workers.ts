/** Looks at the proxy's former workers every few seconds: how many, how old, how busy; those that are too old are ended. */
import type { Millis } from '../base/time.js';
import { between, later, millis } from '../base/time.js';
import type { FormerWorker, WorkerEnd } from '../core/former-workers.js';
import { stepFormer } from '../core/former-workers.js';
import type { Alarm, Clock } from '../ports/clock.js';
import type { ProxyWorkers } from '../ports/proxy-workers.js';
import type { Log } from '../telemetry/events.js';
import type { FormerWorkersStatus } from '../telemetry/status.js';

export interface FormerWorkersPorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly workers: ProxyWorkers;
}

export class FormerWorkers {
  readonly #ports: FormerWorkersPorts;
  /** Undefined: it is not ours to end them. */
  readonly #most: Millis | undefined;
  #known: readonly FormerWorker[] = [];
  readonly #connections = new Map<number, number | undefined>();
  /** Why the last look has failed; undefined where it has not. */
  #problem: string | undefined = 'not looked at yet';
  #failedReloads: number | undefined;
  #alarm: Alarm | undefined;
  #phase: 'running' | 'stopped' = 'running';

  constructor(most: Millis | undefined, ports: FormerWorkersPorts) {
    this.#most = most;
    this.#ports = ports;
  }

  /** Looks at them, and again and again until {@link stop}. Resolves after the first look. */
  async begin(): Promise<void> {
    await this.#look();
    const { clock } = this.#ports;
    if (this.#isOn()) {
      const again = this.#problem === undefined ? LOOK_EVERY : LOOK_AGAIN;
      this.#alarm = clock.alarm(later(clock.now(), again), () => {
        void this.begin();
      });
    }
  }

  stop(): void {
    this.#phase = 'stopped';
    this.#alarm?.cancel();
  }

  status(): FormerWorkersStatus {
    const now = this.#ports.clock.now();
    const known = this.#problem === undefined ? this.#known : [];
    return {
      workers: known.map(({ pid, since }) => ({
        pid,
        ageMs: Math.round(between(since, now)),
        connections: this.#connections.get(pid),
      })),
      problem: this.#problem,
      failedReloads: this.#failedReloads,
    };
  }

  async #look(): Promise<void> {
    const { clock, workers } = this.#ports;
    const seen = await workers.look();
    if (!seen.ok || !this.#isOn()) {
      // What was known stays known: a master that is silent for a moment has its workers still.
      this.#problem = seen.ok ? undefined : seen.error;
      return;
    }
    this.#problem = undefined;
    this.#failedReloads = seen.value.failedReloads;
    const step = stepFormer(this.#known, seen.value, { now: clock.now(), most: this.#most });
    this.#known = step.workers;
    await this.#count();
    for (const each of step.ends) {
      await this.#end(each);
    }
  }

  async #count(): Promise<void> {
    const counted = this.#known.slice(0, MOST_COUNTED);
    const connections: [number, number | undefined][] = [];
    for (const { pid } of counted) {
      connections.push([pid, await this.#ports.workers.connections(pid)]);
    }
    this.#connections.clear();
    connections.forEach(([pid, open]) => this.#connections.set(pid, open));
  }

  async #end({ pid, how, age }: WorkerEnd): Promise<void> {
    if (this.#isOn()) {
      await this.#ports.workers.end(pid, how);
      const connections = this.#connections.get(pid);
      this.#ports.log.tell({ event: 'proxy.worker-ended', pid, how, age, connections });
    }
  }

  #isOn(): boolean {
    return this.#phase === 'running';
  }
}

const LOOK_EVERY = millis(5000);
/** Where nothing was to be seen: it may be being started, or reloaded. */
const LOOK_AGAIN = millis(1000);
/** The oldest of them; of the rest nobody is asked. */
const MOST_COUNTED = 16;
