/** Rows of the other node on their way into the local HAProxy: each is checked, and handed on where its version is newer. */
import type { Instant } from '../base/time.js';
import type { Clock } from '../ports/clock.js';
import type { KnownText } from '../wire/peers/dictionary.js';
import { knownText } from '../wire/peers/dictionary.js';
import type { PeersViolation } from '../wire/peers/payload.js';
import type { RowWalker } from '../wire/peers/row.js';
import type { RowsReader } from '../wire/tables/rows.js';
import type { HearingProxy } from './handed-batches.js';
import { HandedBatches } from './handed-batches.js';
import type { ProxySession } from './proxy-session.js';
import type { RelayTable } from './relay-table.js';
import { remainingExpiry } from './remaining-expiry.js';
import type { RowClock } from './row-clock.js';
import type { OutgoingTable } from './session-tables.js';

export interface PeerRowsPorts {
  readonly clock: Clock;
  readonly rowClock: RowClock;
  readonly walker: RowWalker;
}

/** Where rows go. */
export interface RowsTarget {
  readonly table: RelayTable;
  /** Undefined: there is no HAProxy to hand them to. */
  readonly session: ProxySession<RelayTable> | undefined;
  /** HAProxy may lack rows that the mirror holds: those of the very same version are for it, too. */
  readonly recovering: 'yes' | 'no';
}

/** Names of servers whose hashes are remembered. */
const MOST_TEXTS = 1024;

export class PeerRows {
  readonly #ports: PeerRowsPorts;
  readonly #texts = new Map<string, KnownText>();
  readonly #handed = new HandedBatches();
  /** In their order; no more than the window of the other node. */
  #held: RowsReader[] = [];
  #now = 0;

  constructor(ports: PeerRowsPorts) {
    this.#ports = ports;
  }

  /** How many rows wait for HAProxy's acknowledgement, and since when the oldest does. */
  get waiting(): { readonly rows: number; readonly since: Instant | undefined } {
    return { rows: this.#handed.rows, since: this.#handed.oldest };
  }

  /** Keeps a batch for later. */
  hold(batch: RowsReader): void {
    this.#held.push(batch.kept());
  }

  /** What was kept, once. */
  release(): readonly RowsReader[] {
    const held = this.#held;
    this.#held = [];
    return held;
  }

  get isHolding(): boolean {
    return this.#held.length > 0;
  }

  /** All rows of the batch, or those before the first that is none; why it is none. */
  hand(batch: RowsReader, target: RowsTarget): PeersViolation | undefined {
    const { session, table } = target;
    const at = this.#ports.clock.now();
    const outgoing = session === undefined ? undefined : outgoingOf(table, session);
    if (session === undefined || outgoing === undefined) {
      while (batch.next()) {
        table.received.drop();
      }
      this.#handed.add({ sequence: batch.sequence, table: undefined, update: 0, rows: 0, at });
      return undefined;
    }
    this.#now = this.#ports.rowClock.now();
    const before = outgoing.last;
    const violation = this.#handAll(batch, target, session, outgoing);
    session.flush();
    const update = outgoing.last;
    const rows = (update - before) >>> 0;
    this.#handed.add({ sequence: batch.sequence, table: outgoing, update, rows, at });
    return violation;
  }

  /** As {@link hand}, for rows of which nobody waits to hear what became of them. */
  replay(batch: RowsReader, target: RowsTarget): PeersViolation | undefined {
    const { session, table } = target;
    const outgoing = session === undefined ? undefined : outgoingOf(table, session);
    if (session === undefined || outgoing === undefined) {
      return undefined;
    }
    this.#now = this.#ports.rowClock.now();
    const violation = this.#handAll(batch, target, session, outgoing);
    session.flush();
    return violation;
  }

  /** The last batch of which HAProxy has everything. */
  progress(proxy: HearingProxy): number {
    return this.#handed.progress(proxy, this.#ports.clock.now());
  }

  /** HAProxy is gone: nothing is waited for. */
  drop(): number {
    return this.#handed.drop();
  }

  /** With the connection to the other node. */
  forget(): void {
    this.#held = [];
    this.#handed.forget();
  }

  #handAll(
    batch: RowsReader,
    { table, recovering }: RowsTarget,
    session: ProxySession<RelayTable>,
    outgoing: OutgoingTable,
  ): PeersViolation | undefined {
    const { walker } = this.#ports;
    const plan = table.peerPlan;
    const { row } = batch;
    while (plan !== undefined && batch.next()) {
      if (walker.walkApart(plan, row, this.#known(row.server)) === 'wrong') {
        return walker.violation;
      }
      if (this.#isWanted(table, row.version, recovering)) {
        table.received.pass();
        const text = plan.texts === 'one' ? { text: row.server } : undefined;
        session.hand(outgoing, row, remainingExpiry(table, row.version, this.#now), text);
        outgoing.handed(walker.key.low);
      }
    }
    return undefined;
  }

  /** What HAProxy has not, as far as is known. Whatever is older than that is dropped here. */
  #isWanted({ mirror, received }: RelayTable, version: number, recovering: 'yes' | 'no'): boolean {
    const { key, content } = this.#ports.walker;
    const isExpired = mirror.expire !== 0 && version + mirror.expire <= this.#now;
    const taken = isExpired ? 'older' : mirror.take(key.high, key.low, version, content);
    if (taken === 'same') {
      mirror.see(mirror.find(key.high, key.low));
      return recovering === 'yes';
    }
    if (taken === 'older') {
      received.drop();
      return false;
    }
    return true;
  }

  #known(text: string | undefined): KnownText | undefined {
    if (text === undefined) {
      return undefined;
    }
    const known = this.#texts.get(text);
    if (known !== undefined) {
      return known;
    }
    if (this.#texts.size >= MOST_TEXTS) {
      this.#texts.clear();
    }
    const learned = knownText(text);
    this.#texts.set(text, learned);
    return learned;
  }
}

/** Undefined where the rows of this table are not for the HAProxy here. */
function outgoingOf(
  table: RelayTable,
  session: ProxySession<RelayTable>,
): OutgoingTable | undefined {
  if (table.peer === undefined || table.obstacle !== undefined) {
    return undefined;
  }
  const outgoing = table.outgoing ?? session.define({ ...table.peer, id: table.id });
  if (session.tables.some(({ is }) => is === table)) {
    outgoing.isKnown();
  }
  table.handAs(outgoing);
  return outgoing;
}
