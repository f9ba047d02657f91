/** What is measured of stick tables, one part after the other: each gives figures of one pair. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Lab } from '../../src/lab/lab.js';
import type { LabNode } from '../../src/lab/node.js';
import { quantile } from './statistics.js';
import { startOf } from './process-cost.js';
import { feed } from './tables-feeder.js';
import { Load } from './tables-load.js';
import { Asker, lagOf, rowsIn, until } from './tables-look.js';
import { FED_TABLE, LIVE_TABLE, socketOf } from './tables-sections.js';

/** What one part came to. The first figure is the one that is compared. */
export interface PartFigures {
  readonly figures: Readonly<Record<string, number>>;
  /** Rows that went from one node to the other, for what each of them costs. */
  readonly rows: number;
}

export interface Pair {
  readonly lab: Lab;
  /** Where rows are made. */
  readonly here: LabNode;
  readonly there: LabNode;
}

export interface Part {
  readonly label: string;
  readonly unit: string;
  /** `live` and `resync` each have labs of their own. */
  readonly lab: 'live' | 'resync';
  readonly measure: (pair: Pair) => Promise<PartFigures>;
}

export const PARTS: readonly Part[] = [
  ...[1_000, 5_000, 20_000].map((rate): Part => ({
    label: `lag@${String(rate)}`,
    unit: 'ms',
    lab: 'live',
    measure: (pair) => lagAt(pair, rate),
  })),
  { label: 'highest', unit: 'updates/s', lab: 'live', measure: highestRate },
  { label: 'live@500k', unit: 's', lab: 'live', measure: liveUntilVisible },
  {
    label: 'resync@100k',
    unit: 's',
    lab: 'resync',
    measure: (pair) => resync(pair, { from: 0, count: 100_000 }),
  },
  {
    label: 'resync@1m',
    unit: 's',
    lab: 'resync',
    measure: (pair) => resync(pair, { from: 100_000, count: 900_000 }),
  },
];

const LAG_LASTS_MS = 4_000;
const MARKER_EVERY_MS = 15;
/** A marker that takes longer has been lost, or might as well. */
const MOST_LAG_MS = 5_000;
/** Of keys that recur, so that rows are touched again as those of real clients are. */
const RING = 100_000;
const HALF = 0.5;
const P99 = 0.99;

async function lagAt(pair: Pair, rate: number): Promise<PartFigures> {
  const { lags, reached } = await pacedLags(pair, rate, LAG_LASTS_MS);
  return {
    figures: { p50: quantile(lags, HALF), p99: quantile(lags, P99), 'updates/s': reached },
    rows: (reached * LAG_LASTS_MS) / 1_000,
  };
}

interface Paced {
  /** In the order in which the markers were made. */
  readonly lags: readonly number[];
  readonly reached: number;
}

async function pacedLags(pair: Pair, rate: number, lastingMs: number): Promise<Paced> {
  const load = await Load.open(socketOf(pair.lab, pair.here.name, 'load'));
  const here = new Asker(socketOf(pair.lab, pair.here.name, 'load'));
  const there = new Asker(socketOf(pair.lab, pair.there.name, 'look'));
  try {
    let isOver = false;
    const pacing = load.pace(
      rate,
      (row) => `u${String(row % RING)}`,
      () => isOver,
    );
    const lags: number[] = [];
    const endsAt = performance.now() + lastingMs;
    markers += 1;
    while (performance.now() < endsAt) {
      const key = `m${String(markers)}-${String(lags.length)}`;
      lags.push(await lagOf(key, { here, there, most: MOST_LAG_MS }));
      await sleep(MARKER_EVERY_MS);
    }
    isOver = true;
    return { lags, reached: await pacing };
  } finally {
    load.close();
    here.close();
    there.close();
  }
}

/** Of this run: no marker is ever made twice. */
let markers = 0;

