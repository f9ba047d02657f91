/** What systemd is to a node: whoever starts the daemon again, 20 ms after it has ended, for whatever reason. */
import type { Millis } from '../../base/time.js';
import { millis } from '../../base/time.js';
import type { Clock } from '../../ports/clock.js';
import type { Lab } from '../lab.js';
import { stateOf } from '../namespace-processes.js';
import { recallPid } from '../node-processes.js';
import { pause } from '../pause.js';
import type { NodeName } from '../topology.js';
import { NODE_NAMES } from '../topology.js';

export class ServiceManager {
  readonly #lab: Lab;
  readonly #clock: Clock;
  readonly #leftAlone: (node: NodeName) => boolean;
  #state: 'watching' | 'over' = 'watching';
  /** How often it has started a daemon again. */
  restarts = 0;

  constructor(lab: Lab, clock: Clock, leftAlone: (node: NodeName) => boolean) {
    this.#lab = lab;
    this.#clock = clock;
    this.#leftAlone = leftAlone;
  }

  /** Resolves once {@link stop} was called. */
  async watch(): Promise<void> {
    await Promise.all(NODE_NAMES.map((node) => this.#watchOne(node)));
  }

  stop(): void {
    this.#state = 'over';
  }

  async #watchOne(node: NodeName): Promise<void> {
    const { files } = this.#lab.nodes[node];
    while (this.#state === 'watching') {
      await pause(this.#clock, RESTART_AFTER);
      const pid = recallPid(files.enginePid);
      if (this.#isWanted() && pid !== undefined && !isAlive(pid) && !this.#leftAlone(node)) {
        this.restarts += 1;
        await this.#lab.nodes[node].startEngine();
      }
    }
  }

  /** It may have changed while something else was waited for. */
  #isWanted(): boolean {
    return this.#state === 'watching';
  }
}

/** One that has ended, and that nobody has asked what became of it, is dead too. */
function isAlive(pid: number): boolean {
  return !['Z', undefined].includes(stateOf(pid));
}

/** As the unit has it (RestartSec). */
const RESTART_AFTER: Millis = millis(20);
