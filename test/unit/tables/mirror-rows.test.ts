/** Rows by the hash of their key, compared with a map of objects. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MirrorRows } from '../../../src/tables/mirror-rows.js';

const MANY = 20_000;

function given(count: number): MirrorRows {
  const rows = new MirrorRows();
  for (let key = 0; key < count; key += 1) {
    if (rows.isFull) {
      rows.keep(() => true);
    }
    rows.add(hash(key), key, key + 1, key ^ 5);
  }
  return rows;
}

/** Some keys have only a few bits that differ. */
function hash(key: number): number {
  return Math.imul(key % 1000, 0x9e3779b1) >>> 0;
}

describe('rows of a mirror', () => {
  it('are found, whatever was dropped, and give their room back', () => {
    const rows = given(MANY);
    const { bytes } = rows;
    rows.mark(rows.find(hash(7), 7), 3);
    rows.keep((row) => rows.lowAt(row) % 7 === 0);
    expect(rows.count).toBe(Math.ceil(MANY / 7));
    for (let key = 0; key < MANY; key += 1) {
      const row = rows.find(hash(key), key);
      expect(row >= 0).toBe(key % 7 === 0);
      if (row >= 0) {
        expect([rows.versionAt(row), rows.contentAt(row), rows.highAt(row)]).toEqual([
          key + 1,
          key ^ 5,
          hash(key),
        ]);
      }
    }
    expect([rows.markAt(rows.find(hash(7), 7)), rows.markAt(0)]).toEqual([3, 0]);
    expect(rows.bytes).toBeLessThan(bytes / 2);
    rows.clear();
    expect([rows.count, rows.find(hash(7), 7)]).toEqual([0, -1]);
    expect(rows.bytes).toBe(new MirrorRows().bytes);
  });

  it('are told apart by all bits of both halves', () => {
    const key = fc.tuple(fc.constantFrom(0, 1, 2 ** 22, 2 ** 23, 2 ** 32 - 1), fc.nat(3));
    fc.assert(
      fc.property(fc.array(key, { maxLength: 40 }), (keys) => {
        const rows = new MirrorRows();
        const known = new Map<string, number>();
        keys.forEach(([high, low], index) => {
          const row = rows.find(high, 64 * low);
          expect(row).toBe(known.get(`${String(high)} ${String(low)}`) ?? -1);
          if (row < 0) {
            known.set(`${String(high)} ${String(low)}`, rows.add(high, 64 * low, index + 1, index));
          }
        });
        expect(rows.count).toBe(known.size);
      }),
    );
  });
});
