/** What is wrong on purpose, against the program as it is built. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SABOTAGES } from '../../src/lab/drills/sabotage.js';
import { makeTestBuild } from '../../src/lab/drills/test-build.js';
import { value } from './expected.js';

const MAIN = resolve('dist/main.js');

describe('a build with one thing wrong', () => {
  let directory: string;

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'vipair-build-'));
  });

  afterAll(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  it.each(SABOTAGES)('is made of the built program: $name', ({ replaced }) => {
    const main = value(makeTestBuild(MAIN, join(directory, 'wrong'), replaced));
    expect(readFileSync(main)).toEqual(readFileSync(MAIN));
    const again = makeTestBuild(main, join(directory, 'again'), replaced);
    // `announce(address) {` stays where it was; a line that is gone cannot be replaced a second time.
    expect(again.ok).toBe(replaced.every(({ line, by }) => by.startsWith(line)));
    expect(dirname(main)).toBe(join(directory, 'wrong', 'dist'));
  });

  it('is none where a line is not in the module, or more than once', () => {
    for (const [module, line] of [
      ['os/announcer', 'async guard(order) {'],
      ['os/no-module', 'announce(address) {'],
      ['os/lease-table', 'return'],
    ] as const) {
      const made = makeTestBuild(MAIN, join(directory, 'none'), [{ module, line, by: '' }]);
      expect(made).toMatchObject({ ok: false, error: expect.stringContaining(module) as string });
    }
  });
});
