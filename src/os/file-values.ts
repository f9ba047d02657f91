/** Integers in small files: whatever lies at the path, reading it ends soon and takes little memory. */
import { constants } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import type { FileFailure, Files } from '../ports/files.js';

export class FileValues implements Files {
  async readInteger(path: string): Promise<Result<number, FileFailure>> {
    const text = await readStart(path);
    if (!text.ok) {
      return text;
    }
    return /^\s*[+-]?\d{1,9}\s*$/u.test(text.value)
      ? ok(Number(text.value))
      : fail({ code: 'garbled', detail: `${path} holds ${describe(text.value)}, not an integer` });
  }
}

/** The beginning of a regular file. */
async function readStart(path: string): Promise<Result<string, FileFailure>> {
  try {
    // Before it is opened, because opening a device can have consequences.
    if (!(await stat(path)).isFile()) {
      return fail(notAFile(path));
    }
    // Should a pipe have taken its place meanwhile: do not wait for somebody to open its other end.
    const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    try {
      return (await handle.stat()).isFile() ? ok(await readText(handle)) : fail(notAFile(path));
    } finally {
      await handle.close();
    }
  } catch (error) {
    return fail(asFailure(error));
  }
}

async function readText(handle: FileHandle): Promise<string> {
  const bytes = new Uint8Array(MOST_BYTES);
  const { bytesRead } = await handle.read(bytes, 0, MOST_BYTES, 0);
  return new TextDecoder().decode(bytes.subarray(0, bytesRead));
}

function describe(text: string): string {
  return text.trim() === '' ? 'nothing' : JSON.stringify(text.slice(0, SHOWN_CHARACTERS));
}

function notAFile(path: string): FileFailure {
  return { code: 'not-a-file', detail: `${path} is not a regular file` };
}

function asFailure(error: unknown): FileFailure {
  const detail = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return { code: code === 'ENOENT' || code === 'ENOTDIR' ? 'missing' : 'unreadable', detail };
}

/** A number, its sign and some blanks; what fills this is none. */
const MOST_BYTES = 64;
const SHOWN_CHARACTERS = 20;
