/** A build of vipair with one thing wrong on purpose: lines of the compiled program that are replaced, in a copy of it. */
import { cpSync, existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Result } from '../../base/result.js';
import { fail, ok } from '../../base/result.js';

export interface Replaced {
  /** Below the directory of the build, such as `os/announcer.js`. */
  readonly file: string;
  readonly line: string;
  readonly by: string;
}

/** `main`: the path of the program's main.js. Returns that of the copy; what cannot be replaced is a failure, not a good pair. */
export function makeTestBuild(
  main: string,
  directory: string,
  replaced: readonly Replaced[],
): Result<string, string> {
  const dist = dirname(main);
  const copy = join(directory, 'dist');
  rmSync(directory, { recursive: true, force: true });
  cpSync(dist, copy, { recursive: true, filter: (path) => !path.startsWith(join(dist, 'sim')) });
  for (const name of ['node_modules', 'package.json']) {
    const original = join(dirname(dist), name);
    if (existsSync(original)) {
      symlinkSync(original, join(directory, name));
    }
  }
  for (const { file, line, by } of replaced) {
    const path = join(copy, file);
    const text = readFileSync(path, 'utf8');
    if (text.split(line).length !== 2) {
      return fail(`${file}: expected once: ${line}`);
    }
    writeFileSync(path, text.replace(line, by));
  }
  return ok(join(copy, 'main.js'));
}
