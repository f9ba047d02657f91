/** Own rows that were pushed before HAProxy had read what was handed to it of the same key. */
import { describe, expect, it } from 'vitest';
import { later, millis } from '../../../src/base/time.js';
import type { HandingSession } from '../../../src/tables/crossed-rows.js';
import { CrossedRows, MOST_CROSSED_ROWS, QUIET } from '../../../src/tables/crossed-rows.js';
import { Mirror } from '../../../src/tables/mirror.js';
import { RelayTable } from '../../../src/tables/relay-table.js';
import { OutgoingTable } from '../../../src/tables/session-tables.js';
import type { TableDefinition } from '../../../src/wire/peers/table.js';
import type { LinkRow } from '../../../src/wire/tables/rows.js';
import { HandClock } from '../engine/fakes.js';
import { TABLE } from '../wire/peers/given-peers.js';

const NOW = 1_700_000_000_000;
const KEY = { high: 7, low: 9 };
const OTHER = { high: 7, low: 10 };

function rowOf(version: number, key = KEY): LinkRow {
  const bytes = Uint8Array.from([0, 0, key.low, version % 256, 5, 6, 0]);
  const places = { headAt: 2, headEnd: 4, tailAt: 5, tailEnd: 6 };
  return { version, bytes, server: 'web1', ...places };
}

function given(peer: TableDefinition = TABLE) {
  const clock = new HandClock();
  const table = new RelayTable({
    name: 'app',
    id: 4,
    mirror: new Mirror(() => NOW),
    obstacle: undefined,
  });
  table.defineOwn(TABLE);
  table.definePeer(peer);
  const outgoing = new OutgoingTable({ ...peer, id: 4 });
  table.handAs(outgoing);
  const handed: string[] = [];
  const session: HandingSession = {
    define: (definition) => {
      handed.push(`definition with ${String(definition.columns.length)} columns`);
      outgoing.redefine(definition);
      return outgoing;
    },
    hand: (_, { bytes, headAt, tailEnd }, expiresIn, text) => {
      outgoing.next();
      const written = [...bytes.subarray(headAt, tailEnd)].join(' ');
      handed.push(`${written} of ${String(text?.text)} for ${String(expiresIn)}`);
    },
    flush: () => {
      handed.push('flush');
    },
  };
  const rows = new CrossedRows({ clock, rowClock: { now: () => NOW } });
  return {
    clock,
    table,
    outgoing,
    handed,
    rows,
    /** A row of the other node's is handed over, and not acknowledged. */
    handPeers: (key = KEY) => {
      outgoing.next();
      outgoing.handed(key.low);
    },
    push: (version: number, key = KEY) => {
      table.mirror.take(key.high, key.low, version, version % 256);
      rows.pushed(session, table, key, rowOf(version, key));
    },
  };
}

describe('own rows that cross what was handed to HAProxy', () => {
  it('are handed back when the key is quiet, the last of them, for as long as they still live', () => {
    const { clock, handed, handPeers, push } = given();
    handPeers();
    push(NOW - 1001);
    clock.time = later(clock.time, millis(20));
    push(NOW - 1000);
    clock.ringNext();
    expect(handed).toEqual(['flush']);
    clock.ringNext();
    const bytes = `9 ${String((NOW - 1000) % 256)} 5 6`;
    expect(handed).toEqual(['flush', `${bytes} of web1 for 1799000`, 'flush']);
    expect(clock.pending()).toEqual([]);
    expect(clock.time).toBe(later(new HandClock().time, millis(20 + QUIET)));
  });

  it('are those of keys that HAProxy may not have read, and no others', () => {
    const { clock, outgoing, handPeers, push } = given();
    push(NOW - 5);
    handPeers();
    push(NOW - 4, OTHER);
    outgoing.heardAcknowledgement(1);
    push(NOW - 3);
    expect(clock.pending()).toEqual([]);
  });

  it('stay where they are where HAProxy says afterwards what it holds', () => {
    const { clock, outgoing, handed, handPeers, push } = given();
    handPeers();
    push(NOW - 5);
    outgoing.heardAcknowledgement(1);
    push(NOW - 4);
    clock.ringNext();
    expect(handed).toEqual(['flush']);
  });

  it('cross again where the next push comes before they were read themselves', () => {
    const { clock, outgoing, handed, handPeers, push } = given();
    handPeers();
    push(NOW - 5);
    clock.ringNext();
    outgoing.heardAcknowledgement(1);
    push(NOW - 4);
    clock.ringNext();
    expect(handed.filter((what) => what !== 'flush')).toHaveLength(2);
  });

  it('stay where they are where something newer is known, or they have expired', () => {
    const { clock, table, handed, handPeers, push } = given();
    handPeers();
    push(NOW - 5);
    table.mirror.take(KEY.high, KEY.low, NOW, 1);
    handPeers(OTHER);
    push(NOW - TABLE.expire, OTHER);
    clock.ringNext();
    expect(handed).toEqual(['flush']);
  });

  it('are written as HAProxy writes them where the other node writes otherwise', () => {
    const { clock, table, outgoing, handed, handPeers, push } = given({ ...TABLE, columns: [] });
    handPeers();
    push(NOW - 5);
    clock.ringNext();
    expect(handed[0]).toBe('definition with 5 columns');
    expect([table.outgoing, table.handed]).toEqual([undefined, outgoing]);
  });

  it('are no more than a bound: the oldest is handed back at once', () => {
    const { clock, handed, handPeers, push } = given();
    for (let low = 0; low <= MOST_CROSSED_ROWS; low += 1) {
      handPeers({ high: 1, low });
      push(NOW - 5, { high: 1, low });
    }
    expect(handed).toHaveLength(1);
    clock.ringNext();
    expect(handed).toHaveLength(1 + MOST_CROSSED_ROWS + 1);
  });

  it('are forgotten with the session', () => {
    const { clock, rows, handPeers, push } = given();
    handPeers();
    push(NOW - 5);
    rows.forget();
    expect(clock.pending()).toEqual([]);
  });
});
