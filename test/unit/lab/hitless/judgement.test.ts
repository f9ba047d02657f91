import { describe, expect, it } from 'vitest';
import { instant, millis } from '../../../../src/base/time.js';
import type { HeldStream } from '../../../../src/lab/hitless/holding.js';
import { decodeHold } from '../../../../src/lab/hitless/holding.js';
import type { HitlessMeasured } from '../../../../src/lab/hitless/judgement.js';
import { judgeHitless } from '../../../../src/lab/hitless/judgement.js';
import { HELD_KINDS } from '../../../../src/lab/hitless/held-streams.js';
import type { ProbeSample } from '../../../../src/prober/sample.js';

const STREAMS: readonly HeldStream[] = HELD_KINDS.map((kind) => ({
  ...{ kind, exchanges: 10, bytes: 100, corrupt: 0, breaks: [] },
  waits: [
    [instant(900), 11],
    [instant(1_040), 45],
    [instant(9_000), 900],
  ],
}));
const sample = (at: number, changed: Partial<ProbeSample> = {}): ProbeSample => ({
  ...{ launchedAt: instant(at), endedAt: instant(at + 2), outcome: 'answered' },
  ...{ node: 'lb2', server: undefined },
  ...changed,
});
const MEASURED: HitlessMeasured = {
  replaced: [],
  ...{
    engine: 'vipair',
    rounds: 1,
    moves: [{ at: instant(1_000), doneAt: instant(1_030), to: 'lb2' }],
    held: { streams: STREAMS },
  },
  probed: {
    ...{ target: '', every: millis(10), startedAt: instant(990), endedAt: instant(10_000) },
    samples: [990, 1_000, 1_010, 1_023, 1_030, 1_040].map((at) => sample(at)),
    ...{ worstLateness: millis(0), streamsOpened: 0, streamBreaks: [] },
  },
};

function withSamples(...samples: readonly ProbeSample[]): HitlessMeasured {
  return { ...MEASURED, probed: { ...MEASURED.probed, samples } };
}

/** One stream otherwise. */
function withStream(changed: Partial<HeldStream>): HitlessMeasured {
  const streams = STREAMS.map((each, at) => (at === 0 ? { ...each, ...changed } : each));
  return { ...MEASURED, held: { streams } };
}

describe('planned moves under clients', () => {
  it('are as expected where nothing broke, and only what was waited for around them counts', () => {
    const seen = judgeHitless(MEASURED);
    expect(seen).toMatchObject({ verdict: 'as expected', wrong: [] });
    expect(seen.kinds[0]).toMatchObject({
      kind: 'download',
      streams: 1,
      gap: { p50: 45, max: 45 },
    });
    expect(seen.connections).toMatchObject({
      ...{ opened: 6, failed: 0, elsewhere: 0, asked: 100, made: 100 },
      late: { p50: 0, p99: 3, max: 3 },
    });
  });

  it.each<[string, HitlessMeasured, string, 'shown' | 'judged']>([
    [
      'a stream broke',
      withStream({ breaks: [{ at: instant(1_001), why: 'ECONNRESET' }] }),
      '1 of download broken: ECONNRESET',
      'shown',
    ],
    ['bytes were wrong', withStream({ corrupt: 3 }), '3 bytes of download corrupt', 'judged'],
    [
      'nothing was exchanged',
      withStream({ exchanges: 0 }),
      'nothing was exchanged by download',
      'judged',
    ],
    [
      'a connection failed',
      withSamples(sample(1_001, { outcome: 'reset' }), sample(1_005)),
      '1 new connections failed: {"reset in second 0":1}',
      'shown',
    ],
    [
      'fewer connections were made than asked for',
      withSamples(...[990, 1_000, 1_021, 1_031].map((at) => sample(at))),
      '73.2 new connections a second of 100',
      'judged',
    ],
    [
      'some could not be made',
      withSamples(
        sample(990),
        sample(1_000, { outcome: 'unlaunched', node: undefined }),
        sample(1_010),
      ),
      '50 new connections a second of 100',
      'judged',
    ],
    [
      'the former owner still answered new ones a second later',
      withSamples(sample(2_029, { node: 'lb1' }), sample(2_031, { node: 'lb1' }), sample(2_040)),
      '1 new connections were answered by the former owner',
      'shown',
    ],
    [
      'HAProxy was replaced',
      { ...MEASURED, replaced: ['lb2'] },
      'HAProxy on lb2 is not the one that it was',
      'shown',
    ],
    ['it was interrupted', { ...MEASURED, rounds: 2 }, '1 of 2 moves', 'judged'],
  ])('are not where %s', (_what, measured, wrong, ofTheRival) => {
    expect(judgeHitless(measured)).toMatchObject({ verdict: 'not as expected', wrong: [wrong] });
    // What keepalived breaks is no surprise; what the lab itself does wrong is one with either.
    const rival = judgeHitless({ ...measured, engine: 'keepalived' });
    expect(rival.wrong).toEqual(ofTheRival === 'judged' ? [wrong] : []);
  });
});

it.each([
  ['{"streams":[]}', true],
  ['{}', false],
  ['half a rep', false],
])('a report is read where it is one: %s', (text, isOne) => {
  expect(decodeHold(text).ok).toBe(isOne);
});
