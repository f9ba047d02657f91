/**
 * What this node's kernel follows, told to the other node: as it happens, and all of it where something may be missing. A look
 * at the whole table also shows what the kernel holds for the other node, and what it lacks of that.
 */
import type { Instant } from '../base/time.js';
import { later, millis } from '../base/time.js';
import type { FlowStage } from '../core/flow-selection.js';
import { stageOf } from '../core/flow-selection.js';
import type { Clock } from '../ports/clock.js';
import type { FlowEvent, FlowTable } from '../ports/flow-table.js';
import type { Flow, FlowKey } from '../wire/conntrack/flow.js';
import type { FlowId } from '../wire/conntrack/flow-id.js';
import type { FlowWord } from '../wire/flows/batch.js';
import { bucketOf, BUCKETS } from '../wire/flows/flow-hash.js';
import type { Buckets, FlowVerdict } from '../wire/flows/message.js';
import { ALL_BUCKETS } from '../wire/flows/message.js';
import type { FlowLink } from './flow-link.js';
import { OutgoingFlows } from './outgoing-flows.js';
import type { Standing } from './standing.js';
import { keyOf } from './standing.js';

export interface OwnPorts {
  readonly clock: Clock;
  readonly table: Pick<FlowTable, 'list'>;
  readonly link: () => FlowLink;
  /** The kernel has forgotten a flow that the other node may still have, or calls it over. */
  readonly lapsed: (id: FlowId) => void;
  /** The kernel holds it, although nobody answers for it any more. */
  readonly extra: (id: FlowId, flow: Flow) => void;
  /** The whole table was looked at: what of these parts was not there. */
  readonly looked: (at: Instant, isMissing: (id: FlowId) => 'yes' | 'no') => void;
  readonly refused: (detail: string) => void;
}

export interface Verified {
  readonly verdict: 'equal' | 'differs' | 'unknown';
  /** In Unix milliseconds. */
  readonly at: number | undefined;
}

/** A look at the table that goes on. */
interface Look {
  readonly buckets: ReadonlySet<number>;
  readonly outgoing: OutgoingFlows;
  readonly seen: Set<FlowId>;
  /** Of which there were events since it began: they know better. */
  readonly touched: Set<FlowId>;
}

/** A table that could not be read. */
const AGAIN_AFTER = millis(5000);
/** Where parts stay different, whatever is told: first so soon, then ever more seldom. */
const FIRST_REPAIR = millis(5000);
const LAST_REPAIR = millis(300_000);
export const UNVERIFIED: Verified = { verdict: 'unknown', at: undefined };

export class OwnSide {
  readonly #standing: Standing;
  readonly #ports: OwnPorts;
  readonly #due = new Set<number>();
  #outgoing: OutgoingFlows | undefined;
  #look: Look | undefined;
  #notBefore: Instant;
  #round = 0;
  #repairIn = FIRST_REPAIR;
  #repairAt: Instant;
  #phase: 'running' | 'stopped' = 'running';
  told = 0;
  overflows = 0;
  looks = 0;
  verified: Verified = UNVERIFIED;
  /** Of its flows that the other node did not take. */
  refusedThere = 0;

  constructor(standing: Standing, ports: OwnPorts) {
    this.#standing = standing;
    this.#ports = ports;
    this.#notBefore = ports.clock.now();
    this.#repairAt = ports.clock.now();
  }

  /** Flows of which something has not left. */
  get waiting(): number {
    return this.#outgoing?.waiting ?? 0;
  }

  stop(): void {
    this.#phase = 'stopped';
    this.down();
  }

  // The kernel.

  happened(events: readonly FlowEvent[]): void {
    const now = this.#ports.clock.now();
    for (const { kind, flow } of events) {
      const stage = kind === 'gone' ? 'over' : stageOf(flow);
      if (stage === 'established') {
        this.#is(flow, now);
      } else if (stage === 'over') {
        this.#over(flow, { now, kernel: kind === 'gone' ? 'has forgotten it' : 'keeps it' });
      }
    }
    this.#outgoing?.flush();
  }

