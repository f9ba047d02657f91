/** What operators order of the pair itself: it stands on both nodes, and over restarts. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXIT } from '../../src/cli/exit-codes.js';
import type { NodeName } from '../../src/lab/topology.js';
import type { OrderAnswer } from '../../src/telemetry/orders.js';
import type { PairReport } from '../../src/telemetry/status.js';
import type { CommandOutcome } from './rig.js';
import { mayRaiseLabs, Rig, TENTH, value } from './rig.js';

describe.skipIf(!mayRaiseLabs)('with a pair channel', () => {
  let rig: Rig;

  beforeAll(async () => {
    rig = await Rig.raise('orders', { advertInterval: TENTH, pairChannel: 'open' });
  });

  afterAll(async () => {
    await rig.remove();
  });

  const on = (name: NodeName, ...command: readonly string[]): Promise<CommandOutcome> =>
    rig.vipair(...command, '-c', rig.configOf(name));

  async function report(name: NodeName): Promise<PairReport> {
    return JSON.parse((await on(name, 'status', '--json')).stdout) as PairReport;
  }

  async function answering(name: NodeName): Promise<void> {
    await rig.soon('both to answer', async () => (await report(name)).peer?.word === 'answer');
  }

  it('a paused master keeps the addresses although its proxy is dead, until it is resumed', async () => {
    const { master, backup } = await rig.settled();
    await answering(backup);
    const paused = await on(backup, 'pause', '--yes', '--json');
    expect(paused.exit).toBe(EXIT.ok);
    expect((JSON.parse(paused.stdout) as OrderAnswer).peer).toEqual({ node: master });
    const page = (await on(master, 'status')).stdout;
    expect(page).toMatch(new RegExp(`automatic moves are paused since .* by ${backup}`, 'u'));
    expect((await on(master, 'explain')).stdout).toContain('automatic moves are paused');
    rig.node(master).strikeProxy('kill');
    await rig.soon('the master to keep them', () =>
      Promise.resolve(rig.events(master).some(({ event }) => event === 'vrrp.kept')),
    );
    expect([await rig.role(master), await rig.role(backup)]).toEqual(['master', 'backup']);
    expect(await rig.settled()).toEqual({ master, backup });
    expect((await on(master, 'resume', '--yes')).exit).toBe(EXIT.ok);
  });

  it('a switchover that is planned on one node is known to both, and carried out by the master', async () => {
    const { master, backup } = await rig.settled();
    await answering(backup);
    expect((await on(backup, 'switchover', '--at', 'soon', '--yes')).exit).toBe(EXIT.usage);
    const past = ['--at', '2020-01-01T00:00:00Z', '--yes'];
    expect((await on(backup, 'switchover', ...past)).exit).toBe(EXIT.refused);
    expect((await on(backup, 'switchover', '--at', '+10m', '--yes')).exit).toBe(EXIT.ok);
    expect((await report(master)).schedules).toMatchObject([{ state: 'planned', to: backup }]);
    expect((await on(master, 'switchover', '--cancel', '--yes')).exit).toBe(EXIT.ok);
    expect((await report(backup)).schedules).toMatchObject([{ state: 'cancelled' }]);
    expect((await on(backup, 'switchover', '--at', '+1s', '--yes')).exit).toBe(EXIT.ok);
    await rig.soon('it to be carried out', async () => (await rig.role(backup)) === 'master');
    await rig.soon('both to say so', async () => {
      const states = await Promise.all([master, backup].map((name) => report(name)));
      return states.every(({ schedules }) => schedules[0]?.state === 'done');
    });
    await rig.settled();
  });

  it('a node in maintenance gives away what it has, and takes no part after a restart either', async () => {
    const { master, backup } = await rig.settled();
    await answering(backup);
    const ordered = await on(backup, 'maintenance', 'on', master, '--yes', '--json');
    expect(ordered.exit).toBe(EXIT.ok);
    expect(JSON.parse(ordered.stdout)).toMatchObject({ holds: [], changed: 'something' });
    expect([await rig.role(master), await rig.role(backup)]).toEqual(['backup', 'master']);
    const both = await on(backup, 'maintenance', 'on', backup, '--yes', '--json');
    expect(both.exit).toBe(EXIT.refused);
    const asked = await on(backup, 'switchover', '--yes');
    expect(asked.exit).toBe(EXIT.refused);
    expect(asked.stderr).toContain('it is in maintenance');
    value(await rig.node(master).powerOff());
    value(await rig.node(master).powerOn());
    await answering(backup);
    await rig.soon('it to know', async () => {
      const { kept } = (await report(master)).groups[0] ?? {};
      return kept === 'in maintenance';
    });
    expect(await rig.role(backup)).toBe('master');
    // With the other node gone, it is the last resort.
    value(await rig.node(backup).powerOff());
    await rig.soon('the last resort', async () => (await rig.role(master)) === 'master');
    value(await rig.node(backup).powerOn());
    await rig.soon('its relief', async () => (await rig.role(backup)) === 'master');
    expect((await on(backup, 'maintenance', 'off', master, '--yes')).exit).toBe(EXIT.ok);
    await rig.soon(
      'the end of it',
      async () => (await report(master)).groups[0]?.kept === undefined,
    );
    await rig.settled();
  });
});
