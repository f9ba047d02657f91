/** Snapshots on a real disk: whole or not at all, of their owner alone. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ownedFile, SnapshotFiles } from '../../src/os/snapshot-files.js';

const MOST = 1000;

describe('snapshots on the disk', () => {
  let directory: string;
  let path: string;
  const before = process.cwd();

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'vipair-snapshot-'));
    path = join(directory, 'tables', 'snapshot');
  });

  afterEach(() => {
    process.chdir(before);
    rmSync(directory, { recursive: true });
  });

  it('are in a directory of their owner’s, and read as they were kept', async () => {
    const file = ownedFile(path, { uid: process.getuid!(), gid: process.getgid!() });
    expect(file).toBe('snapshot');
    const snapshots = new SnapshotFiles(file, MOST);
    expect(await snapshots.read()).toEqual({ ok: true, value: undefined });
    const draft = snapshots.begin();
    expect(draft.add(Buffer.from('ab'))).toBe('taken');
    draft.add(Buffer.from('c'));
    expect(await snapshots.read()).toEqual({ ok: true, value: undefined });
    expect((await draft.keep()).ok).toBe(true);
    expect(readFileSync(path, 'utf8')).toBe('abc');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(directory, 'tables')).mode & 0o777).toBe(0o700);
    expect(readdirSync(join(directory, 'tables'))).toEqual(['snapshot']);
  });

  it('take the place of the one before, and one that is dropped does not', async () => {
    const snapshots = new SnapshotFiles(ownedFile(path, undefined), MOST);
    const [one, dropped, other] = [snapshots.begin(), snapshots.begin(), snapshots.begin()];
    one.add(Buffer.from('one'));
    dropped.add(Buffer.from('dropped'));
    other.add(Buffer.from('other'));
    await one.keep();
    expect(readFileSync(path, 'utf8')).toBe('one');
    dropped.drop();
    await other.keep();
    expect(readFileSync(path, 'utf8')).toBe('other');
  });

  it('are set aside, and refused where they are too long', async () => {
    const snapshots = new SnapshotFiles(ownedFile(path, undefined), MOST);
    writeFileSync(path, 'x'.repeat(MOST + 1));
    expect(await snapshots.read()).toEqual({
      ok: false,
      error: 'has 1001 bytes, expected 1000 at the most',
    });
    await snapshots.setAside();
    await snapshots.setAside();
    expect(readdirSync(join(directory, 'tables'))).toEqual(['snapshot.refused']);
  });

  it('are no pipe, for which one would wait', async () => {
    const snapshots = new SnapshotFiles(ownedFile(path, undefined), MOST);
    execFileSync('mkfifo', [path]);
    expect(await snapshots.read()).toEqual({ ok: false, error: 'is no regular file' });
  });

  it('say why they cannot be kept, and take no more than a disk that is behind can', async () => {
    writeFileSync(join(directory, 'tables'), 'a file');
    const snapshots = new SnapshotFiles(ownedFile(path, undefined), MOST);
    const draft = snapshots.begin();
    draft.add(new Uint8Array(17 << 20));
    expect(draft.add(Buffer.from('x'))).toBe('slow');
    expect(await draft.keep()).toEqual({ ok: false, error: 'cannot be written: ENOTDIR' });
    expect((await snapshots.read()).ok).toBe(false);
  });
});
