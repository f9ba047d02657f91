/** Before all other work of the machine, or not: how the kernel schedules this process (sched(7)). */
import type { Result } from '../base/result.js';
import { done } from '../base/result.js';
import type { SystemError } from './libc-types.js';
import { failed, library } from './libc.js';
import { statOf } from './process-stat.js';
import { equalSession } from './session.js';

const SCHED_FIFO = 1;
const SCHED_RR = 2;
const SCHED_RESET_ON_FORK = 0x40000000;
/** Field 41 of proc_pid_stat(5). */
const POLICY = 41 - 3;
const RLIMIT_NICE = 13;
const RLIMIT_RTPRIO = 14;
/** `struct rlimit`: the limit, and how far it may be raised. */
const RLIMIT_BYTES = 16;
const ALONE_FLAG = '--single-threaded';

const call = {
  schedSetscheduler: library.func('int sched_setscheduler(int, int, const void*)') as (
    pid: number,
    policy: number,
    priority: Uint8Array,
  ) => number,
  setrlimit: library.func('int setrlimit(int, const void*)') as (
    resource: number,
    limits: Uint8Array,
  ) => number,
};

/**
 * From now on this thread runs before all that is scheduled as usual, with this priority, 1 to 99 (SCHED_RR). What it starts,
 * threads and programs, does not, nor has its session a priority any more.
 */
export function scheduleRealTime(priority: number): Result<undefined, SystemError> {
  const parameter = Buffer.alloc(4);
  parameter.writeInt32LE(priority);
  if (call.schedSetscheduler(0, SCHED_RR | SCHED_RESET_ON_FORK, parameter) < 0) {
    return failed('sched_setscheduler');
  }
  equalSession();
  return done;
}

/** What this process starts may put itself before others no more, unless it is privileged; nor may this process. */
export function giveUpPriorities(): void {
  // Where that is refused nothing is lost but a precaution.
  for (const limit of [RLIMIT_RTPRIO, RLIMIT_NICE]) {
    call.setrlimit(limit, Buffer.alloc(RLIMIT_BYTES));
  }
}

/**
 * Whether this process has real-time scheduling (SCHED_FIFO or SCHED_RR) but lets V8 use helper threads, which do not have
 * it: where they are put aside with a lock in their hands, its main thread waits, 0.9 s at worst as measured.
 */
export function waitsForHelpers(): boolean {
  const policy = Number(statOf(process.pid)?.fields[POLICY]);
  return (policy === SCHED_FIFO || policy === SCHED_RR) && !process.execArgv.includes(ALONE_FLAG);
}
