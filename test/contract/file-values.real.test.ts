/** Real files that hold a number, and what else may lie at a path. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { FileValues } from '../../src/os/file-values.js';
import { code, value } from './expected.js';
import { filesContract } from './file-values.contract.js';

const directory = mkdtempSync(join(tmpdir(), 'vipair-ct-'));
const files = new FileValues();

function write(text: string | Uint8Array, name = 'value'): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}

afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

filesContract('FileValues', () => ({ files, write }));

describe('what else lies at a path', () => {
  it('a pipe that nobody writes to: not waited for', async () => {
    const pipe = join(directory, 'pipe');
    execFileSync('mkfifo', [pipe]);
    expect(code(await files.readInteger(pipe))).toBe('not-a-file');
  });

  it.each(['/', '/dev/zero', '/dev/tty'])('%s', async (path) => {
    expect(code(await files.readInteger(path))).toBe('not-a-file');
  });

  it('megabytes, and bytes that are no text: shown in a few characters', async () => {
    const large = await files.readInteger(write('1'.repeat(3_000_000)));
    expect(large.ok ? '' : large.error.detail.length).toBeLessThan(200);
    expect(code(await files.readInteger(write(new Uint8Array([0, 0xff, 0x1b]))))).toBe('garbled');
  });

  it('a link, and what the kernel writes itself', async () => {
    const link = join(directory, 'link');
    symlinkSync(write('3', 'target'), link);
    expect(value(await files.readInteger(link))).toBe(3);
    expect(value(await files.readInteger('/proc/sys/kernel/pid_max'))).toBeGreaterThan(0);
  });

  it('a file as a directory', async () => {
    expect(code(await files.readInteger(join(write('3'), 'below')))).toBe('missing');
  });
});
