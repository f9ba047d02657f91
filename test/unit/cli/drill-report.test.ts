/** A report as a terminal shows it; the golden text is looked at when it changes. */
import { describe, expect, it } from 'vitest';
import { renderReport } from '../../../src/cli/drill/report-text.js';
import { wrapped } from '../../../src/cli/drill/wrapped.js';
import { FAILED, PASSED, STOPPED } from '../drill/sample-reports.js';

describe('a report on a terminal', () => {
  it.each([PASSED, FAILED, STOPPED])('$verdict', async (report) => {
    const text = renderReport(report);
    await expect(`${text}\n`).toMatchFileSnapshot(`../drill/golden/${report.verdict}.txt`);
    expect(text.split('\n').filter((line) => line.length > 96)).toEqual([]);
  });

  it('shows so many moments and says that there are more', () => {
    const timeline = Array.from({ length: 100 }, (_each, index) => ({
      ...({ atMs: index, source: 'history', node: 'lb1', phase: undefined } as const),
      text: 'something',
    }));
    expect(renderReport({ ...PASSED, timeline })).toContain('… and 40 moments more');
  });
});

describe('a sentence in lines', () => {
  it.each([
    ['one two three', 7, 0, 'one two\nthree'],
    ['one two three', 9, 2, 'one two\n  three'],
    ['incomprehensibilities of it', 5, 0, 'incomprehensibilities\nof it'],
    ['', 5, 0, ''],
  ])('%j in %d', (text, width, indent, lines) => {
    expect(wrapped(text, width, indent)).toBe(lines);
  });
});
