/** Pushed files on a disk, and what must never happen to it. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { SystemProcessHost } from '../../src/os/process-host.js';
import { DiskPushedFiles } from '../../src/os/pushed-files.js';
import type { PushedFilesSetup } from './pushed-files.contract.js';
import { pushedFilesContract } from './pushed-files.contract.js';
import { value } from './expected.js';

const root = mkdtempSync(join(tmpdir(), 'vipair-push-'));
let count = 0;

afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

interface DiskSetup extends PushedFilesSetup {
  readonly state: string;
}

function onDisk(): DiskSetup {
  count += 1;
  const home = join(root, String(count));
  const [directory, state] = [join(home, 'haproxy'), join(home, 'state')];
  mkdirSync(directory, { recursive: true });
  const program = join(home, 'check');
  writeFileSync(program, '#!/bin/sh\ngrep -q right "$3" || { echo "wrong: $3" >&2; exit 1; }\n');
  chmodSync(program, 0o755);
  const config = join(directory, 'haproxy.cfg');
  const again = (): DiskPushedFiles =>
    new DiskPushedFiles(
      { program, config, nodeName: 'lb1', stateDirectory: state },
      new SystemProcessHost(),
    );
  return {
    files: again(),
    ...{ directory, state, again },
    write: (path, text) => {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    },
    read: (path) => (existsSync(path) ? readFileSync(path, 'utf8') : undefined),
  };
}

pushedFilesContract('The disk', onDisk);

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const KEY = '-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----\n';

function modeOf(path: string): string {
  return (statSync(path).mode & 0o777).toString(8);
}

it('keeps owner and mode, gives keys to root alone, and new files too', async () => {
  const { files, directory: base, write, state } = onDisk();
  const [open, key] = [`${base}/open`, `${base}/key`];
  write(open, 'a');
  write(key, 'a');
  chmodSync(open, 0o640);
  chmodSync(key, 0o644);
  value(
    await files.install([
      { path: open, base, bytes: bytes('b') },
      { path: key, base, bytes: bytes(KEY) },
      { path: `${base}/new`, base, bytes: bytes('c') },
    ]),
  );
  expect([open, key, `${base}/new`].map(modeOf)).toEqual(['640', '600', '600']);
  expect(modeOf(join(state, 'push', 'pending', '0'))).toBe('600');
  expect(modeOf(join(state, 'push'))).toBe('700');
  value(await files.restore());
  expect([open, key].map(modeOf)).toEqual(['640', '644']);
  expect(readdirSync(base).toSorted()).toEqual(['key', 'open']);
});

it('what is put back is as old as it was, and what is installed is new', async () => {
  const { files, directory: base, write } = onDisk();
  const path = `${base}/a`;
  write(path, 'one');
  const before = new Date('2020-01-02T03:04:05Z');
  utimesSync(path, before, before);
  const changedAt = async (): Promise<number> => {
    const found = value(await files.look(path, base, 10));
    return found.kind === 'file' ? found.changedAt : NaN;
  };
  expect(await changedAt()).toBe(before.getTime());
  value(await files.install([{ path, base, bytes: bytes('two') }]));
  expect(Math.abs(Date.now() - (await changedAt()))).toBeLessThan(60_000);
  value(await files.restore());
  expect(await changedAt()).toBe(before.getTime());
});

it('follows no link, neither to a file nor through a directory, to read or to write', async () => {
  const { files, directory: base, write } = onDisk();
  const outside = join(dirname(base), 'outside');
  write(join(outside, 'shadow'), 'secret');
  symlinkSync(outside, `${base}/way`);
  symlinkSync(join(outside, 'shadow'), `${base}/file`);
  for (const path of [`${base}/way/shadow`, `${base}/file`]) {
    expect((await files.look(path, base, 100)).ok).toBe(false);
    expect((await files.install([{ path, base, bytes: bytes('x') }])).ok).toBe(false);
  }
  expect((await files.install([{ path: `${base}/way/a/b`, base, bytes: bytes('x') }])).ok).toBe(
    false,
  );
  expect(readFileSync(join(outside, 'shadow'), 'utf8')).toBe('secret');
  expect(readdirSync(outside)).toEqual(['shadow']);
});

it('of several, all or none: where one cannot be written, the others are as they were', async () => {
  const { files, directory: base, write, read, again } = onDisk();
  write(`${base}/a`, 'one');
  mkdirSync(`${base}/b.d/.b.vipair-push/x`, { recursive: true });
  const installed = await files.install([
    { path: `${base}/a`, base, bytes: bytes('two') },
    { path: `${base}/b.d/b`, base, bytes: bytes('two') },
  ]);
  expect(installed.ok).toBe(false);
  // The disk does not let b's draft be removed either, so the rest is left to whoever looks at it; a is as it was.
  expect(read(`${base}/a`)).toBe('one');
  rmSync(`${base}/b.d`, { recursive: true });
  value(await again().recover());
  expect(read(`${base}/a`)).toBe('one');
});

it('a start removes what was half saved, and refuses a list that is damaged', async () => {
  const { directory: base, write, read, again, state } = onDisk();
  write(join(state, 'push', 'saving', '0'), 'half');
  write(join(state, 'push', 'check', 'x'), 'half');
  write(`${base}/a`, 'one');
  expect(value(await again().recover())).toBe('nothing');
  expect(readdirSync(join(state, 'push'))).toEqual([]);
  for (const text of ['{', '[{"path":"a"}]', '[{"path":"/a","base":"/","file":{"copy":"../x"}}]']) {
    write(join(state, 'push', 'pending', 'manifest.json'), text);
    expect((await again().recover()).ok).toBe(false);
  }
  expect(read(`${base}/a`)).toBe('one');
});

it('a draft that a killed daemon left beside its place is written over', async () => {
  const { files, directory: base, write, read } = onDisk();
  write(`${base}/a`, 'one');
  write(`${base}/.a.vipair-push`, 'half');
  value(await files.install([{ path: `${base}/a`, base, bytes: bytes('two') }]));
  expect([read(`${base}/a`), readdirSync(base)]).toEqual(['two', ['a']]);
});
