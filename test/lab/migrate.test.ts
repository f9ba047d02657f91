/** A keepalived pair becomes a vipair pair one node at a time, under load: nothing moves that was not meant to. */
import { beforeAll, describe, expect, it } from 'vitest';
import { EXIT } from '../../src/cli/exit-codes.js';
import type { Migrated } from '../../src/lab/migrate.js';
import { mayRaiseLabs, removeLeftOvers, vipair } from './rig.js';

/** The address moves twice: what was under way then may be lost, and nothing else. */
const LOST_TO_TWO_MOVES = 0.05;

describe.skipIf(!mayRaiseLabs)('a migration', () => {
  beforeAll(removeLeftOvers);

  it.each([
    ['3', '100ms'],
    ['2', '1s'],
  ])('of a pair that speaks VRRPv%s, at %s, moves the address twice', async (version, adverts) => {
    const asked = ['lab', 'migrate', '--version', version, '--adverts', adverts, '--json'];
    const told = await vipair(...asked);
    expect(told.exit, told.stderr + told.stdout).toBe(EXIT.ok);
    expect(told.stderr).toContain('Nothing of the lab is left.');
    const migrated = JSON.parse(told.stdout) as Migrated;
    expect(migrated).toMatchObject({ verdict: 'as planned', movesPlanned: 2, movesSeen: 2 });
    expect(migrated.steps.map(({ name, moves }) => [name, moves])).toEqual([
      ['before', 0],
      ['backup changes over', 0],
      ['first move', 1],
      ['master changes over', 0],
      ['second move', 1],
    ]);
    expect(migrated.requests).toBeGreaterThan(500);
    expect(migrated.failed).toBeLessThan(migrated.requests * LOST_TO_TWO_MOVES);
  });

  it.each([
    ['--version', '1'],
    ['--adverts', 'often'],
    ['--version', '2', '--adverts', '500ms'],
  ])('is not begun with %s %s', async (...asked) => {
    const refused = await vipair('lab', 'migrate', ...asked);
    expect(refused.exit).toBe(EXIT.usage);
    expect(refused.stderr).toContain('vipair lab migrate: --');
  });
});
