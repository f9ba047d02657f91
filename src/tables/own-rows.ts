/** Rows of the local HAProxy on their way to the other node: checked, given a version, and remembered until they have arrived. */
import type { Clock } from '../ports/clock.js';
import type { PeersViolation } from '../wire/peers/payload.js';
import type { Range, RowWalker } from '../wire/peers/row.js';
import type { LinkRow } from '../wire/tables/rows.js';
import { CrossedRows } from './crossed-rows.js';
import type { KeptRows } from './kept-rows.js';
import type { Link } from './link.js';
import { Look } from './look.js';
import { OutgoingUpdates } from './outgoing-updates.js';
import type { ProxySession } from './proxy-session.js';
import type { RelayTable } from './relay-table.js';
import type { RowClock } from './row-clock.js';
import type { RowWords } from './row-words.js';
import { wordsOf } from './row-words.js';
import type { IncomingTable } from './session-tables.js';

export interface OwnRowsPorts {
  readonly clock: Clock;
  readonly rowClock: RowClock;
  readonly walker: RowWalker;
  readonly link: () => Pick<Link, 'add' | 'window'>;
  readonly kept: Pick<KeptRows, 'row'>;
}

/**
 * A row with the same content keeps its version, unless its expiry says that it was touched so much later. Less than half a
 * second of that is ours: a fresh row is handed on with its table's whole expire.
 */
export const SAME_TOUCH_MS = 900;
/** When a row came to be that never expires, and so does not say it: before all others. */
const LONG_AGO = 1;
/** What one node has touched itself is newer than what the other has learned from it. */
const AFTER_LEARNED = 2;

export class OwnRows {
  readonly #ports: OwnRowsPorts;
  readonly #underWay = new OutgoingUpdates();
  readonly #crossed: CrossedRows;
  /** One for all rows. */
  readonly #row: LinkRow;
  #now = 0;
  /** `what fits`: HAProxy has not told all it has. What the link has no room for stays here, and is told again later. */
  #passing: 'all' | 'what fits' = 'all';
  #left: 'none' | 'some' = 'none';
  /** What is found while HAProxy teaches; undefined where nobody looks. */
  #looks: Map<RelayTable, Look> | undefined;

  constructor(ports: OwnRowsPorts) {
    this.#ports = ports;
    this.#crossed = new CrossedRows(ports);
    const nowhere = { headAt: 0, headEnd: 0, tailAt: 0, tailEnd: 0 };
    this.#row = { version: 0, bytes: new Uint8Array(0), server: undefined, ...nowhere };
  }

  /** Rows of one piece of the stream follow: they came at one moment. */
  begin(): void {
    this.#now = this.#ports.rowClock.now();
  }

  /** What follows is passed on like this. */
  pass(what: 'all' | 'what fits'): void {
    this.#passing = what;
    this.#left = 'none';
  }

  /** Whether rows have stayed here because the link had no room. */
  get left(): 'none' | 'some' {
    return this.#left;
  }

  /** From now until {@link endLook} what HAProxy teaches is compared with what it should hold. */
  look(is: 'wanted' | 'not wanted'): void {
    this.#looks = is === 'wanted' ? new Map() : undefined;
  }

  endLook(): ReadonlyMap<RelayTable, Look> | undefined {
    const looks = this.#looks;
    this.#looks = undefined;
    return looks;
  }

