/** One drill's part of a page: verdict, figures against limits, drawings, audits, what happened, notes. */
import { unreachable } from '../../base/unreachable.js';
import type { DrillAudit, DrillMoment, DrillReport } from '../../telemetry/drill.js';
import { latencyDrawing } from './latency-drawing.js';
import type { Markup } from './markup.js';
import { element, NO_MARKUP, text } from './markup.js';
import { moveDrawing, nodeClass } from './move-drawing.js';
import { pageTable } from './page-table.js';
import type { FigureRow } from './words.js';
import {
  durationText,
  figureRows,
  firstMove,
  NOTHING,
  offsetText,
  wallText,
  whoOf,
} from './words.js';

/** A damaged report does not fill the page. */
const MOST_ROWS = 1_000;
/** The figures that are shown large: gap, failed, two owners, no owner. */
const TILES = ['longest gap', 'failed requests', 'two owners at once', 'no owner'];

export function drillSection(report: DrillReport, id: string): Markup {
  const rows = figureRows(report);
  const move = firstMove(report.timeline);
  return element(
    'section',
    { class: 'drill', id },
    element(
      'div',
      { class: 'head' },
      element('h2', {}, text(`${report.drill} on ${report.target}`)),
      badge(report.verdict),
    ),
    element('p', {}, text(report.summary)),
    whyList(report),
    element('div', { class: 'tiles' }, rows.filter(({ name }) => TILES.includes(name)).map(tile)),
    facts(report),
    part(
      'The move, to scale',
      move.length === 0
        ? NO_MARKUP
        : element('div', { class: 'scroll' }, moveDrawing(move, report.nodes)),
    ),
    latencyPart(report),
    part('Figures and limits', figureTable(rows)),
    part('Afterwards', auditTable(report.audits)),
    part('What happened', momentTable(report)),
    part('Notes', list(report.notes)),
  );
}

/** What a verdict looks like, the colour never being all that says it. */
export function badge(verdict: DrillReport['verdict']): Markup {
  return element('span', { class: `badge ${verdict}` }, text(`${signOf(verdict)} ${verdict}`));
}

function signOf(verdict: DrillReport['verdict']): string {
  switch (verdict) {
    case 'passed':
      return '✓';
    case 'failed':
      return '✗';
    case 'stopped':
      return '■';
    default:
      return unreachable(verdict);
  }
}

function whyList({ verdict, why }: DrillReport): Markup {
  return why.length === 0
    ? NO_MARKUP
    : element('ul', { class: `why ${verdict}` }, why.slice(0, MOST_ROWS).map(item));
}

function tile({ name, measured, limit, kept, used }: FigureRow): Markup {
  const [, value = measured, all] = /^(\d+) of (\d+)$/u.exec(measured) ?? [];
  const isSeen = measured !== 'not seen';
  return element(
    'div',
    { class: 'tile' },
    element('div', { class: 'soft' }, text(name)),
    element(
      'div',
      { class: `value ${isSeen ? '' : 'none'}` },
      text(value),
      ...(all === undefined ? [] : [element('span', { class: 'of' }, text(` of ${all}`))]),
    ),
    element(
      'div',
      { class: `meta ${kept === 'exceeded' ? 'exceeded' : ''}` },
      text(limit === NOTHING ? 'no limit' : `limit: ${limit}`),
    ),
    usedBar(used, kept),
  );
}

/** How much of the limit was used; full where more was. */
function usedBar(used: number | undefined, kept: FigureRow['kept']): Markup {
  const share = used ?? (kept === 'exceeded' ? 1 : 0);
  return kept === 'kept' || kept === 'exceeded'
    ? element(
        'div',
        { class: `bar ${kept}` },
        element('i', { style: `width:${(Math.min(1, share) * 100).toFixed(0)}%` }),
      )
    : element('div', { class: 'bar' });
}

function facts(report: DrillReport): Markup {
  const { prober, acts } = report;
  const took = durationText(report.endedAt - report.startedAt);
  return element(
    'dl',
    {},
    fact('Done', ...acts),
    fact('Expected', report.expected),
    fact('When', `${wallText(report.startedAt)} UTC, over after ${took}`),
    fact('Asked for on', `${report.by}, of the pair ${report.nodes.join(' and ')}`),
    fact('Measured by', ...(prober === undefined ? ['nobody'] : proberLines(prober))),
    fact('Report', report.id),
  );
}

