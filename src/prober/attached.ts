/** A probing for whoever started it on this machine: it tells how it goes, line by line, and answers for its clock. */
import { withPort } from '../base/ip.js';
import type { Result } from '../base/result.js';
import { ok } from '../base/result.js';
import type { Millis } from '../base/time.js';
import { later, millis } from '../base/time.js';
import type { KernelRefusal } from '../ports/address-table.js';
import type { Alarm, Clock } from '../ports/clock.js';
import type { Neighbours } from '../ports/neighbours.js';
import type { ProcessHost } from '../ports/process-host.js';
import type { AttachedLine, WireOwners } from './attached-lines.js';
import {
  ATTACHED_VERSION,
  encodeAttachedLine,
  MOST_TENURES,
  readClockQuestion,
} from './attached-lines.js';
import { LiveFigures } from './live-figures.js';
import { neighbourOf } from './neighbour-cache.js';
import type { WatchOptions, WatchPorts } from './owner-watch.js';
import { runOwnerWatch } from './owner-watch.js';
import { ownership, withinTenures } from './ownership.js';
import type { ProbePorts } from './run-probe.js';
import { runProbe } from './run-probe.js';
import type { ProbeOptions, ProbeReport } from './sample.js';

export interface AttachedOptions {
  readonly probe: ProbeOptions;
  /** Undefined: nobody watches who answers for the address. */
  readonly watch: Omit<WatchOptions, 'lasting'> | undefined;
}

export interface AttachedPorts {
  readonly clock: Clock;
  readonly neighbours: Neighbours;
  readonly processes: Pick<ProcessHost, 'run'>;
  readonly starter: Starter;
}

/** Whoever started it. */
export interface Starter {
  begin(handlers: {
    readonly line: (line: string) => void;
    /** Nobody listens any more, or an end is wanted. */
    readonly ended: () => void;
  }): void;
  say(text: string): void;
}

const PROGRESS_EVERY: Millis = millis(1_000);

/** Resolves when its last line is said. */
export async function runAttached(
  options: AttachedOptions,
  ports: AttachedPorts,
): Promise<'reported' | 'failed'> {
  const { clock, starter } = ports;
  const ended = new AbortController();
  const say = (line: AttachedLine): void => {
    starter.say(encodeAttachedLine(line));
  };
  starter.begin({
    line: (line) => {
      const id = readClockQuestion(line);
      if (id !== undefined) {
        say({ kind: 'clock', id, at: clock.now(), wall: clock.wallTime() });
      }
    },
    ended: () => {
      ended.abort();
    },
  });
  const { probe, watch } = options;
  const watching =
    watch === undefined
      ? NOBODY
      : watchOwners(watch, probe.lasting, { ...ports, signal: ended.signal });
  const wall = clock.wallTime();
  const probing = probeTellingHow(probe, say, { clock, signal: ended.signal });
  // Where watching is refused, it is so at once, and then nothing is worth waiting for.
  void watching.then((watched) => {
    if (!watched.ok) {
      ended.abort();
    }
  });
  const report = await probing;
  ended.abort();
  const owners = await watching;
  if (!owners.ok) {
    say({ kind: 'failed', problem: `who answers cannot be watched: ${owners.error.detail}` });
    return 'failed';
  }
  const neighbour = await neighbourOf(probe.target.host, ports.processes);
  say({ kind: 'report', wall, neighbour, owners: owners.value, probe: report });
  return 'reported';
}

const NOBODY = Promise.resolve(ok(undefined));

async function probeTellingHow(
  options: ProbeOptions,
  say: (line: AttachedLine) => void,
  ports: ProbePorts,
): Promise<ProbeReport> {
  const { clock } = ports;
  const at = clock.now();
  const figures = new LiveFigures(at);
  let streamsBroken = 0;
  const probing = runProbe(options, ports, {
    ended: figures.take,
    streamBroken: () => {
      streamsBroken += 1;
    },
  });
  const { every, lasting, target } = options;
  say({
    ...{ kind: 'started', version: ATTACHED_VERSION, at, wall: clock.wallTime() },
    ...{ target: withPort(target.host, target.port), every, lasting },
  });
  const telling = repeatedly(clock, () => {
    const now = clock.now();
    say({ kind: 'progress', at: now, streamsBroken, ...figures.at(now) });
  });
  const report = await probing;
  telling.cancel();
  return report;
}

async function watchOwners(
  watch: NonNullable<AttachedOptions['watch']>,
  lasting: Millis,
  ports: WatchPorts,
): Promise<Result<WireOwners, KernelRefusal>> {
  const watched = await runOwnerWatch({ ...watch, lasting }, ports);
  if (!watched.ok) {
    return watched;
  }
  const { tenures, twoOwners, longestTwoOwners, noOwner, longestNoOwner, contestedAsks } =
    ownership(withinTenures(watched.value));
  return ok({
    ...{ every: watch.every, tenures: tenures.slice(0, MOST_TENURES), contestedAsks },
    ...{ twoOwners, longestTwoOwners, noOwner, longestNoOwner },
  });
}

function repeatedly(clock: Clock, tell: () => void): Pick<Alarm, 'cancel'> {
  let alarm: Alarm | undefined;
  const again = (): void => {
    alarm = clock.alarm(later(clock.now(), PROGRESS_EVERY), () => {
      tell();
      again();
    });
  };
  again();
  return { cancel: () => alarm?.cancel() };
}
