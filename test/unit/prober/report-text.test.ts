/** The prober's report read back, the watch's too, and other text refused. */
import { describe, expect, it } from 'vitest';
import { instant, millis } from '../../../src/base/time.js';
import { decodeReport, encodeReport } from '../../../src/prober/report-text.js';
import type { ProbeReport } from '../../../src/prober/sample.js';
import { decodeWatch, encodeWatch } from '../../../src/prober/watch-text.js';

const REPORT: ProbeReport = {
  target: '10.77.0.100:80',
  every: millis(5),
  startedAt: instant(1000),
  endedAt: instant(1020),
  samples: [
    {
      launchedAt: instant(1000.5),
      endedAt: instant(1001.25),
      outcome: 'answered',
      node: 'lb1',
      server: 'web2',
    },
    {
      launchedAt: instant(1005),
      endedAt: instant(1006),
      outcome: 'refused',
      node: undefined,
      server: undefined,
    },
  ],
  worstLateness: millis(0.5),
  streamsOpened: 1,
  streamBreaks: [
    {
      openedAt: instant(1000),
      brokenAt: instant(1004),
      how: 'reset',
      node: 'lb1',
      server: 'web1',
    },
  ],
};

describe('a report as text', () => {
  it('reads back what it wrote', () => {
    expect(decodeReport(encodeReport(REPORT))).toEqual({ ok: true, value: REPORT });
  });

  it('reads back a report without samples', () => {
    const empty = { ...REPORT, samples: [], streamBreaks: [] };
    expect(decodeReport(encodeReport(empty))).toEqual({ ok: true, value: empty });
  });

  it.each(['', 'null', '[]', '{"samples":[]}', encodeReport(REPORT).slice(0, -1)])(
    'refuses %j',
    (text) => {
      expect(decodeReport(text)).toMatchObject({ ok: false, error: { code: 'not-a-report' } });
    },
  );
});

describe('a watch as text', () => {
  const watch = {
    every: millis(2),
    startedAt: instant(1),
    endedAt: instant(5),
    asks: [instant(1), instant(3)],
    answers: [{ at: instant(1.5), hardwareAddress: '02:77:00:00:00:02' }],
  };

  it('reads back what it wrote', () => {
    expect(decodeWatch(encodeWatch(watch))).toEqual({ ok: true, value: watch });
  });

  it.each(['', 'null', '{"asks":[]}'])('refuses %j', (text) => {
    expect(decodeWatch(text)).toMatchObject({ ok: false, error: { code: 'not-a-watch-report' } });
  });
});
