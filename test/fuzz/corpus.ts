/** Inputs worth keeping: a file for each target, a line of hex for each input. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/** A target whose behaviour needs more inputs than these is too large a target. */
export const MOST_KEPT = 200;

/** Where they are kept, seen from the top of the repository: compiled tests run from elsewhere. */
const DIRECTORY = 'test/fuzz/corpus';

export function readCorpus(target: string): readonly Uint8Array[] {
  const path = pathOf(target);
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      if (!/^(?:[0-9a-f]{2})*$/u.test(line)) {
        throw new Error(`${path}: found ${line.slice(0, 20)}…, expected lines of hex`);
      }
      return Uint8Array.from(Buffer.from(line, 'hex'));
    });
}

/** The shortest first, so that the file changes little. */
export function writeCorpus(target: string, inputs: readonly Uint8Array[]): void {
  const lines = inputs
    .slice(0, MOST_KEPT)
    .map(hex)
    .sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
  writeFileSync(pathOf(target), lines.map((line) => `${line}\n`).join(''));
}

export function hex(input: Uint8Array): string {
  return Buffer.from(input).toString('hex');
}

function pathOf(target: string): string {
  return `${DIRECTORY}/${target}.txt`;
}
