/** Scripts that are told of transitions: in order, and never in the way of one. */
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { labDirectory } from '../../src/lab/state-directory.js';
import type { NodeName } from '../../src/lab/topology.js';
import { NODE_NAMES } from '../../src/lab/topology.js';
import { mayRaiseLabs, Rig, TENTH, value } from './rig.js';

/** At 100 ms adverts a planned move takes a few milliseconds; a machine that does other work needs more. */
const MOVES_WITHIN_MS = 100;

describe.skipIf(!mayRaiseLabs)('hooks', () => {
  let rig: Rig;

  const fileOf = (name: NodeName, what: string): string =>
    `${labDirectory(rig.lab.settings.name)}/${name}-${what}`;
  const lines = (name: NodeName): readonly string[] =>
    existsSync(fileOf(name, 'told'))
      ? readFileSync(fileOf(name, 'told'), 'utf8').trim().split('\n')
      : [];

  /** One that writes down what it is told, one that fails, and one that hangs. */
  function script(name: NodeName, what: string, body: string): string {
    const path = fileOf(name, what);
    writeFileSync(path, `#!/bin/sh\n${body}\n`);
    chmodSync(path, 0o755);
    return path;
  }

  beforeAll(async () => {
    rig = await Rig.raise('hooks', { advertInterval: TENTH });
    for (const name of NODE_NAMES) {
      value(await rig.node(name).stopEngine('for-good'));
      const told = fileOf(name, 'told');
      const tell = script(name, 'tell', `echo "$@ $VIPAIR_KIND $VIPAIR_SEQUENCE" >> ${told}`);
      const failing = script(name, 'fail', 'echo no router >&2; exit 3');
      const hanging = script(name, 'hang', 'exec sleep 60');
      rig.editConfig(
        name,
        (text) => `${text}
hooks:
  - { run: ${tell}, arguments: keepalived, user: root }
  - { run: ${failing}, on: [fault], user: root }
  - { run: ${hanging}, on: [master], timeout: 500ms, user: root }
`,
      );
    }
    for (const name of NODE_NAMES) {
      value(await rig.node(name).startEngine());
    }
    await rig.settled();
  });

  afterAll(async () => {
    await rig.remove();
  });

  it('are told how each group is at the start, and of each move in order; one that hangs delays no election', async () => {
    const { master, backup } = await rig.settled();
    await rig.soon('the start to be told', () => lines(backup).length > 0);
    expect(lines(backup)[0]).toMatch(/^INSTANCE web BACKUP \d+ replay 1$/u);
    for (const giver of [master, backup, master]) {
      const moved = await rig.vipair('switchover', '--yes', '--json', '-c', rig.configOf(giver));
      expect(moved.exit, `${moved.stdout}${moved.stderr}`).toBe(0);
      const { within } = JSON.parse(moved.stdout) as { within: number };
      // On the third the script of the first still hangs on this node.
      expect(within).toBeLessThan(MOVES_WITHIN_MS);
      await rig.settled();
    }
    await rig.soon(
      'all to be told',
      () => lines(backup).filter((line) => line.includes('MASTER')).length >= 2,
      30_000,
    );
    const numbers = lines(backup).map((line) => Number(line.split(' ').at(-1)));
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
    const hung = rig.events(backup).filter(({ event }) => event === 'hook.failed');
    expect(hung[0]?.['detail']).toContain('timed-out');
    await rig.soon(
      'it to be given up',
      () => rig.events(backup).some(({ event }) => event === 'hook.given-up'),
      30_000,
    );
  });

  it('that fail are tried three times, with what they said, and given up', async () => {
    const { backup } = await rig.settled();
    const mark = rig.events(backup).length;
    await rig.told(backup, 'ip', 'link', 'set', 'eth0', 'down');
    await rig.soon(
      'it to be given up',
      () =>
        rig
          .eventsSince(backup, mark)
          .some(({ event, hook }) => event === 'hook.given-up' && String(hook).endsWith('fail')),
      40_000,
    );
    await rig.told(backup, 'ip', 'link', 'set', 'eth0', 'up');
    const failed = rig
      .eventsSince(backup, mark)
      .filter(({ event, hook }) => event === 'hook.failed' && String(hook).endsWith('fail'));
    expect(failed.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
    expect(failed[0]?.['detail']).toBe('failed: exit code 3: no router');
    expect(lines(backup).some((line) => line.includes('FAULT'))).toBe(true);
    await rig.settled();
  });
});
