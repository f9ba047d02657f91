/** The last lines of a log, for a message. */
import { readFileSync } from 'node:fs';

/** What a log's end is worth in an error message. */
const TAIL_LINES = 6;

/** Empty where there is no log. */
export function tailOf(file: string): string {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-TAIL_LINES).join('\n');
  } catch {
    return '';
  }
}
