/** Which processes of a node are the engine's, and which are HAProxy's. */
import { readFileSync, writeFileSync } from 'node:fs';
import type { NamespaceProcess } from './namespace-processes.js';

export const PROXY_NAME = 'haproxy';

export interface NodeProcesses {
  /** The process that was started as the engine; undefined when it does not run. */
  readonly enginePid: number | undefined;
  /** It and what it started, except HAProxy. */
  readonly enginePids: readonly number[];
  /** HAProxy's master and its workers, whoever started them. */
  readonly proxyPids: readonly number[];
}

/** `enginePid` is the remembered one; it counts only while such a process lives in the node. */
export function sortProcesses(
  living: readonly NamespaceProcess[],
  enginePid: number | undefined,
): NodeProcesses {
  const others = living.filter(({ name }) => name !== PROXY_NAME);
  const engine = others.find(({ pid }) => pid === enginePid)?.pid;
  return {
    enginePid: engine,
    enginePids: engine === undefined ? [] : [engine, ...descendants(others, engine)],
    proxyPids: living.filter(({ name }) => name === PROXY_NAME).map(({ pid }) => pid),
  };
}

export function rememberPid(file: string, pid: number): void {
  writeFileSync(file, `${String(pid)}\n`);
}

/** Undefined where none was remembered. */
export function recallPid(file: string): number | undefined {
  try {
    const pid = Number(readFileSync(file, 'utf8').trim());
    return Number.isSafeInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** A lab's processes are few, so depth is no worry. */
function descendants(living: readonly NamespaceProcess[], parent: number): readonly number[] {
  return living
    .filter(({ parentPid }) => parentPid === parent)
    .flatMap(({ pid }) => [pid, ...descendants(living, pid)]);
}
