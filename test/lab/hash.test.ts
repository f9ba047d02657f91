/** A service of the kernel with ten servers, in a whole pair. */
import { beforeAll, describe, expect, it } from 'vitest';
import { EXIT } from '../../src/cli/exit-codes.js';
import type { HashSeen } from '../../src/lab/hash/hash-lab.js';
import { HASH_STEPS } from '../../src/lab/hash/hash-steps.js';
import { mayRaiseLabs, removeLeftOvers, vipair } from './rig.js';

describe.skipIf(!mayRaiseLabs)('vipair lab hash', () => {
  beforeAll(removeLeftOvers);

  it('is even, moves nobody but those of a server that comes or goes, and no open connection', async () => {
    const told = await vipair('lab', 'hash', '--json');
    expect(told.exit, told.stderr + told.stdout).toBe(EXIT.ok);
    const { steps } = JSON.parse(told.stdout) as { steps: readonly HashSeen[] };
    expect(steps.map(({ step }) => step)).toEqual(HASH_STEPS.map(({ name }) => name));
    const [first, , , drained] = steps;
    expect(first?.held).toEqual({ kept: 200, moved: 0, broken: 0 });
    // The connections of the one server that was drained, when its time was up.
    expect(drained?.held.broken).toBeGreaterThan(0);
    expect(drained?.held.moved).toBe(0);
  });
});
