/** Versions of rows: one order for both nodes. */
import { describe, expect, it } from 'vitest';
import { instant } from '../../../src/base/time.js';
import { RowClock } from '../../../src/tables/row-clock.js';
import { HandClock } from '../engine/fakes.js';

function given(own = 'lb1', peer = 'lb2') {
  const clock = new HandClock();
  return { clock, rows: new RowClock({ own, peer }, clock) };
}

describe('the clock of versions', () => {
  it('reads the wall clock, and runs with the monotonic one', () => {
    const { clock, rows } = given();
    const before = rows.now();
    expect(before).toBe(clock.wallTime());
    clock.time = instant(clock.time + 1500);
    expect(rows.now() - before).toBe(1500);
  });

  it('stamps are greater each time, and a million a second do not drive it ahead', () => {
    const { rows } = given();
    const now = rows.now();
    let last = 0;
    for (let count = 0; count < 1000; count += 1) {
      const stamp = rows.stamp(now);
      expect(stamp).toBeGreaterThan(last);
      last = stamp;
    }
    expect(last - now).toBeLessThan(1);
  });

  it('of two nodes that stamp at one moment the smaller name wins', () => {
    const [one, other] = [given('lb1', 'lb2').rows, given('lb2', 'lb1').rows];
    const now = one.now();
    expect(one.stamp(now)).toBeGreaterThan(other.stamp(now));
    expect(one.stamp(now)).toBeLessThan(other.stamp(now) + 1);
    expect(one.at(now - 1000)).toBeGreaterThan(other.at(now - 1000));
    expect(one.at(-5)).toBeGreaterThan(other.at(-7));
    expect(other.at(-7)).toBe(1);
  });

  it('what it stamps is greater than what it heard of, and than what was taught as of now', () => {
    const { rows } = given();
    const now = rows.now();
    rows.hearVersion(now + 3.25);
    expect(rows.stamp(now)).toBeGreaterThan(now + 3.25);
    const taught = rows.at(now + 10);
    expect(rows.stamp(now)).toBeGreaterThan(taught);
  });

  it('is never behind what the other node has read', () => {
    const { clock, rows } = given();
    rows.hear(rows.now() - 5000);
    expect(rows.now()).toBe(clock.wallTime());
    rows.hear(rows.now() + 5000);
    expect(rows.now()).toBe(clock.wallTime() + 5000);
    expect([rows.takeJump(), rows.takeJump()]).toEqual([5000, 0]);
  });
});
