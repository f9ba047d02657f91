/** Drills on a pair of real daemons, by the command that an operator types. */
import { beforeAll, describe, expect, it } from 'vitest';
import { EXIT } from '../../src/cli/exit-codes.js';
import type { RoundsSeen } from '../../src/lab/drills/rounds.js';
import { mayRaiseLabs, removeLeftOvers, vipair } from './rig.js';

/** One that is asked of the daemons, one that is made by a rule, one by a signal. */
const SOME = ['switchover', 'channel-cut', 'proxy-crash'];

describe.skipIf(!mayRaiseLabs)('vipair lab drills', () => {
  beforeAll(removeLeftOvers);

  it('makes faults, measures, undoes them and passes, and the machine is as before', async () => {
    const only = SOME.flatMap((name) => ['--only', name]);
    const told = await vipair('lab', 'drills', '--rounds', '1', ...only, '--json');
    const seen = JSON.parse(told.stdout) as RoundsSeen;
    const drills = seen.rounds[0]?.drills ?? [];
    expect(drills.map(({ drill, verdict, why }) => [drill, verdict, why])).toEqual(
      SOME.map((name) => [name, 'passed', []]),
    );
    expect(drills.map(({ report }) => report?.figures.moves)).toEqual([1, 0, 1]);
    expect(seen.left).toEqual([]);
    expect(told.exit).toBe(EXIT.ok);
  });

  it('are refused by name and by limit before anything is raised', async () => {
    const told = await vipair('lab', 'drills', '--only', 'earthquake', '--rounds', '0');
    expect(told.exit).toBe(EXIT.usage);
    expect(told.stderr).toContain('no drill is called earthquake');
    expect(told.stderr).toContain('--rounds 0: expected 1 to 20');
  });
});
