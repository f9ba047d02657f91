/**
 * Which keys have rows that were handed to HAProxy and are not acknowledged by it. It tells of more keys than there are, but never
 * of less: of all keys whose hashes end alike it knows only the update that was handed over last. So it needs no more memory
 * however much is under way, and nothing is to be erased.
 */

/** Of one table: 32 kB. With a hundred rows under way it is wrong of one key in eighty. */
const KEY_PLACES = 8192;

export class UnreadKeys {
  /** Made for the first row: HAProxy may have tables of which it is never handed any. */
  #updates: Uint32Array | undefined;

  /** `low`: the lower half of the key's hash. */
  handed(low: number, update: number): void {
    this.#updates ??= new Uint32Array(KEY_PLACES);
    this.#updates[low & (KEY_PLACES - 1)] = update;
  }

  /** The last update in which a row of that key may have been; 0 where there was none. */
  lastOf(low: number): number {
    return this.#updates?.[low & (KEY_PLACES - 1)] ?? 0;
  }
}
