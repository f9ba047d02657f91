/**
 * Whether nobody but root and the user it runs as could change what a script does: that goes for the file and for every
 * directory on the way to it, symbolic links included. As keepalived's enable_script_security, but always on.
 */
import type { Stats } from 'node:fs';
import { lstat, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import type { ScriptFailure } from '../ports/scripts.js';
import type { User } from './users.js';

/**
 * The file itself, with all links followed: what was looked at is what is to be run. It may be changed between the
 * two, but only by those who may.
 */
export async function findSafely(path: string, user: User): Promise<Result<string, ScriptFailure>> {
  try {
    return await walk(path, user);
  } catch (error) {
    return fail(asFailure(path, error));
  }
}

async function walk(path: string, user: User): Promise<Result<string, ScriptFailure>> {
  let steps: readonly string[] = ['/', ...namesIn(path)];
  let here = '/';
  let links = 0;
  let last: Stats | undefined;
  while (steps[0] !== undefined) {
    here = join(here, steps[0]);
    steps = steps.slice(1);
    const found = await lstat(here);
    if (found.isSymbolicLink()) {
      links += 1;
      const target = await readlink(here);
      steps = [...namesIn(target), ...steps];
      here = target.startsWith('/') ? '/' : join(here, '..');
    } else {
      const weakness = weaknessOf(here, found, user);
      if (weakness !== undefined) {
        return fail({ code: 'insecure', detail: weakness });
      }
    }
    if (links > MOST_LINKS) {
      return fail({ code: 'no-program', detail: `${path} has too many symbolic links on its way` });
    }
    last = found;
  }
  return last === undefined ? fail(noProgram(path)) : judgeFile(here, last);
}

function namesIn(path: string): readonly string[] {
  return path.split('/').filter((name) => name !== '');
}

function judgeFile(path: string, found: Stats): Result<string, ScriptFailure> {
  if (!found.isFile()) {
    return fail({ code: 'no-program', detail: `${path} is not a regular file` });
  }
  return (found.mode & EXECUTABLE) === 0
    ? fail({
        code: 'no-program',
        detail: `${path} is not executable (mode ${modeOf(found)}): chmod +x ${path}`,
      })
    : ok(path);
}

/** Names what could be misused, and what to do about it. */
function weaknessOf(path: string, found: Stats, user: User): string | undefined {
  if (found.uid !== ROOT && found.uid !== user.uid) {
    const owners = user.uid === ROOT ? 'not to root' : `neither to root nor to ${user.name}`;
    return `${path} belongs to user ${String(found.uid)}, ${owners}: chown root ${path}`;
  }
  if ((found.mode & WRITABLE_BY_OTHERS) !== 0) {
    return `${path} is writable by everyone (mode ${modeOf(found)}): chmod o-w ${path}`;
  }
  return (found.mode & WRITABLE_BY_GROUP) !== 0 && found.gid !== ROOT
    ? `${path} is writable by group ${String(found.gid)} (mode ${modeOf(found)}): chmod g-w ${path}`
    : undefined;
}

function modeOf({ mode }: Stats): string {
  return (mode & PERMISSIONS).toString(8).padStart(4, '0');
}

function asFailure(path: string, error: unknown): ScriptFailure {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return noProgram(path);
  }
  return { code: 'no-program', detail: error instanceof Error ? error.message : String(error) };
}

function noProgram(path: string): ScriptFailure {
  return { code: 'no-program', detail: `${path} does not exist` };
}

const ROOT = 0;
const WRITABLE_BY_OTHERS = 0o002;
const WRITABLE_BY_GROUP = 0o020;
const EXECUTABLE = 0o111;
const PERMISSIONS = 0o7777;
/** As many as Linux follows. */
const MOST_LINKS = 40;