  #is(flow: Flow, now: Instant): void {
    const { own, heard } = this.#standing;
    if (this.#standing.choiceOf(flow) !== 'selected') {
      return;
    }
    const id = this.#standing.idOf(flow);
    this.#look?.touched.add(id);
    const isTheirs = !own.has(id) && heard.get(id) !== undefined;
    // Packets of a flow that is only routed may come here, too, whoever has the addresses.
    const isBound = this.#standing.hasGroupAddress(flow);
    if (isTheirs && isBound && this.#standing.holderOf(flow) === 'there') {
      return;
    }
    this.claim(id, flow, now);
  }

  #over(
    flow: Flow,
    { now, kernel }: { readonly now: Instant; readonly kernel: 'has forgotten it' | 'keeps it' },
  ): void {
    const id = this.#standing.idOf(flow);
    if (this.#standing.own.forget(id) === 'was ours') {
      this.#look?.touched.add(id);
      this.#say(id, { kind: 'gone', key: keyOf(flow) }, now);
    }
    if (kernel === 'has forgotten it' && this.#standing.heard.get(id) !== undefined) {
      this.#ports.lapsed(id);
    }
  }

  // The other side of this replicator.

  /** This node answers for it. */
  claim(id: FlowId, flow: Flow, since: Instant): void {
    const { own } = this.#standing;
    if (own.note(id, this.#standing.hashOf(id, flow), flow) === 'news') {
      this.#say(id, { kind: 'is', flow }, since);
    }
  }

  /** The other node does. */
  yield(id: FlowId, flow: Flow): void {
    if (this.#standing.own.forget(id) === 'was ours') {
      this.#look?.touched.add(id);
      this.#say(id, { kind: 'yours', key: keyOf(flow) }, this.#ports.clock.now());
    }
  }

  /** It has ended, by what the other node says, or although that says otherwise. */
  end(id: FlowId, key: FlowKey): void {
    this.#standing.own.forget(id);
    this.#look?.touched.add(id);
    this.#say(id, { kind: 'gone', key: keyOf(key) }, this.#ports.clock.now());
  }

  flush(): void {
    this.#outgoing?.flush();
  }

  // The link.

  up(): void {
    const { clock, link } = this.#ports;
    this.#outgoing = new OutgoingFlows({ clock, link: link() });
    this.#repairIn = FIRST_REPAIR;
    this.#repairAt = clock.now();
    this.verified = UNVERIFIED;
    this.refusedThere = 0;
  }

  down(): void {
    this.#outgoing?.stop();
    this.#outgoing = undefined;
    this.#due.clear();
    this.verified = UNVERIFIED;
  }

  opened(): void {
    this.#outgoing?.opened();
    this.#begin();
  }

  /** Something of these parts may be missing on the other node, or in the kernel here. */
  lookAt(buckets: Buckets): void {
    for (const bucket of buckets) {
      this.#due.add(bucket);
    }
    this.#begin();
  }

  /** Now and then: what a table that could not be read, or a shut window, has kept back. */
  tick(): void {
    this.#begin();
  }

  /** Both nodes compare; not while something is on its way out. */
  compare(): void {
    const outgoing = this.#outgoing;
    if (outgoing?.isEmpty !== true || this.#look !== undefined || this.#due.size > 0) {
      return;
    }
    this.#round += 1;
    this.#ports.link().say({
      ...{ kind: 'digest', round: this.#round },
      ...this.#standing.own.sums.digest,
    });
  }

  verdict({ round, differing, refused }: FlowVerdict): void {
    const { clock } = this.#ports;
    if (round !== this.#round) {
      return;
    }
    const isEqual = differing.length === 0;
    this.refusedThere = refused;
    this.verified = { verdict: isEqual ? 'equal' : 'differs', at: clock.wallTime() };
    if (isEqual) {
      this.#repairIn = FIRST_REPAIR;
    } else if (clock.now() >= this.#repairAt) {
      this.#repairAt = later(clock.now(), this.#repairIn);
      this.#repairIn = millis(Math.min(2 * this.#repairIn, LAST_REPAIR));
      this.lookAt(differing);
    }
  }

  #say(id: FlowId, word: FlowWord, since: Instant): void {
    const outgoing = this.#outgoing;
    if (outgoing === undefined) {
      return;
    }
    if (outgoing.add(id, word, since) === 'good') {
      this.told += 1;
    } else if (this.#due.size < BUCKETS) {
      this.overflows += 1;
      this.lookAt(ALL_BUCKETS);
    }
  }

  #begin(): void {
    const { clock, link } = this.#ports;
    const outgoing = this.#outgoing;
    const mayBegin = this.#look === undefined && this.#due.size > 0 && this.#phase === 'running';
    if (
      mayBegin &&
      outgoing !== undefined &&
      link().window === 'open' &&
      clock.now() >= this.#notBefore
    ) {
      const buckets = [...this.#due].toSorted((a, b) => a - b);
      this.#due.clear();
      void this.#lookAtAll(buckets, outgoing);
    }
  }

  async #lookAtAll(buckets: Buckets, outgoing: OutgoingFlows): Promise<void> {
    const { clock, table, looked, refused } = this.#ports;
    const at = clock.now();
    const look = { buckets: new Set(buckets), outgoing, seen: new Set<FlowId>() };
    const touched = new Set<FlowId>();
    this.#look = { ...look, touched };
    outgoing.beginList(buckets);
    const listed = await table.list((flows) => {
      this.#see({ ...look, touched }, flows);
    });
    this.#look = undefined;
    this.looks += 1;
    if (!listed.ok) {
      this.#notBefore = later(clock.now(), AGAIN_AFTER);
      refused(listed.error.detail);
      outgoing.breakList();
      this.#wantAgain(outgoing, ALL_BUCKETS);
      return;
    }
    const isMissing = (id: FlowId): 'yes' | 'no' =>
      look.buckets.has(bucketOf(id)) && !look.seen.has(id) && !touched.has(id) ? 'yes' : 'no';
    if (outgoing === this.#outgoing) {
      this.#forgetMissing(isMissing);
      outgoing.endList(buckets);
      looked(at, isMissing);
    }
    this.#begin();
  }

  #wantAgain(outgoing: OutgoingFlows, buckets: Buckets): void {
    // On another connection everything is due already.
    if (outgoing === this.#outgoing) {
      this.lookAt(buckets);
    }
  }

  #forgetMissing(isMissing: (id: FlowId) => 'yes' | 'no'): void {
    for (const id of this.#standing.own.ids()) {
      if (isMissing(id) === 'yes') {
        // The end of the list tells it.
        this.#standing.own.forget(id);
      }
    }
  }

  #see(look: Look, flows: readonly Flow[]): void {
    // Of those that are over there may be far more, and seldom has anybody else told any.
    const skipped: readonly FlowStage[] =
      this.#standing.heard.size === 0 ? ['young', 'over'] : ['young'];
    for (const flow of flows) {
      const stage = stageOf(flow);
      if (skipped.includes(stage) || this.#standing.choiceOf(flow) !== 'selected') {
        continue;
      }
      const id = this.#standing.idOf(flow);
      if (stage === 'over') {
        this.#seeOver(id, flow);
      } else if (look.buckets.has(bucketOf(id))) {
        look.seen.add(id);
        this.#seeOne(look, id, flow);
      }
    }
  }

  /** What the other node says of it was before that, where this one has its address. */
  #seeOver(id: FlowId, flow: Flow): void {
    const { own, heard } = this.#standing;
    if (heard.get(id) !== undefined && this.#standing.holderByAddress(flow) === 'here') {
      own.forget(id);
      this.#ports.lapsed(id);
    }
  }

  #seeOne({ outgoing, touched }: Look, id: FlowId, flow: Flow): void {
    const { own, heard } = this.#standing;
    const holder = this.#standing.holderOf(flow);
    const isNobodys = heard.get(id) === undefined;
    const isOurs = holder === 'here' || own.has(id) || (holder !== 'there' && isNobodys);
    if (!isOurs) {
      if (isNobodys && !touched.has(id)) {
        this.#ports.extra(id, flow);
      }
      return;
    }
    const last = outgoing.lastOf(id);
    // An event knows better than a list that was made before it. Of one that is, the list has to say so, too.
    if (last === 'gone' || last === 'yours' || (touched.has(id) && !own.has(id))) {
      return;
    }
    if (!touched.has(id)) {
      own.note(id, this.#standing.hashOf(id, flow), flow);
    }
    outgoing.list(flow);
  }
}
