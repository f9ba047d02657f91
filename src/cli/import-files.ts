/** The files that an import reads: those that are named, and what they include. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import { MAX_FILE_CHARACTERS, MAX_FILES } from '../migration/keepalived/bounds.js';
import type { FindIncluded, SourceFile } from '../migration/keepalived/expansion.js';

/** The error is a sentence. */
export function readSource(name: string): Result<SourceFile, string> {
  try {
    const { size } = statSync(name);
    // Asked before it is read: a device or a mistyped name may be endless.
    if (!statSync(name).isFile() || size > MAX_FILE_CHARACTERS) {
      return fail(`no regular file of at most ${String(MAX_FILE_CHARACTERS)} bytes`);
    }
    return ok({ name, text: readFileSync(name, 'utf8') });
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
}

/** Relative to the file that includes them; `*` and `?` in the last part of the path. */
export const findIncluded: FindIncluded = (pattern, from) => {
  const whole = path.resolve(path.dirname(from), pattern);
  const name = path.basename(whole);
  const names = /[*?]/u.test(name) ? matching(path.dirname(whole), name) : [whole];
  return names.slice(0, MAX_FILES).flatMap((each) => {
    const read = readSource(each);
    return read.ok ? [read.value] : [];
  });
};

/** As glob(3) sorts them; a leading dot has to be named. */
function matching(directory: string, pattern: string): readonly string[] {
  const expression = new RegExp(
    `^${pattern
      .replaceAll(/[.+^${}()|[\]\\]/gu, '\\$&')
      .replaceAll(/\*+/gu, '.*')
      .replaceAll('?', '.')}$`,
    'u',
  );
  return filesIn(directory)
    .filter((name) => expression.test(name) && name.startsWith('.') === pattern.startsWith('.'))
    .map((name) => path.join(directory, name));
}

/** Sorted; empty where there is no such directory. */
export function filesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory).sort();
  } catch {
    return [];
  }
}
