/** Which processes are the HAProxy that we started, and which are another's, told by their arguments and never by a number alone. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename, resolve } from 'node:path';

/**
 * Master and workers of the HAProxy that reads `overlay`; a check of its configuration is none of them.
 * Sorted by pid, so that a master comes before the workers it forked, as long as pids do not wrap.
 */
export function haproxyProcesses(overlay: string): readonly number[] {
  return pidsWhere((pid) => isHaproxy(pid, overlay));
}

/** Whether that process is one of them now: a pid may have been given to a stranger. */
export function isHaproxy(pid: number, overlay: string): boolean {
  const args = argumentsOf(pid);
  return args.includes(overlay) && args.includes('-W') && !args.includes('-c');
}

/** Whether a master that reads `overlay` has a worker that lives; also where the kernel does not tell. */
export function hasLivingWorker(master: number, overlay: string): boolean {
  const children = childrenOf(master);
  return children === undefined || children.some((pid) => isHaproxy(pid, overlay));
}

/** The master that forked a worker; the process itself where it has none, as without master-worker mode. */
export function masterOf(worker: number): number {
  const parent = parentOf(worker);
  const isMaster = parent !== undefined && nameOf(parent) === nameOf(worker);
  return isMaster ? parent : worker;
}

/**
 * Processes of a HAProxy that serves `config` here but not by our doing, sorted likewise: a service of the distribution,
 * or what was started with another runtime directory. SO_REUSEPORT lets both bind the same ports, and the kernel gives
 * each half of the connections. In another network namespace it is in nobody's way.
 */
export function foreignHaproxyProcesses(of: {
  readonly program: string;
  readonly config: string;
  readonly overlay: string;
}): readonly number[] {
  const names = new Set(['haproxy', basename(of.program)]);
  const config = resolve(of.config);
  const here = linkOf('self', 'ns/net');
  return pidsWhere((pid) => {
    const args = argumentsOf(pid);
    return (
      names.has(basename(args[0] ?? '')) &&
      !args.includes(of.overlay) &&
      !args.includes('-c') &&
      linkOf(pid, 'ns/net') === here &&
      readsFile(pid, args, config)
    );
  });
}

/** How a process was started: what its configuration is, and where its master answers. */
export interface CommandLine {
  /** What follows each `-f`, as that process sees it. */
  readonly files: readonly string[];
  /** What follows `-S`, without its options. */
  readonly masterSocket: string | undefined;
  readonly environment: Readonly<Record<string, string>>;
  /** The service of systemd that it belongs to. */
  readonly unit: string | undefined;
}

/** All of it empty where the process is gone. */
export function commandLineOf(pid: number): CommandLine {
  const args = argumentsOf(pid);
  const directory = linkOf(pid, 'cwd') ?? '/';
  const following = (option: string): readonly string[] =>
    args.flatMap((arg, at) => (arg === option ? args.slice(at + 1, at + 2) : []));
  return {
    files: following('-f').map((file) => resolve(directory, file)),
    masterSocket: following('-S').map((socket) => socket.split(',')[0] ?? '')[0],
    environment: environmentOf(pid),
    unit: unitOf(pid),
  };
}

function environmentOf(pid: number): Readonly<Record<string, string>> {
  const pairs = readProc(pid, 'environ')
    .split('\0')
    // What a master tells itself over a reload is none of the operator's.
    .filter((pair) => pair.includes('=') && !pair.startsWith('HAPROXY_'))
    .map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)] as const);
  return Object.fromEntries(pairs);
}

/** systemd puts each service's processes into a control group of the unit's name. */
function unitOf(pid: number): string | undefined {
  return /\/([\w@:.\\-]+\.service)(?:\/[^\n/]*)?$/mu.exec(readProc(pid, 'cgroup'))?.[1];
}

function readProc(pid: number, file: 'environ' | 'cgroup'): string {
  try {
    return readFileSync(`/proc/${String(pid)}/${file}`, 'utf8');
  } catch {
    return '';
  }
}

function nameOf(pid: number): string {
  return basename(argumentsOf(pid)[0] ?? '');
}

/** Undefined where the process is gone. */
function parentOf(pid: number): number | undefined {
  try {
    const parent = /^PPid:\t(\d+)$/mu.exec(
      readFileSync(`/proc/${String(pid)}/status`, 'utf8'),
    )?.[1];
    return parent === undefined ? undefined : Number(parent);
  } catch {
    return undefined;
  }
}

function readsFile(pid: number, args: readonly string[], path: string): boolean {
  const directory = linkOf(pid, 'cwd') ?? '/';
  return args.slice(1).some((arg) => arg !== '' && resolve(directory, arg) === path);
}

function pidsWhere(holds: (pid: number) => boolean): readonly number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && holds(pid))
    .sort((a, b) => a - b);
}

/** Undefined where the process is gone, or may not be looked at. */
function linkOf(pid: number | 'self', name: 'ns/net' | 'cwd'): string | undefined {
  try {
    return readlinkSync(`/proc/${String(pid)}/${name}`);
  } catch {
    return undefined;
  }
}

/** Empty where there is no such process, or it is a zombie: it has ended and waits to be collected. */
function argumentsOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${String(pid)}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

/** Undefined where the kernel was built without CONFIG_PROC_CHILDREN. */
function childrenOf(pid: number): readonly number[] | undefined {
  try {
    const text = readFileSync(`/proc/${String(pid)}/task/${String(pid)}/children`, 'utf8');
    return text
      .split(' ')
      .filter((each) => each !== '')
      .map(Number);
  } catch {
    return undefined;
  }
}

/** The master of that worker, first, and all its processes. */
export function processesAround(worker: number): readonly number[] {
  const master = masterOf(worker);
  const workers = (childrenOf(master) ?? []).filter((pid) => nameOf(pid) === nameOf(master));
  return [...new Set([master, ...workers, worker])];
}

/** Children of that process that have the word among their arguments. */
export function childrenWith(parent: number, word: string): readonly number[] {
  return (childrenOf(parent) ?? []).filter((pid) => argumentsOf(pid).includes(word));
}

/** Every process that has the word among its arguments. */
export function processesWith(word: string): readonly number[] {
  return pidsWhere((pid) => argumentsOf(pid).includes(word));
}