function proberLines(prober: NonNullable<DrillReport['prober']>): readonly string[] {
  const { command, target, everyMs, clockWithinMs, hides } = prober;
  return [
    command,
    `a request to ${target} every ${durationText(everyMs)}`,
    ...(clockWithinMs === undefined
      ? []
      : [`its clock is known to ${durationText(clockWithinMs)}`]),
    ...(hides === undefined ? [] : [hides]),
  ];
}

function fact(name: string, ...lines: readonly string[]): readonly Markup[] {
  return lines.length === 0
    ? []
    : [
        element('dt', {}, text(name)),
        element(
          'dd',
          {},
          lines.slice(0, MOST_ROWS).map((each) => element('div', {}, text(each))),
        ),
      ];
}

function latencyPart(report: DrillReport): Markup {
  const drawing = latencyDrawing(report);
  return drawing === NO_MARKUP
    ? NO_MARKUP
    : part(
        'What clients saw',
        element('div', { class: 'scroll' }, drawing),
        element(
          'p',
          { class: 'legend' },
          legend('median', 'median answer'),
          legend('slowest', 'slowest answer'),
          legend('lost', 'requests failed'),
          report.nodes
            .slice(0, 2)
            .map((node) => legend(nodeClass(node, report.nodes), `answered by ${node}`)),
        ),
      );
}

function legend(shape: string, words: string): Markup {
  const isLine = shape === 'median' || shape === 'slowest';
  const sign = isLine
    ? element('path', { class: shape, d: 'M1 6L25 6' })
    : element('rect', {
        class: `${shape} answered`,
        x: 1,
        y: 1,
        width: 24,
        height: 10,
        ...lostShade(shape),
      });
  return element(
    'span',
    {},
    element('svg', { viewBox: '0 0 26 12', 'aria-hidden': 'true' }, sign),
    text(words),
  );
}

function lostShade(shape: string): { readonly 'fill-opacity'?: string } {
  return shape === 'lost' ? { 'fill-opacity': '0.5' } : {};
}

function figureTable(rows: readonly FigureRow[]): Markup {
  return table(
    ['figure', 'measured', 'limit', ''],
    rows.map(({ name, measured, limit, kept }) => [
      element('td', {}, text(name)),
      element('td', { class: 'word' }, text(measured)),
      element('td', { class: 'word' }, text(limit)),
      element('td', { class: `word ${kept === 'no limit' ? '' : kept}` }, text(keptText(kept))),
    ]),
  );
}

function keptText(kept: FigureRow['kept']): string {
  switch (kept) {
    case 'kept':
      return '✓ kept';
    case 'exceeded':
      return '✗ exceeded';
    case 'unseen':
      return '? not known whether kept';
    case 'no limit':
      return '';
    default:
      return unreachable(kept);
  }
}

function auditTable(audits: readonly DrillAudit[]): Markup {
  const signs = { passed: '✓', failed: '✗', unknown: '?' } as const;
  return table(
    ['audit', 'outcome', 'found'],
    audits
      .slice(0, MOST_ROWS)
      .map(({ name, outcome, detail }) => [
        element('td', { class: 'word' }, text(name)),
        element('td', { class: `word ${outcome}` }, text(`${signs[outcome]} ${outcome}`)),
        element('td', {}, text(detail)),
      ]),
  );
}

function momentTable({ timeline }: DrillReport): Markup {
  const moments: readonly DrillMoment[] = timeline.toSorted((a, b) => a.atMs - b.atMs);
  return table(
    ['after the fault', 'who', 'what', 'step'],
    moments
      .slice(0, MOST_ROWS)
      .map((each) => [
        element('td', { class: 'number' }, text(offsetText(each.atMs))),
        element('td', { class: 'word' }, text(whoOf(each))),
        element('td', {}, text(each.text)),
        element('td', { class: 'word soft' }, text(each.phase ?? '')),
      ]),
    'number',
  );
}

/** Nothing where it has no rows. `first`: the class of the first column's head. */
function table(
  head: readonly string[],
  rows: readonly (readonly Markup[])[],
  first?: string,
): Markup {
  const cells = head.map((words, index) => ({ words, class: index === 0 ? first : undefined }));
  return rows.length === 0 ? NO_MARKUP : pageTable(cells, rows);
}

function list(sentences: readonly string[]): Markup {
  return sentences.length === 0
    ? NO_MARKUP
    : element('ul', {}, sentences.slice(0, MOST_ROWS).map(item));
}

function item(sentence: string): Markup {
  return element('li', {}, text(sentence));
}

/** Nothing where there is nothing in it. */
function part(title: string, ...content: readonly Markup[]): Markup {
  return content.every((each) => each === NO_MARKUP)
    ? NO_MARKUP
    : element('div', { class: 'figure' }, element('h3', {}, text(title)), ...content);
}
