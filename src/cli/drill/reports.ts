/** `vipair drill report`, `compare` and `history`: what drills came to that were run on this node. */
import type { Result } from '../../base/result.js';
import type { Clock } from '../../ports/clock.js';
import type { DrillReports } from '../../ports/drill-reports.js';
import { compareDrills } from '../../drill/compare.js';
import type { SkippedReport } from '../../drill/kept-reports.js';
import { allReports, findReport } from '../../drill/kept-reports.js';
import { figureRows, wallText } from '../../drill/render/words.js';
import type { DrillReport } from '../../telemetry/drill.js';
import type { DrillCompareAsked, DrillHistoryAsked, DrillReportAsked } from '../commands.js';
import { readConfig } from '../configuration.js';
import type { ExitCode } from '../exit-codes.js';
import { EXIT } from '../exit-codes.js';
import { doubtful } from '../paint.js';
import { renderTable } from '../table.js';
import { complain, print, printJson } from '../terminal.js';
import { renderComparison } from './comparison-text.js';
import { writeForms } from './report-forms.js';
import { paintVerdict, renderReport } from './report-text.js';

export interface ReportPorts {
  readonly clock: Clock;
  /** Those that lie in a state directory. */
  readonly keptIn: (stateDirectory: string) => DrillReports;
}

/** Where the configuration file is not there, or says something wrong. */
const DEFAULT_STATE_DIRECTORY = '/var/lib/vipair';

export function stateDirectoryOf(config: string): string {
  const read = readConfig(config);
  return read.ok ? read.value.runtime.stateDirectory : DEFAULT_STATE_DIRECTORY;
}

/** Shows reports, or writes them to the files that are asked for and then says nothing. */
export async function drillReport(asked: DrillReportAsked, ports: ReportPorts): Promise<ExitCode> {
  const found = await findAll(asked.ids, asked.config, ports);
  if (found === undefined) {
    return EXIT.failed;
  }
  if (asked.junit === undefined && asked.html === undefined) {
    show(found, asked);
    return EXIT.ok;
  }
  const written = writeForms(found, asked, ports.clock.wallTime());
  if (!written.ok) {
    written.error.forEach(complain);
  }
  return written.ok ? EXIT.ok : EXIT.failed;
}

/** {@link EXIT.failed} where something got worse, so that a pipeline may ask. */
export async function drillCompare(
  asked: DrillCompareAsked,
  ports: ReportPorts,
): Promise<ExitCode> {
  const found = await findAll([asked.before, asked.after], asked.config, ports);
  const [before, after] = found ?? [];
  if (before === undefined || after === undefined) {
    return EXIT.failed;
  }
  const comparison = compareDrills(before, after);
  if (asked.form === 'json') {
    printJson(comparison);
  } else {
    print(renderComparison(comparison));
  }
  return comparison.worse.length === 0 ? EXIT.ok : EXIT.failed;
}

export async function drillHistory(
  { config, form }: DrillHistoryAsked,
  { keptIn }: ReportPorts,
): Promise<ExitCode> {
  const all = await allReports(keptIn(stateDirectoryOf(config)));
  if (!all.ok) {
    complain(all.error);
    return EXIT.failed;
  }
  const { reports, skipped } = all.value;
  if (form === 'json') {
    printJson({ reports: reports.map(summaryOf), skipped });
    return EXIT.ok;
  }
  print(reports.length === 0 ? 'No drill was run on this node.' : renderHistory(reports));
  skipped.forEach(complainOf);
  return EXIT.ok;
}

/** Undefined where one is not there: then that was said. */
async function findAll(
  ids: readonly string[],
  config: string,
  { keptIn }: ReportPorts,
): Promise<readonly DrillReport[] | undefined> {
  const kept = keptIn(stateDirectoryOf(config));
  const found: DrillReport[] = [];
  const problems: string[] = [];
  for (const id of ids) {
    const report: Result<DrillReport, string> = await findReport(id, kept);
    if (report.ok) {
      found.push(report.value);
    } else {
      problems.push(report.error);
    }
  }
  problems.forEach(complain);
  return problems.length === 0 ? found : undefined;
}

function show(reports: readonly DrillReport[], { form }: DrillReportAsked): void {
  if (form === 'json') {
    printJson(reports.length === 1 ? reports[0] : reports);
  } else {
    print(reports.map(renderReport).join(`\n\n${'─'.repeat(RULE)}\n\n`));
  }
}

const RULE = 96;

/** The newest last, as in other histories. */
function renderHistory(reports: readonly DrillReport[]): string {
  return renderTable(
    ['WHEN (UTC)', 'DRILL', 'ON', 'VERDICT', 'GAP', 'FAILED', 'TWO OWNERS', 'REPORT'],
    reports.toReversed().map((report) => {
      const measured = new Map(figureRows(report).map((row) => [row.name, row.measured]));
      return [
        ...[wallText(report.startedAt), report.drill, report.target, paintVerdict(report.verdict)],
        ...HISTORY_FIGURES.map((name) => measured.get(name) ?? ''),
        report.id,
      ];
    }),
  );
}

const HISTORY_FIGURES = ['longest gap', 'failed requests', 'two owners at once'] as const;

type Summary = Pick<
  DrillReport,
  'id' | 'drill' | 'target' | 'by' | 'startedAt' | 'endedAt' | 'verdict' | 'why' | 'figures'
>;

function summaryOf({ id, drill, target, by, ...report }: DrillReport): Summary {
  const { startedAt, endedAt, verdict, why, figures } = report;
  return { id, drill, target, by, startedAt, endedAt, verdict, why, figures };
}

function complainOf({ id, why }: SkippedReport): void {
  complain(doubtful(`${id}: ${why}`));
}
