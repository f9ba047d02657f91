/** The answer of HAProxy's master to `show proc`: how often it was reloaded, and the workers that live. */

export interface MasterWorker {
  readonly pid: number;
  /** `former`: a reload has put another in its place, and it serves whom it has. */
  readonly place: 'current' | 'former';
  /** In whole seconds, as the master says it. */
  readonly ageSeconds: number;
}

export interface MasterProcesses {
  readonly reloads: number;
  /** How many of the last reloads in a row have failed; undefined before HAProxy 2.5, which does not say. */
  readonly failed: number | undefined;
  readonly workers: readonly MasterWorker[];
}

/** Undefined where that is no such answer. What is not understood of a line is left out. */
export function readMasterProcesses(answer: string): MasterProcesses | undefined {
  const master = MASTER.exec(answer);
  if (master === null) {
    return undefined;
  }
  const workers: MasterWorker[] = [];
  let place: MasterWorker['place'] = 'current';
  for (const line of answer.split('\n')) {
    if (line.startsWith('#')) {
      place = line.startsWith('# old workers') ? 'former' : 'current';
    }
    const worker = WORKER.exec(line);
    if (worker !== null && workers.length < MOST_WORKERS) {
      workers.push({ pid: Number(worker[1]), place, ageSeconds: secondsOf(worker) });
    }
  }
  return {
    reloads: Number(master[1]),
    failed: master[2] === undefined ? undefined : Number(master[2]),
    workers,
  };
}

function secondsOf([, , days, hours, minutes, seconds]: RegExpExecArray): number {
  const inHours = Number(days) * 24 + Number(hours);
  return (inHours * 60 + Number(minutes)) * 60 + Number(seconds);
}

const MASTER = /^\d{1,10} +master +(\d{1,9})(?: \[failed: (\d{1,9})\])? /mu;
// In all versions: pid, type, [relative pid,] reloads, uptime.
const WORKER =
  /^(\d{1,10}) +worker +(?:\d{1,9} +){1,2}(\d{1,6})d(\d{1,2})h(\d{1,2})m(\d{1,2})s(?: |$)/u;
/** Far more than any machine bears. */
const MOST_WORKERS = 4_096;
