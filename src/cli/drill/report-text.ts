/** A drill's report for a terminal of 96 columns: figures and limits, audits, and the first move drawn to scale. */
import type { FigureRow, PhaseMoment } from '../../drill/render/words.js';
import {
  durationText,
  figureRows,
  firstMove,
  offsetText,
  wallText,
  whoOf,
} from '../../drill/render/words.js';
import type { DrillAudit, DrillMoment, DrillReport } from '../../telemetry/drill.js';
import { unreachable } from '../../base/unreachable.js';
import { bad, doubtful, good, strong } from '../paint.js';
import { renderTable } from '../table.js';
import { wrapped } from './wrapped.js';

const WIDTH = 96;
/** Of the words before a sentence, such as `expected`. */
const LABEL = 12;
/** Of the drawn line, from the fault to the first answer. */
const SCALE = 44;
/** Of moments; the others are in the other forms of the report. */
const MOST_MOMENTS = 60;

export function renderReport(report: DrillReport): string {
  const parts = [
    headOf(report),
    renderTable(['figures', 'measured', 'limit', ''], figureRows(report).map(figureRow)),
    auditsOf(report.audits),
    moveOf(firstMove(report.timeline)),
    momentsOf(report.timeline),
    closeOf(report),
  ];
  return parts.filter((each) => each !== '').join('\n\n');
}

export function paintVerdict(verdict: DrillReport['verdict'], width = 0): string {
  const text = verdict.padEnd(width);
  switch (verdict) {
    case 'passed':
      return good(text);
    case 'failed':
      return bad(text);
    case 'stopped':
      return doubtful(text);
    default:
      return unreachable(verdict);
  }
}

function headOf(report: DrillReport): string {
  const { drill, target, verdict, by, startedAt, endedAt, release } = report;
  const took = durationText(endedAt - startedAt);
  return [
    `${strong(`${drill} on ${target}`)}: ${paintVerdict(verdict)}`,
    wrapped(report.summary, WIDTH),
    '',
    ...labelled('report', [report.id]),
    ...labelled('when', [
      `${wallText(startedAt)} UTC, asked for on ${by}, over after ${took}; vipair ${release}`,
    ]),
    ...labelled('done', report.acts),
    ...labelled('expected', [report.expected]),
    ...labelled('why', report.why).map((line) => bad(line)),
  ].join('\n');
}

function figureRow({ name, measured, limit, kept }: FigureRow): readonly string[] {
  switch (kept) {
    case 'kept':
      return [name, measured, limit, good(kept)];
    case 'exceeded':
      return [name, measured, limit, bad(kept)];
    case 'unseen':
      return [name, measured, limit, doubtful('not known whether kept')];
    case 'no limit':
      return [name, measured, limit, ''];
    default:
      return unreachable(kept);
  }
}

function auditsOf(audits: readonly DrillAudit[]): string {
  const paint = { passed: good, failed: bad, unknown: doubtful } as const;
  const width = Math.max(...audits.map(({ name }) => name.length), 0) + 2;
  const outcomeWidth = 'unknown'.length + 2;
  return audits.length === 0
    ? ''
    : [
        'afterwards',
        ...audits.map(({ name, outcome, detail }) => {
          const indent = width + outcomeWidth;
          return `${name.padEnd(width)}${paint[outcome](outcome.padEnd(outcomeWidth))}${wrapped(detail, WIDTH, indent)}`;
        }),
      ].join('\n');
}

/** A row a phase: where the line begins, the one before it ended. */
function moveOf(phases: readonly PhaseMoment[]): string {
  const last = phases.at(-1);
  if (last === undefined) {
    return '';
  }
  const from = phases[0]?.atMs ?? 0;
  const span = Math.max(last.atMs - from, Number.MIN_VALUE);
  const column = (atMs: number): number => Math.round(((atMs - from) / span) * (SCALE - 1));
  const who = Math.max(...phases.map((each) => whoOf(each).length)) + 2;
  const rows = phases.map((each, index) => {
    const begin = column(phases[index - 1]?.atMs ?? each.atMs);
    const end = column(each.atMs);
    const line = `${' '.repeat(begin)}${'─'.repeat(end - begin)}●`.padEnd(SCALE + 1);
    const step = index === 0 ? '' : durationText(each.atMs - (phases[index - 1]?.atMs ?? 0));
    return [
      ...[each.phase.padEnd(LABEL), whoOf(each).padEnd(who), line],
      ...[offsetText(each.atMs).padStart(9), step === '' ? '' : `  (${step})`],
    ].join('');
  });
  return ['the move, to scale', ...rows.map((row) => row.trimEnd())].join('\n');
}

function momentsOf(timeline: readonly DrillMoment[]): string {
  const shown = timeline.toSorted((a, b) => a.atMs - b.atMs).slice(0, MOST_MOMENTS);
  const who = Math.max(...shown.map((each) => whoOf(each).length), 0) + 2;
  const indent = LABEL + who;
  const more = timeline.length - shown.length;
  return shown.length === 0
    ? ''
    : [
        'what happened',
        ...shown.map(
          (each) =>
            `${offsetText(each.atMs).padStart(LABEL - 2)}  ${whoOf(each).padEnd(who)}${wrapped(each.text, WIDTH, indent)}`,
        ),
        ...(more > 0 ? [`… and ${String(more)} moments more: --json has them`] : []),
      ].join('\n');
}

function closeOf({ prober, notes }: DrillReport): string {
  const measured =
    prober === undefined
      ? ['nobody']
      : [
          `${prober.command}, a request to ${prober.target} every ${durationText(prober.everyMs)}`,
          ...(prober.clockWithinMs === undefined
            ? []
            : [`its clock is known to ${durationText(prober.clockWithinMs)}`]),
          ...(prober.hides === undefined ? [] : [prober.hides]),
        ];
  return [...labelled('measured by', measured), ...labelled('notes', notes)].join('\n');
}

function labelled(label: string, sentences: readonly string[]): readonly string[] {
  return sentences.map(
    (each, index) => `${(index === 0 ? label : '').padEnd(LABEL)}${wrapped(each, WIDTH, LABEL)}`,
  );
}
