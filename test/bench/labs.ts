/** The labs of a benchmark: raised together, and removed whatever happens. */
import { vipairCommand } from '../../src/lab/commands.js';
import { fileURLToPath } from 'node:url';
import type { Result } from '../../src/base/result.js';
import type { Centis } from '../../src/base/time.js';
import type { Lab, LabPorts } from '../../src/lab/lab.js';
import { raiseLab, removeLab } from '../../src/lab/raise.js';
import type { LabSettings } from '../../src/lab/settings.js';
import type { LabName } from '../../src/lab/topology.js';
import { parseLabName } from '../../src/lab/topology.js';
import { invariant } from '../../src/base/unreachable.js';
import { SystemClock } from '../../src/os/clock.js';
import { SystemProcessHost } from '../../src/os/process-host.js';
import type { ContenderId } from './contenders.js';
import { settingsOf } from './contenders.js';

const BUILT_PROGRAM = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

export class Labs {
  readonly ports: LabPorts;
  readonly run = `bench-${String(process.pid)}`;
  readonly #standing = new Set<LabName>();
  #removal: Promise<void> | undefined;

  /** `program` is the built one whose daemon and prober run in the labs. */
  constructor(program: string | undefined) {
    this.ports = {
      processes: new SystemProcessHost(),
      clock: new SystemClock(),
      vipair: vipairCommand(process.execPath, program ?? BUILT_PROGRAM),
    };
  }

  /** Of an earlier lab of that contender nothing is left. */
  async raise(id: ContenderId, advertInterval: Centis): Promise<Lab> {
    return this.raiseAs(settingsOf(id, this.run, advertInterval));
  }

  /** For a name of this run's own. */
  nameOf(stem: string): LabName {
    const name = parseLabName(`${this.run}-${stem}`);
    invariant(name.ok, 'the bench names its labs well');
    return name.value;
  }

  async raiseAs(settings: LabSettings): Promise<Lab> {
    await this.#remove(settings.name);
    if (this.#removal !== undefined) {
      throw new Error('the bench is ending');
    }
    this.#standing.add(settings.name);
    return must(await raiseLab(settings, this.ports));
  }

  /** Idempotent. */
  removeAll(): Promise<void> {
    this.#removal ??= this.clear();
    return this.#removal;
  }

  async clear(): Promise<void> {
    await Promise.all([...this.#standing].map((name) => this.#remove(name)));
  }

  async #remove(name: LabName): Promise<void> {
    if (this.#standing.has(name)) {
      must(await removeLab(name, this.ports));
      this.#standing.delete(name);
    }
  }
}

/** The value, or an error that says what the lab said: the bench cannot go on without it. */
export function must<T>(outcome: Result<T, { readonly detail: string }>): T {
  if (!outcome.ok) {
    throw new Error(outcome.error.detail);
  }
  return outcome.value;
}
