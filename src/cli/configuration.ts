/** Reading the configuration file for a command. */
import { readFileSync } from 'node:fs';
import type { Result } from '../base/result.js';
import { fail } from '../base/result.js';
import type { Config } from '../config/config.js';
import { parseConfig } from '../config/load.js';
import type { Problem } from '../config/problem.js';

export const DEFAULT_CONFIG = '/etc/vipair/vipair.yaml';

/** A file that cannot be read is a problem of its first line. */
export function readConfig(file: string): Result<Config, readonly Problem[]> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    return fail([{ file, line: 1, path: '', found, expected: 'a readable configuration file' }]);
  }
  return parseConfig(text, file);
}
