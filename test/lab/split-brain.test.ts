/** Every path between the nodes is broken in turn: who owned the address is asked on the wire. */
import { beforeAll, describe, expect, it } from 'vitest';
import { EXIT } from '../../src/cli/exit-codes.js';
import { PATH_FAULTS } from '../../src/lab/path-faults.js';
import type { Split } from '../../src/lab/split-brain.js';
import { mayRaiseLabs, removeLeftOvers, vipair } from './rig.js';

const QUICKLY = ['--adverts', '100ms', '--no-keepalived'] as const;

interface Told {
  readonly faults: readonly (Split & { readonly engine: string })[];
}

describe.skipIf(!mayRaiseLabs)('a split between two nodes', () => {
  beforeAll(removeLeftOvers);

  it('makes no two owners while one path is whole, and one owner once both are healed', async () => {
    const told = await vipair('lab', 'split-brain', ...QUICKLY, '--json');
    expect(told.exit, told.stderr + told.stdout).toBe(EXIT.ok);
    const { faults } = JSON.parse(told.stdout) as Told;
    const ours = faults.filter(({ engine }) => engine === 'vipair');
    expect(ours.map(({ fault }) => fault)).toEqual(PATH_FAULTS.map(({ name }) => name));
    expect(ours.map(({ verdict }) => verdict)).toEqual(ours.map(() => 'as expected'));
    const silent = ours.filter(({ alarms }) => alarms.length === 0);
    // What the backup would advertise is filtered: it has nothing to say, so nobody misses it.
    expect(silent.map(({ fault }) => fault)).toEqual(['VRRP filtered, backup to master']);
  });

  it('is not begun with an interval that is none', async () => {
    const refused = await vipair('lab', 'split-brain', '--adverts', 'often');
    expect(refused.exit).toBe(EXIT.usage);
    expect(refused.stderr).toContain('vipair lab split-brain: --adverts');
  });
});
