/**
 * Own rows that HAProxy pushed before it had read what was handed to it of the same key. When it has read that, the older row
 * stands there, while both mirrors say the newer. What it pushes afterwards says itself what stands there; where nothing more
 * comes it is handed its own row again. Not at once: that would cross its next push, and so on for as long as the key is busy.
 */
import type { Instant, Millis } from '../base/time.js';
import { later, millis } from '../base/time.js';
import type { Alarm, Clock } from '../ports/clock.js';
import type { LinkRow } from '../wire/tables/rows.js';
import type { ProxySession } from './proxy-session.js';
import type { RelayTable } from './relay-table.js';
import { remainingExpiry } from './remaining-expiry.js';
import type { RowClock } from './row-clock.js';

export interface CrossedRowsPorts {
  readonly clock: Clock;
  readonly rowClock: Pick<RowClock, 'now'>;
}

/** What of a session is needed to hand a row to HAProxy. */
export type HandingSession = Pick<ProxySession<RelayTable>, 'define' | 'hand' | 'flush'>;

/** The two halves of its hash. */
export interface RowKey {
  readonly high: number;
  readonly low: number;
}

interface CrossedRow {
  readonly table: RelayTable;
  readonly key: RowKey;
  readonly row: LinkRow;
  readonly at: Instant;
}

/** So long a key is to be quiet: much longer than HAProxy takes to read what it is handed. */
export const QUIET: Millis = millis(50);
/** Beyond it the oldest is handed back at once. */
export const MOST_CROSSED_ROWS = 4096;

export class CrossedRows {
  readonly #ports: CrossedRowsPorts;
  /** In the order in which they came. */
  readonly #rows = new Map<string, CrossedRow>();
  #session: HandingSession | undefined;
  #alarm: Alarm | undefined;

  constructor(ports: CrossedRowsPorts) {
    this.#ports = ports;
  }

  /** HAProxy has pushed that row. It is copied where it is needed later. */
  pushed(session: HandingSession, table: RelayTable, { high, low }: RowKey, row: LinkRow): void {
    const isUnread = table.handed?.isUnread(low) === true;
    if (!isUnread && this.#rows.size === 0) {
      return;
    }
    const name = `${String(table.id)} ${String(high)} ${String(low)}`;
    this.#rows.delete(name);
    if (isUnread) {
      this.#session = session;
      const at = this.#ports.clock.now();
      this.#rows.set(name, { table, key: { high, low }, row: copyOf(row), at });
      if (this.#rows.size > MOST_CROSSED_ROWS) {
        this.#handBackOldest();
      }
      this.#setAlarm();
    }
  }

  /** With the session: HAProxy will tell all it has. */
  forget(): void {
    this.#rows.clear();
    this.#session = undefined;
    this.#alarm?.cancel();
    this.#alarm = undefined;
  }

  #setAlarm(): void {
    const [oldest] = this.#rows.values();
    if (oldest !== undefined) {
      this.#alarm ??= this.#ports.clock.alarm(later(oldest.at, QUIET), () => {
        this.#alarm = undefined;
        this.#handBackQuiet();
      });
    }
  }

  #handBackQuiet(): void {
    const now = this.#ports.clock.now();
    for (const { at } of this.#rows.values()) {
      if (later(at, QUIET) > now) {
        break;
      }
      this.#handBackOldest();
    }
    this.#session?.flush();
    this.#setAlarm();
  }

  #handBackOldest(): void {
    const [oldest] = this.#rows;
    if (oldest !== undefined && this.#session !== undefined) {
      const [name, crossed] = oldest;
      this.#rows.delete(name);
      handBack(this.#session, crossed, this.#ports.rowClock.now());
    }
  }
}

/** Unless something newer is known meanwhile, which HAProxy was handed then. */
function handBack(session: HandingSession, { table, key, row }: CrossedRow, now: number): void {
  const { mirror, own, ownPlan } = table;
  const slot = mirror.find(key.high, key.low);
  const isNewest = slot >= 0 && mirror.versionAt(slot) === row.version;
  const isExpired = mirror.expire !== 0 && row.version + mirror.expire <= now;
  if (own === undefined || !isNewest || isExpired) {
    return;
  }
  // It is written as HAProxy writes it. Where the other node writes otherwise, its rows need their definition again.
  const known = table.isWrittenAlike ? table.outgoing : undefined;
  const outgoing = known ?? session.define({ ...own, id: table.id });
  outgoing.isKnown();
  table.handAs(known);
  const text = ownPlan?.texts === 'one' ? { text: row.server } : undefined;
  session.hand(outgoing, row, remainingExpiry(table, row.version, now), text);
  outgoing.handed(key.low);
}

function copyOf(row: LinkRow): LinkRow {
  const { headAt } = row;
  return {
    ...row,
    bytes: row.bytes.slice(headAt, row.tailEnd),
    headAt: 0,
    headEnd: row.headEnd - headAt,
    tailAt: row.tailAt - headAt,
    tailEnd: row.tailEnd - headAt,
  };
}
