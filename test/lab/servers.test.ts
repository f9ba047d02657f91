/** Servers that are added and removed at run time, in a whole pair under load. */
import { beforeAll, describe, expect, it } from 'vitest';
import { EXIT } from '../../src/cli/exit-codes.js';
import type { ServersSeen } from '../../src/lab/servers.js';
import { SERVERS_STEPS } from '../../src/lab/servers-steps.js';
import { mayRaiseLabs, removeLeftOvers, vipair } from './rig.js';

describe.skipIf(!mayRaiseLabs)('vipair lab servers', () => {
  beforeAll(removeLeftOvers);

  it('adds, drains and removes a server, and both nodes have it whatever happens, without a failed request', async () => {
    const told = await vipair('lab', 'servers', '--json');
    expect(told.exit, told.stderr + told.stdout).toBe(EXIT.ok);
    const { steps } = JSON.parse(told.stdout) as { steps: readonly ServersSeen[] };
    expect(steps.map(({ step }) => step)).toEqual(SERVERS_STEPS.map(({ name }) => name));
    const drained = steps.find(({ step }) => step === 'drained');
    expect(Object.values(drained?.servers ?? {})).toContain('web1 web2 web3:drain');
    for (const { step, failed, requests } of steps) {
      const judged = SERVERS_STEPS.find(({ name }) => name === step)?.failures === 'judged';
      expect(requests, step).toBeGreaterThan(0);
      expect(judged ? failed : 0, step).toBe(0);
    }
  });
});
