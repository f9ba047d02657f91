/** What a process costs: its memory, and its share of a processor, as the kernel books them. */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { uptime } from 'node:os';

export interface Memory {
  readonly rssKb: number;
  /** What it shares with others is counted in parts. */
  readonly pssKb: number;
}

/** The share of one processor, 0 to 1, over the time between two looks. */
export interface CpuReading {
  readonly usedSeconds: number;
  readonly atSeconds: number;
}

const NANOS = 1e9;

export function memoryOf(pids: readonly number[]): Memory {
  const all = pids.map((pid) => ({
    rssKb: figure(`/proc/${String(pid)}/status`, 'VmRSS'),
    pssKb: figure(`/proc/${String(pid)}/smaps_rollup`, 'Pss'),
  }));
  return {
    rssKb: all.reduce((total, { rssKb }) => total + rssKb, 0),
    pssKb: all.reduce((total, { pssKb }) => total + pssKb, 0),
  };
}

/** The most memory it ever had, in kB. */
export function peakOf(pid: number): number {
  return figure(`/proc/${String(pid)}/status`, 'VmHWM');
}

/** The kernel then counts the greatest memory from here on (proc(5), clear_refs). */
export function forgetPeak(pid: number): void {
  writeFileSync(`/proc/${String(pid)}/clear_refs`, '5');
}

/** When it was started, by `performance.now()`; the kernel tells it in hundredths of a second since the boot (proc(5)). */
export function startOf(pid: number): number {
  const stat = read(`/proc/${String(pid)}/stat`);
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const sinceBoot = Number(fields[START_FIELD]) / TICKS_A_SECOND;
  return performance.now() - (uptime() - sinceBoot) * 1_000;
}

const START_FIELD = 19;
const TICKS_A_SECOND = 100;

/** From the scheduler's own account, in nanoseconds: the ticks of /proc/PID/stat miss what runs briefly and often. */
export function cpuOf(pids: readonly number[]): CpuReading {
  const used = pids
    .flatMap(threadsOf)
    .reduce((total, file) => total + Number(read(file).split(' ')[0] ?? '0'), 0);
  return { usedSeconds: used / NANOS, atSeconds: performance.now() / 1_000 };
}

export function shareBetween(from: CpuReading, to: CpuReading): number {
  return (to.usedSeconds - from.usedSeconds) / (to.atSeconds - from.atSeconds);
}

function threadsOf(pid: number): readonly string[] {
  const tasks = `/proc/${String(pid)}/task`;
  return readdirSync(tasks).map((thread) => `${tasks}/${thread}/schedstat`);
}

/** Reads `VmRSS:     1234 kB`. */
function figure(file: string, name: string): number {
  const line = read(file)
    .split('\n')
    .find((each) => each.startsWith(`${name}:`));
  return Number(line?.split(/\s+/u)[1] ?? 'NaN');
}

/** Empty for a thread that has ended meanwhile. */
function read(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}

/** As it was called; nothing of one that has ended. */
export function argumentsOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${String(pid)}/cmdline`, 'latin1').split('\0');
  } catch {
    return [];
  }
}
