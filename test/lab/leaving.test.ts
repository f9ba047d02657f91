/** A node goes: stopped for good, without power, or because an operator asked it to hand over. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { EXIT } from '../../src/cli/exit-codes.js';
import { longestGap, summarize } from '../../src/prober/gaps.js';
import type { NodeName } from '../../src/lab/topology.js';
import { HOST_ADDRESSES, VIRTUAL_ADDRESS } from '../../src/lab/topology.js';
import { mayRaiseLabs, must, pause, Rig, SECOND, run, value } from './rig.js';
import { WireTap } from './wire-tap.js';

/** Well under the interval of 1 s, let alone the three of them that silence would take. */
const AT_ONCE_MS = 500;
/** What a client may see of it on a machine that does other work too: far less than a silent master would cost. */
const UNHURRIED_MS = 2_000;
/** Three intervals and a skew, a probe's own deadline, and room for noise. */
const POWER_LOSS_MS = 5_000;

describe.skipIf(!mayRaiseLabs)('at 1 s adverts, a node that leaves', () => {
  let rig: Rig;

  beforeAll(async () => {
    rig = await Rig.raise('leave', { advertInterval: SECOND });
  });

  afterAll(async () => {
    await rig.remove();
  });

  beforeEach(() => rig.heal());

  async function expectNothingLeft(node: NodeName): Promise<void> {
    expect(await rig.told(node, 'ip', 'address', 'show')).not.toContain(VIRTUAL_ADDRESS);
    expect(await rig.told(node, 'nft', 'list', 'ruleset')).not.toContain('vipair');
  }

  it('stopped for good says priority 0, releases everything, and is followed at once', async () => {
    const { master, backup } = await rig.settled();
    const { proxyPids, enginePid } = rig.node(master).processes();
    const tap = await WireTap.open(rig);
    await pause(1_500);
    const report = await rig.probed(0, async () => {
      process.kill(must(enginePid, 'a daemon'), 'SIGTERM');
      await rig.soon('the daemon to end', () => {
        return rig.node(master).processes().enginePid === undefined;
      });
      await rig.soon('the peer to serve', async () => (await rig.role(backup)) === 'master');
    });
    await pause(1_000);
    await tap.close();
    const adverts = tap.adverts();
    const last = must(
      adverts.findLast(({ source }) => source === HOST_ADDRESSES[master]),
      'a last word',
    );
    const first = must(
      adverts.find(({ source }) => source === HOST_ADDRESSES[backup]),
      'an answer',
    );
    expect(last.priority).toBe(0);
    expect(first.at - last.at).toBeLessThan(AT_ONCE_MS);
    expect(longestGap(report)?.length ?? 0).toBeLessThan(UNHURRIED_MS);
    await expectNothingLeft(master);
    expect(rig.node(master).processes().proxyPids).toEqual(proxyPids);
    value(await rig.node(master).startEngine());
    expect(await rig.settled()).toEqual({ master: backup, backup: master });
    expect(rig.node(master).processes().proxyPids).toEqual(proxyPids);
  });

  it('ends with exit code 0 when it is stopped', async () => {
    const { backup } = await rig.settled();
    const node = rig.node(backup);
    value(await node.stopEngine('for-good'));
    const stopped = await run('sh', [
      '-c',
      'ip netns exec "$0" "$@" >/dev/null 2>&1 & child=$!; sleep 1.5; kill -TERM $child; wait $child',
      rig.namespace(backup),
      process.execPath,
      process.env['VIPAIR_MAIN'] ?? 'dist/main.js',
      'daemon',
      '-c',
      rig.configOf(backup),
    ]);
    expect(stopped.exit).toBe(EXIT.ok);
    value(await node.startEngine());
    await rig.settled();
  });

  it('hands over when an operator asks: nobody notices but the operator', async () => {
    const { master, backup } = await rig.settled();
    let told = '';
    const report = await rig.probed(0, async () => {
      const done = await rig.vipair('switchover', '--yes', '-c', rig.configOf(master));
      expect(done.exit).toBe(EXIT.ok);
      told = done.stdout;
    });
    expect(told).toContain(`moved to ${HOST_ADDRESSES[backup]}`);
    expect(await rig.settled()).toEqual({ master: backup, backup: master });
    expect(longestGap(report)?.length ?? 0).toBeLessThan(UNHURRIED_MS);
  });

  it('refuses a switchover where it is backup, and names the master', async () => {
    const { master, backup } = await rig.settled();
    const refused = await rig.vipair('switchover', '--yes', '-c', rig.configOf(backup));
    expect(refused.exit).toBe(EXIT.refused);
    expect(refused.stderr).toContain(HOST_ADDRESSES[master]);
    expect(await rig.settled()).toEqual({ master, backup });
  });

  it('does nothing without a terminal to confirm at, and without --yes', async () => {
    const before = await rig.settled();
    const asked = await rig.vipair('switchover', '-c', rig.configOf(before.master));
    expect(asked.exit).toBe(EXIT.usage);
    expect(asked.stderr).toContain('--yes');
    expect(await rig.settled()).toEqual(before);
  });

  it('without power is followed within a master-down interval, and comes back as backup', async () => {
    const { master, backup } = await rig.settled();
    const report = await rig.probed(0, async () => {
      value(await rig.node(master).powerOff());
      await rig.soon('the peer to take over', async () => (await rig.role(backup)) === 'master');
      await pause(600);
    });
    expect(longestGap(report)).toMatchObject({ end: 'answered' });
    expect(longestGap(report)?.length ?? 0).toBeLessThan(POWER_LOSS_MS);
    await pause(200);

    // While the peer is without power, a switchover to it is undone, and no client is hurt by the attempt.
    const attempt = await rig.probed(0, async () => {
      const undone = await rig.vipair('switchover', '--yes', '-c', rig.configOf(backup));
      expect(undone.exit).toBe(EXIT.failed);
      expect(undone.stderr).toContain('undone');
    });
    // The lease outlasts the wait for a successor, so the undoing leaves no hole.
    expect(summarize(attempt).failed).toBe(0);
    expect(await rig.role(backup)).toBe('master');

    const healing = await rig.probed(0, async () => {
      value(await rig.node(master).powerOn());
      expect(await rig.settled()).toEqual({ master: backup, backup: master });
    });
    expect(summarize(healing).failed).toBe(0);
  });

  it('tells that no daemon answers where there is none', async () => {
    const asked = await rig.vipair('status', '--socket', '/run/vipair-lab/no-such.sock');
    expect(asked.exit).toBe(EXIT.noDaemon);
  });
});
