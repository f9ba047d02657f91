import fc from 'fast-check';
import { expect, it } from 'vitest';
import { instant, millis } from '../../../src/base/time.js';
import { afterAnnouncement, planAnnouncements } from '../../../src/core/announce-plan.js';
import type { AnnounceParams } from '../../../src/core/announce-plan.js';

const PARAMS: AnnounceParams = {
  burst: 3,
  burstAgainAfter: millis(5000),
  refreshEvery: millis(60_000),
};

/** When each of the first announcements is made, if every one is made on time. */
function instants(params: AnnounceParams, count: number): readonly number[] {
  const made: number[] = [];
  let plan = planAnnouncements(instant(0));
  for (let index = 0; index < count; index += 1) {
    made.push(plan.nextAt);
    plan = afterAnnouncement(plan, params, plan.nextAt);
  }
  return made;
}

it('a new plan begins when it is told to', () => {
  expect(planAnnouncements(instant(7))).toEqual({ phase: 'first-burst', sent: 0, nextAt: 7 });
});

it('a burst, a second burst, then a slow refresh for good', () => {
  expect(instants(PARAMS, 9)).toEqual([0, 10, 20, 5020, 5030, 5040, 65_040, 125_040, 185_040]);
});

it('a burst of one is one announcement', () => {
  expect(instants({ ...PARAMS, burst: 1 }, 4)).toEqual([0, 5000, 65_000, 125_000]);
});

it('an announcement made late puts the next one off: never two at once', () => {
  const late = afterAnnouncement(planAnnouncements(instant(0)), PARAMS, instant(400));
  expect(late).toEqual({ phase: 'first-burst', sent: 1, nextAt: 410 });
});

it('the next announcement is always ahead, whatever came before', () => {
  const plans = fc.record({
    phase: fc.constantFrom('first-burst' as const, 'second-burst' as const, 'refresh' as const),
    sent: fc.nat(30),
    nextAt: fc.nat().map(instant),
  });
  const params = fc.record({
    burst: fc.integer({ min: 1, max: 20 }),
    burstAgainAfter: fc.integer({ min: 1, max: 60_000 }).map(millis),
    refreshEvery: fc.integer({ min: 1, max: 600_000 }).map(millis),
  });
  fc.assert(
    fc.property(plans, params, fc.nat().map(instant), (plan, each, now) => {
      expect(afterAnnouncement(plan, each, now).nextAt).toBeGreaterThan(now);
    }),
  );
});
