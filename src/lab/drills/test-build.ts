/** A build of vipair with one thing wrong on purpose: lines of the built program that are replaced, in a copy of it. */
import {
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Result } from '../../base/result.js';
import { fail, ok } from '../../base/result.js';

export interface Replaced {
  /** The module below src, such as `os/announcer`: in the built program a comment says where each begins. */
  readonly module: string;
  /** Once in it; a piece of a line. */
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
  const files = readdirSync(copy, { recursive: true, encoding: 'utf8' })
    .filter((each) => each.endsWith('.js'))
    .map((each) => join(copy, each));
  for (const each of replaced) {
    const done = files.filter((path) => replaceIn(path, each) === 'done').length;
    if (done !== 1) {
      return fail(`${each.module}: expected once in the built program: ${each.line}`);
    }
  }
  return ok(join(copy, 'main.js'));
}

function replaceIn(path: string, { module, line, by }: Replaced): 'done' | 'not here' {
  const text = readFileSync(path, 'utf8');
  const modules = text.split(BEGINNING);
  // Of one module there may be several parts.
  const having = modules.filter(
    (each) => each.startsWith(`// src/${module}.ts\n`) && each.includes(line),
  );
  const [only] = having;
  const pieces = only?.split(line) ?? [];
  if (only === undefined || having.length > 1 || pieces.length !== 2) {
    return 'not here';
  }
  writeFileSync(path, modules.with(modules.indexOf(only), pieces.join(by)).join(''));
  return 'done';
}

/** Of a module, as esbuild marks it. */
const BEGINNING = /^(?=\/\/ (?:src|node_modules)\/)/mu;
