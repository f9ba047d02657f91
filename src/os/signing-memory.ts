/** What the next daemon needs to know of our signatures, one small file for each virtual router, on a memory file system. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Result } from '../base/result.js';
import { done, fail } from '../base/result.js';
import type { Millis } from '../base/time.js';
import { millis } from '../base/time.js';
import type { SigningFailure, SigningMemory } from '../ports/signing-memory.js';

export class FileSigningMemory implements SigningMemory {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  read(router: string): Millis | undefined {
    try {
      const text = readFileSync(this.#pathOf(router), 'utf8');
      return MILLIS.test(text) ? millis(Number(text)) : undefined;
    } catch {
      // The first daemon of this boot has no predecessor.
      return undefined;
    }
  }

  /** In one piece, whenever we are killed. A memory file system makes nobody wait. */
  keep(router: string, ahead: Millis): Result<undefined, SigningFailure> {
    const path = this.#pathOf(router);
    try {
      writeFileSync(`${path}.new`, String(ahead), { mode: 0o600 });
      renameSync(`${path}.new`, path);
      return done;
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      return fail({ code: 'not-kept', detail });
    }
  }

  #pathOf(router: string): string {
    return join(this.#directory, `signed-${router}`);
  }
}

const MILLIS = /^-?\d{1,15}(?:\.\d{1,20})?$/u;
