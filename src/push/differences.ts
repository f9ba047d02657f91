/** Pushed files line by line, as they may be shown. */
import { differingLines } from '../core/line-difference.js';
import type { PushedFileReport } from '../telemetry/push.js';
import { shownText } from './answers.js';
import type { PushFile } from './collect.js';

/** `textOf`: what is there under that name; undefined where it is not shown. */
export async function withLines(
  files: readonly PushFile[],
  reports: readonly PushedFileReport[],
  textOf: (name: string) => Promise<string | undefined>,
): Promise<readonly PushedFileReport[]> {
  const shown: PushedFileReport[] = [];
  for (const [index, report] of reports.entries()) {
    const file = files[index];
    const here = file === undefined ? undefined : shownText(file.bytes);
    if (file === undefined || here === undefined || report.found === 'same') {
      shown.push(report);
    } else {
      const there = report.found === 'absent' ? '' : await textOf(file.name);
      shown.push(there === undefined ? report : { ...report, lines: changes(here, there) });
    }
  }
  return shown;
}

function changes(here: string, there: string): readonly string[] {
  const ours = linesOf(here);
  const theirs = linesOf(there);
  const lines = differingLines(ours, theirs).flatMap((change) => [
    `@@ -${String(change.theirs.from + 1)} +${String(change.ours.from + 1)} @@`,
    ...theirs.slice(change.theirs.from, change.theirs.to).map((line) => `-${line}`),
    ...ours.slice(change.ours.from, change.ours.to).map((line) => `+${line}`),
  ]);
  return lines.length > MOST_LINES
    ? [...lines.slice(0, MOST_LINES), `… and ${String(lines.length - MOST_LINES)} more`]
    : lines;
}

function linesOf(text: string): readonly string[] {
  return text === '' ? [] : text.replace(/\n$/u, '').split('\n');
}

/** Of one file. */
const MOST_LINES = 200;
