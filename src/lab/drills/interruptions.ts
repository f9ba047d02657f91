/** Drills that are cut short at random: Ctrl-C, the command killed, a daemon killed. Nothing may be left behind. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { askDrillState } from '../../api/client.js';
import type { Result } from '../../base/result.js';
import { ok } from '../../base/result.js';
import { millis } from '../../base/time.js';
import type { Clock } from '../../ports/clock.js';
import type { LabFailure } from '../failure.js';
import { from } from '../failure.js';
import type { Lab, LabPorts } from '../lab.js';
import { isRunning, processesIn, signalOne, stateOf } from '../namespace-processes.js';
import { eventually, pause } from '../pause.js';
import { Dice } from '../persistence/dice.js';
import { controlSocketOf } from '../readiness.js';
import { untilSettled } from './settled.js';
import type { NodeName } from '../topology.js';
import { NODE_NAMES } from '../topology.js';
import { drillCommand } from './one-drill.js';

/** One of each kind of thing that has to be undone. */
export const INTERRUPTED = [
  'channel-cut',
  'vrrp-filtered-both-ways',
  'port-blackhole',
  'link-down',
  'proxy-hang',
  'daemon-freeze',
  'duplicate-address',
  'proxy-bad-reload',
  'cpu-starvation',
  'disk-full',
  'table-divergence',
] as const;

export const BLOWS = [
  'ctrl-c',
  'hang up',
  'kill command',
  'kill daemon of lb1',
  'kill daemon of lb2',
] as const;
export type DrillBlow = (typeof BLOWS)[number];

export interface Interruption {
  readonly drill: string;
  readonly blow: DrillBlow;
  /** After the command was begun. */
  readonly afterMs: number;
}

export interface InterruptionSeen extends Interruption {
  readonly left: readonly string[];
  readonly verdict: 'nothing left' | 'left something';
}

export interface InterruptPorts extends LabPorts {
  readonly clock: Clock;
}

export function interruptions(count: number, seed: number): readonly Interruption[] {
  const dice = new Dice(seed);
  return Array.from({ length: count }, () => ({
    drill: dice.oneOf(INTERRUPTED),
    blow: dice.oneOf(BLOWS),
    afterMs: Math.round(dice.between(0, LONGEST_DELAY)),
  }));
}

/** Waits for all to be undone by itself: nobody asks for it. */
export async function interrupt(
  lab: Lab,
  interruption: Interruption,
  ports: InterruptPorts,
): Promise<Result<InterruptionSeen, LabFailure>> {
  const { clock, processes, vipair } = ports;
  const configs = NODE_NAMES.map((node) =>
    readFileSync(lab.nodes[node].files.haproxyConfig, 'utf8'),
  );
  const [program = 'ip', ...args] = drillCommand(lab, interruption.drill, { vipair });
  const launched = from(
    program,
    await processes.launch(program, args, {
      logFile: `${lab.nodes.lb2.files.directory}/drill.log`,
    }),
  );
  if (!launched.ok) {
    return launched;
  }
  const { pid } = launched.value;
  await pause(clock, millis(interruption.afterMs));
  strike(lab, interruption.blow, pid);
  const ended = await eventually(clock, ENDS, () => !isRunning(pid));
  const undone = await eventually(clock, ENDS, () => areHandsOver(lab));
  const redundant = await untilSettled(lab, clock);
  const left = [
    ...(ended ? [] : ['the command does not end']),
    ...(undone ? [] : ['a hand does not end']),
    ...(redundant.ok ? [] : [redundant.error.detail]),
    ...NODE_NAMES.flatMap((node, index) => leftOn(lab, node, configs[index] ?? '')),
  ];
  return ok({
    ...interruption,
    left,
    verdict: left.length === 0 ? 'nothing left' : 'left something',
  });
}

function strike(lab: Lab, blow: DrillBlow, command: number): void {
  switch (blow) {
    case 'ctrl-c':
      signalOne(command, 'SIGINT');
      return;
    case 'hang up':
      signalOne(command, 'SIGHUP');
      return;
    case 'kill command':
      signalOne(command, 'SIGKILL');
      return;
    case 'kill daemon of lb1':
      lab.nodes.lb1.strikeEngine('kill');
      return;
    case 'kill daemon of lb2':
      lab.nodes.lb2.strikeEngine('kill');
      return;
    default:
      blow satisfies never;
  }
}

async function areHandsOver(lab: Lab): Promise<boolean> {
  const states = await Promise.all(
    NODE_NAMES.map((node) => askDrillState(controlSocketOf(lab.nodes[node]))),
  );
  return states.every(
    (state) =>
      state.ok && [undefined, 'undone', 'expired', 'failed'].includes(state.value.here?.phase),
  );
}

/** Looked at with the system's own tools. */
function leftOn(lab: Lab, node: NodeName, haproxyConfig: string): readonly string[] {
  const { namespace, files } = lab.nodes[node];
  const inside = (...command: readonly string[]): string =>
    execFileSync('ip', ['netns', 'exec', namespace, ...command], { encoding: 'utf8' });
  const stopped = processesIn(namespace).filter(({ pid }) => stateOf(pid) === 'T');
  const disk = execFileSync('df', ['--output=avail', files.vipairStateDirectory], {
    encoding: 'utf8',
  });
  const found: readonly (readonly [boolean, string])[] = [
    [inside('nft', 'list', 'tables').includes('vipair_drill'), 'the table vipair_drill'],
    [!inside('ip', 'link', 'show', 'eth0').includes('state UP'), 'eth0 is not up'],
    [stopped.length > 0, `stopped: ${stopped.map(({ name }) => name).join(', ')}`],
    [hasBurners(namespace), 'processes that compute without end'],
    [readFileSync(files.haproxyConfig, 'utf8') !== haproxyConfig, 'haproxy.cfg is another'],
    [Number(disk.split('\n')[1]) === 0, 'the disk is full'],
    [!/default|10\.77\.0\.0\/24/u.test(inside('ip', 'route')), 'routes are missing'],
    [
      !inside('ip', '-6', 'address', 'show', 'dev', 'eth0').includes('fd77::'),
      'IPv6 address missing',
    ],
  ];
  return found.flatMap(([is, what]) => (is ? [`${node}: ${what}`] : []));
}

function hasBurners(namespace: string): boolean {
  return processesIn(namespace).some(({ pid }) => wordsOf(pid).includes('drill-burner='));
}

function wordsOf(pid: number): string {
  return read(`/proc/${String(pid)}/cmdline`).replaceAll('\0', ' ');
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

/** The lead-in, most faults and their undoing. In milliseconds. */
const LONGEST_DELAY = 9000;
const ENDS = { within: millis(120_000), every: millis(100) } as const;
