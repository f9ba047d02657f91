/** The disk of a simulated machine, with the durable history on it: daemons come and go, and it may be full or stuck. */
import type { Journal } from '../../src/ports/journal.js';
import { MoveWitness } from '../../src/record/move-witness.js';
import { TransitionHistory } from '../../src/record/transition-history.js';
import type { Log } from '../../src/telemetry/events.js';
import { SimJournal } from './journal.js';
import type { SimProcess } from './process.js';
import type { Scheduler } from './scheduler.js';

export interface SimRecord {
  readonly history: TransitionHistory;
  readonly witness: MoveWitness;
}

export class SimDisk {
  readonly #journal = new SimJournal();
  readonly #scheduler: Scheduler;

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  fail(how: 'full' | 'stuck'): void {
    // One that is stuck does not also fill up: whoever waits for it would wait for ever.
    if (this.#journal.mood === 'willing') {
      this.#journal.mood = how;
    }
  }

  heal(): void {
    this.#journal.wake();
    this.#scheduler.answered();
  }

  /** What a daemon remembers, and has remembered before. */
  record(node: string, process: SimProcess, log: Log): SimRecord {
    const history = new TransitionHistory(
      { node, epoch: process.wallTime() },
      { clock: process, log, journal: this.#journalOf(process) },
    );
    void history.load();
    return { history, witness: new MoveWitness(process, history) };
  }

  /** A process that is no more writes nothing. */
  #journalOf(process: SimProcess): Journal {
    return {
      read: () => this.#journal.read(),
      append: (line) =>
        process.fate === 'gone' ? new Promise(() => undefined) : this.#journal.append(line),
      replace: (lines) =>
        process.fate === 'gone' ? new Promise(() => undefined) : this.#journal.replace(lines),
    };
  }
}
