/** How punctual a master's adverts are while its machine is overloaded and it is told a thousand things that are none of its. */
import { centis, centisToMillis, millis } from '../../src/base/time.js';
import type { Millis } from '../../src/base/time.js';
import { pause } from '../../src/lab/pause.js';
import { AdvertObserver } from './advert-observer.js';
import type { ContenderId } from './contenders.js';
import { TITLES } from './contenders.js';
import { Disturbance } from './disturbance.js';
import type { Progress } from './failover.js';
import { whole } from './fitness.js';
import type { Labs } from './labs.js';
import { lateness } from './statistics.js';

export const STEADINESS_ADVERTS = centis(1);
/** By which `--only` chooses it. */
export const STEADINESS_LABEL = 'steadiness@10ms';

export interface SteadinessFigure {
  readonly contender: ContenderId;
  readonly adverts: number;
  /** How much later than one interval after its predecessor each advert came, in milliseconds. */
  readonly lateMs: { readonly median: number; readonly p99: number; readonly max: number };
  /** Adverts of the node that was no master when the load began: 0 where nothing moved. */
  readonly advertsOfTheOther: number;
  /** What the wire carried of the stranger's garbage, a second. */
  readonly garbagePerSecond: number;
}

const LASTING = millis(30_000);
/** Until everything that disturbs has started. */
const SETTLES = millis(3_000);
const P99 = 0.99;
const HALF = 0.5;
const IN_TURN: readonly ContenderId[] = ['vipair', 'best'];

export async function measureSteadiness(
  labs: Labs,
  progress: Progress,
): Promise<readonly SteadinessFigure[]> {
  const figures: SteadinessFigure[] = [];
  for (const id of IN_TURN) {
    progress(`${STEADINESS_LABEL} ${TITLES[id]}: ${String(LASTING / 1_000)} s of full load`);
    figures.push(await steadinessOf(id, labs));
    await labs.clear();
  }
  return figures;
}

async function steadinessOf(id: ContenderId, labs: Labs): Promise<SteadinessFigure> {
  const { clock } = labs.ports;
  const interval: Millis = centisToMillis(STEADINESS_ADVERTS);
  const lab = await labs.raise(id, STEADINESS_ADVERTS);
  const master = await whole(lab, clock);
  const adverts = new AdvertObserver(lab, clock, interval);
  const disturbance = new Disturbance();
  try {
    disturbance.takeProcessors();
    disturbance.sendGarbage(lab);
    disturbance.flapLinks(lab);
    await pause(clock, SETTLES);
    adverts.forget();
    await pause(clock, LASTING);
    const stamps = adverts.stampsOf(master.name);
    if (stamps.length === 0) {
      throw new Error(`no advertisement of ${master.name} was seen on the wire`);
    }
    const late = lateness(stamps, interval);
    const at = (share: number): number => late[Math.floor((late.length - 1) * share)] ?? Infinity;
    const span = (stamps.at(-1) ?? Infinity) - (stamps[0] ?? 0);
    return {
      contender: id,
      adverts: stamps.length,
      lateMs: { median: at(HALF), p99: at(P99), max: at(1) },
      advertsOfTheOther: adverts.stampsOf(master.name === 'lb1' ? 'lb2' : 'lb1').length,
      garbagePerSecond: (adverts.strangers / span) * 1_000,
    };
  } finally {
    disturbance.end();
    adverts.stop();
  }
}
