import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeDrillReport, encodeDrillReport } from '../../../src/drill/report-file.js';
import { FAILED, PASSED, STOPPED } from './sample-reports.js';

describe('a report that is kept', () => {
  it.each([PASSED, FAILED, STOPPED])('$verdict is read as it was written', (report) => {
    expect(decodeDrillReport(encodeDrillReport(report))).toEqual({ ok: true, value: report });
  });

  it.each([
    ['', 'damaged: it is no JSON'],
    ['null', 'damaged: it is no report of a drill'],
    ['[]', 'damaged: it is no report of a drill'],
    ['{"version":"1"}', 'damaged: it is no report of a drill'],
    ['{"version":7}', 'of version 7, and this vipair reads version 1'],
    ['{"version":1}', 'damaged: its id makes no sense'],
  ])('%j is none', (text, error) => {
    expect(decodeDrillReport(text)).toEqual({ ok: false, error });
  });

  it('each part is looked at', () => {
    for (const name of Object.keys(PASSED)) {
      const text = JSON.stringify({ ...PASSED, [name]: { a: [null] } });
      const isRecord = name === 'figures' || name === 'limits';
      expect([name, decodeDrillReport(text).ok]).toEqual([name, isRecord]);
    }
  });

  it.each([
    { ...PASSED, figures: { ...PASSED.figures, gapMs: '1' } },
    { ...PASSED, audits: [{ name: 'x', outcome: 'perfect', detail: '' }] },
    { ...PASSED, timeline: [{ ...PASSED.timeline[0], phase: 'toString' }] },
    { ...PASSED, plot: [{ ...PASSED.plot[0], failed: null }] },
    { ...PASSED, startedAt: 1e16 },
    { ...PASSED, notes: Array.from({ length: 10_001 }, () => '') },
  ])('so are the parts of its parts', (report) => {
    expect(decodeDrillReport(JSON.stringify(report)).ok).toBe(false);
  });

  it('nothing of it tells a terminal what to do', () => {
    const read = decodeDrillReport(
      JSON.stringify({ ...PASSED, notes: ['\u001B[2Jgone\u009B1m\nnext\uD800'] }),
    );
    expect(read.ok ? read.value.notes : []).toEqual(['\u{FFFD}[2Jgone\u{FFFD}1m next\u{FFFD}']);
  });

  it('noise is refused, not fatal', () => {
    fc.assert(
      fc.property(fc.nat(), fc.string({ maxLength: 3 }), (place, noise) => {
        const text = encodeDrillReport(FAILED);
        const at = place % text.length;
        decodeDrillReport(text.slice(0, at) + noise + text.slice(at + noise.length));
      }),
    );
  });
});
