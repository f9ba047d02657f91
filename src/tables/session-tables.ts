/** Tables within one session with HAProxy: how far its updates have come to us, and ours to it. */
import type { TableDefinition } from '../wire/peers/table.js';
import { UnreadKeys } from './unread-keys.js';

/** One that HAProxy has defined. The relay keeps something of its own with it. */
export class IncomingTable<T> {
  readonly definition: TableDefinition;
  readonly is: T;
  #last = 0;
  /** The newest update of those that are this HAProxy's own. */
  #newest = 0;
  #isRepeated = false;
  #settled = 0;
  #acknowledged = 0;

  constructor(definition: TableDefinition, is: T) {
    this.definition = definition;
    this.is = is;
  }

  isOf(definition: TableDefinition): boolean {
    const { name } = this.definition;
    return (
      name === definition.name && JSON.stringify(this.definition) === JSON.stringify(definition)
    );
  }

  /** The update that came last. */
  get last(): number {
    return this.#last;
  }

  /** An update has come; undefined: one more than before. */
  heard(id: number | undefined): void {
    this.#last = id ?? (this.#last + 1) >>> 0;
    const ahead = (this.#last - this.#newest) | 0;
    this.#isRepeated = ahead <= 0;
    if (ahead > 0 && ahead < LEARNED_AHEAD) {
      this.#newest = this.#last;
    }
  }

  /** The update that came last has come before: HAProxy pushes it again behind a teaching. */
  get isRepeated(): boolean {
    return this.#isRepeated;
  }

  /** The row that came last was learned from a peer, and not touched since. */
  get isLearned(): boolean {
    return Math.abs((this.#last - this.#newest) | 0) >= LEARNED_AHEAD;
  }

  /** Everything up to this update is where it belongs. */
  settle(update: number): void {
    this.#settled = update;
  }

  /** What is to be acknowledged now; undefined where that was done. */
  takeSettled(): number | undefined {
    if (this.#settled === this.#acknowledged) {
      return undefined;
    }
    this.#acknowledged = this.#settled;
    return this.#settled;
  }
}

/** Rows that HAProxy has learned, and tells when it teaches, have numbers half a round ahead of its own. */
const LEARNED_AHEAD = 2 ** 30;

/** One of which rows are handed to HAProxy. The definition's id is ours. */
export class OutgoingTable {
  readonly #unread = new UnreadKeys();
  #definition: TableDefinition;
  #last = 0;
  #acknowledged = 0;
  #texts: 'written out' | 'learned' = 'written out';
  #answers: 'never yet' | 'acknowledges' = 'never yet';

  constructor(definition: TableDefinition) {
    this.#definition = definition;
  }

  get definition(): TableDefinition {
    return this.#definition;
  }

  /** Rows that follow are written otherwise; they are counted on. */
  redefine(definition: TableDefinition): void {
    this.#definition = definition;
  }

  /** The update that was handed over last. */
  get last(): number {
    return this.#last;
  }

  /** The row that was handed over last is of that key: the lower half of its hash. */
  handed(low: number): void {
    this.#unread.handed(low, this.#last);
  }

  /** Whether HAProxy may not have read all rows of that key that were handed over. */
  isUnread(low: number): boolean {
    return (
      this.#last !== this.#acknowledged && isNewer(this.#unread.lastOf(low), this.#acknowledged)
    );
  }

  /** `learned`: HAProxy certainly has this table, and so learns the texts in its rows. */
  get texts(): 'written out' | 'learned' {
    return this.#texts;
  }

  /** `never yet`: it may be that HAProxy has no such table, and acknowledges none of its rows. */
  get answers(): 'never yet' | 'acknowledges' {
    return this.#answers;
  }

  /** The number of the update that is handed over now. */
  next(): number {
    this.#last = (this.#last + 1) >>> 0;
    return this.#last;
  }

  /** HAProxy has told us itself of a table of that name. */
  isKnown(): void {
    this.#texts = 'learned';
  }

  /** `unsent`: there was no such update. */
  heardAcknowledgement(update: number): 'good' | 'old' | 'unsent' {
    if (!isNewer(update, this.#acknowledged)) {
      return 'old';
    }
    if (isNewer(update, this.#last)) {
      return 'unsent';
    }
    this.#acknowledged = update;
    this.#texts = 'learned';
    this.#answers = 'acknowledges';
    return 'good';
  }

  hasAcknowledged(update: number): boolean {
    return !isNewer(update, this.#acknowledged);
  }

  /** It did acknowledge, and for too long it does not. */
  givesUp(): void {
    this.#answers = 'never yet';
  }
}

/** HAProxy's counters go round. */
function isNewer(a: number, b: number): boolean {
  return ((a - b) | 0) > 0;
}
