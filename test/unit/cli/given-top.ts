/** A pair as `vipair top` sees it. */
import type { RecordedEvent } from '../../../src/telemetry/recorded-event.js';
import type { PairReport, PeerStatus } from '../../../src/telemetry/status.js';
import type { TableReport } from '../../../src/telemetry/tables.js';
import type { TopSample } from '../../../src/cli/top/sample.js';
import { GROUP } from '../doctor/given-observations.js';

/** 2026-03-02 04:00:00 UTC. */
export const FOUR = Date.UTC(2026, 2, 2, 4);

const PEER: PeerStatus = {
  node: 'lb2',
  word: 'answer',
  problem: undefined,
  life: 'fresh',
  release: '0.1.0',
  proxy: 'serving',
  clock: { aheadMs: -0.2, withinMs: 0.3 },
  orders: { paused: 'no', maintenance: [], schedules: [] },
  groups: [
    {
      ...{ name: 'web', role: 'backup', fault: undefined, kept: undefined, priority: 253 },
      ...{ priorityWhy: undefined, master: '10.77.0.2', outlook: undefined, drain: undefined },
      health: { score: 80, parts: [] },
    },
  ],
};

const TABLE: TableReport = {
  ...{ name: 'web', type: 'ip', keyLength: 4, expireMs: 60_000, columns: [], rows: 1200 },
  sent: { updates: 500, unacknowledged: 3, lagMs: 4.4, dropped: 0 },
  received: { updates: 0, unacknowledged: 0, lagMs: 0, dropped: 0 },
  verified: { verdict: 'equal', at: FOUR },
  examples: [],
};

export interface Counted {
  readonly advertsSent: number;
  readonly updatesSent: number;
}

export function givenReport(
  { advertsSent, updatesSent }: Counted,
  change: Partial<PairReport> = {},
): PairReport {
  const web = {
    ...GROUP,
    ...{ name: 'web', role: 'master' as const, addresses: ['10.77.0.100/24'] },
    health: { score: 100, parts: [] },
    lease: { ...GROUP.lease, leftMs: 234.4 },
    counters: { ...GROUP.counters, advertsSent, advertsReceived: 7 },
  };
  return {
    ...{ node: 'lb1', version: '0.1.0', pid: 7, startedAt: FOUR - 60_000, groups: [web] },
    proxy: { state: 'serving', pid: 9, cause: undefined, recentDeaths: 0 },
    intents: { kept: 'on disk', servers: 0, differing: [], problem: undefined },
    orders: { known: 'yes', paused: undefined, maintenance: [] },
    schedules: [],
    pair: {
      ...{ peer: 'lb2', state: 'up', path: 'preferred', protocol: 5, release: '0.1.0' },
      ...{ problem: undefined, refused: 0 },
    },
    generation: undefined,
    replication: {
      ...{ state: 'running', pid: 8, problem: undefined, restarts: 0 },
      report: {
        proxy: { state: 'up', since: FOUR },
        link: { state: 'up', since: FOUR },
        complete: true,
        tables: [{ ...TABLE, sent: { ...TABLE.sent, updates: updatesSent } }],
        ...{ ignored: [], refused: [], memoryBytes: 0 },
      },
    },
    loop: { samples: 100, p50Ms: 0.1, p99Ms: 0.4, maxMs: 2 },
    ...{ drill: undefined, history: [], peer: PEER, prospects: [] },
    servers: {
      ...{ here: { total: 3, up: 3, troubled: [] }, problem: undefined },
      ...{ there: { total: 3, up: 3, troubled: [] }, thereProblem: undefined, differing: [] },
    },
    ...change,
  };
}

const LOAD = {
  ...{ name: 'web/web1', status: 'UP', check: undefined, sessions: 12 },
  failed: { checks: 0, connects: 0, answers: 0 },
};

export function givenSample(second: number, report: PairReport | undefined): TopSample {
  const events = [1, 2, 3].map(
    (number) =>
      ({
        ...{ number, at: FOUR + number, level: 'info', event: 'link.state' },
        ...{ group: 'web', interface: 'eth0', state: `up${String(number)}` },
      }) as unknown as RecordedEvent,
  );
  return {
    at: FOUR + second * 1000,
    report,
    problem: report === undefined ? 'connect ENOENT' : undefined,
    loads:
      report === undefined
        ? []
        : [
            { node: 'lb1', problem: undefined, servers: [LOAD, LOAD] },
            { node: 'lb2', problem: 'no answer', servers: [] },
          ],
    events: report === undefined ? [] : events,
  };
}
