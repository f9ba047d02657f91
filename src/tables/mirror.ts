/** What both nodes' proxies are known to hold, table by table, within one bound of memory. */
import type { MirrorBudget } from './table-mirror.js';
import { TableMirror } from './table-mirror.js';
import { VERSION_STEPS } from '../wire/tables/version.js';

/** Of all tables together. Rows beyond are passed on, but neither ordered nor compared. */
export const MOST_MIRRORED_ROWS = 5_000_000;

export class Mirror {
  readonly #budget: MirrorBudget;
  readonly #tables = new Map<string, TableMirror>();

  /** `now`: of the clock of versions. */
  constructor(now: () => number, mostRows: number = MOST_MIRRORED_ROWS) {
    this.#budget = { left: mostRows, now };
  }

  get bytes(): number {
    return [...this.#tables.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Both proxies know a table by its name. Made where there is none yet. */
  table(name: string): TableMirror {
    const known = this.#tables.get(name);
    if (known !== undefined) {
      return known;
    }
    const made = new TableMirror(this.#budget);
    this.#tables.set(name, made);
    return made;
  }

  /** Of a table whose definition has changed, or that is no more. */
  forgetTable(name: string): void {
    this.#tables.get(name)?.forget();
    this.#tables.delete(name);
  }

  /** The clock that the versions are of was behind by so many milliseconds. */
  shift(by: number): void {
    const steps = Math.floor(by * VERSION_STEPS) / VERSION_STEPS;
    for (const table of this.#tables.values()) {
      table.shift(steps);
    }
  }

  /** All of it: what the proxy here holds is not known any more. The tables themselves, and how long rows live, stay. */
  forget(): void {
    for (const table of this.#tables.values()) {
      table.forget();
    }
  }
}
