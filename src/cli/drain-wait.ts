/** `--wait` of `vipair switchover`: until the former owner serves nothing any more of what was open, or has reset it. */
import type { askPair } from '../api/client.js';
import { between, millis } from '../base/time.js';
import type { Clock } from '../ports/clock.js';
import { pauseOrAbort } from '../ports/pause.js';
import type { ConnectionsStatus, DrainStatus, PairReport } from '../telemetry/status.js';

export interface DrainWaitPorts {
  readonly clock: Pick<Clock, 'now' | 'alarm'>;
  /** Ctrl-C. */
  readonly signal: AbortSignal;
  /** Of the daemon on this node: both nodes. */
  readonly ask: typeof askPair;
  /** How far it is, once a second. */
  readonly say: (text: string) => void;
}

/** How long to wait for what was open; `whole`: as long as the former owner may serve on. */
export type Patience = number | 'whole' | 'none';

/** What becomes of open connections; `not known`: the daemon could not be asked before. */
export type Fate = ConnectionsStatus | 'none to keep' | 'not known';

/** How long to wait; undefined: nothing was asked for, or there is nothing. What is not known is waited for. */
export function secondsToWait(patience: Patience, fate: Fate): number | undefined {
  const keptMs = typeof fate === 'string' ? undefined : fate.keptMs;
  if (patience === 'none' || (fate !== 'not known' && keptMs === undefined)) {
    return undefined;
  }
  if (patience !== 'whole') {
    return patience;
  }
  return keptMs === undefined ? UNKNOWN_SECONDS : Math.ceil(keptMs / MS) + SPARE_SECONDS;
}

export interface DrainAsked {
  readonly socket: string;
  readonly group: string;
  /** The node that gave the group away. */
  readonly from: string;
  readonly seconds: number;
}

/** With `--json`, as it stands. */
export interface DrainWaited {
  /** `not known`: the former owner does not say, or cannot be asked. `not done`: not within that time. */
  readonly outcome: Exclude<DrainStatus['state'], 'serving on'> | 'not done' | 'interrupted';
  readonly node: string;
  readonly seconds: number;
  /** What was known last. */
  readonly drain: DrainStatus | undefined;
}

/** A daemon that cannot be asked for a moment is asked again. */
export async function waitForDrain(asked: DrainAsked, ports: DrainWaitPorts): Promise<DrainWaited> {
  const { from, group, seconds, socket } = asked;
  const { clock, signal, say, ask } = ports;
  const begun = clock.now();
  let silent = 0;
  let drain: DrainStatus | undefined;
  for (;;) {
    const answer = await ask(socket);
    const seen = answer.ok ? drainOn(answer.value, from, group) : undefined;
    silent = seen === undefined ? silent + 1 : 0;
    drain = seen ?? drain;
    const after = Math.floor(between(begun, clock.now()) / MS);
    const known = { node: from, seconds: after, drain };
    if (seen !== undefined && seen.state !== 'serving on') {
      return { outcome: seen.state, ...known };
    }
    if (silent >= SILENT_ROUNDS) {
      return { outcome: 'not known', ...known };
    }
    if (signal.aborted) {
      return { outcome: 'interrupted', ...known };
    }
    if (after >= seconds) {
      return { outcome: 'not done', ...known };
    }
    say(seen === undefined ? `${from} does not say what it serves on` : drainText(seen, from));
    await pauseOrAbort(ports, LOOK_EVERY);
  }
}

/** What a node says of a group that it gave away. */
export function drainOn(report: PairReport, node: string, group: string): DrainStatus | undefined {
  return report.node === node
    ? report.groups.find(({ name }) => name === group)?.connections?.drain
    : report.peer?.groups.find(({ name }) => name === group)?.drain;
}

/** What a node still serves, or what came of it, in a sentence. */
export function drainText(drain: DrainStatus, node: string): string {
  const of = drain.first === undefined ? '' : ` of ${String(drain.first)}`;
  const since = `${(drain.sinceMs / MS).toFixed(1)} s`;
  switch (drain.state) {
    case 'serving on': {
      const open =
        drain.open === undefined ? unknown(drain) : `${String(drain.open)}${of} still open`;
      const left =
        drain.leftMs === undefined ? '' : `; the rest is reset in ${inSeconds(drain.leftMs)}`;
      return `${node} serves on what it had: ${open}${left}`;
    }
    case 'drained':
      return `${node} has nothing open any more of what it had${drain.first === undefined ? '' : ` (${String(drain.first)} connections)`}, ${since} after the move`;
    case 'reset':
      return `${node} has reset ${String(drain.reset)}${of} connections, ${since} after the move, as their time was over`;
    case 'taken back':
      return `${node} has the group again, and what it had`;
    case 'not known':
      return `${node} serves nothing any more; how many were open is not known: ${drain.problem ?? 'its kernel did not say'}`;
    default:
      return drain.state satisfies never;
  }
}

/** What it came to, in a sentence. */
export function waitedText({ outcome, node, seconds, drain }: DrainWaited): string {
  const last =
    drain === undefined ? `${node} does not say what it serves on` : drainText(drain, node);
  switch (outcome) {
    case 'not done':
      return `not over after ${String(seconds)} s: ${last}`;
    case 'interrupted':
      return `not waited for any longer: ${last}`;
    case 'drained':
    case 'reset':
    case 'taken back':
    case 'not known':
      return last;
    default:
      return outcome satisfies never;
  }
}

/** What a planned move would make of open connections. */
export function fateText({ keptMs, cutBecause }: ConnectionsStatus): string {
  return keptMs === undefined
    ? `connections through the proxy are broken, although they are to be kept: ${cutBecause ?? ''}`
    : `open connections are served on by the former owner for ${inSeconds(keptMs)}`;
}

function unknown({ problem }: DrainStatus): string {
  return problem === undefined ? 'being counted' : `how many are open is not known: ${problem}`;
}

function inSeconds(ms: number): string {
  return `${String(Math.ceil(ms / MS))} s`;
}

const MS = 1000;
const LOOK_EVERY = millis(MS);
/** The former owner resets what is left within its time, and says so a moment later. */
const SPARE_SECONDS = 5;
/** Where it is not known how long the former owner serves on; it says when it is over. */
const UNKNOWN_SECONDS = 60;
/** One a second. */
const SILENT_ROUNDS = 5;
