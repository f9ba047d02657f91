/** What an attached prober tells, and what its clock is worth. */
import { describe, expect, it } from 'vitest';
import { instant, wallTime } from '../../../src/base/time.js';
import {
  askClock,
  FRESH_PROBER,
  hearProber,
  ownTime,
  proberInstant,
} from '../../../src/drill/attached-prober.js';
import type { AttachedProber } from '../../../src/drill/attached-prober.js';

/** Asks at `sent`, and hears at `heard` that it was `at` there; its wall clock says `wall`. */
function asked(
  prober: AttachedProber,
  { sent, heard, at, wall }: Readonly<Record<'sent' | 'heard' | 'at' | 'wall', number>>,
): AttachedProber {
  const question = askClock(prober, wallTime(sent));
  const id = Number(question.line.split(' ')[1]);
  const line = JSON.stringify({ kind: 'clock', id, at, wall });
  return hearProber(question.prober, line, wallTime(heard));
}

describe("a prober's clock", () => {
  it('is known to half a round trip, and the step of a wall clock', () => {
    const { clock } = asked(FRESH_PROBER, { sent: 10_000, heard: 10_020, at: 500, wall: 10_350 });
    expect(clock).toEqual({ origin: 9_510, within: 11, ahead: 340 });
  });

  it('is that of the shortest round trip', () => {
    const slow = asked(FRESH_PROBER, { sent: 10_000, heard: 10_100, at: 500, wall: 10_040 });
    const quick = asked(slow, { sent: 11_000, heard: 11_002, at: 1_501, wall: 11_000 });
    const slower = asked(quick, { sent: 12_000, heard: 12_050, at: 2_400, wall: 12_000 });
    expect(slow.clock).toMatchObject({ origin: 9_550, within: 51 });
    expect(quick.clock).toEqual({ origin: 9_500, within: 2, ahead: -1 });
    expect(slower.clock).toEqual(quick.clock);
  });

  it('is not known from an answer that came before its question: our clock was set back', () => {
    expect(
      asked(FRESH_PROBER, { sent: 10_000, heard: 9_000, at: 500, wall: 9_500 }).clock,
    ).toBeUndefined();
  });

  it('makes times of ours of its instants, and back', () => {
    const { clock } = asked(FRESH_PROBER, { sent: 10_000, heard: 10_000, at: 500, wall: 10_000 });
    expect(ownTime(clock!, instant(700))).toBe(10_200);
    expect(proberInstant(clock!, wallTime(10_200))).toBe(700);
  });

  it('an answer that nobody asked for, or asked for twice, is passed over', () => {
    const line = JSON.stringify({ kind: 'clock', id: 1, at: 500, wall: 10_000 });
    expect(hearProber(FRESH_PROBER, line, wallTime(10_000))).toBe(FRESH_PROBER);
    const once = asked(FRESH_PROBER, { sent: 10_000, heard: 10_010, at: 500, wall: 10_000 });
    expect(hearProber(once, line, wallTime(10_000))).toBe(once);
  });

  it('the oldest questions are forgotten where none is answered', () => {
    let prober = FRESH_PROBER;
    for (let question = 0; question < 100; question += 1) {
      ({ prober } = askClock(prober, wallTime(question)));
    }
    expect([...prober.asked.keys()]).toEqual(
      Array.from({ length: 64 }, (_each, index) => 37 + index),
    );
  });
});

describe('what it tells', () => {
  const STARTED = {
    ...{ kind: 'started', version: 1, target: '10.77.0.100:80', every: 5, lasting: 1_000 },
    ...{ at: 1, wall: 1 },
  };

  it('is kept, the latest of each kind', () => {
    const progress = {
      ...{ kind: 'progress', at: 9, launched: 2, failed: 1, streamsBroken: 0 },
      ...{ longestGap: 5, gap: 5, silence: 6 },
    };
    const probe = {
      ...{ outcomes: [], names: [], samples: [], streamBreaks: [], startedAt: 1, endedAt: 2 },
      ...{ every: 5, target: '10.77.0.100:80', worstLateness: 0, streamsOpened: 0 },
    };
    const told = [
      STARTED,
      progress,
      { ...progress, launched: 3 },
      { kind: 'report', wall: 1, probe },
    ];
    const prober = told
      .map((line) => JSON.stringify(line))
      .reduce((heard, line) => hearProber(heard, line, wallTime(1)), FRESH_PROBER);
    expect(prober.started).toEqual(STARTED);
    expect(prober.progress?.launched).toBe(3);
    expect(prober.report?.probe.samples).toEqual([]);
    expect(prober.problems).toEqual([]);
  });

  it('a greeting of the shell is passed over', () => {
    expect(hearProber(FRESH_PROBER, 'Last login: today', wallTime(1))).toBe(FRESH_PROBER);
  });

  it('a prober of another version has not begun, and the sentence says what to do', () => {
    const heard = hearProber(FRESH_PROBER, JSON.stringify({ ...STARTED, version: 2 }), wallTime(1));
    expect(heard.started).toBeUndefined();
    expect(heard.problems).toEqual([
      'the prober speaks version 2, and this vipair version 1: install the same release on both machines',
    ]);
  });

  it('of its problems the last are kept', () => {
    let prober = FRESH_PROBER;
    for (let number = 1; number <= 30; number += 1) {
      const line = JSON.stringify({ kind: 'failed', problem: String(number) });
      prober = hearProber(prober, line, wallTime(1));
    }
    expect(prober.problems).toHaveLength(20);
    expect(prober.problems.at(-1)).toBe('30');
  });
});
