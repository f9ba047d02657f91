/** The flows that the other node answers for, as it has told them: what this node's kernel is to hold for it. */
import type { Instant } from '../base/time.js';
import { between, instant, later, millis } from '../base/time.js';
import type { Flow } from '../wire/conntrack/flow.js';
import type { FlowId } from '../wire/conntrack/flow-id.js';
import { Sums } from './sums.js';

export interface HeardFlow {
  readonly flow: Flow;
  readonly hash: number;
  /** In which of the other node's lists, or behind which, it was told last. */
  readonly list: number;
  /** When it was given to the kernel last, and when that forgets it by itself. */
  putAt: Instant;
  until: Instant;
}

/** However much memory a peer asks for: each takes some four hundred bytes. */
export const MOST_HEARD = 1_000_000;
/** The kernel is told of no less: the other node says when it is over, and each is put again before that. */
const LEAST_TIMEOUT_S = 60;
/**
 * And of no more: what was being closed when its owner died was never told to be closed, and nobody ends it here. A live
 * one gets its whole timeout from the kernel with its first packet.
 */
export const MOST_TIMEOUT_S = 10_800;
/** So long before the kernel would forget it, it is put again. */
const REFRESH_BEFORE = millis(40_000);
/** Of a long timeout: what is idle when its owner dies is to outlive the two hours after which TCP asks the other end. */
const LONG_REFRESH_BEFORE = millis(7_500_000);
/** How often each is looked at whether it is to be put again. */
const ROUND_S = 15;
/** The kernel has forgotten it again and again: not more often than that it is put there. */
const REVIVED_EVERY = millis(1000);

export class HeardFlows {
  readonly sums: Sums = new Sums();
  readonly #flows = new Map<FlowId, HeardFlow>();
  #list = 0;
  #round: Iterator<[FlowId, HeardFlow]> = this.#flows.entries();

  get size(): number {
    return this.#flows.size;
  }

  get(id: FlowId): HeardFlow | undefined {
    return this.#flows.get(id);
  }

  /** What a word does not say of its progress is as it was. */
  note(id: FlowId, hash: number, flow: Flow): Flow {
    const former = this.#flows.get(id);
    if (former !== undefined) {
      this.sums.remove(id, former.hash);
    }
    const { tcp = former?.flow.tcp, sctp = former?.flow.sctp } = flow;
    const timeout = Math.min(Math.max(flow.timeout, LEAST_TIMEOUT_S), MOST_TIMEOUT_S);
    const kept = { ...flow, tcp, sctp, timeout };
    this.sums.add(id, hash);
    const at = former ?? { putAt: NEVER, until: NEVER };
    this.#flows.set(id, { flow: kept, hash, list: this.#list, putAt: at.putAt, until: at.until });
    return kept;
  }

  forget(id: FlowId): HeardFlow | undefined {
    const former = this.#flows.get(id);
    if (former !== undefined) {
      this.#flows.delete(id);
      this.sums.remove(id, former.hash);
    }
    return former;
  }

  /** It is given to the kernel now. */
  put(id: FlowId, now: Instant): void {
    const heard = this.#flows.get(id);
    if (heard !== undefined) {
      heard.putAt = now;
      heard.until = later(now, millis(heard.flow.timeout * 1000));
    }
  }

  /** The kernel has forgotten it. Whether it is to be put there again at once. */
  lapsed(id: FlowId, now: Instant): 'revive' | 'wait' {
    const heard = this.#flows.get(id);
    if (heard === undefined) {
      return 'wait';
    }
    heard.until = now;
    return between(heard.putAt, now) >= REVIVED_EVERY ? 'revive' : 'wait';
  }

  listBegins(): void {
    this.#list += 1;
  }

  /** What was not told since the list began. */
  unlisted(isListed: (id: FlowId) => 'yes' | 'no'): readonly FlowId[] {
    const ids: FlowId[] = [];
    for (const [id, { list }] of this.#flows) {
      if (list !== this.#list && isListed(id) === 'yes') {
        ids.push(id);
      }
    }
    return ids;
  }

  /** All of them; it may change meanwhile. */
  entries(): IterableIterator<[FlowId, HeardFlow]> {
    return this.#flows.entries();
  }

  /** Once a second, a part of them each time: those that the kernel would forget soon. */
  expiring(now: Instant): readonly FlowId[] {
    const [soon, longSoon] = [later(now, REFRESH_BEFORE), later(now, LONG_REFRESH_BEFORE)];
    const ids: FlowId[] = [];
    for (let left = Math.ceil(this.#flows.size / ROUND_S); left > 0; left -= 1) {
      const next = this.#round.next();
      if (next.done === true) {
        this.#round = this.#flows.entries();
        break;
      }
      const [id, heard] = next.value;
      const due = heard.flow.timeout < MOST_TIMEOUT_S ? soon : longSoon;
      if (heard.until <= due && heard.until !== NEVER) {
        ids.push(id);
      }
    }
    return ids;
  }
}

const NEVER = instant(Number.NEGATIVE_INFINITY);
