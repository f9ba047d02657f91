/** Which processes a drill kills or stops: the daemon, HAProxy with its workers, the replicator. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { LOCK_DIRECTORY, lockFileName } from '../../base/lock-file.js';
import type { Result } from '../../base/result.js';
import { fail, ok } from '../../base/result.js';
import { unreachable } from '../../base/unreachable.js';
import { readProcessInfo } from '../../wire/haproxy/process-info.js';
import { childrenWith, haproxyProcesses, processesAround } from '../haproxy-processes.js';
import { HaproxySession } from '../haproxy-session.js';
import type { HandSetup } from './hand-setup.js';
import type { ProcessIdentity } from './process-identity.js';
import { identityOf, lives } from './process-identity.js';

/** The one that holds the node's lock now, or the one that armed the hand; undefined where neither runs. */
export function runningDaemon(armedBy: ProcessIdentity): ProcessIdentity | undefined {
  let holder: number;
  try {
    const lock = join(LOCK_DIRECTORY, lockFileName(statSync('/proc/self/ns/net').ino));
    holder = Number.parseInt(readFileSync(lock, 'utf8'), 10);
  } catch {
    holder = Number.NaN;
  }
  const locked = Number.isInteger(holder) ? identityOf(holder) : undefined;
  return locked ?? (lives(armedBy) ? armedBy : undefined);
}

/** A parent before its children: it must not notice their end and start others. */
export async function drilledProcesses(
  which: 'daemon' | 'proxy' | 'replicator',
  setup: HandSetup,
): Promise<Result<readonly ProcessIdentity[], string>> {
  const daemon = runningDaemon(setup.daemon);
  switch (which) {
    case 'daemon':
      return daemon === undefined ? fail('no daemon runs on this node') : ok([daemon]);
    case 'replicator':
      return found(
        daemon === undefined ? [] : childrenWith(daemon.pid, REPLICATOR),
        'no replicator runs on this node',
      );
    case 'proxy':
      return found(await proxyProcesses(setup), 'no HAProxy runs on this node');
    default:
      return unreachable(which);
  }
}

function found(pids: readonly number[], none: string): Result<readonly ProcessIdentity[], string> {
  const identities = pids.map(identityOf).filter((each) => each !== undefined);
  return identities.length === 0 ? fail(none) : ok(identities);
}

async function proxyProcesses({ proxy }: HandSetup): Promise<readonly number[]> {
  if (proxy === undefined) {
    return [];
  }
  if (proxy.run === 'vipair') {
    return haproxyProcesses(proxy.overlay);
  }
  const session = await HaproxySession.open(
    proxy.runtimeSocket,
    (info) => readProcessInfo(info).worker,
    () => undefined,
  );
  if (!session.ok) {
    return [];
  }
  session.value.close();
  return processesAround(session.value.pid);
}

/** The command by which the daemon calls it. */
const REPLICATOR = 'replicator';
