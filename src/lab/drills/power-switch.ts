/** Power of a lab's nodes, switched by files: the commands of `drills.power` ask, and whoever runs the lab does it. */
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { millis } from '../../base/time.js';
import type { Clock } from '../../ports/clock.js';
import type { Lab } from '../lab.js';
import { pause } from '../pause.js';
import { labDirectory } from '../state-directory.js';
import type { LabName, NodeName } from '../topology.js';
import { NODE_NAMES } from '../topology.js';

/** The section of vipair.yaml. Each command waits until it is done. */
export function powerCommands(lab: LabName): string {
  const command = (what: 'off' | 'on'): string =>
    JSON.stringify([
      '/bin/sh',
      '-c',
      // Asked, and then waited for: a command that has ended has done it.
      `: > ${directoryOf(lab)}/{node}.${what}; while [ -e ${directoryOf(lab)}/{node}.${what} ]; do sleep 0.02; done`,
    ]);
  return `power: { off: ${command('off')}, on: ${command('on')} }`;
}

export class PowerSwitch {
  readonly #lab: Lab;
  readonly #clock: Clock;
  readonly #dark = new Set<NodeName>();
  #state: 'watching' | 'over' = 'watching';

  constructor(lab: Lab, clock: Clock) {
    this.#lab = lab;
    this.#clock = clock;
    mkdirSync(directoryOf(lab.settings.name), { recursive: true });
  }

  /** Whether the node has none: nobody starts anything there then. */
  isDark(node: NodeName): boolean {
    return this.#dark.has(node);
  }

  /** Resolves once {@link stop} was called. */
  async watch(): Promise<void> {
    while (this.#state === 'watching') {
      for (const node of NODE_NAMES) {
        await this.#serve(node);
      }
      await pause(this.#clock, LOOK_EVERY);
    }
  }

  stop(): void {
    this.#state = 'over';
  }

  async #serve(node: NodeName): Promise<void> {
    const asked = (what: string): string =>
      `${directoryOf(this.#lab.settings.name)}/${node}.${what}`;
    if (existsSync(asked('off'))) {
      this.#dark.add(node);
      await this.#lab.nodes[node].powerOff();
      // What is in memory only is gone; a boot finds the directory empty.
      const { runtimeDirectory } = this.#lab.nodes[node].files;
      rmSync(runtimeDirectory, { recursive: true, force: true });
      mkdirSync(runtimeDirectory);
      rmSync(asked('off'));
    }
    if (existsSync(asked('on'))) {
      if (this.#dark.delete(node)) {
        await this.#lab.nodes[node].powerOn();
      }
      rmSync(asked('on'));
    }
  }
}

/** For whoever runs the lab: where he is asked. */
function directoryOf(lab: LabName): string {
  return `${labDirectory(lab)}/power`;
}

const LOOK_EVERY = millis(10);
