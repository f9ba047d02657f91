/** Around every lab test: one that fails half-way leaves a pair behind that the next try, and the next test, begin with. */
import process from 'node:process';
import { afterEach, beforeAll, beforeEach } from 'vitest';
import type { Rig } from './rig.js';
import { removeForgotten, rigsThere } from './rig.js';

const before = new Map<Rig, ReadonlyMap<string, string>>();

beforeAll(removeForgotten);

beforeEach(({ task }) => {
  if ((task.result?.retryCount ?? 0) === 0) {
    before.clear();
    rigsThere().forEach((rig) => before.set(rig, rig.configuration()));
  }
});

afterEach(async ({ task }) => {
  if (task.result?.state !== 'fail') {
    return;
  }
  for (const [rig, configuration] of before) {
    try {
      await rig.restore(configuration);
    } catch (error) {
      // The test's own failure is the one to be read.
      process.stderr.write(`${rig.lab.settings.name} is not restored: ${String(error)}\n`);
    }
  }
});
