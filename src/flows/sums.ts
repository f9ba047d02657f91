/** What a set of flows comes to, part by part and protocol by protocol: kept up to date with every flow, so that it costs nothing to compare. */
import type { Family } from '../base/ip.js';
import type { FlowId } from '../wire/conntrack/flow-id.js';
import type { FlowDigest } from '../wire/flows/message.js';
import { bucketOf, BUCKETS } from '../wire/flows/flow-hash.js';

/** So many flows of a protocol and a family. */
export interface FlowCount {
  /** IANA's number. */
  readonly protocol: number;
  readonly family: Family;
  readonly flows: number;
}

/** In an id's first character, beside the protocol (wire/conntrack/flow-id.ts). */
const KINDS = 512;
const IPV6 = 256;

export class Sums {
  readonly #counts = new Uint32Array(BUCKETS);
  readonly #sums = new Uint32Array(BUCKETS);
  readonly #kinds = new Uint32Array(KINDS);

  add(id: FlowId, hash: number): void {
    this.#change(id, hash, 1);
  }

  remove(id: FlowId, hash: number): void {
    this.#change(id, -hash, -1);
  }

  get digest(): Pick<FlowDigest, 'counts' | 'sums'> {
    return { counts: this.#counts.slice(), sums: this.#sums.slice() };
  }

  /** The parts in which another set has something else. */
  differing({ counts, sums }: Pick<FlowDigest, 'counts' | 'sums'>): readonly number[] {
    const buckets: number[] = [];
    for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
      if (counts[bucket] !== this.#counts[bucket] || sums[bucket] !== this.#sums[bucket]) {
        buckets.push(bucket);
      }
    }
    return buckets;
  }

  get byKind(): readonly FlowCount[] {
    return Array.from(this.#kinds.entries()).flatMap(([kind, flows]) =>
      flows === 0
        ? []
        : [{ protocol: kind % IPV6, family: kind < IPV6 ? 'ipv4' : 'ipv6', flows } as const],
    );
  }

  #change(id: FlowId, hash: number, by: 1 | -1): void {
    const bucket = bucketOf(id);
    const kind = id.charCodeAt(0) % KINDS;
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + by;
    this.#sums[bucket] = (this.#sums[bucket] ?? 0) + hash;
    this.#kinds[kind] = (this.#kinds[kind] ?? 0) + by;
  }
}