  /** `expiresIn`: undefined for a live update, otherwise HAProxy teaches. */
  row(
    session: ProxySession<RelayTable>,
    incoming: IncomingTable<RelayTable>,
    { bytes, at, end }: Range & { readonly bytes: Uint8Array },
    expiresIn: number | undefined,
  ): PeersViolation | undefined {
    const { walker, link } = this.#ports;
    const table = incoming.is;
    const plan = table.ownPlan;
    if (plan === undefined) {
      return undefined;
    }
    if (walker.walk(plan, bytes, { at, end }, session.dictionary) === 'wrong') {
      return walker.violation;
    }
    const isPushed = expiresIn === undefined;
    this.#lay({ bytes, at, end });
    const version = this.#versionOf(incoming, expiresIn);
    if (version === undefined) {
      // Where a teaching is acknowledged HAProxy would go on from a number that it gave to a learned row.
      if (isPushed) {
        session.settle(incoming, incoming.last);
      }
      return undefined;
    }
    this.#row.version = version;
    if (isPushed) {
      this.#crossed.pushed(session, table, walker.key, this.#row);
    } else {
      this.#ports.kept.row(table, this.#row);
    }
    if (this.#passing === 'what fits' && link().window === 'shut') {
      this.#left = 'some';
      return undefined;
    }
    const sequence = link().add(table.id, this.#row);
    if (sequence !== 0) {
      table.sent.pass();
    }
    if (isPushed) {
      this.#note(session, incoming, sequence);
    }
    return undefined;
  }

  /** Batches up to that one have arrived, or are given up with the connection. */
  settle(session: ProxySession<RelayTable>, sequence: number): void {
    this.#underWay.settle(sequence, (table, update) => {
      session.settle(table, update);
    });
  }

  /** With the session. */
  forget(): void {
    this.#underWay.forget();
    this.#crossed.forget();
  }

  /** The row that was walked over, as it leaves. */
  #lay({ bytes, at, end }: Range & { readonly bytes: Uint8Array }): void {
    const { walker } = this.#ports;
    const row = this.#row;
    row.bytes = bytes;
    row.headAt = at;
    row.headEnd = walker.headEnd;
    row.server = walker.text?.text;
    row.tailAt = walker.tailAt;
    row.tailEnd = end;
  }

  /** It is acknowledged to HAProxy when the batch is, or at once where there is none. */
  #note(
    session: ProxySession<RelayTable>,
    incoming: IncomingTable<RelayTable>,
    sequence: number,
  ): void {
    if (sequence === 0) {
      session.settle(incoming, incoming.last);
    } else {
      this.#underWay.add(sequence, incoming);
    }
  }

  /** Undefined: it stays here, because it is told twice or something newer is known. */
  #versionOf(
    incoming: IncomingTable<RelayTable>,
    expiresIn: number | undefined,
  ): number | undefined {
    const table = incoming.is;
    if (table.obstacle !== undefined) {
      return undefined;
    }
    if (expiresIn !== undefined) {
      return this.#taughtVersion(incoming, table.own?.expire ?? 0, expiresIn);
    }
    if (this.#passing === 'what fits' && table.own?.expire !== 0) {
      // It is to tell all it has, and this with the right expiry: what it had kept for us has none.
      return undefined;
    }
    const { key, content } = this.#ports.walker;
    const held = incoming.isRepeated ? table.mirror.find(key.high, key.low) : -1;
    if (held >= 0 && table.mirror.contentAt(held) === content) {
      return table.mirror.versionAt(held);
    }
    const version = this.#ports.rowClock.stamp(this.#now);
    table.mirror.take(key.high, key.low, version, content);
    return version;
  }

  #taughtVersion(
    { is: table, isLearned }: IncomingTable<RelayTable>,
    expire: number,
    expiresIn: number,
  ): number | undefined {
    const { rowClock, walker } = this.#ports;
    const { key, content } = walker;
    const { mirror } = table;
    const look = this.#lookAt(table);
    look?.row();
    // Where an expire was made shorter, rows still have the time that they were given.
    const age = Math.max(0, expire - expiresIn);
    const longAgo = isLearned ? LONG_AGO : AFTER_LEARNED;
    let touched = expire === 0 ? longAgo : this.#now - age;
    const slot = mirror.find(key.high, key.low);
    if (slot >= 0) {
      const isNews = expire === 0 && !mirror.isSeen(slot);
      mirror.see(slot);
      const held = mirror.versionAt(slot);
      const isSame = mirror.contentAt(slot) === content;
      if (isSame && (expire === 0 || touched - held <= SAME_TOUCH_MS)) {
        return held;
      }
      if (!isSame && touched <= held) {
        look?.otherwise(() => this.#words(table), new Date(held));
      }
      // It does not say when it was touched; but it was, since the mirror has heard of it.
      touched = isNews ? this.#now : touched;
    }
    const version = rowClock.at(touched);
    if (mirror.take(key.high, key.low, version, content) === 'older') {
      table.sent.drop();
      return undefined;
    }
    return version;
  }

  #lookAt(table: RelayTable): Look | undefined {
    const looks = this.#looks;
    const known = looks?.get(table);
    if (looks === undefined || known !== undefined) {
      return known;
    }
    const look = new Look();
    looks.set(table, look);
    return look;
  }

  #words({ own }: RelayTable): RowWords {
    const { bytes, headAt, tailEnd, server } = this.#row;
    return own === undefined
      ? { key: '', values: '' }
      : wordsOf(bytes.slice(headAt, tailEnd), own, server);
  }
}
