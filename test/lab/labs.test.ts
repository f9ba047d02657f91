/** Labs themselves: several side by side, and nothing left of one, whatever became of the command that raised it. */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXIT } from '../../src/cli/exit-codes.js';
import { networkExists } from '../../src/lab/network.js';
import { isAlive, removeLab } from '../../src/lab/raise.js';
import { labDirectory } from '../../src/lab/state-directory.js';
import { namespaceOf, namespacesOf } from '../../src/lab/topology.js';
import { labName, mayRaiseLabs, pause, ports, removeLeftOvers, run, value, vipair } from './rig.js';

const ONE = labName('one');
const TWO = labName('two');
const HALF = labName('half');

describe.skipIf(!mayRaiseLabs)('labs', () => {
  beforeAll(removeLeftOvers);

  afterAll(async () => {
    for (const name of [ONE, TWO, HALF]) {
      value(await removeLab(name, ports));
    }
  });

  function page(lab: typeof ONE): ReturnType<typeof run> {
    return run('ip', [
      ...['netns', 'exec', namespaceOf(lab, 'client'), process.execPath, '-e'],
      "fetch('http://10.77.0.100/').then((r) => console.log(r.status))",
    ]);
  }

  it('stand side by side, and one goes without the other', async () => {
    const raised = [];
    for (const name of [ONE, TWO]) {
      raised.push(await vipair('lab', 'up', name, '--adverts', '100ms', '--json'));
    }
    expect(raised.map(({ exit }) => exit)).toEqual([EXIT.ok, EXIT.ok]);
    expect((await page(ONE)).stdout).toBe('200\n');
    expect((await page(TWO)).stdout).toBe('200\n');
    expect((await vipair('lab', 'down', ONE)).exit).toBe(EXIT.ok);
    expect((await page(TWO)).stdout).toBe('200\n');
    expect(tracesOf(ONE)).toEqual([]);
  });

  it('are refused a second time under the same name, and the first is left alone', async () => {
    const again = await vipair('lab', 'up', TWO, '--adverts', '100ms');
    expect(again.exit).toBe(EXIT.failed);
    expect(again.stderr).toContain(`lab ${TWO} is up; take it down first`);
    expect((await page(TWO)).stdout).toBe('200\n');
  });

  it('tell their state, and that there is none', async () => {
    const told = await vipair('lab', 'status', TWO, '--json');
    expect(JSON.parse(told.stdout)).toMatchObject({
      lab: TWO,
      nodes: [{ link: 'up' }, { link: 'up' }],
    });
    const none = await vipair('lab', 'status', ONE);
    expect(none.exit).toBe(EXIT.failed);
    expect(none.stderr).toContain(`no lab ${ONE}`);
  });

  it('show what becomes of files of HAProxy that one node gives to the other', async () => {
    const shown = await vipair('lab', 'push', '--json');
    expect([shown.exit, shown.stderr]).toEqual([EXIT.ok, expect.any(String)]);
    expect(JSON.parse(shown.stdout)).toMatchObject({
      steps: [
        { outcome: 'pushed', failedRequests: 0 },
        { outcome: 'refused', failedRequests: 0 },
        { outcome: 'refused', failedRequests: 0 },
        { outcome: 'rolled back', failedRequests: 0 },
      ],
    });
  });

  it('refuse a name that is none', async () => {
    expect((await vipair('lab', 'up', 'No_Such Name')).exit).toBe(EXIT.usage);
  });

  it.each([0, 100, 400, 1_000])(
    'leave nothing when the command that raised one was killed %i ms after the first namespace',
    async (after) => {
      const [node, ...args] = ports.vipair;
      const raising = spawn(node ?? '', [...args, 'lab', 'up', HALF], { stdio: 'ignore' });
      const ended = new Promise((resolve) => raising.once('exit', resolve));
      while (!networkExists(HALF) && raising.exitCode === null) {
        await pause(5);
      }
      expect(raising.exitCode).toBeNull();
      await pause(after);
      raising.kill('SIGKILL');
      await ended;
      expect((await vipair('lab', 'down', HALF)).exit).toBe(EXIT.ok);
      expect(tracesOf(HALF)).toEqual([]);
      // And once more: there is nothing to remove, which is fine.
      expect((await vipair('lab', 'down', HALF)).exit).toBe(EXIT.ok);
    },
  );
});

/** Namespaces, files and processes. */
function tracesOf(lab: typeof ONE): readonly string[] {
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/u.test(name) && Number(name) !== process.pid)
    .filter((name) => commandLine(name).includes(`/${lab}/`));
  return [
    ...namespacesOf(lab).filter((name) => existsSync(`/run/netns/${name}`)),
    ...(existsSync(labDirectory(lab)) ? [labDirectory(lab)] : []),
    ...(isAlive(lab) ? ['processes in its namespaces'] : []),
    ...processes.map((pid) => `process ${pid}: ${commandLine(pid)}`),
  ];
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}
