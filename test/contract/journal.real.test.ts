/** The journal on real files: what lies there already, what a disk refuses, and what else may have the name. */
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { FileJournal } from '../../src/os/journal.js';
import { code, value } from './expected.js';
import { journalContract, linesOf } from './journal.contract.js';

const root = mkdtempSync(join(tmpdir(), 'vipair-journal-'));
const mounts: string[] = [];
let made = 0;

function directory(): string {
  made += 1;
  return join(root, String(made));
}

/** A disk of its own, so that it can be full. */
function disk(options: string): string {
  const path = directory();
  mkdirSync(path);
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'vipair-test', path]);
  mounts.push(path);
  return path;
}

afterAll(() => {
  for (const path of mounts) {
    execFileSync('umount', [path]);
  }
  rmSync(root, { recursive: true, force: true });
});

const BYTES = 1000;
const FILES = { name: 'history', fileBytes: 256 * 1024 };
const SMALL = { ...FILES, fileBytes: BYTES };

journalContract('FileJournal', () => {
  const at = disk('size=64k');
  const file = join(at, 'history.jsonl');
  return {
    journal: new FileJournal(at, SMALL),
    bytes: 2 * BYTES,
    tear: () => {
      truncateSync(file, statSync(file).size - ' off\n'.length);
    },
    fill: () => {
      execFileSync('mount', ['-o', 'remount,ro', at]);
    },
    mend: () => {
      execFileSync('mount', ['-o', 'remount,rw', at]);
    },
    next: () => new FileJournal(at, SMALL),
  };
});

describe('the journal on a file system', () => {
  it('makes its directory, and files for root alone', async () => {
    const at = join(directory(), 'deep', 'down');
    value(await new FileJournal(at, FILES).append('x'));
    expect(statSync(join(at, 'history.jsonl')).mode & 0o777).toBe(0o600);
  });

  it('has two files at the most', async () => {
    const at = directory();
    const journal = new FileJournal(at, { ...FILES, fileBytes: 100 });
    for (let line = 0; line < 50; line += 1) {
      value(await journal.append('x'.repeat(30)));
    }
    expect(readdirSync(at).toSorted()).toEqual(['history.1.jsonl', 'history.jsonl']);
    expect(statSync(join(at, 'history.1.jsonl')).size).toBeLessThanOrEqual(100);
  });

  it('leaves nothing of a line for which there is no room, and takes a shorter one', async () => {
    const at = disk('size=16k');
    const journal = new FileJournal(at, FILES);
    value(await journal.append('before'));
    writeFileSync(join(at, 'other'), 'x'.repeat(4 * 1024));
    expect(code(await journal.append('x'.repeat(20 * 1024)))).toBe('not-written');
    expect(readFileSync(join(at, 'history.jsonl'), 'utf8')).toBe('before\n');
    value(await journal.append('after'));
    expect(await linesOf(journal)).toEqual(['before', 'after']);
  });

  it('leaves nothing of lines that there was no room for, and its neighbours alone', async () => {
    const at = disk('size=16k');
    const journal = new FileJournal(at, FILES);
    value(await journal.append('before'));
    value(await new FileJournal(at, { ...FILES, name: 'other' }).append('theirs'));
    expect(code(await journal.replace(['x'.repeat(20 * 1024)]))).toBe('not-written');
    expect(readdirSync(at).toSorted()).toEqual(['history.jsonl', 'other.jsonl']);
    value(await journal.replace(['after']));
    expect(await linesOf(journal)).toEqual(['after']);
    expect(statSync(join(at, 'history.jsonl')).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(at, 'other.jsonl'), 'utf8')).toBe('theirs\n');
  });

  it('goes on after somebody has removed the directory', async () => {
    const at = directory();
    const journal = new FileJournal(at, FILES);
    value(await journal.append('gone'));
    rmSync(at, { recursive: true });
    value(await journal.append('new'));
    expect(await linesOf(journal)).toEqual(['new']);
  });

  it('reads a large file in pieces that are soon dealt with, and megabytes not at all', async () => {
    const at = directory();
    const journal = new FileJournal(at, FILES);
    value(await journal.append('first'));
    const line = `${'y'.repeat(99)}\n`;
    appendFileSync(join(at, 'history.jsonl'), line.repeat(20_000));
    const sizes: number[] = [];
    for await (const lines of journal.read()) {
      sizes.push(value(lines).length);
    }
    expect(Math.max(...sizes)).toBeLessThanOrEqual(165);
    expect(sizes.reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(5300);
  });

  it('bytes that are no text are lines like others', async () => {
    const at = directory();
    const journal = new FileJournal(at, FILES);
    value(await journal.append('x'));
    appendFileSync(join(at, 'history.jsonl'), Uint8Array.from([0, 0xff, 0x0a, 0x80]));
    expect(await linesOf(journal)).toHaveLength(3);
  });

  it.each([
    [
      'a directory',
      (path: string) => {
        mkdirSync(path);
      },
    ],
    [
      'a pipe',
      (path: string) => {
        execFileSync('mkfifo', [path]);
      },
    ],
    [
      'a link to somewhere else',
      (path: string) => {
        symlinkSync('/etc/passwd', path);
      },
    ],
  ])('neither reads nor writes %s', async (_what, make) => {
    const at = directory();
    mkdirSync(at);
    make(join(at, 'history.jsonl'));
    const journal = new FileJournal(at, FILES);
    expect(code(await journal.append('x'))).toBe('not-written');
    const told: string[] = [];
    for await (const lines of journal.read()) {
      told.push(code(lines));
    }
    expect(told.at(-1)).toBe('unreadable');
  });

  it('says which directory cannot be made', async () => {
    writeFileSync(join(root, 'file'), '');
    chmodSync(join(root, 'file'), 0o400);
    const refused = await new FileJournal(join(root, 'file', 'below'), FILES).append('x');
    expect(refused.ok ? '' : refused.error.detail).toContain(join(root, 'file', 'below'));
  });
});
