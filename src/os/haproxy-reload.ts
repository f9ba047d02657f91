/** A reload of a HAProxy that runs, by a signal to its master, and what came of it. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Result } from '../base/result.js';
import { done, fail, ok } from '../base/result.js';
import type { ProxyRefusal } from '../ports/proxy-host.js';
import type { MasterProcesses } from '../wire/haproxy/master-processes.js';
import { readMasterProcesses } from '../wire/haproxy/master-processes.js';
import { readProcessInfo } from '../wire/haproxy/process-info.js';
import { commandLineOf } from './haproxy-processes.js';
import { HaproxySession } from './haproxy-session.js';

export interface ReloadedHaproxy {
  /** Where workers answer. */
  readonly runtimeSocket: string;
  /** Of the process that forks workers; undefined where it cannot be told. */
  readonly masterOf: (worker: number) => number | undefined;
}

/**
 * One after the other: of two at once each would take the other's worker for its own, and a configuration for loaded that was
 * not. Each of those who may ask waits for the end of the one that they asked for, so that few ever wait.
 */
export class Reloads {
  #before: Promise<unknown> = Promise.resolve();

  inTurn<T>(reload: () => Promise<T>): Promise<T> {
    const turn = this.#before.then(reload, reload);
    this.#before = turn;
    return turn;
  }
}

/**
 * Tells the master to put another worker in the place of the one that serves, and resolves when that one answers, or the
 * attempt is known to have failed: then the former one goes on serving. Where the master has no socket, or its version does
 * not say, only the deadline tells of a failure. The signal is what every version heeds, with and without a socket.
 */
export async function reloadHaproxy(
  haproxy: ReloadedHaproxy,
  signal: (master: number) => Promise<Result<undefined, ProxyRefusal>>,
): Promise<Result<undefined, ProxyRefusal>> {
  const former = await servingWorker(haproxy.runtimeSocket);
  if (!former.ok) {
    return former;
  }
  const master = haproxy.masterOf(former.value);
  if (master === undefined) {
    return fail({ code: 'reload-failed', detail: 'it has no master process that could be told' });
  }
  const before = await heedingMaster(master);
  const signalled = await signal(master);
  return signalled.ok
    ? outcomeOf(haproxy, { master, worker: former.value, reloads: before?.reloads })
    : signalled;
}

/** SIGUSR2: the master reads its configuration anew. Whoever has this pid was just seen to be the master. */
export function signalReload(master: number): Result<undefined, ProxyRefusal> {
  try {
    process.kill(master, 'SIGUSR2');
    return done;
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return fail({ code: 'reload-failed', detail: `its master, pid ${String(master)}: ${detail}` });
  }
}

/**
 * A worker that was replaced serves whom it has, however long that lasts. Of more of them than `most` the oldest are told to
 * end at once; resolves with how many that were.
 */
export async function boundFormer(
  { runtimeSocket }: Pick<ReloadedHaproxy, 'runtimeSocket'>,
  /** Master and workers, the oldest first. */
  processes: readonly number[],
  { master, most }: { readonly master: number | undefined; readonly most: number },
): Promise<number> {
  const serving = await servingWorker(runtimeSocket);
  if (!serving.ok) {
    return 0;
  }
  const former = processes.filter((pid) => pid !== master && pid !== serving.value);
  const tooMany = former.slice(0, Math.max(0, former.length - most));
  for (const pid of tooMany) {
    try {
      process.kill(pid, 'SIGTERM');
    } catch {
      // It has ended by itself.
    }
  }
  return tooMany.length;
}

interface Before {
  readonly master: number;
  readonly worker: number;
  readonly reloads: number | undefined;
}

async function outcomeOf(
  haproxy: ReloadedHaproxy,
  before: Before,
): Promise<Result<undefined, ProxyRefusal>> {
  const deadline = performance.now() + RELOAD_DEADLINE_MS;
  for (;;) {
    const now = await servingWorker(haproxy.runtimeSocket);
    // While it loads itself anew, the master's file of its pid may be empty for a moment.
    const master = now.ok && now.value !== before.worker ? haproxy.masterOf(now.value) : undefined;
    if (master !== undefined) {
      return master === before.master
        ? done
        : fail({ code: 'not-running', detail: 'meanwhile it was started anew' });
    }
    const said = now.ok ? await askMaster(before.master) : undefined;
    if (hasFailed(before, said)) {
      return fail({ code: 'reload-failed', detail: `${FAILED}: its log says why` });
    }
    if (performance.now() > deadline) {
      const detail = `no other worker within ${String(RELOAD_DEADLINE_MS)} ms`;
      return now.ok
        ? fail({ code: 'reload-failed', detail: `${FAILED}: ${detail}` })
        : fail({ code: now.error.code, detail: `${now.error.detail}; ${detail}` });
    }
    await sleep(LOOK_EVERY_MS);
  }
}

/** It has tried since, and its last attempt has failed. */
function hasFailed({ reloads }: Before, said: MasterProcesses | undefined): boolean {
  return said?.failed !== undefined && said.failed > 0 && reloads !== undefined
    ? said.reloads > reloads
    : false;
}

/** The pid of the worker that answers, and is not about to end. */
export async function servingWorker(socket: string): Promise<Result<number, ProxyRefusal>> {
  const session = await HaproxySession.open(
    socket,
    (info) => readProcessInfo(info).worker,
    () => undefined,
  );
  if (!session.ok) {
    return session;
  }
  session.value.close();
  return ok(session.value.pid);
}

/** One that has just forked a worker loses the signal; one that answers heeds it. */
async function heedingMaster(master: number): Promise<MasterProcesses | undefined> {
  const deadline = performance.now() + MASTER_PATIENCE_MS;
  for (;;) {
    const said = await askMaster(master);
    if (
      said !== undefined ||
      masterSocketOf(master) === undefined ||
      performance.now() > deadline
    ) {
      return said;
    }
    await sleep(LOOK_EVERY_MS);
  }
}

/** Undefined where it has no socket, and while it loads its configuration. */
async function askMaster(master: number): Promise<MasterProcesses | undefined> {
  const socket = masterSocketOf(master);
  const answer =
    socket === undefined ? undefined : await HaproxySession.askOnce(socket, 'show proc');
  return answer?.ok === true ? readMasterProcesses(answer.value) : undefined;
}

function masterSocketOf(master: number): string | undefined {
  return commandLineOf(master).masterSocket;
}

const FAILED = 'the new worker was not loaded, and the former one goes on serving';
/** Twice what a check of a large configuration is given: it is read once more, and its ports are bound. */
const RELOAD_DEADLINE_MS = 60_000;
const MASTER_PATIENCE_MS = 5_000;
const LOOK_EVERY_MS = 20;
