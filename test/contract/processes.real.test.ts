/** Real processes, found through /proc. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { FileValues } from '../../src/os/file-values.js';
import { ProcProcesses } from '../../src/os/process-list.js';
import { code, eventually, value } from './expected.js';
import { processesContract } from './processes.contract.js';

const directory = mkdtempSync(join(tmpdir(), 'vipair-ct-'));
const processes = new ProcProcesses(new FileValues());
const children: ChildProcess[] = [];

/** A program of that name, which sleeps. */
function program(name: string): string {
  const path = join(directory, name);
  if (!existsSync(path)) {
    copyFileSync('/usr/bin/sleep', path);
  }
  return path;
}

function start(path: string, args: readonly string[] = ['60']): { pid: number; end: () => void } {
  const child = spawn(path, args, { stdio: 'ignore' });
  children.push(child);
  return { pid: child.pid ?? 0, end: () => void child.kill('SIGKILL') };
}

afterEach(() => {
  for (const child of children.splice(0)) {
    child.kill('SIGKILL');
  }
});

afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

processesContract('ProcProcesses', () => ({
  processes,
  start: (name) => start(program(name)),
  elapse: (ms) => sleep(ms),
}));

describe('a process', () => {
  const name = 'vipair-ct-two';
  const named = { kind: 'name', name } as const;

  it('that merely has the name among its arguments is not the program', async () => {
    const other = start('tail', ['-f', program(name)]);
    await eventually(() => commandOf(other.pid).startsWith('tail\0'), sleep);
    expect(value(await processes.find(named))).toBeUndefined();
  });

  it('that has ended and waits to be collected does not run', async () => {
    // Its parent becomes a program that never collects.
    const pidFile = join(directory, 'zombie');
    rmSync(pidFile, { force: true });
    // It ends only once the shell, which would collect it, is that program.
    start('sh', ['-c', `${program(name)} 0.3 & echo $! > ${pidFile}; exec sleep 60`]);
    await eventually(
      () => existsSync(pidFile) && stateOf(readFileSync(pidFile, 'utf8').trim()) === 'Z',
      sleep,
    );
    expect(value(await processes.find(named))).toBeUndefined();
    expect(value(await processes.find({ kind: 'pid-file', path: pidFile }))).toBeUndefined();
  });

  it('is found by the path of its program, through links and after an upgrade', async () => {
    const path = program(name);
    const link = join(directory, 'link');
    symlinkSync(path, link);
    const { pid } = start(link);
    await eventually(() => commandOf(pid).startsWith(link), sleep);
    expect(value(await processes.find({ kind: 'program', path }))).toBe(pid);
    expect(value(await processes.find({ kind: 'program', path: link }))).toBe(pid);
    expect(value(await processes.find({ kind: 'program', path: '/usr/bin/no' }))).toBeUndefined();
    rmSync(path);
    expect(value(await processes.find({ kind: 'program', path }))).toBe(pid);
  });

  it('that an interpreter runs has the name of its script', async () => {
    const path = join(directory, 'vipair-ct-a-script-of-ours');
    writeFileSync(path, '#!/bin/sh\nsleep 60\n');
    chmodSync(path, 0o755);
    const { pid } = start(path, []);
    const query = { kind: 'name', name: 'vipair-ct-a-script-of-ours' } as const;
    await eventually(() => commandOf(pid).includes(path), sleep);
    expect(value(await processes.find(query))).toBe(pid);
  });

  it('is found by its pid file, as long as it runs', async () => {
    const path = join(directory, 'pid');
    const query = { kind: 'pid-file', path } as const;
    expect(value(await processes.find(query))).toBeUndefined();
    writeFileSync(path, `${String(process.pid)}\n`);
    expect(value(await processes.find(query))).toBe(process.pid);
    for (const none of ['0', '-1', '999999999']) {
      writeFileSync(path, none);
      expect(value(await processes.find(query))).toBeUndefined();
    }
    writeFileSync(path, 'nonsense');
    expect(code(await processes.find(query))).toBe('unreadable');
  });
});

it('the search lets others have their turn', async () => {
  let turns = 0;
  let searching = true;
  const count = (): void => {
    turns += 1;
    if (searching) {
      setImmediate(count);
    }
  };
  setImmediate(count);
  await processes.find({ kind: 'name', name: 'vipair-ct-nobody' });
  searching = false;
  expect(turns).toBeGreaterThan(2);
});

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${String(pid)}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

function stateOf(pid: string): string {
  return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.[0] ?? '';
}
