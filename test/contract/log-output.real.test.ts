/** The log against what standard output may be: a pipe nobody reads, a full disk, a reader that has gone. */
import { execFileSync, spawn } from 'node:child_process';
import {
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { millis } from '../../src/base/time.js';
import { LogOutput } from '../../src/os/log-output.js';
import { eventually } from './expected.js';

const directory = mkdtempSync(join(tmpdir(), 'vipair-log-'));
const PATIENCE = millis(100);

async function elapse(ms: number): Promise<void> {
  await sleep(ms);
}

/** A pipe that is written to, and read from without waiting. */
function pipe(name: string): { readonly reader: number; readonly writer: number } {
  // Of its own: a test that is tried again finds that of the first time.
  const path = join(mkdtempSync(join(directory, 'pipe-')), name);
  execFileSync('mkfifo', [path]);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  return { reader, writer: openSync(path, constants.O_WRONLY) };
}

/** Reads what is there; how many bytes. */
function drain(reader: number): number {
  try {
    return readSync(reader, Buffer.alloc(1 << 20));
  } catch {
    return 0;
  }
}

afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

describe('the log output', () => {
  it('writes lines in order, and has nothing to wait for then', async () => {
    const path = join(directory, 'lines');
    const file = openSync(path, 'w');
    const output = new LogOutput(file);
    expect(await output.flushed(PATIENCE)).toBe('flushed');
    const lines = Array.from({ length: 1_000 }, (_, position) => `line ${String(position)}\n`);
    lines.forEach((line) => {
      output.write(line);
    });
    expect(await output.flushed(millis(5_000))).toBe('flushed');
    closeSync(file);
    expect(readFileSync(path, 'utf8')).toBe(lines.join(''));
    expect(output.lost).toBe(0);
  });

  it('drops and counts what a reader that stalls leaves waiting, and goes on when it reads', async () => {
    const { reader, writer } = pipe('stalled');
    const output = new LogOutput(writer);
    const line = `${'x'.repeat(1_023)}\n`;
    for (let count = 0; count < 3_000; count += 1) {
      output.write(line);
    }
    // The first line is on its way by itself; a MiB waits.
    expect(output.lost).toBe(3_000 - 1 - 1_024);
    expect(await output.flushed(PATIENCE)).toBe('stalled');
    expect(output.flows).toBe(false);
    let read = 0;
    await eventually(() => {
      read += drain(reader);
      return output.flows;
    }, elapse);
    read += drain(reader);
    expect(read).toBe(1_025 * 1_024);
    output.write(line);
    expect(await output.flushed(PATIENCE)).toBe('flushed');
    closeSync(writer);
    closeSync(reader);
  });

  it('loses what a full disk refuses, and nothing else', async () => {
    const file = openSync('/dev/full', 'w');
    const output = new LogOutput(file);
    output.write('one\n');
    output.write('two\n');
    expect(await output.flushed(PATIENCE)).toBe('flushed');
    expect(output.lost).toBe(2);
    expect(output.flows).toBe(false);
    closeSync(file);
  });

  it('loses what a reader that has gone does not want', async () => {
    const { reader, writer } = pipe('gone');
    const output = new LogOutput(writer);
    closeSync(reader);
    output.write('one\n');
    expect(await output.flushed(PATIENCE)).toBe('flushed');
    expect(output.lost).toBe(1);
    closeSync(writer);
  });
});

describe('a process that logs', () => {
  /** How it ended, and what it said of it. */
  async function end(
    how: 'stop' | 'crash',
    output: { readonly file: number; readonly as: 1 | 3 },
  ): Promise<{ readonly by: string; readonly said: string }> {
    const program = ['--import', 'tsx', fileURLToPath(new URL('./log-writer.ts', import.meta.url))];
    const child = spawn(process.execPath, [...program, String(output.as), how], {
      stdio: [
        'ignore',
        output.as === 1 ? output.file : 'ignore',
        'pipe',
        output.as === 3 ? output.file : 'ignore',
      ],
    });
    let said = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text));
    const by = await new Promise<string>((resolve) => {
      child.once('close', (status, signal) => {
        resolve(signal ?? String(status));
      });
    });
    return { by, said };
  }

  // Standard output no longer blocks when Node has opened it as a stream, as tsx makes it do here and yargs in vipair.
  it.each([
    { how: 'stop', pipe: 'blocks', by: 'SIGKILL', saying: 'stalled' },
    { how: 'stop', pipe: 'does not block', by: '0', saying: 'stalled' },
    // Node would print the exception after it has told us of the exit.
    { how: 'crash', pipe: 'blocks', by: 'SIGKILL', saying: '' },
    { how: 'crash', pipe: 'does not block', by: '1', saying: 'a broken assumption' },
  ] as const)('ends although nobody reads: $how, a pipe that $pipe', async (given) => {
    const { reader, writer } = pipe(`unread ${given.how} ${given.pipe}`);
    const as = given.pipe === 'blocks' ? 3 : 1;
    const { by, said } = await end(given.how, { file: writer, as });
    expect(by).toBe(given.by);
    expect(said).toContain(given.saying);
    closeSync(writer);
    closeSync(reader);
  });

  it('ends the ordinary way on a full disk', async () => {
    const file = openSync('/dev/full', 'w');
    expect(await end('stop', { file, as: 1 })).toEqual({ by: '0', said: 'flushed' });
    closeSync(file);
  });

  it('has written its last line when it ends', async () => {
    const path = join(directory, 'last');
    const file = openSync(path, 'w');
    expect(await end('stop', { file, as: 1 })).toEqual({ by: '0', said: 'flushed' });
    closeSync(file);
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
    expect(lines).toHaveLength(5_000);
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({
      level: 'info',
      node: 'lb1',
      event: 'sysctl.changed',
      value: '4999',
    });
  });
});
