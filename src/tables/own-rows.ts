/** Rows of the local HAProxy on their way to the other node: checked, given a version, and remembered until they have arrived. */
import type { PeersViolation } from '../wire/peers/payload.js';
import type { Range, RowWalker } from '../wire/peers/row.js';
import type { LinkRow } from '../wire/tables/rows.js';
import type { Link } from './link.js';
import { OutgoingUpdates } from './outgoing-updates.js';
import type { ProxySession } from './proxy-session.js';
import type { RelayTable } from './relay-table.js';
import type { RowClock } from './row-clock.js';
import type { IncomingTable } from './session-tables.js';

export interface OwnRowsPorts {
  readonly rowClock: RowClock;
  readonly walker: RowWalker;
  readonly link: () => Pick<Link, 'add'>;
}

/** A row with the same content keeps its version, unless its expiry says that it was touched so much later. */
const SAME_TOUCH_MS = 2000;
/** When a row came to be that never expires, and so does not say it: before all others. */
const LONG_AGO = 1;

export class OwnRows {
  readonly #ports: OwnRowsPorts;
  readonly #underWay = new OutgoingUpdates();
  /** One for all rows. */
  readonly #row: LinkRow;
  #now = 0;

  constructor(ports: OwnRowsPorts) {
    this.#ports = ports;
    const nowhere = { headAt: 0, headEnd: 0, tailAt: 0, tailEnd: 0 };
    this.#row = { version: 0, bytes: new Uint8Array(0), server: undefined, ...nowhere };
  }

  /** Rows of one piece of the stream follow: they came at one moment. */
  begin(): void {
    this.#now = this.#ports.rowClock.now();
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
    const version = this.#versionOf(table, expiresIn, session);
    if (version === undefined) {
      session.settle(incoming, incoming.last);
      return undefined;
    }
    const row = this.#row;
    row.version = version;
    row.bytes = bytes;
    row.headAt = at;
    row.headEnd = walker.headEnd;
    row.server = walker.text?.text;
    row.tailAt = walker.tailAt;
    row.tailEnd = end;
    const sequence = link().add(table.id, row);
    if (sequence === 0) {
      session.settle(incoming, incoming.last);
    } else {
      table.sent.pass();
      this.#underWay.add(sequence, incoming);
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
  }

  /** Undefined: it stays here, because it is told twice or something newer is known. */
  #versionOf(
    table: RelayTable,
    expiresIn: number | undefined,
    session: ProxySession<RelayTable>,
  ): number | undefined {
    if (table.obstacle !== undefined) {
      return undefined;
    }
    if (expiresIn !== undefined) {
      return this.#taughtVersion(table, expiresIn);
    }
    if (isKept(session)) {
      return undefined;
    }
    const { key, content } = this.#ports.walker;
    const version = this.#ports.rowClock.stamp(this.#now);
    table.mirror.take(key.high, key.low, version, content);
    return version;
  }

  #taughtVersion({ mirror, own, sent }: RelayTable, expiresIn: number): number | undefined {
    const { rowClock, walker } = this.#ports;
    const { key, content } = walker;
    const expire = own?.expire ?? 0;
    const touched = expire === 0 ? LONG_AGO : this.#now - (expire - expiresIn);
    const slot = mirror.find(key.high, key.low);
    if (slot >= 0) {
      mirror.see(slot);
      const held = mirror.versionAt(slot);
      const isSame = mirror.contentAt(slot) === content;
      if (isSame && (expire === 0 || touched - held <= SAME_TOUCH_MS)) {
        return held;
      }
    }
    const version = rowClock.at(touched);
    if (mirror.take(key.high, key.low, version, content) === 'older') {
      sent.drop();
      return undefined;
    }
    return version;
  }
}

/** What HAProxy pushes first is what it had kept for us: it will teach the same, with the right expiry. */
function isKept({ state }: ProxySession<RelayTable>): boolean {
  return (
    state.name === 'open' && state.teaching.name === 'wanted' && state.teaching.first === 'first'
  );
}
