/**
 * Rows by the hash of their key, in arrays without objects: open addressing with linear probing. Twenty bytes a slot, so a
 * million rows are 42 MB.
 */
export const SLOT_BYTES = 20;

export class Slots {
  readonly count: number;
  readonly #mask: number;
  /** The upper and lower half of the key's hash. */
  readonly #keys: Uint32Array;
  /** 0: the slot is free. */
  readonly #versions: Float64Array;
  readonly #contents: Uint32Array;

  /** `count`: a power of two, and more than there will be rows. */
  constructor(count: number) {
    this.count = count;
    this.#mask = count - 1;
    this.#keys = new Uint32Array(2 * count);
    this.#versions = new Float64Array(count);
    this.#contents = new Uint32Array(count);
  }

  /** Where a key is, or where it would be put. */
  slotFor(high: number, low: number): number {
    let slot = low & this.#mask;
    while (
      (this.#versions[slot] ?? 0) !== 0 &&
      (this.#keys[2 * slot + 1] !== low || this.#keys[2 * slot] !== high)
    ) {
      slot = (slot + 1) & this.#mask;
    }
    return slot;
  }

  /** In a slot that {@link slotFor} has named. */
  name(slot: number, high: number, low: number): void {
    this.#keys[2 * slot] = high;
    this.#keys[2 * slot + 1] = low;
  }

  set(slot: number, version: number, content: number): void {
    this.#versions[slot] = version;
    this.#contents[slot] = content;
  }

  /** 0 where the slot is free. */
  versionAt(slot: number): number {
    return this.#versions[slot] ?? 0;
  }

  contentAt(slot: number): number {
    return this.#contents[slot] ?? 0;
  }

  highAt(slot: number): number {
    return this.#keys[2 * slot] ?? 0;
  }

  lowAt(slot: number): number {
    return this.#keys[2 * slot + 1] ?? 0;
  }
}
