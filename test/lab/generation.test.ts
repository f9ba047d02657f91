/** Two nodes that should have the same configuration, and what becomes of it where they have not. */
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXIT } from '../../src/cli/exit-codes.js';
import { differencesInWords } from '../../src/telemetry/generation.js';
import type { GenerationStatus } from '../../src/telemetry/generation.js';
import { summarize } from '../../src/prober/gaps.js';
import type { ProbeReport } from '../../src/prober/sample.js';
import type { NodeName } from '../../src/lab/topology.js';
import { NODE_NAMES } from '../../src/lab/topology.js';
import { ownership } from '../../src/prober/ownership.js';
import { mayRaiseLabs, must, pause, Rig, TENTH } from './rig.js';

describe.skipIf(!mayRaiseLabs)('two nodes', () => {
  let rig: Rig;

  beforeAll(async () => {
    rig = await Rig.raise('generation', { advertInterval: TENTH, pairChannel: 'open' });
    for (const name of NODE_NAMES) {
      await rig.soon(
        'both to be in sync',
        async () => (await generation(name)).state === 'in sync',
      );
    }
  });

  afterAll(async () => {
    await rig.remove();
  });

  async function generation(name: NodeName): Promise<GenerationStatus> {
    return must((await rig.status(name)).generation, 'a pair channel');
  }

  it('say which line of haproxy.cfg differs, in both directions, and that it no longer does', async () => {
    const { haproxyConfig } = rig.node('lb2').files;
    const before = readFileSync(haproxyConfig, 'utf8');
    writeFileSync(
      haproxyConfig,
      `${before}\n  # A comment is no difference.\n  timeout tunnel 1h\n`,
    );
    for (const name of NODE_NAMES) {
      await rig.soon('the difference', async () => (await generation(name)).state === 'differs');
    }
    const line = before.split('\n').length + 2;
    const expected = `haproxy.cfg line ${String(line)}: timeout tunnel 1h`;
    expect(differencesInWords((await generation('lb1')).differences, 'lb2')).toEqual([
      `${expected} (on lb2)`,
    ]);
    expect(differencesInWords((await generation('lb2')).differences, 'lb1')).toEqual([
      `${expected} (here)`,
    ]);
    const status = await rig.vipair('status', '-c', rig.configOf('lb1'));
    expect(status.stdout).toContain(`configuration: differs from lb2\n  ${expected} (on lb2)`);
    const diff = await rig.vipair('diff', '-c', rig.configOf('lb1'));
    expect([diff.exit, diff.stdout]).toEqual([
      EXIT.failed,
      `haproxy.cfg (- here, + on lb2)\n+ ${String(line)}: timeout tunnel 1h\n`,
    ]);
    writeFileSync(haproxyConfig, before);
    await rig.soon('both to be in sync', async () => (await generation('lb1')).state === 'in sync');
    expect((await rig.vipair('diff', '-c', rig.configOf('lb1'))).exit).toBe(EXIT.ok);
    const told = rig.events('lb1').map(({ event }) => event);
    expect(told.filter((each) => each.startsWith('generation.'))).toEqual([
      ...['generation.in-sync', 'generation.differs', 'generation.in-sync'],
    ]);
  });

  it('say that a file was edited and is not loaded, or could not be', async () => {
    const text = readFileSync(rig.configOf('lb1'), 'utf8');
    rig.editConfig('lb1', () => text.replace('prefer: lb1', 'prefer: lb2'));
    await rig.soon('that it was changed', async () => (await generation('lb1')).file === 'changed');
    rig.editConfig('lb1', () => text.replace('vrid: ', 'vrid: x'));
    await rig.soon('that it is wrong', async () => (await generation('lb1')).file === 'wrong');
    rig.editConfig('lb1', () => text);
    await rig.soon('that it runs', async () => (await generation('lb1')).file === 'runs');
    expect((await generation('lb1')).state).toBe('in sync');
  });

  it('are not compared while one is down', async () => {
    await rig.node('lb2').stopEngine('for-good');
    await rig.soon('the silence', async () => (await generation('lb1')).state === 'unknown');
    const status = await rig.vipair('status', '-c', rig.configOf('lb1'));
    expect(status.stdout).toContain(
      'configuration: not compared with lb2: the pair channel is down',
    );
    await rig.node('lb2').startEngine();
    await rig.soon('both to be in sync', async () => (await generation('lb1')).state === 'in sync');
  });

  it('reload what one node may change alone: nothing moves, and no address is touched', async () => {
    const { master } = await rig.settled();
    const monitor = spawn('ip', [
      ...['netns', 'exec', rig.namespace(master), 'ip', 'monitor', 'address'],
    ]);
    let seen = '';
    monitor.stdout.on('data', (data: Buffer) => {
      seen += data.toString();
    });
    const text = readFileSync(rig.configOf(master), 'utf8');
    const mark = rig.events(master).length;
    rig.editConfig(master, () => text.replace('    prefer:', '    failback: manual\n    prefer:'));
    const planned = await rig.vipair('reload', '--dry-run', '-c', rig.configOf(master));
    expect(planned.stdout).toContain('groups.web.failback.kind: never → manual (live)');
    expect(planned.stdout).toContain('nothing would change');
    expect((await rig.group(master)).failback.policy).toBe('never');
    const done = await rig.vipair('reload', '-c', rig.configOf(master));
    expect([done.exit, done.stderr]).toEqual([EXIT.ok, '']);
    expect((await rig.group(master)).failback.policy).toBe('manual');
    await rig.soon('the difference', async () => (await generation(master)).state === 'differs');
    // By signal as by command.
    rig.editConfig(master, () => text);
    process.kill(must(rig.node(master).processes().enginePid, 'a daemon'), 'SIGHUP');
    await rig.soon(
      'the old policy',
      async () => (await rig.group(master)).failback.policy === 'never',
    );
    monitor.kill();
    expect(seen).not.toContain('Deleted');
    expect(rig.eventsSince(master, mark).map(({ event }) => event)).not.toContain('vrrp.state');
    expect((await rig.settled()).master).toBe(master);
  });

  it('refuse to reload what both must change, and a file with mistakes, and change nothing', async () => {
    const { master } = await rig.settled();
    const text = readFileSync(rig.configOf(master), 'utf8');
    rig.editConfig(master, () => text.replace(/vrid: \d+/u, 'vrid: 77'));
    const refused = await rig.vipair('reload', '-c', rig.configOf(master));
    expect(refused.exit).toBe(EXIT.refused);
    expect(refused.stderr).toContain('groups.web.ipv4 on eth0.vrid');
    rig.editConfig(master, () => text.replace(/vrid: \d+/u, 'vrid: 777'));
    const wrong = await rig.vipair('reload', '-c', rig.configOf(master));
    expect(wrong.exit).toBe(EXIT.configuration);
    expect(wrong.stderr).toContain('found 777, expected a virtual router id from 1 to 255');
    rig.editConfig(master, () => text);
    expect((await rig.vipair('reload', '-c', rig.configOf(master))).stdout).toContain(
      'nothing was changed',
    );
    expect((await rig.settled()).master).toBe(master);
  });

  it('change what both must agree on at the same moment, asked on either: no second owner, and what stays is not touched', async () => {
    const { master, backup } = await rig.settled();
    const monitor = spawn('ip', [
      ...['netns', 'exec', rig.namespace(master), 'ip', 'monitor', 'address'],
    ]);
    let seen = '';
    monitor.stdout.on('data', (data: Buffer) => {
      seen += data.toString();
    });
    const marks = NODE_NAMES.map((name) => rig.events(name).length);
    const edit = (text: string): string =>
      text
        .replace(/vrid: \d+/u, 'vrid: 91')
        .replace('addresses: [', 'addresses: [10.77.0.201/24, ');
    let probed: ProbeReport | undefined;
    const watched = ownership(
      await rig.watched(async () => {
        probed = await rig.probed(0, async () => {
          rig.editConfig(backup, edit);
          const half = await rig.vipair('reload', '--dry-run', '-c', rig.configOf(backup));
          expect(half.stdout).toContain(' → 91 (both nodes at the same moment)');
          expect(half.stdout).toContain(`vrid: 91 here, `);
          rig.editConfig(master, edit);
          const done = await rig.vipair('reload', '-c', rig.configOf(backup));
          expect([done.exit, done.stderr]).toEqual([EXIT.ok, '']);
          expect(done.stdout).toContain(`changed on ${backup} and ${master} at the same moment`);
          await pause(WOULD_BE_MISSED_MS);
        });
      }),
    );
    expect([watched.tenures.length, watched.twoOwners, watched.contestedAsks]).toEqual([1, 0, 0]);
    expect(summarize(must(probed, 'a probing')).failed).toBe(0);
    for (const name of NODE_NAMES) {
      const { vrid, addresses } = await rig.group(name);
      expect([vrid, addresses]).toEqual([91, ['10.77.0.201/24', '10.77.0.100/24']]);
    }
    expect(await rig.told(master, 'ip', 'address', 'show')).toContain('10.77.0.201/24');
    expect(seen).not.toContain('Deleted');
    const told = NODE_NAMES.flatMap((name, index) => rig.eventsSince(name, marks[index] ?? 0));
    expect(told.map(({ event }) => event)).not.toContain('vrrp.state');
    expect(told.filter(({ event }) => event === 'reload.switched')).toHaveLength(2);
    // The address that goes is the only one that is touched.
    for (const name of NODE_NAMES) {
      rig.editConfig(name, (text) => text.replace('10.77.0.201/24, ', ''));
    }
    expect((await rig.vipair('reload', '-c', rig.configOf(master))).exit).toBe(EXIT.ok);
    await rig.soon('the end of the address', () => seen.includes('Deleted'));
    const deleted = seen.split('\n').filter((line) => line.startsWith('Deleted'));
    expect(deleted).toEqual([expect.stringContaining('10.77.0.201/24')]);
    monitor.kill();
    expect((await rig.settled()).master).toBe(master);
  });

  it('change it while the owner stands still: the other one takes over once its lease has ended, and both are the same in the end', async () => {
    const { master, backup } = await rig.settled();
    const edit = (text: string): string => text.replace(/vrid: \d+/u, 'vrid: 92');
    const mark = rig.events(master).length;
    const watched = ownership(
      await rig.watched(async () => {
        NODE_NAMES.forEach((name) => {
          rig.editConfig(name, edit);
        });
        const asked = rig.vipair('reload', '-c', rig.configOf(backup));
        await rig.soon('that the owner is ready', () =>
          rig.eventsSince(master, mark).some(({ event }) => event === 'reload.prepared'),
        );
        rig.node(master).strikeEngine('freeze');
        await rig.soon('another owner', async () => (await rig.role(backup)) === 'master');
        rig.node(master).strikeEngine('thaw');
        await asked;
        await rig.settled();
      }),
    );
    expect([watched.twoOwners, watched.contestedAsks]).toEqual([0, 0]);
    await rig.soon('the same on both', async () => {
      // Whoever was left behind is brought along.
      await rig.vipair('reload', '-c', rig.configOf(backup));
      const vrids = await Promise.all(NODE_NAMES.map(async (name) => (await rig.group(name)).vrid));
      return vrids.every((vrid) => vrid === 92);
    });
    expect((await rig.settled()).master).toBe(backup);
  });

  it('restarted with another VRID on one node only: no second owner at any instant, and an alarm that names it', async () => {
    const { master, backup } = await rig.settled();
    const text = readFileSync(rig.configOf(backup), 'utf8');
    const other = text.replace(/vrid: \d+/u, 'vrid: 77').replace(/ {4}reachability: .*\n/u, '');
    const mark = rig.events(backup).length;
    const seen = ownership(
      await rig.watched(async () => {
        rig.editConfig(backup, () => other);
        await rig.node(backup).stopEngine('hand-over');
        await rig.node(backup).startEngine();
        await rig.soon('the alarm', () =>
          rig.eventsSince(backup, mark).some(({ event }) => event === 'generation.group-differs'),
        );
        await pause(WOULD_HAVE_MOVED_MS);
        expect(await rig.role(backup)).toBe('backup');
        // The same on the other node: it hands over to itself, on the new VRID.
        rig.editConfig(master, () =>
          readFileSync(rig.configOf(master), 'utf8').replace(/vrid: \d+/u, 'vrid: 77'),
        );
        await rig.node(master).stopEngine('hand-over');
        await rig.node(master).startEngine();
        await rig.settled();
      }),
    );
    expect(seen.tenures).toHaveLength(1);
    expect([seen.twoOwners, seen.contestedAsks]).toEqual([0, 0]);
    expect(await rig.role(master)).toBe('master');
    await rig.soon('that they agree', () =>
      rig.eventsSince(backup, mark).some(({ event }) => event === 'generation.group-agrees'),
    );
  });
});

/** Longer than a backup's patience at 100 ms adverts. */
const WOULD_BE_MISSED_MS = 1500;
/** Longer than `start_hold`, and far longer than a backup's patience at 100 ms adverts. */
const WOULD_HAVE_MOVED_MS = 5000;
