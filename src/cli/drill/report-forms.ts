/** Reports of drills where an operator wants them: on the terminal, as JSON, in a file for a pipeline or for people. */
import { existsSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { Result } from '../../base/result.js';
import { done, fail } from '../../base/result.js';
import type { WallTime } from '../../base/time.js';
import { junitOf } from '../../drill/render/junit.js';
import { pageOf } from '../../drill/render/page.js';
import type { DrillReport } from '../../telemetry/drill.js';

export interface FormsAsked {
  /** Files to write to; undefined: none. */
  readonly junit: string | undefined;
  readonly html: string | undefined;
  /** Of a suite; undefined: the drills' own names. */
  readonly title: string | undefined;
}

/** Writes the files that are asked for, each whole or not at all; a sentence for each that could not be written. */
export function writeForms(
  reports: readonly DrillReport[],
  { junit, html, title }: FormsAsked,
  madeAt: WallTime,
): Result<undefined, readonly string[]> {
  const forms = [
    { file: junit, text: () => junitOf(reports, title ?? 'drills') },
    { file: html, text: () => pageOf(reports, { title, madeAt }) },
  ];
  const problems = forms.flatMap(({ file, text }) =>
    file === undefined ? [] : problemsWriting(file, text()),
  );
  return problems.length === 0 ? done : fail(problems);
}

function problemsWriting(file: string, text: string): readonly string[] {
  try {
    // A pipe or a terminal is written to as it is; a file that has no room for the new one keeps the old.
    if (existsSync(file) && !statSync(file).isFile()) {
      writeFileSync(file, text);
      return [];
    }
    writeWhole(file, text);
    return [];
  } catch (error) {
    return [`not written: ${error instanceof Error ? error.message : String(error)}`];
  }
}

function writeWhole(file: string, text: string): void {
  const draft = `${file}.part`;
  try {
    writeFileSync(draft, text);
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}
