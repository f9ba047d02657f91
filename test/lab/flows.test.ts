/** Connections through a pair outlive the node that forwards them, and only where they are replicated. */
import { beforeAll, describe, expect, it } from 'vitest';
import { EXIT } from '../../src/cli/exit-codes.js';
import type { FlowsOutcome } from '../../src/lab/flows/flows.js';
import { mayRaiseLabs, removeLeftOvers, vipair } from './rig.js';

const COUNT = 20;

describe.skipIf(!mayRaiseLabs)('flows through the kernel', () => {
  beforeAll(removeLeftOvers);

  it('go on when the master loses its power, and die where nobody has replicated them', async () => {
    const told = await vipair('lab', 'flows', '--short', '--count', String(COUNT), '--json');
    expect(told.stderr).toContain('Nothing of the lab is left.');
    const { runs } = JSON.parse(told.stdout) as { readonly runs: readonly FlowsOutcome[] };
    const seen = runs.flatMap((run) => run.seen);
    const of = (by: string) => seen.filter((each) => each.by === by);
    for (const by of ['vipair', 'nobody']) {
      expect(of(by).reduce((sum, { flows }) => sum + flows, 0)).toBe(2 * COUNT);
    }
    expect(of('vipair'), told.stdout).toEqual(
      of('vipair').map((each) => ({ ...each, broken: 0, before: 0, corruptBytes: 0 })),
    );
    expect(of('nobody'), told.stdout).toEqual(
      of('nobody').map((each) => ({ ...each, broken: each.flows, before: 0, corruptBytes: 0 })),
    );
    expect(told.exit).toBe(EXIT.ok);
  });

  it('are not begun with a number that is none', async () => {
    const refused = await vipair('lab', 'flows', '--count', '0');
    expect(refused.exit).toBe(EXIT.usage);
    expect(refused.stderr).toContain('vipair lab flows: --count');
  });
});
