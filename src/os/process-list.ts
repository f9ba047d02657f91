/** The processes of this machine as /proc shows them. */
import { readFileSync, readlinkSync } from 'node:fs';
import { readdir, realpath } from 'node:fs/promises';
import { basename } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import type { Files } from '../ports/files.js';
import type { Processes, ProcessFailure, ProcessQuery } from '../ports/processes.js';
import { statOf } from './process-stat.js';

type Match = (pid: number) => boolean;

/**
 * The kernel answers from memory, so a single process is read at once, in about 15 µs, and all of them a few a turn:
 * through Node's thread pool each would cost ten times as much.
 */
export class ProcProcesses implements Processes {
  readonly #files: Files;
  /** Where each was found last: as long as it lives, nothing else is looked at. One entry a query. */
  readonly #found = new Map<string, number>();

  constructor(files: Files) {
    this.#files = files;
  }

  async find(query: ProcessQuery): Promise<Result<number | undefined, ProcessFailure>> {
    if (query.kind === 'pid-file') {
      return this.#findByFile(query.path);
    }
    const matches = await matcherOf(query);
    const key = query.kind === 'name' ? query.name : query.path;
    const known = this.#found.get(key);
    if (known !== undefined && matches(known)) {
      return ok(known);
    }
    const found = await search(matches);
    if (found.ok && found.value !== undefined) {
      this.#found.set(key, found.value);
    }
    return found;
  }

  async #findByFile(path: string): Promise<Result<number | undefined, ProcessFailure>> {
    const pid = await this.#files.readInteger(path);
    if (pid.ok) {
      return ok(pid.value > 0 && statusOf(pid.value) !== undefined ? pid.value : undefined);
    }
    // A daemon that ends removes its file.
    return pid.error.code === 'missing'
      ? ok(undefined)
      : fail({ code: 'unreadable', detail: pid.error.detail });
  }
}

async function search(matches: Match): Promise<Result<number | undefined, ProcessFailure>> {
  let names: readonly string[];
  try {
    names = await readdir('/proc');
  } catch (error) {
    return fail({
      code: 'unreadable',
      detail: error instanceof Error ? error.message : 'no /proc',
    });
  }
  const pids = names.map(Number).filter((pid) => Number.isInteger(pid) && pid !== process.pid);
  for (let start = 0; start < pids.length; start += PIDS_A_TURN) {
    const found = pids.slice(start, start + PIDS_A_TURN).find(matches);
    if (found !== undefined) {
      return ok(found);
    }
    await nextTurn();
  }
  return ok(undefined);
}

async function matcherOf(query: Exclude<ProcessQuery, { kind: 'pid-file' }>): Promise<Match> {
  if (query.kind === 'name') {
    const { name } = query;
    const short = Buffer.from(name).subarray(0, COMM_BYTES).toString('latin1');
    const mayBeCut = Buffer.byteLength(name) >= COMM_BYTES;
    return (pid) =>
      statusOf(pid)?.name === short && (!mayBeCut || namesOf(pid).some((each) => each === name));
  }
  const path = await realpath(query.path).catch(() => query.path);
  return (pid) => statusOf(pid) !== undefined && executableOf(pid) === path;
}

/** The name of a process that runs; undefined where there is none of that number, or it has ended. */
function statusOf(pid: number): { readonly name: string } | undefined {
  const stat = statOf(pid);
  const state = stat?.fields[0];
  return stat === undefined || state === 'Z' || state === 'X' ? undefined : stat;
}

/** What the kernel's short name was cut from: the program, or the script that an interpreter runs. */
function namesOf(pid: number): readonly string[] {
  const args = attempt(() => readFileSync(`/proc/${String(pid)}/cmdline`, 'utf8')) ?? '';
  return [executableOf(pid) ?? '', ...args.split('\0', 2)].map((path) => basename(path));
}

/** A program that was replaced by an upgrade goes on running. */
function executableOf(pid: number): string | undefined {
  return attempt(() => readlinkSync(`/proc/${String(pid)}/exe`))?.replace(/ \(deleted\)$/u, '');
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** About a quarter of a millisecond. */
const PIDS_A_TURN = 16;
/** The kernel keeps so many bytes of a name (TASK_COMM_LEN). */
const COMM_BYTES = 15;
