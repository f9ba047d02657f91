/** A measuring program in one of the lab's namespaces: started, and later asked for what it saw. */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import { millis } from '../base/time.js';
import type { Clock } from '../ports/clock.js';
import type { ProcessHost } from '../ports/process-host.js';
import type { LabFailure } from './failure.js';
import { from } from './failure.js';
import { signalOne } from './namespace-processes.js';
import { eventually } from './pause.js';

/** A program loads in 0.1 to 0.3 s; on a loaded machine it may take ten times that. */
const STARTS_WITHIN = millis(10_000);
/** The last probe's deadline, and the writing of a million samples. */
const ENDS_WITHIN = millis(15_000);
const LOOK_EVERY = millis(10);

export interface MeasurementPlan {
  readonly namespace: string;
  /** The program with its arguments. It calls {@link sayStarted} and {@link handOver} with the same file. */
  readonly command: readonly string[];
  readonly file: string;
  readonly logFile: string;
}

export interface Measurement {
  readonly pid: number;
  /** Ends it now and reads what it saw. */
  finish(): Promise<Result<string, LabFailure>>;
}

export interface MeasurementPorts {
  readonly processes: ProcessHost;
  readonly clock: Clock;
}

/** Resolves when the program has begun to measure. */
export async function startMeasurement(
  plan: MeasurementPlan,
  { processes, clock }: MeasurementPorts,
): Promise<Result<Measurement, LabFailure>> {
  mkdirSync(dirname(plan.file), { recursive: true });
  [plan.file, startedFile(plan.file)].forEach((file) => {
    rmSync(file, { force: true });
  });
  const launched = from(
    plan.command[0] ?? '',
    await processes.launch('ip', ['netns', 'exec', plan.namespace, ...plan.command], {
      logFile: plan.logFile,
    }),
  );
  if (!launched.ok) {
    return launched;
  }
  const { pid } = launched.value;
  const appears = (file: string): boolean => read(file) !== undefined;
  const patience = { within: STARTS_WITHIN, every: LOOK_EVERY };
  if (!(await eventually(clock, patience, () => appears(startedFile(plan.file))))) {
    signalOne(pid, 'SIGKILL');
    return fail({ code: 'not-ready', detail: `${plan.command.join(' ')}: see ${plan.logFile}` });
  }
  return ok({ pid, finish: () => finish(pid, plan, clock) });
}

/** For the measuring program: it has begun. */
export function sayStarted(file: string): void {
  writeFileSync(startedFile(file), '');
}

/** For the measuring program: what it saw, whole or not at all. */
export function handOver(file: string, text: string): void {
  writeFileSync(`${file}.part`, text);
  renameSync(`${file}.part`, file);
}

async function finish(
  pid: number,
  plan: MeasurementPlan,
  clock: Clock,
): Promise<Result<string, LabFailure>> {
  // One that ended by itself has left its report; its number may belong to another process by now.
  if (read(plan.file) === undefined) {
    signalOne(pid, 'SIGTERM');
  }
  const patience = { within: ENDS_WITHIN, every: LOOK_EVERY };
  await eventually(clock, patience, () => read(plan.file) !== undefined);
  const text = read(plan.file);
  if (text === undefined) {
    signalOne(pid, 'SIGKILL');
    return fail({ code: 'not-ready', detail: `no report from ${plan.command.join(' ')}` });
  }
  return ok(text);
}

function startedFile(file: string): string {
  return `${file}.started`;
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