const RATES: readonly number[] = [20, 30, 45, 60, 80, 100, 130, 170, 220].map(
  (each) => each * 1_000,
);
const RATE_LASTS_MS = 2_000;
/** Of the rate that was asked for; below it is HAProxy or the bench that is at its limit. */
const REACHED_SHARE = 0.9;
const GROWN_LAG_MS = 100;

/** Ever faster, until the lag is greater at the end than it may be, or no more rows are made. */
async function highestRate(pair: Pair): Promise<PartFigures> {
  let highest: { readonly rate: number; readonly p50: number } = { rate: 0, p50: 0 };
  let rows = 0;
  for (const rate of RATES) {
    const { lags, reached } = await pacedLags(pair, rate, RATE_LASTS_MS);
    rows += (reached * RATE_LASTS_MS) / 1_000;
    const last = quantile(lags.slice(-Math.ceil(lags.length / 4)), HALF);
    if (lags.length === 0 || last > GROWN_LAG_MS) {
      break;
    }
    highest = { rate: Math.max(highest.rate, reached), p50: last };
    if (reached < rate * REACHED_SHARE) {
      break;
    }
  }
  return { figures: { 'updates/s': highest.rate, 'p50 then': highest.p50 }, rows };
}

const LIVE_ROWS = 500_000;
const LIVE_WITHIN_MS = 60_000;

/** From the first request until the last row is there. */
async function liveUntilVisible({ lab, here, there }: Pair): Promise<PartFigures> {
  const before = (await rowsIn(there, LIVE_TABLE)) ?? 0;
  const load = await Load.open(socketOf(lab, here.name, 'load'));
  floods += 1;
  const prefix = `f${String(floods)}-`;
  try {
    const beganAt = performance.now();
    const flooding = load.flood(LIVE_ROWS, (row) => `${prefix}${String(row)}`);
    const arrived = until(
      'all rows are there',
      async () => ((await rowsIn(there, LIVE_TABLE)) ?? 0) >= before + LIVE_ROWS,
      LIVE_WITHIN_MS,
    );
    const [madeAt, arrivedAt] = await Promise.all([
      flooding.then(() => performance.now()),
      arrived,
    ]);
    return {
      figures: {
        'until visible': (arrivedAt - beganAt) / 1_000,
        'until made': (madeAt - beganAt) / 1_000,
      },
      rows: LIVE_ROWS,
    };
  } finally {
    load.close();
  }
}

let floods = 0;

const FED_WITHIN_MS = 60_000;
const ANSWERS_WITHIN_MS = 30_000;
const RESYNC_WITHIN_MS = 120_000;

/** HAProxy on the other node is killed and started again; what it has to be taught is all that this one has. */
async function resync(
  { lab, here, there }: Pair,
  { from, count }: { readonly from: number; readonly count: number },
): Promise<PartFigures> {
  const rows = from + count;
  await feed(socketOf(lab, here.name, 'feeder'), { from, count });
  const has = async (node: LabNode): Promise<boolean> => (await rowsIn(node, FED_TABLE)) === rows;
  await until('the rows are fed', () => has(here), FED_WITHIN_MS);
  await sleep(SETTLES_MS);
  there.strikeProxy('kill');
  const answers = async (): Promise<boolean> => (await rowsIn(there, FED_TABLE)) !== undefined;
  await until('HAProxy is gone', async () => !(await answers()), ANSWERS_WITHIN_MS);
  await until('HAProxy is back', answers, ANSWERS_WITHIN_MS);
  const startedAt = Math.max(...there.processes().proxyPids.map(startOf));
  const some = async (): Promise<boolean> => ((await rowsIn(there, FED_TABLE)) ?? 0) > 0;
  const firstAt = await until('a row is there', some, RESYNC_WITHIN_MS);
  const allAt = await until('all rows are there', () => has(there), RESYNC_WITHIN_MS);
  return {
    figures: {
      'since its start': (allAt - startedAt) / 1_000,
      'since the first row': (allAt - firstAt) / 1_000,
    },
    rows,
  };
}

const SETTLES_MS = 1_000;
