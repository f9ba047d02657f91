/** What was not believed, counted by its kind, with the last example of each. */

interface Refused {
  readonly code: string;
  /** The last example. */
  readonly detail: string;
  readonly count: number;
}

/** Kinds; what comes beyond is not remembered. */
const MOST_KINDS = 20;
/** Of a sentence. */
const MOST_CHARACTERS = 300;

export class Refusals {
  readonly #refused = new Map<string, Refused>();
  #latest: string | undefined;

  add(code: string, detail: string): void {
    const short = detail.slice(0, MOST_CHARACTERS);
    const count = (this.#refused.get(code)?.count ?? 0) + 1;
    if (count > 1 || this.#refused.size < MOST_KINDS) {
      this.#refused.set(code, { code, detail: short, count });
    }
    this.#latest = short;
  }

  /** What was wrong is so no more. */
  settled(): void {
    this.#latest = undefined;
  }

  get all(): readonly Refused[] {
    return [...this.#refused.values()];
  }

  /** Since the last time that all was well. */
  get latest(): string | undefined {
    return this.#latest;
  }
}
