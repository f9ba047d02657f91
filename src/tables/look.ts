/** A look at one table while HAProxy teaches all of it: what is otherwise than the mirror says. */
import type { RowExample, TableAudit } from '../telemetry/tables.js';
import { MOST_EXAMPLES } from '../telemetry/tables.js';
import type { RowWords } from './row-words.js';

export class Look {
  readonly #examples: RowExample[] = [];
  #rows = 0;
  #otherwise = 0;

  row(): void {
    this.#rows += 1;
  }

  /** `there`: when the version came to be that HAProxy should have. */
  otherwise(words: () => RowWords, there: Date): void {
    this.#otherwise += 1;
    if (this.#examples.length < MOST_EXAMPLES) {
      const { key, values } = words();
      this.#examples.push({ key, here: values, there: `other values, of ${there.toISOString()}` });
    }
  }

  end(missing: number): TableAudit {
    return {
      rows: this.#rows,
      missing,
      otherwise: this.#otherwise,
      examples: this.#examples,
    };
  }
}

/** What became of a look. `no proxy`: HAProxy was gone before it had told everything. */
export type Looked = 'looked' | 'no proxy';

/** Who is to be told of looks: of the one that is under way, and of the next. */
export class Looks {
  #wanted: ((how: Looked) => void)[] = [];
  #begun: readonly ((how: Looked) => void)[] = [];

  want(looked: (how: Looked) => void): void {
    this.#wanted.push(looked);
  }

  /** HAProxy begins to tell everything. */
  begin(): 'wanted' | 'not wanted' {
    this.#begun = this.#wanted;
    this.#wanted = [];
    return this.#begun.length > 0 ? 'wanted' : 'not wanted';
  }

  end(how: Looked): void {
    const told = [...this.#begun, ...(how === 'no proxy' ? this.#wanted : [])];
    this.#begun = [];
    this.#wanted = how === 'no proxy' ? [] : this.#wanted;
    for (const looked of told) {
      looked(how);
    }
  }
}
