/** Reports of drills as one page that needs nothing else: for a mail, for an archive, for an auditor. */
import type { DrillReport } from '../../telemetry/drill.js';
import type { Markup } from './markup.js';
import { element, joinedMarkup, opening, text } from './markup.js';
import { badge, drillSection } from './page-drill.js';
import { pageStyle } from './page-style.js';
import type { HeadCell } from './page-table.js';
import { pageTable } from './page-table.js';
import { durationText, figureRows, wallText } from './words.js';

export interface PageTitle {
  /** Such as the name of a suite; undefined: the drill's own. */
  readonly title: string | undefined;
  /** When the page is made, in Unix milliseconds. */
  readonly madeAt: number;
}

/** One report, or those of a suite in their order. Nothing in it is fetched, and nothing runs. */
export function pageOf(reports: readonly DrillReport[], { title, madeAt }: PageTitle): string {
  const isOne = reports.length === 1;
  const [first] = reports;
  const name =
    title ?? (first !== undefined && isOne ? `${first.drill} on ${first.target}` : 'Drills');
  const body = element(
    'main',
    isOne ? {} : { class: 'several' },
    ...(isOne && title === undefined ? [] : [overview(reports, name)]),
    reports.map((each, index) => drillSection(each, sectionId(index))),
    element('footer', {}, text(footer(reports, madeAt))),
  );
  return joinedMarkup(
    [
      '<!doctype html>' as Markup,
      '<html lang="en">' as Markup,
      element(
        'head',
        {},
        opening('meta', { charset: 'utf-8' }),
        opening('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
        // Should anything in it ever be more than text, no browser would run or fetch it.
        opening('meta', {
          'http-equiv': 'Content-Security-Policy',
          content: "default-src 'none'; style-src 'unsafe-inline'",
        }),
        element('title', {}, text(`${name} – vipair drill`)),
        element('style', {}, pageStyle() as Markup),
      ),
      element('body', {}, body),
      '</html>' as Markup,
      '' as Markup,
    ],
    '\n',
  );
}

function overview(reports: readonly DrillReport[], name: string): Markup {
  return element(
    'section',
    { class: 'overview' },
    element('h1', {}, text(name)),
    element('p', { class: 'meta' }, text(countsOf(reports))),
    pageTable(HEAD, reports.map(overviewRow)),
  );
}

const HEAD: readonly HeadCell[] = [
  { words: 'drill' },
  { words: 'verdict' },
  ...['gap', 'failed', 'broken', 'two owners', 'no owner', 'moves'].map((words) => ({
    words,
    class: 'number',
  })),
];
/** Of the figures, in the order of {@link figureRows}. */
const SHOWN_FIGURES = 6;

function overviewRow(report: DrillReport, index: number): readonly Markup[] {
  const link = element('a', { href: `#${sectionId(index)}` }, text(report.drill));
  return [
    element('td', {}, link, text(` on ${report.target}`)),
    element('td', { class: 'word' }, badge(report.verdict)),
    ...figureRows(report)
      .slice(0, SHOWN_FIGURES)
      .map(({ measured, kept }) =>
        element('td', { class: `number ${kept === 'exceeded' ? 'exceeded' : ''}` }, text(measured)),
      ),
  ];
}

function countsOf(reports: readonly DrillReport[]): string {
  const [first] = reports;
  const last = reports.at(-1);
  const count = (verdict: DrillReport['verdict']): number =>
    reports.filter((each) => each.verdict === verdict).length;
  const counts = (['passed', 'failed', 'stopped'] as const)
    .filter((verdict) => count(verdict) > 0)
    .map((verdict) => `${String(count(verdict))} ${verdict}`);
  const drills = `${String(reports.length)} ${reports.length === 1 ? 'drill' : 'drills'}`;
  return first === undefined || last === undefined
    ? 'No drill was run.'
    : `${drills}: ${counts.join(', ')}. ${wallText(first.startedAt)} UTC, ${durationText(last.endedAt - first.startedAt)} in all.`;
}

function footer(reports: readonly DrillReport[], madeAt: number): string {
  const releases = [...new Set(reports.map(({ release }) => release))].join(', ');
  return `vipair ${releases} · times are UTC · page made ${wallText(madeAt)}`;
}

function sectionId(index: number): string {
  return `drill-${String(index + 1)}`;
}
