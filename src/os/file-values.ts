/** Integers in small files. */
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import type { FileFailure, Files } from '../ports/files.js';
import { readRegularFile } from './regular-file.js';

export class FileValues implements Files {
  async readInteger(path: string): Promise<Result<number, FileFailure>> {
    const read = await readRegularFile(path, MOST_BYTES);
    if (!read.ok) {
      return read;
    }
    const text = new TextDecoder().decode(read.value);
    return /^\s*[+-]?\d{1,9}\s*$/u.test(text)
      ? ok(Number(text))
      : fail({ code: 'garbled', detail: `${path} holds ${describe(text)}, not an integer` });
  }
}

function describe(text: string): string {
  return text.trim() === '' ? 'nothing' : JSON.stringify(text.slice(0, SHOWN_CHARACTERS));
}

/** A number, its sign and some blanks; what fills this is none. */
const MOST_BYTES = 64;
const SHOWN_CHARACTERS = 20;
