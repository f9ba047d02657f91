/** The flows that this node answers for: what it has told the other one of them, by their hashes. */
import type { Flow } from '../wire/conntrack/flow.js';
import type { FlowId } from '../wire/conntrack/flow-id.js';
import { Sums } from './sums.js';

export class OwnFlows {
  readonly sums: Sums = new Sums();
  /** Hash and progress in one number, which takes no object. */
  readonly #flows = new Map<FlowId, number>();

  get size(): number {
    return this.#flows.size;
  }

  has(id: FlowId): boolean {
    return this.#flows.has(id);
  }

  /** `same`: there is nothing new to tell of it. What an event does not say of its progress is as it was. */
  note(id: FlowId, hash: number, { tcp, sctp }: Flow): 'news' | 'same' {
    const former = this.#flows.get(id);
    const progress = tcp?.state ?? sctp?.state ?? (former ?? 0) % PROGRESSES;
    const is = hash * PROGRESSES + progress;
    if (is === former) {
      return 'same';
    }
    this.forget(id);
    this.#flows.set(id, is);
    this.sums.add(id, hash);
    return 'news';
  }

  /** Whether it was among them. */
  forget(id: FlowId): 'was ours' | 'was not' {
    const former = this.#flows.get(id);
    if (former === undefined) {
      return 'was not';
    }
    this.#flows.delete(id);
    this.sums.remove(id, Math.floor(former / PROGRESSES));
    return 'was ours';
  }

  ids(): readonly FlowId[] {
    return [...this.#flows.keys()];
  }
}

/** More than any protocol has states. */
const PROGRESSES = 16;
