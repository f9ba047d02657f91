/** Visitors stay bound to their servers, and counters go on, whatever happens to a pair whose tables are replicated. */
import { beforeAll, describe, expect, it } from 'vitest';
import { EXIT } from '../../src/cli/exit-codes.js';
import type { PersistenceSeen } from '../../src/lab/persistence/persistence.js';
import { mayRaiseLabs, removeLeftOvers, vipair } from './rig.js';

describe.skipIf(!mayRaiseLabs)('persistence', () => {
  beforeAll(removeLeftOvers);

  it("is looked at with HAProxy's own peers as well", async () => {
    const told = await vipair('lab', 'persistence', '--only', 'haproxy', '--json');
    const { steps } = JSON.parse(told.stdout) as { readonly steps: readonly PersistenceSeen[] };
    expect(told.stderr).toContain('Nothing of the lab is left.');
    const [live, powerLoss] = steps;
    expect(live, told.stdout).toMatchObject({ step: 'live', verdict: 'as expected' });
    expect(powerLoss, told.stdout).toMatchObject({ step: 'power loss', verdict: 'as expected' });
  });

  it('is not begun with an interval that is none', async () => {
    const refused = await vipair('lab', 'persistence', '--adverts', 'often');
    expect(refused.exit).toBe(EXIT.usage);
    expect(refused.stderr).toContain('vipair lab persistence: --adverts');
  });
});
