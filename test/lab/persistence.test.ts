/** Visitors stay bound to their servers, and counters go on, whatever happens to a pair whose tables are replicated. */
import { beforeAll, describe, expect, it } from 'vitest';
import { EXIT } from '../../src/cli/exit-codes.js';
import { isWhole } from '../../src/lab/persistence/judgement.js';
import type { PersistenceSeen } from '../../src/lab/persistence/persistence.js';
import { PERSISTENCE_STEPS } from '../../src/lab/persistence/steps.js';
import { mayRaiseLabs, removeLeftOvers, vipair } from './rig.js';

describe.skipIf(!mayRaiseLabs)('persistence', () => {
  beforeAll(removeLeftOvers);

  it('outlives a power loss, a reboot, a switchover and restarts of HAProxy', async () => {
    const told = await vipair('lab', 'persistence', '--only', 'vipair', '--json');
    const { steps } = JSON.parse(told.stdout) as { readonly steps: readonly PersistenceSeen[] };
    expect(told.stderr).toContain('Nothing of the lab is left.');
    expect(steps.map(({ step }) => step)).toEqual(PERSISTENCE_STEPS.map(({ name }) => name));
    for (const { step, ways, counters, rates } of steps) {
      const shares = [...Object.values(ways), counters, rates];
      expect(shares.every(isWhole), `${step}: ${told.stdout}`).toBe(true);
    }
    const rejoined = steps.find(({ step }) => step === 'rejoined');
    expect(rejoined?.verdict, told.stdout).toBe('as expected');
  });

  it('is not begun with an interval that is none', async () => {
    const refused = await vipair('lab', 'persistence', '--adverts', 'often');
    expect(refused.exit).toBe(EXIT.usage);
    expect(refused.stderr).toContain('vipair lab persistence: --adverts');
  });
});
