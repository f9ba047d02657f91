/** What `vipair drill run` leaves for its node's daemon to see while it runs. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { drillRunIn, noteDrillRun } from '../../src/os/drill-run-note.js';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'vipair-note-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

it('is there while the process runs, and gone with its end', () => {
  expect(drillRunIn(directory)).toBeUndefined();
  const ended = noteDrillRun(directory, 'suite weekly', process.pid);
  expect(drillRunIn(directory)).toBe('suite weekly');
  ended();
  expect(drillRunIn(directory)).toBeUndefined();
  expect(readdirSync(directory)).toEqual([]);
});

it('counts for nothing where its process was killed', async () => {
  const child = spawn('sleep', ['60']);
  noteDrillRun(directory, 'proxy-crash', child.pid ?? 0);
  expect(drillRunIn(directory)).toBe('proxy-crash');
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(drillRunIn(directory)).toBeUndefined();
});

it('of another run is left alone by the end of the first', async () => {
  const first = noteDrillRun(directory, 'switchover', process.pid);
  const child = spawn('sleep', ['60']);
  noteDrillRun(directory, 'suite all', child.pid ?? 0);
  first();
  expect(drillRunIn(directory)).toBe('suite all');
  child.kill('SIGKILL');
  await once(child, 'exit');
});

it('keeps nobody from drilling where it cannot be written, nor from asking where it cannot be read', () => {
  const file = join(directory, 'file');
  writeFileSync(file, '');
  noteDrillRun(file, 'switchover', process.pid)();
  noteDrillRun(directory, 'switchover', 0)();
  for (const text of ['', '{', '[]', '{"run":{"pid":"1"},"drills":"x"}', '{"drills":"x"}']) {
    writeFileSync(join(directory, 'drill-run.json'), text);
    expect(drillRunIn(directory)).toBeUndefined();
  }
});
