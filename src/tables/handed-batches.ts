/**
 * Batches of the other node that were handed to the local HAProxy, in their order: when they may be acknowledged to the other
 * node, which then tells its own HAProxy.
 */
import type { Instant } from '../base/time.js';
import { between, millis } from '../base/time.js';
import type { OutgoingTable } from './session-tables.js';

interface Handed {
  readonly sequence: number;
  /** Undefined where HAProxy got nothing of it. */
  readonly table: OutgoingTable | undefined;
  readonly update: number;
  readonly rows: number;
  readonly at: Instant;
}

/** How HAProxy is heard. `silent`: it acknowledges nothing now, or cannot be heard; then what it has taken counts. */
export interface HearingProxy {
  readonly acknowledges: 'now' | 'silent';
  /** Bytes that wait for it. */
  readonly queued: number;
}

/** HAProxy acknowledges at once; one that does not is not waited for, or everything would stand still. */
const PATIENCE = millis(5000);

/** Bounded by the window of the other node, beyond which it sends nothing. */
export class HandedBatches {
  #handed: Handed[] = [];
  #first = 0;
  #through = 0;
  #rows = 0;

  /** How many rows are in them. */
  get rows(): number {
    return this.#rows;
  }

  /** All batches up to this one are where they belong. */
  get through(): number {
    return this.#through;
  }

  /** When the oldest that is not was handed on. */
  get oldest(): Instant | undefined {
    return this.#handed[this.#first]?.at;
  }

  add(handed: Handed): void {
    this.#handed.push(handed);
    this.#rows += handed.rows;
  }

  /** Looks how far HAProxy has come. */
  progress(proxy: HearingProxy, now: Instant): number {
    for (
      let next = this.#handed[this.#first];
      next !== undefined && isSettled(next, proxy, now);
      next = this.#handed[this.#first]
    ) {
      this.#through = next.sequence;
      this.#rows -= next.rows;
      this.#first += 1;
    }
    if (2 * this.#first > this.#handed.length) {
      this.#handed = this.#handed.slice(this.#first);
      this.#first = 0;
    }
    return this.#through;
  }

  /** HAProxy is gone; what it had will be asked for again. */
  drop(): number {
    this.#through = this.#handed.at(-1)?.sequence ?? this.#through;
    this.#handed = [];
    this.#first = 0;
    this.#rows = 0;
    return this.#through;
  }

  /** Another connection counts from 1 again. */
  forget(): void {
    this.drop();
    this.#through = 0;
  }
}

function isSettled({ table, update, at }: Handed, proxy: HearingProxy, now: Instant): boolean {
  if (table?.hasAcknowledged(update) ?? true) {
    return true;
  }
  const isHeard = proxy.acknowledges === 'now' && table?.answers === 'acknowledges';
  if (isHeard && between(at, now) > PATIENCE) {
    table.givesUp();
    return true;
  }
  return !isHeard && proxy.queued === 0;
}
