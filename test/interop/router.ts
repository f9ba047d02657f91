/** A router of a row, whichever program it runs: what can be done to it, and what it can be asked. */
import { existsSync, readFileSync } from 'node:fs';
import type { Instant } from '../../src/base/time.js';
import { millis } from '../../src/base/time.js';
import { pidsIn, signalAll } from '../../src/lab/namespace-processes.js';
import { eventually } from '../../src/lab/pause.js';
import type { LabPorts } from '../../src/lab/lab.js';
import type { NodeName } from '../../src/lab/topology.js';
import { value } from '../lab/rig.js';
import type { Site } from './site.js';

export interface Router {
  readonly node: NodeName;
  readonly program: string;
  /** What it answers ARP and neighbour solicitations for the virtual address with. */
  readonly macs: readonly string[];
  /** From which it sends adverts. */
  readonly advertMacs: readonly string[];
  /** What is left of it after `kill -9`: an address that still answers, or one that its lease silences. */
  readonly afterKill: 'answers' | 'silent';
  /** What a master without link does; one that stays master contests when the link is back. */
  readonly withoutLink: 'gives up' | 'stays master';
  /** Whether it takes the addresses back where it has the higher priority. */
  readonly preempts: 'preempt' | 'nopreempt';
  /** Resolves when it runs, whatever its role. */
  start(): Promise<void>;
  /** Asks it to end; says when. Resolves when it has ended. */
  stop(): Promise<Instant>;
  /** Every process of it at once. */
  kill(): Instant;
  /** After `kill`: what its operator has to do before it may start again. */
  mend(): Promise<void>;
  /** Whether its kernel lists the virtual address as in use. */
  holds(): Promise<boolean>;
  /** What it has said against the other's adverts. */
  complaints(): readonly string[];
  /** The end of its log, for a message. */
  story(): string;
}

const STARTS_WITHIN = millis(20_000);
const ENDS_WITHIN = millis(15_000);
const LOOK_EVERY = millis(30);
const STORY_LINES = 30;

/** Starts one program inside a node. */
export async function launch(
  site: Site,
  node: NodeName,
  command: readonly string[],
  { processes, logFile }: LabPorts & { readonly logFile: string },
): Promise<number> {
  const launched = await processes.launch(
    'ip',
    ['netns', 'exec', site.namespace(node), ...command],
    { logFile },
  );
  return value(launched).pid;
}

/** Says when it was asked to end; waits until nothing lives in its node. */
export async function endAll(
  site: Site,
  node: NodeName,
  pids: readonly number[],
  { clock }: LabPorts,
): Promise<Instant> {
  const asked = clock.now();
  signalAll(pids, 'SIGTERM');
  const patience = { within: ENDS_WITHIN, every: LOOK_EVERY };
  if (!(await eventually(clock, patience, () => pidsIn(site.namespace(node)).length === 0))) {
    throw new Error(`${node} does not end`);
  }
  return asked;
}

/** A child that sees its parent die may still say goodbye, as keepalived's does: so all are stopped before one is killed. */
export function killAll(site: Site, node: NodeName, { clock }: LabPorts): Instant {
  const at = clock.now();
  const pids = pidsIn(site.namespace(node));
  signalAll(pids, 'SIGSTOP');
  signalAll(pids, 'SIGKILL');
  return at;
}

export async function until(
  what: string,
  { clock }: LabPorts,
  holds: () => boolean | Promise<boolean>,
): Promise<void> {
  if (!(await eventually(clock, { within: STARTS_WITHIN, every: LOOK_EVERY }, holds))) {
    throw new Error(`not in time: ${what}`);
  }
}

export function linesOf(logFile: string): readonly string[] {
  return existsSync(logFile) ? readFileSync(logFile, 'utf8').trimEnd().split('\n') : [];
}

export function endOf(logFile: string): string {
  return linesOf(logFile)
    .slice(-STORY_LINES)
    .map((line) => `    ${line}`)
    .join('\n');
}
