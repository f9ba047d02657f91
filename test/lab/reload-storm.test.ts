/** HAProxy is reloaded again and again under load. */
import { beforeAll, describe, expect, it } from 'vitest';
import { EXIT } from '../../src/cli/exit-codes.js';
import type { StormSeen } from '../../src/lab/reload-storm.js';
import { mayRaiseLabs, removeLeftOvers, vipair } from './rig.js';

describe.skipIf(!mayRaiseLabs)('vipair lab reload-storm', () => {
  beforeAll(removeLeftOvers);

  it('makes few reloads of many that are asked for, and loses no request', async () => {
    // 2,000 a second leave two slow processors too little for clients, HAProxy and the reloads themselves.
    const storm30 = ['--reloads', '30', '--seconds', '3', '--rate', '500'];
    const told = await vipair('lab', 'reload-storm', ...storm30, '--json');
    expect(told.exit, told.stderr + told.stdout).toBe(EXIT.ok);
    const { storm } = JSON.parse(told.stdout) as { storm: StormSeen };
    expect(storm).toMatchObject({ asked: 30, answered: 30, failed: 0, moved: 'no' });
    expect(storm.reloads).toBeGreaterThan(0);
    expect(storm.reloads).toBeLessThan(10);
    expect(storm.workersAfter).toBe(1);
  });
});
