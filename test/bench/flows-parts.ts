/** What is measured of flows that one node tells another, one part after the other. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { AgentOf } from './flows-agents.js';
import { quantile } from './statistics.js';
import { until } from './tables-look.js';

/** What one part came to. The first figure is the one that is compared. */
export interface FlowsFigures {
  readonly figures: Readonly<Record<string, number>>;
  /** That the kernel of the owner told, for what each of them costs. */
  readonly events: number;
}

export interface FlowsPair {
  /** In the owner's kernel, and in the other's. */
  readonly here: AgentOf;
  readonly there: AgentOf;
  /** One more in the other's kernel, which hears of every flow; whoever has asked for it closes it. */
  readonly listen: () => Promise<AgentOf>;
  /** So many real connections of a client through the service, which come and go: how many did, and in how many seconds. */
  readonly connect: (
    count: number,
    perSecond: number,
  ) => Promise<{ readonly made: number; readonly seconds: number }>;
  /** Kills what replicates on the other node, empties the kernel's table there, and says when it was started again. */
  readonly restart: () => Promise<number>;
}

export interface FlowsPart {
  readonly label: string;
  readonly unit: string;
  /** What is judged: the first figure, of which less or more than the other's is better, or which is soon enough, or the processor time. */
  readonly better: 'soon' | 'less' | 'more' | 'less processor time';
  readonly measure: (pair: FlowsPair) => Promise<FlowsFigures>;
}

export const FLOWS_PARTS: readonly FlowsPart[] = [
  ...[1_000, 5_000].map((rate): FlowsPart => ({
    label: `lag@${String(rate)}`,
    unit: 'ms',
    better: 'soon',
    measure: (pair) => lagAt(pair, rate),
  })),
  {
    label: 'connections@500',
    unit: 'connections/s',
    better: 'less processor time',
    measure: connections,
  },
  { label: 'highest', unit: 'events/s', better: 'more', measure: highestRate },
  { label: 'bulk@100k', unit: 's', better: 'less', measure: bulkSync },
];

const LAG_LASTS_S = 5;
const SETTLES_MS = 1_500;
const ARRIVES_WITHIN_MS = 20_000;
const HALF = 0.5;
const P99 = 0.99;
/** Numbers that no part before has used: more than the greatest has, and as many as there are addresses for. */
const STRIDE = 110_000;
const STRIDES = 80;
let parts = 0;

/** Not measured: what runs for months has long been compiled when it counts. */
export async function warmUp(pair: FlowsPair): Promise<void> {
  await lagAt(pair, WARM_UP_RATE);
}
const WARM_UP_RATE = 2_000;

/** Flows begin at a pace, and then end at the same one. */
async function lagAt({ here, there, listen }: FlowsPair, rate: number): Promise<FlowsFigures> {
  const from = nextNumber();
  const count = rate * LAG_LASTS_S;
  const before = await there.count();
  const ear = await listen();
  await ear.ask({ ask: 'hear' });
  const made = await here.stamps({ ask: 'make', from, count, perSecond: rate });
  await sleep(SETTLES_MS);
  const heard = await ear.stamps({ ask: 'heard', from, count });
  ear.close();
  await here.ask({ ask: 'end', from, count, perSecond: rate });
  await arrived(there, before);
  const lags = made.flatMap((at, index) => {
    const then = heard[index] ?? null;
    return at === null || then === null ? [] : [then - at];
  });
  return {
    figures: {
      p50: quantile(lags, HALF),
      p99: quantile(lags, P99),
      missing: count - lags.length,
    },
    events: 2 * count,
  };
}

const CONNECTIONS_PER_SECOND = 500;
const CONNECTIONS_LAST_S = 6;

/** Here an event is a connection, of which the kernel may tell as often as its state changes. */
async function connections({ connect }: FlowsPair): Promise<FlowsFigures> {
  const count = CONNECTIONS_PER_SECOND * CONNECTIONS_LAST_S;
  const { made, seconds } = await connect(count, CONNECTIONS_PER_SECOND);
  await sleep(SETTLES_MS);
  return { figures: { 'connections/s': made / seconds, failed: count - made }, events: made };
}

const RATES: readonly number[] = [10, 20, 30, 40, 60, 80, 100].map((each) => each * 1_000);
const RATE_LASTS_S = 1;
/** Of the rate that was asked for; below it is the bench that is at its limit. */
const REACHED_SHARE = 0.9;
/** When the last event of a step was told, the other node has all of them within so long, or the rate was too high. */
const CATCHES_UP_MS = 1_000;

/** Ever faster, until the other node is not with us any more. */
async function highestRate({ here, there }: FlowsPair): Promise<FlowsFigures> {
  let highest = 0;
  let events = 0;
  for (const rate of RATES) {
    const from = nextNumber();
    const count = rate * RATE_LASTS_S;
    const before = await there.count();
    const made = await step(here, there, {
      ...{ ask: 'make', from, count, perSecond: rate, expected: before + count },
    });
    const ended = await step(here, there, {
      ...{ ask: 'end', from, count, perSecond: rate, expected: before },
    });
    events += 2 * count;
    const reached = Math.min(made.perSecond, ended.perSecond);
    if (!made.inTime || !ended.inTime) {
      break;
    }
    highest = Math.max(highest, reached);
    if (reached < rate * REACHED_SHARE) {
      break;
    }
  }
  return { figures: { 'events/s': highest }, events };
}

interface Step {
  readonly ask: 'make' | 'end';
  readonly from: number;
  readonly count: number;
  readonly perSecond: number;
  /** Entries that the other node has afterwards. */
  readonly expected: number;
}

async function step(
  here: AgentOf,
  there: AgentOf,
  { expected, ...asked }: Step,
): Promise<{ readonly perSecond: number; readonly inTime: boolean }> {
  const stamps = await here.stamps(asked);
  const overAt = performance.now();
  const took = (stamps.at(-1) ?? 0) - (stamps[0] ?? 0);
  await arrived(there, expected).catch(() => undefined);
  return {
    perSecond: (asked.count * 1_000) / took,
    inTime: performance.now() - overAt <= CATCHES_UP_MS,
  };
}

const BULK = 100_000;
const BULK_PER_SECOND = 20_000;

/** What replicates on the other node begins anew, and has nothing. */
async function bulkSync({ here, there, restart }: FlowsPair): Promise<FlowsFigures> {
  const from = nextNumber();
  const before = await there.count();
  const asked = { from, count: BULK, perSecond: BULK_PER_SECOND };
  await here.ask({ ask: 'make', ...asked });
  await arrived(there, before + BULK);
  await sleep(SETTLES_MS);
  const startedAt = await restart();
  const isThere = async (): Promise<boolean> => (await there.count()) >= BULK;
  const allAt = await until('all flows are there', isThere, BULK_WITHIN_MS);
  await here.ask({ ask: 'end', ...asked });
  await sleep(SETTLES_MS);
  return { figures: { s: (allAt - startedAt) / 1_000 }, events: BULK };
}

const BULK_WITHIN_MS = 60_000;
/** Beside the flows of the bench, those of the pair's own connections come and go. */
const OTHERS = 200;

/** The other node has as many as that, but for a few of its own. */
async function arrived(there: AgentOf, expected: number): Promise<void> {
  const isSo = async (): Promise<boolean> => Math.abs((await there.count()) - expected) <= OTHERS;
  await until(`${String(expected)} flows are there`, isSo, ARRIVES_WITHIN_MS);
}

function nextNumber(): number {
  parts = (parts + 1) % STRIDES;
  return parts * STRIDE;
}
