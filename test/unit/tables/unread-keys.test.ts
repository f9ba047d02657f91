/** Which keys have rows that HAProxy may not have read. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OutgoingTable } from '../../../src/tables/session-tables.js';
import { TABLE } from '../wire/peers/given-peers.js';

describe('keys that HAProxy may not have read', () => {
  it('are at least those that were handed over and are not acknowledged', () => {
    const anyStep = fc.oneof(
      fc.record({ key: fc.integer({ min: 0, max: 0xffff_ffff }) }),
      fc.record({ read: fc.integer({ min: 0, max: 5 }) }),
    );
    fc.assert(
      fc.property(fc.array(anyStep), (steps) => {
        const table = new OutgoingTable(TABLE);
        const unread: number[] = [];
        let read = 0;
        for (const step of steps) {
          if ('key' in step) {
            table.next();
            table.handed(step.key);
            unread.push(step.key);
          } else {
            read += unread.splice(0, step.read).length;
            table.heardAcknowledgement(read);
          }
          expect(unread.filter((key) => !table.isUnread(key))).toEqual([]);
        }
      }),
    );
  });

  it('are none where all is acknowledged, or nothing was handed over', () => {
    const table = new OutgoingTable(TABLE);
    expect(table.isUnread(5)).toBe(false);
    table.next();
    expect(table.isUnread(5)).toBe(false);
    table.handed(5);
    expect([table.isUnread(5), table.isUnread(6)]).toEqual([true, false]);
    table.heardAcknowledgement(1);
    expect(table.isUnread(5)).toBe(false);
  });
});
