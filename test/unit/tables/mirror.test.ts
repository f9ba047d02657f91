/** What is known of the rows that both proxies hold. */
import { describe, expect, it } from 'vitest';
import { Mirror } from '../../../src/tables/mirror.js';
import { PLACE_BYTES, ROW_BYTES } from '../../../src/tables/mirror-rows.js';

const NOW = 1_700_000_000_000;
const EXPIRE = 60_000;

function given(mostRows?: number) {
  const time = { now: NOW };
  const mirror = new Mirror(() => time.now, mostRows);
  const table = mirror.table('app');
  table.expire = EXPIRE;
  /** Keys with these numbers, whose content is the same number. */
  const fill = (from: number, to: number, version = NOW): void => {
    for (let key = from; key < to; key += 1) {
      table.take(key * 7919, key * 104_729, version, key);
    }
  };
  return { time, mirror, table, fill };
}

describe('the mirror of a table', () => {
  it('takes a row whose version is greater than what it holds of its key', () => {
    const { table } = given();
    expect(table.find(1, 2)).toBe(-1);
    expect(table.take(1, 2, NOW, 5)).toBe('newer');
    expect(table.take(1, 2, NOW, 6)).toBe('same');
    expect(table.take(1, 2, NOW - 1, 6)).toBe('older');
    expect(table.contentAt(table.find(1, 2))).toBe(5);
    expect(table.take(1, 2, NOW + 1, 6)).toBe('newer');
    const slot = table.find(1, 2);
    expect([table.contentAt(slot), table.versionAt(slot), table.rows]).toEqual([6, NOW + 1, 1]);
  });

  it('tells keys apart by all bits of their hash', () => {
    const { table } = given();
    table.take(1, 64, NOW, 1);
    table.take(2, 64, NOW, 2);
    table.take(1, 128, NOW, 3);
    expect(
      [table.find(1, 64), table.find(2, 64), table.find(1, 128)].map((slot) =>
        table.contentAt(slot),
      ),
    ).toEqual([1, 2, 3]);
    expect(table.find(2, 128)).toBe(-1);
  });

  it('grows, and remembers all it had', () => {
    const { table, fill } = given();
    fill(0, 10_000);
    expect(table.rows).toBe(10_000);
    for (let key = 0; key < 10_000; key += 1) {
      expect(table.contentAt(table.find(key * 7919, key * 104_729))).toBe(key);
    }
    expect(table.bytes).toBeLessThanOrEqual(16_384 * (ROW_BYTES + PLACE_BYTES));
  });

  it('drops rows that have expired before it grows', () => {
    const { time, table, fill } = given();
    fill(0, 10_000);
    const { bytes } = table;
    time.now = NOW + EXPIRE + 1;
    fill(10_000, 20_000, time.now);
    expect(table.bytes).toBe(bytes);
    expect(table.rows).toBeLessThan(20_000);
    expect(table.digest(time.now).rows).toBe(10_000);
  });

  it('rows that never expire stay', () => {
    const { time, table, fill } = given();
    table.expire = 0;
    fill(0, 1000, 1);
    time.now = NOW * 2;
    fill(1000, 3000, time.now);
    expect([table.rows, table.digest(time.now).rows]).toEqual([3000, 3000]);
  });

  it('passes on what there is no room for, until rows have expired', () => {
    const { time, table, mirror, fill } = given(100);
    fill(0, 100);
    expect(table.take(1, 1, NOW, 1)).toBe('unmirrored');
    expect(mirror.table('other').take(1, 1, NOW, 1)).toBe('unmirrored');
    time.now = NOW + EXPIRE + 1;
    expect(table.take(1, 1, time.now, 1)).toBe('newer');
    expect(table.rows).toBe(1);
    expect(mirror.table('other').take(1, 1, time.now, 1)).toBe('newer');
  });

  it('what is forgotten makes room for others', () => {
    const { mirror, table, fill } = given(100);
    fill(0, 100);
    const full = mirror.bytes;
    mirror.forget();
    expect([table.rows, table.find(0, 0)]).toEqual([0, -1]);
    expect(mirror.bytes).toBeLessThan(full);
    expect(table.expire).toBe(EXPIRE);
    fill(0, 100);
    mirror.forgetTable('app');
    mirror.forgetTable('app');
    expect(mirror.table('app')).not.toBe(table);
    expect(mirror.table('app').take(1, 1, NOW, 1)).toBe('newer');
  });
});

describe('the versions of a mirror', () => {
  it('are put right by whole steps where its clock was behind', () => {
    const { mirror, table, fill } = given();
    fill(0, 3);
    mirror.shift(1000.3);
    const versions = [0, 1, 2].map((key) => table.versionAt(table.find(key * 7919, key * 104_729)));
    const [shifted = 0] = versions;
    expect(versions).toEqual([shifted, shifted, shifted]);
    expect(shifted).toBeGreaterThan(NOW + 1000.2);
    expect((shifted - NOW) * 1024).toBe(Math.floor(1000.3 * 1024));
    expect(table.rows).toBe(3);
  });
});

describe('the digest of a table', () => {
  it('is the same in whatever order rows came, and how large the table is', () => {
    const [one, other] = [given(), given()];
    one.fill(0, 500);
    other.fill(300, 500);
    other.fill(0, 300);
    other.fill(1000, 2000, NOW - EXPIRE);
    expect(other.table.digest(NOW)).toEqual(one.table.digest(NOW));
    expect(one.table.digest(NOW)).toMatchObject({ rows: 500 });
  });

  it('is another with other content, another key, or a row less', () => {
    const { table, fill } = given();
    fill(0, 500);
    const before = table.digest(NOW);
    table.take(0, 0, NOW + 1, 77);
    const changed = table.digest(NOW);
    expect(changed).not.toEqual(before);
    table.take(0, 0, NOW + 2, 0);
    expect(table.digest(NOW)).toEqual(before);
    expect(table.digest(NOW + EXPIRE + 1)).toMatchObject({ rows: 1 });
    expect(table.digest(NOW + EXPIRE + 2)).toEqual({ rows: 0, high: 0, low: 0 });
  });

  it('all 64 bits of a sum of many rows are used', () => {
    const { table, fill } = given();
    fill(0, 5000);
    const { high, low } = table.digest(NOW);
    expect([high, low].every((half) => half === half >>> 0 && half > 2 ** 20)).toBe(true);
  });
});

describe('an audit of a table', () => {
  it('counts the living rows that were neither seen nor taken, however the table grew', () => {
    const { time, table, fill } = given();
    fill(0, 30);
    fill(30, 40, NOW - EXPIRE + 10);
    table.beginAudit();
    for (let key = 0; key < 20; key += 1) {
      table.see(table.find(key * 7919, key * 104_729));
    }
    fill(100, 400);
    time.now = NOW + 20;
    expect([0, 25].map((key) => table.isSeen(table.find(key * 7919, key * 104_729)))).toEqual([
      true,
      false,
    ]);
    expect(table.endAudit(time.now, 'count')).toBe(10);
    expect(table.endAudit(time.now, 'count')).toBe(0);
    expect(table.rows).toBeGreaterThan(329);
  });

  it('may forget them', () => {
    const { table, fill } = given();
    fill(0, 30);
    table.beginAudit();
    table.see(table.find(0, 0));
    expect(table.endAudit(NOW, 'forget')).toBe(29);
    expect([table.rows, table.digest(NOW).rows, table.find(7919, 104_729)]).toEqual([1, 1, -1]);
  });
});
