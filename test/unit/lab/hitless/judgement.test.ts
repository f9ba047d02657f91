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
const sample = (at: number, outcome: ProbeSample['outcome'] = 'answered'): ProbeSample => ({
  ...{ launchedAt: instant(at), endedAt: instant(at + 2), outcome },
  ...{ node: undefined, server: undefined },
});
const MEASURED: HitlessMeasured = {
  ...{ engine: 'vipair', rounds: 1, moves: [instant(1_000)], held: { streams: STREAMS } },
  probed: {
    ...{ target: '', every: millis(1), startedAt: instant(0), endedAt: instant(10_000) },
    samples: [sample(990), sample(1_000), sample(1_030), sample(1_040)],
    ...{ worstLateness: millis(0), streamsOpened: 0, streamBreaks: [] },
  },
};

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
    expect(seen.connections).toMatchObject({ opened: 4, failed: 0 });
  });

  it.each<[string, HitlessMeasured, string]>([
    [
      'a stream broke',
      withStream({ breaks: [{ at: instant(1_001), why: 'ECONNRESET' }] }),
      '1 of download broken: ECONNRESET',
    ],
    ['bytes were wrong', withStream({ corrupt: 3 }), '3 bytes of download corrupt'],
    ['nothing was exchanged', withStream({ exchanges: 0 }), 'nothing was exchanged by download'],
    [
      'a connection failed',
      {
        ...MEASURED,
        probed: { ...MEASURED.probed, samples: [sample(1_001, 'reset'), sample(1_005)] },
      },
      '1 new connections failed: {"reset in second 1":1}',
    ],
    ['it was interrupted', { ...MEASURED, rounds: 2 }, '1 of 2 moves'],
  ])('are not where %s, unless keepalived makes them', (_what, measured, wrong) => {
    expect(judgeHitless(measured)).toMatchObject({ verdict: 'not as expected', wrong: [wrong] });
    expect(judgeHitless({ ...measured, engine: 'keepalived' }).verdict).toBe('as expected');
  });
});

it.each([
  ['{"streams":[]}', true],
  ['{}', false],
  ['half a rep', false],
])('a report is read where it is one: %s', (text, isOne) => {
  expect(decodeHold(text).ok).toBe(isOne);
});
