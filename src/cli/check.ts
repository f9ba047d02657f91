/** `vipair check FILE`: everything that is wrong with a configuration, without starting anything. */
import { adviceOn } from '../config/advice.js';
import { formatStatement, lintPriorities } from '../config/lint-priorities.js';
import { formatProblem } from '../config/problem.js';
import { readConfig } from './configuration.js';
import type { ExitCode } from './exit-codes.js';
import { EXIT } from './exit-codes.js';
import type { OutputForm } from './terminal.js';
import { complain, print, printJson } from './terminal.js';

export function check(file: string, form: OutputForm): ExitCode {
  const read = readConfig(file);
  const problems = read.ok ? [] : read.error;
  const statements = read.ok ? lintPriorities(read.value) : [];
  const advice = read.ok ? adviceOn(read.value) : [];
  const contradicts = statements.some(({ severity }) => severity === 'error');
  if (form === 'json') {
    printJson({ file, valid: read.ok && !contradicts, problems, statements, advice });
  } else if (read.ok) {
    for (const statement of statements) {
      (statement.severity === 'note' ? print : complain)(formatStatement(statement));
    }
    for (const each of advice) {
      print(each);
    }
    const groups = read.value.groups.map((group) => group.name).join(', ');
    print(`${file}: ${contradicts ? 'contradicts itself' : 'valid'} (groups: ${groups})`);
  } else {
    for (const problem of problems) {
      complain(formatProblem(problem));
    }
    complain(`${file}: ${String(problems.length)} to mend`);
  }
  return read.ok && !contradicts ? EXIT.ok : EXIT.configuration;
}
