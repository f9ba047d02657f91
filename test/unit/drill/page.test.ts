/** The page of one drill or of a suite: whole, of text alone, and dependent on nothing. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pageOf } from '../../../src/drill/render/page.js';
import { decadesAround, placeOn, placeOnLog, ticksOf } from '../../../src/drill/render/scale.js';
import type { DrillReport } from '../../../src/telemetry/drill.js';
import { FAILED, PASSED, STOPPED } from './sample-reports.js';

const MADE = { title: undefined, madeAt: Date.UTC(2026, 2, 2, 4, 20) };
/** Without an end in HTML. */
const VOID = new Set(['!doctype', 'meta']);

/** Each element that begins ends, in the right order; returns the names that were met. */
function balanced(page: string): ReadonlySet<string> {
  const body = page.replace(/<style>[^<]*<\/style>/u, '');
  const open: string[] = [];
  const names = new Set<string>();
  for (const [, slash, name = ''] of body.matchAll(/<(\/?)([!\w]+)(?: [^<>]*)?>/gu)) {
    names.add(name);
    if (slash === '/') {
      expect(open.pop()).toBe(name);
    } else if (!VOID.has(name)) {
      open.push(name);
    }
  }
  expect(open).toEqual([]);
  expect(body.replaceAll(/<\/?[!\w]+(?: [^<>]*)?>/gu, '')).not.toMatch(/[<>]/u);
  return names;
}

describe('a page', () => {
  it.each<[string, readonly DrillReport[], string | undefined]>([
    ['of one drill', [PASSED], undefined],
    ['of one that missed', [FAILED], undefined],
    ['of one that nobody measured', [STOPPED], undefined],
    ['of a suite', [PASSED, FAILED, STOPPED], 'weekly'],
    ['of no drill', [], 'weekly'],
  ])('%s is whole, and asks for nothing', (_what, reports, title) => {
    const page = pageOf(reports, { ...MADE, title });
    const names = balanced(page);
    for (const name of ['script', 'link', 'img', 'iframe', 'object', 'foreignObject']) {
      expect(names).not.toContain(name);
    }
    expect(page).not.toMatch(/(?:href|src)="(?!#)/u);
    expect(page).not.toMatch(/url\(|@import|https?:\/\//u);
    expect(page).toContain("default-src 'none'".replaceAll("'", '&#39;'));
  });

  it('says what the drill came to', () => {
    const page = pageOf([FAILED], MADE);
    for (const words of [
      ...['✗ failed', 'vrrp-filtered on lb1', '1.24 s', 'at most 600 ms', '✗ exceeded'],
      ...['? not known whether kept', 'Two owners for 812 ms: &#60;lb1&#62; &#38; &#34;lb2&#34;'],
      ...['It ran on lb2 itself', 'lb1 does not answer'],
    ]) {
      expect(page).toContain(words);
    }
  });

  it('shows no drawing where there is nothing to draw', () => {
    expect(pageOf([STOPPED], MADE)).not.toContain('<svg');
  });

  it('links each row of a suite to its drill', () => {
    const page = pageOf([PASSED, FAILED], { ...MADE, title: 'weekly' });
    expect(page).toContain('href="#drill-2"');
    expect(page).toContain('id="drill-2"');
    expect(page).toContain('2 drills: 1 passed, 1 failed.');
  });

  it('whatever stands in a report is text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (words) => {
        const evil = `${words}</style><script>alert(1)</script>" onload="x' <`;
        const page = pageOf(
          [
            {
              ...PASSED,
              ...{ drill: evil, summary: evil, target: evil, nodes: [evil, 'lb2'], why: [evil] },
              ...{ acts: [evil], expected: evil, notes: [evil], release: evil, id: evil },
              audits: [{ name: evil, outcome: 'failed', detail: evil }],
              timeline: PASSED.timeline.map((each) => ({ ...each, text: evil, node: evil })),
              plot: PASSED.plot.map((each) => ({ ...each, node: evil })),
            },
          ],
          { ...MADE, title: evil },
        );
        expect(balanced(page)).not.toContain('script');
      }),
      { numRuns: 5 },
    );
  });

  it('figures of any size are drawn within the page', () => {
    const size = fc.oneof(fc.constant(0), fc.double({ min: 1e-9, max: 1e12, noNaN: true }));
    fc.assert(
      fc.property(fc.array(fc.tuple(size, size), { maxLength: 20 }), (stretches) => {
        const plot = stretches.map(([medianMs, slowestMs], index) => ({
          ...{ atMs: index * 10, requests: 0, failed: index % 2, medianMs, slowestMs, node: 'lb1' },
        }));
        const timeline = stretches.map(([atMs]) => ({ ...PASSED.timeline[2]!, atMs }));
        const page = pageOf([{ ...PASSED, plot, timeline }], MADE);
        expect(page).not.toMatch(/NaN|Infinity|undefined/u);
      }),
    );
  });
});

describe('places on a drawing', () => {
  const scale = { from: 0, to: 100, start: 10, end: 20 };

  it.each([
    [0, 10],
    [50, 15],
    [100, 20],
    [-5, 10],
    [500, 20],
  ])('%d is at %d', (value, place) => {
    expect(placeOn(scale, value)).toBe(place);
  });

  it('a scale of one value has one place', () => {
    expect(placeOn({ ...scale, to: 0 }, 0)).toBe(10);
  });

  it.each([
    [1, 10],
    [10, 15],
    [100, 20],
    [0, 10],
  ])('on a logarithmic scale %d is at %d', (value, place) => {
    expect(placeOnLog({ ...scale, from: 1 }, value)).toBe(place);
  });

  it.each([
    [0, 315, 6, [0, 100, 200, 300]],
    [-5_000, 13_000, 9, [-4_000, -2_000, 0, 2_000, 4_000, 6_000, 8_000, 10_000, 12_000]],
    [0, 0.4, 4, [0, 0.1, 0.2, 0.3, 0.4]],
    [5, 5, 4, [5]],
  ])('from %d to %d about %d round values are marked', (from, to, count, ticks) => {
    expect(ticksOf({ from, to }, count)).toEqual(ticks);
  });

  it.each([
    [[1.2, 48], 1, 100],
    [[10], 10, 100],
    [[], 1, 10],
    [[0], 1, 10],
    [[0.02, 900], 0.01, 1_000],
  ])('%j lie between powers of ten', (values, from, to) => {
    expect(decadesAround(values)).toEqual({ from, to });
  });
});
