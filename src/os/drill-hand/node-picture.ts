/** What is on this node now, as far as a drill can leave something behind. */
import { readdirSync, readFileSync } from 'node:fs';
import { millis } from '../../base/time.js';
import type { DaemonPicture, NodePicture } from '../../core/drill-picture.js';
import { MOST_MACS } from '../../wire/pair/drill.js';
import type { ProcessHost } from '../../ports/process-host.js';
import { processesWith } from '../haproxy-processes.js';
import { burnerMark } from './burners.js';
import { DRILL_TABLE } from './dropping.js';
import { runningDaemon } from './drilled-processes.js';
import type { ProcessIdentity } from './process-identity.js';
import { isZombieOf } from './process-identity.js';

export async function takePicture(
  of: { readonly daemon: ProcessIdentity; readonly node: string; readonly id: string },
  processes: Pick<ProcessHost, 'run'>,
): Promise<NodePicture> {
  const daemon = runningDaemon(of.daemon);
  return {
    addresses: await permanentAddresses(processes),
    tables: await tables(processes),
    daemon: daemon === undefined ? undefined : pictureOf(daemon.pid),
    processes: processesWith(burnerMark(of)).map((pid) => `${String(pid)} ${burnerMark(of)}`),
  };
}

/** Those without end: what a lease holds, or somebody else renews, comes and goes by right. */
async function permanentAddresses(processes: Pick<ProcessHost, 'run'>): Promise<readonly string[]> {
  const shown = await processes.run('ip', ['-oneline', 'address', 'show'], PROGRAM);
  return shown.ok
    ? shown.value.stdout
        .split('\n')
        .filter((line) => line.includes('valid_lft forever'))
        .map((line) => /^\d+:\s+(\S+)\s+inet6?\s+(\S+)/u.exec(line))
        .flatMap((match) => (match === null ? [] : [`${match[1] ?? ''} ${match[2] ?? ''}`]))
    : [];
}

/** Of every interface that has one. */
export function ownMacs(): readonly string[] {
  const macs = readdirSync('/sys/class/net').flatMap((name) => {
    try {
      return [readFileSync(`/sys/class/net/${name}/address`, 'utf8').trim()];
    } catch {
      return [];
    }
  });
  return [...new Set(macs)]
    .filter((mac) => mac !== '' && !/^[0:]+$/u.test(mac))
    .slice(0, MOST_MACS);
}

/** Without the daemon's own, which come with leases and kept connections. */
async function tables(processes: Pick<ProcessHost, 'run'>): Promise<readonly string[]> {
  const shown = await processes.run('nft', ['list', 'tables'], PROGRAM);
  return shown.ok
    ? shown.value.stdout
        .split('\n')
        .map((line) => line.replace(/^table /u, '').trim())
        .filter((each) => each !== '' && (!each.includes(' vipair') || each.endsWith(DRILL_TABLE)))
    : [];
}

function pictureOf(pid: number): DaemonPicture {
  return { openFiles: openFilesOf(pid), unreaped: unreapedOf(pid) };
}

function openFilesOf(pid: number): number {
  try {
    return readdirSync(`/proc/${String(pid)}/fd`).length;
  } catch {
    return 0;
  }
}

function unreapedOf(parent: number): number {
  return readdirSync('/proc').filter(
    (name) => /^\d+$/u.test(name) && isZombieOf(parent, Number(name)),
  ).length;
}

const PROGRAM = { within: millis(5_000) };
