/** What the daemon remembers: every transition, over restarts and whatever becomes of the disk; and its last events. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXIT } from '../../src/cli/exit-codes.js';
import { otherNode } from '../../src/lab/topology.js';
import type { NodeName } from '../../src/lab/topology.js';
import type { PairHistory } from '../../src/telemetry/transition.js';
import { MAIN, mayRaiseLabs, must, Rig, run, TENTH, value } from './rig.js';

describe.skipIf(!mayRaiseLabs)('the history of a node', () => {
  let rig: Rig;

  beforeAll(async () => {
    rig = await Rig.raise('history', { advertInterval: TENTH });
  });

  afterAll(async () => {
    await rig.remove();
  });

  const journal = (name: NodeName): string =>
    `${rig.node(name).files.vipairStateDirectory}/history.jsonl`;

  /** Of that node alone. */
  async function history(name: NodeName, ...more: readonly string[]): Promise<PairHistory> {
    const only = ['--node', name];
    const told = await rig.vipair('history', '-c', rig.configOf(name), '--json', ...only, ...more);
    expect(told.exit).toBe(EXIT.ok);
    return JSON.parse(told.stdout) as PairHistory;
  }

  const kept = ({ parts }: PairHistory): string | undefined => parts[0]?.kept;

  async function numbers(name: NodeName): Promise<readonly number[]> {
    return (await history(name, '-n', '500')).transitions.map(({ number }) => number);
  }

  /** The daemon ends with all it has, and another one takes its place. */
  async function restart(name: NodeName, meanwhile: () => void = () => undefined): Promise<void> {
    value(await rig.node(name).stopEngine('hand-over'));
    meanwhile();
    value(await rig.node(name).startEngine());
    await rig.settled();
    await rig.soon('the history to be read', async () => {
      return kept(await history(name)) !== 'being read';
    });
  }

  it('tells a failover: how many adverts were missed, and how long each phase took', async () => {
    const { master, backup } = await rig.settled();
    value(await rig.node(master).powerOff());
    await rig.soon('the take-over', async () => (await rig.role(backup)) === 'master');
    const last = await rig.soon('the announcement', async () => {
      const { transitions } = await history(backup, '--group', 'web', '-n', '1');
      return transitions.find(({ phases }) => phases.announceMs !== undefined);
    });
    expect(last).toMatchObject({
      ...{ node: backup, group: 'web', from: 'backup', to: 'master', trigger: 'alarm' },
      evidence: { adverts: { intervalMs: 100, missed: 3 } },
    });
    expect(last.phases.decideMs).toBeGreaterThan(150);
    expect(last.phases.decideMs).toBeLessThan(400);
    expect(last.phases.claimMs).toBeLessThan(50);
    const shown = await rig.vipair('history', '-c', rig.configOf(backup), '--details', '-n', '1');
    expect(shown.stderr).toContain(`what ${master} remembers is missing: this pair has no channel`);
    expect(shown.stdout).toContain('3 missed, one is due every 100 ms');
    expect(shown.stdout).toMatch(/decided .* after the first sign, claimed .*, announced /u);
    await rig.heal();
  });

  it('survives a restart of the daemon: numbers go on, and epochs tell the daemons apart', async () => {
    const { master } = await rig.settled();
    const before = await history(master, '-n', '500');
    expect(before.transitions.length).toBeGreaterThan(1);
    await restart(master);
    const after = await history(master, '-n', '500');
    expect(after.transitions.slice(0, before.transitions.length)).toEqual(before.transitions);
    const added = after.transitions.slice(before.transitions.length);
    expect(added.map(({ from, to }) => [from, to])).toEqual([
      ['master', 'stopped'],
      ['starting', 'master'],
    ]);
    const last = must(before.transitions.at(-1), 'a transition').number;
    expect(added.map(({ number }) => number)).toEqual([last + 1, last + 2]);
    expect(new Set(after.transitions.map(({ epoch }) => epoch)).size).toBeGreaterThan(1);
  });

  it('skips a half-written last line and a damaged one, says so, and goes on', async () => {
    const { master } = await rig.settled();
    const mark = rig.events(master).length;
    const before = await numbers(master);
    let cut = '';
    await restart(master, () => {
      const text = readFileSync(journal(master), 'utf8');
      const lines = text.trimEnd().split('\n');
      cut = must(lines.at(-1), 'a line');
      truncateSync(journal(master), Buffer.byteLength(text) - 40);
    });
    const events = await rig.soon('the report', () => {
      const told = rig.eventsSince(master, mark);
      return told.some(({ event }) => event === 'history.skipped') ? told : undefined;
    });
    expect(cut).toContain('"to":"stopped"');
    expect(events).toContainEqual(
      expect.objectContaining({ event: 'history.skipped', level: 'warn', damaged: 1 }),
    );
    const after = await numbers(master);
    expect(after.slice(0, before.length)).toEqual(before);
    // The number of the line that was lost is not given again.
    const last = must(before.at(-1), 'a number');
    expect(after.slice(before.length)).toEqual([last + 2]);
    await restart(master, () => {
      appendFileSync(journal(master), '\u0000\u0000garbage\n{"sum":"x"}\n');
    });
    expect((await numbers(master)).slice(0, after.length)).toEqual(after);
  });

  it('says a full disk once, goes on in memory, and writes all of it when there is room', async () => {
    const { master, backup } = await rig.settled();
    const files = rig.node(master).files;
    const at = files.vipairStateDirectory;
    const mark = rig.events(master).length;
    expect((await run('mount', ['-t', 'tmpfs', '-o', 'size=4k', 'vipair-test', at])).exit).toBe(0);
    try {
      writeFileSync(`${at}/filler`, 'x'.repeat(4096));
      // A daemon that runs already would not see it: it has mounts of its own.
      await restart(master);
      await rig.ownedBy(backup);
      await rig.ownedBy(master);
      const told = rig
        .eventsSince(master, mark)
        .filter(({ event }) => event.startsWith('history.'));
      expect(told).toEqual([expect.objectContaining({ event: 'history.not-kept', level: 'warn' })]);
      expect(String(told[0]?.['detail'])).toContain('ENOSPC');
      const after = await history(master, '-n', '500');
      expect(kept(after)).toBe('memory only');
      expect(after.transitions.length).toBeGreaterThan(3);
      await run('mount', ['-o', 'remount,size=1m', at]);
      await rig.ownedBy(backup);
      await rig.soon(
        'the history to be kept',
        async () => kept(await history(master)) === 'on disk',
      );
      const written = readFileSync(journal(master), 'utf8');
      for (const { number } of after.transitions) {
        expect(written).toContain(`"number":${String(number)},`);
      }
      expect(rig.eventsSince(master, mark)).toContainEqual(
        expect.objectContaining({ event: 'history.kept', dropped: 0 }),
      );
    } finally {
      await run('umount', [at]);
    }
    await restart(master);
    expect(kept(await history(master))).not.toBe('memory only');
  });

  it('is refused of a group that nobody knows, and of no daemon', async () => {
    const { master } = await rig.settled();
    const config = rig.configOf(master);
    expect((await rig.vipair('history', '-c', config, '-g', 'none')).exit).toBe(EXIT.refused);
    expect((await rig.vipair('history', '--socket', '/nowhere')).exit).toBe(EXIT.noDaemon);
    expect((await rig.vipair('history', '-n', '0')).exit).toBe(EXIT.usage);
  });

  it('has the events beside it: the last ones, and with --follow the next, until ctrl-C', async () => {
    const { master } = await rig.settled();
    const config = rig.configOf(master);
    const lately = await rig.vipair('events', '-c', config, '--json', '-n', '1000');
    const names = lately.stdout
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { event: string }).event);
    expect(names[0]).toBe('daemon.starting');
    const follower = spawn(process.execPath, [MAIN, 'events', '-c', config, '--follow']);
    let shown = '';
    follower.stdout.setEncoding('utf8').on('data', (text: string) => {
      shown += text;
    });
    await rig.soon('the last events', () => shown.includes('vrrp.state'));
    const before = shown.length;
    await rig.ownedBy(otherNode(master));
    await rig.soon('the move', () => shown.slice(before).includes('to=resigning'));
    follower.kill('SIGINT');
    expect(await once(follower, 'exit')).toEqual([EXIT.ok, null]);
  });
});
