/** Reports of drills as JUnit XML, for pipelines: a run is a suite, a drill a case, and what was missed a failure. */
import type { DrillReport } from '../../telemetry/drill.js';
import { figureRows } from './words.js';

/** In the order given; `suite`: as the run is called. */
export function junitOf(reports: readonly DrillReport[], suite: string): string {
  const failed = reports.filter(({ verdict }) => verdict === 'failed').length;
  const stopped = reports.filter(({ verdict }) => verdict === 'stopped').length;
  const took = reports.reduce((total, report) => total + secondsOf(report), 0);
  const [first] = reports;
  const counts = attributes({
    ...{ tests: reports.length, failures: failed, errors: stopped, skipped: 0 },
    time: took.toFixed(3),
  });
  const suiteIs = attributes({
    name: suite,
    ...(first === undefined ? {} : { timestamp: isoSecond(first.startedAt), hostname: first.by }),
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="vipair"${counts}>`,
    `  <testsuite${suiteIs}${counts}>`,
    ...reports.flatMap(caseOf),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function caseOf(report: DrillReport): readonly string[] {
  const is = attributes({
    ...{ classname: 'vipair.drill', name: report.drill },
    time: secondsOf(report).toFixed(3),
  });
  return [
    `    <testcase${is}>`,
    ...problemOf(report),
    `      <system-out>${escaped(outputOf(report))}</system-out>`,
    '    </testcase>',
  ];
}

/** What stopped before its end has shown nothing: an error, where a miss is a failure. */
function problemOf({ verdict, why }: DrillReport): readonly string[] {
  if (verdict === 'passed') {
    return [];
  }
  const element = verdict === 'failed' ? 'failure' : 'error';
  const is = attributes({ message: why[0] ?? verdict, type: verdict });
  return [`      <${element}${is}>${escaped(why.join('\n'))}</${element}>`];
}

function outputOf(report: DrillReport): string {
  const { prober } = report;
  return [
    `${report.id}: ${report.summary}`,
    `by ${report.by}, to ${report.target}; vipair ${report.release}`,
    ...figureRows(report).map(
      ({ name, measured, limit, kept }) => `${name}: ${measured} (limit: ${limit}; ${kept})`,
    ),
    ...report.audits.map(({ name, outcome, detail }) => `audit: ${name}: ${outcome}: ${detail}`),
    ...(prober === undefined ? ['nobody measured'] : [`measured by ${prober.command}`]),
    ...report.notes,
  ].join('\n');
}

function secondsOf({ startedAt, endedAt }: DrillReport): number {
  return Math.max(0, endedAt - startedAt) / MILLIS_PER_SECOND;
}

const MILLIS_PER_SECOND = 1_000;

/** Without a zone, as the schema of JUnit's reports has it; it is UTC. */
function isoSecond(at: number): string {
  return new Date(at).toISOString().slice(0, 'YYYY-MM-DDTHH:MM:SS'.length);
}

function attributes(all: Readonly<Record<string, string | number>>): string {
  return Object.entries(all)
    .map(([name, value]) => ` ${name}="${escaped(String(value))}"`)
    .join('');
}

/** Also what may not stand in XML at all, such as the colours of a program's output (XML 1.0, section 2.2). */
function escaped(text: string): string {
  return text
    .replaceAll(FORBIDDEN, '\u{FFFD}')
    .replaceAll(/[&<>"]/gu, (character) => ENTITIES[character] ?? '');
}

// eslint-disable-next-line no-control-regex -- these are what is sought
const FORBIDDEN = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF\p{Surrogate}]/gu;
const ENTITIES: Readonly<Record<string, string>> = {
  ...{ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' },
};
