/** From the text of a configuration file to a configuration, or to everything that is wrong with it. */
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import type { Config } from './config.js';
import type { LocatedFinding } from './document.js';
import { readDocument } from './document.js';
import { lint } from './lint.js';
import type { Problem } from './problem.js';
import { count, formatPath } from './problem.js';
import { readShape } from './schema/file.js';

/** More than anyone mends before looking again; a wrong file named by mistake has thousands. */
export const MAX_PROBLEMS = 50;

/** `file` is only its name, for the problems. They come in the order of their lines. */
export function parseConfig(text: string, file: string): Result<Config, readonly Problem[]> {
  const document = readDocument(text);
  if (!document.ok) {
    return fail(inOrder(document.error, file));
  }
  const { value, mistakes, lineOf } = document.value;
  const { config, findings, draft } = readShape(value);
  const located = [...findings, ...lint(draft)].map((finding) => ({
    ...finding,
    line: lineOf(finding.path),
  }));
  const all = [...mistakes, ...located];
  return config === undefined || all.length > 0 ? fail(inOrder(all, file)) : ok(config);
}

function inOrder(findings: readonly LocatedFinding[], file: string): readonly Problem[] {
  const problems = findings
    .map(({ path, line, found, expected }) => ({
      file,
      line,
      path: formatPath(path),
      found,
      expected,
    }))
    .sort((a, b) => a.line - b.line);
  const shown = problems.slice(0, MAX_PROBLEMS);
  const [firstHidden] = problems.slice(MAX_PROBLEMS);
  return firstHidden === undefined
    ? shown
    : [...shown, more(firstHidden, problems.length - MAX_PROBLEMS)];
}

function more(firstHidden: Problem, amount: number): Problem {
  const found = `${count(amount, 'more problem')} from here on`;
  return { ...firstHidden, path: '', found, expected: 'those above to be mended first' };
}
