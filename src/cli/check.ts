/** `vipair check FILE`: everything that is wrong with a configuration, without starting anything. */
import { formatProblem } from '../config/problem.js';
import { readConfig } from './configuration.js';
import type { ExitCode } from './exit-codes.js';
import { EXIT } from './exit-codes.js';
import type { OutputForm } from './terminal.js';
import { complain, print, printJson } from './terminal.js';

export function check(file: string, form: OutputForm): ExitCode {
  const read = readConfig(file);
  const problems = read.ok ? [] : read.error;
  if (form === 'json') {
    printJson({ file, valid: read.ok, problems });
  } else if (read.ok) {
    const groups = read.value.groups.map((group) => group.name).join(', ');
    print(`${file}: valid (groups: ${groups})`);
  } else {
    for (const problem of problems) {
      complain(formatProblem(problem));
    }
    complain(`${file}: ${String(problems.length)} to mend`);
  }
  return read.ok ? EXIT.ok : EXIT.configuration;
}
