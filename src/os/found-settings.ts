/** The kernel settings that a daemon of this boot has changed, in one small file on a memory file system. */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Result } from '../base/result.js';
import { done, fail } from '../base/result.js';
import type { FoundSetting, FoundSettings } from '../ports/found-settings.js';

export class FileFoundSettings implements FoundSettings {
  readonly #path: string;

  constructor(directory: string) {
    this.#path = join(directory, 'settings-found');
  }

  read(): readonly FoundSetting[] {
    try {
      return readFileSync(this.#path, 'utf8').split('\n').flatMap(readLine).slice(0, MOST_SETTINGS);
    } catch {
      // Nothing was changed in this boot.
      return [];
    }
  }

  /** In one piece, whenever we are killed. */
  keep(settings: readonly FoundSetting[]): Result<undefined, { readonly detail: string }> {
    try {
      if (settings.length === 0) {
        rmSync(this.#path, { force: true });
        return done;
      }
      const lines = settings.map(({ name, found, changedTo }) => `${name} ${found} ${changedTo}\n`);
      writeFileSync(`${this.#path}.new`, lines.join(''), { mode: 0o600 });
      renameSync(`${this.#path}.new`, this.#path);
      return done;
    } catch (error) {
      return fail({ detail: error instanceof Error ? error.message : String(error) });
    }
  }
}

/** Only what the daemon itself could have written: root believes it. */
function readLine(line: string): readonly FoundSetting[] {
  const match = LINE.exec(line);
  const [, name = '', found = '', changedTo = ''] = match ?? [];
  return match === null ? [] : [{ name, found, changedTo }];
}

/** A setting of the network or of an interface, as sysctl(8) has it, and two numbers. */
const LINE =
  /^(net\.(?:netfilter|ipv[46](?:\.conf\.[^\s.]{1,32})?)\.[a-z_]{1,40}) (-?\d{1,9}) (-?\d{1,9})$/u;
/** Far more than sixteen groups have. */
const MOST_SETTINGS = 256;
