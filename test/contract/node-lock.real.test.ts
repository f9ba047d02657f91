/** The node's lock: one holder, ended by its process's death, and out of reach for who is not root. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { lockNode } from '../../src/os/node-lock.js';
import { code, value } from './expected.js';

const root = mkdtempSync(join(tmpdir(), 'vipair-lock-'));

afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

function fresh(): string {
  return mkdtempSync(join(root, 'run-'));
}

const GONE_WITHIN_MS = 5_000;

describe('the node lock', () => {
  it('has one holder, tells its pid, and leaves nothing', () => {
    const directory = fresh();
    const lock = value(lockNode(directory));
    expect(lockNode(directory)).toEqual({ ok: false, error: { code: 'held', by: process.pid } });
    lock.release();
    lock.release();
    expect(readdirSync(directory)).toEqual([]);
    value(lockNode(directory)).release();
  });

  it('can be opened by nobody but its owner', () => {
    const directory = fresh();
    const lock = value(lockNode(directory));
    const [file] = readdirSync(directory);
    expect(statSync(join(directory, file ?? '')).mode & 0o777).toBe(0o600);
    lock.release();
  });

  it('is not held by a file that a dead daemon left', async () => {
    const directory = fresh();
    const lock = value(lockNode(directory));
    const [file] = readdirSync(directory);
    lock.release();
    const path = join(directory, file ?? '');
    writeFileSync(path, '4194304999\n');
    value(lockNode(directory)).release();
    // flock(1) holds it as another daemon would, and is killed.
    writeFileSync(path, '');
    const holder = spawn('flock', [path, 'sh', '-c', 'echo held; exec sleep 60'], {
      stdio: ['ignore', 'pipe', 'ignore'],
      detached: true,
    });
    await once(holder.stdout, 'data');
    expect(lockNode(directory)).toEqual({ ok: false, error: { code: 'held', by: undefined } });
    process.kill(-(holder.pid ?? 0), 'SIGKILL');
    await once(holder, 'exit');
    // What flock(1) has started holds it too, and need not be gone as soon.
    await vi.waitFor(() => {
      value(lockNode(directory)).release();
    }, GONE_WITHIN_MS);
  });

  it('says why where it cannot be taken', () => {
    expect(code(lockNode(join(root, 'nowhere')))).toBe('no-lock');
    const directory = fresh();
    const lock = value(lockNode(directory));
    const [file] = readdirSync(directory);
    lock.release();
    symlinkSync('/etc/hostname', join(directory, file ?? ''));
    expect(code(lockNode(directory))).toBe('no-lock');
  });
});
