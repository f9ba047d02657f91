/** `npm run bench -- idle`: what the daemon costs while nothing happens, as master and as backup. */
import { centis, millis } from '../../src/base/time.js';
import { NODE_NAMES } from '../../src/lab/topology.js';
import { pause } from '../../src/lab/pause.js';
import type { ContenderId } from './contenders.js';
import { TITLES } from './contenders.js';
import type { Progress } from './failover.js';
import { whole } from './fitness.js';
import type { Labs } from './labs.js';
import type { Memory } from './process-cost.js';
import { cpuOf, memoryOf, shareBetween } from './process-cost.js';

export interface IdleFigure extends Memory {
  readonly contender: ContenderId;
  readonly role: 'master' | 'backup';
  /** Of one processor, 0 to 1. */
  readonly cpuShare: number;
}

export const IDLE_ADVERTS = centis(10);

/** Until what a start compiled and loaded is done with. */
const SETTLES = millis(10_000);
const LASTING = millis(30_000);
/** One lab at a time: neither pair's adverts wake the other's machine. */
const IN_TURN: readonly ContenderId[] = ['vipair', 'best'];

export async function measureIdle(labs: Labs, progress: Progress): Promise<readonly IdleFigure[]> {
  const figures: IdleFigure[] = [];
  for (const id of IN_TURN) {
    progress(`${TITLES[id]}: raising a lab, then ${String(LASTING / 1_000)} s of nothing`);
    figures.push(...(await idleFigures(id, labs)));
    await labs.clear();
  }
  return figures;
}

async function idleFigures(id: ContenderId, labs: Labs): Promise<readonly IdleFigure[]> {
  const { clock } = labs.ports;
  const lab = await labs.raise(id, IDLE_ADVERTS);
  const master = await whole(lab, clock);
  await pause(clock, SETTLES);
  const nodes = NODE_NAMES.map((name) => ({
    role: name === master.name ? ('master' as const) : ('backup' as const),
    pids: lab.nodes[name].processes().enginePids,
  }));
  const before = nodes.map(({ pids }) => cpuOf(pids));
  await pause(clock, LASTING);
  return nodes.flatMap(({ role, pids }, index) => {
    const from = before[index];
    return from === undefined
      ? []
      : [{ contender: id, role, ...memoryOf(pids), cpuShare: shareBetween(from, cpuOf(pids)) }];
  });
}
