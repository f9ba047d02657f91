import { instant, millis } from '../../../src/base/time.js';
import { planDrill } from '../../../src/core/drill-plan.js';
import type { DrillPlan } from '../../../src/core/drill-plan.js';
import type { ClientsView } from '../../../src/drill/clients.js';
import type { DrillEvidence } from '../../../src/drill/evidence.js';
import type { ProbeReport, ProbeSample } from '../../../src/prober/sample.js';
import type { HandState } from '../../../src/telemetry/drill.js';
import type { PairReport, PeerStatus } from '../../../src/telemetry/status.js';
import type { NodeTables } from '../../../src/telemetry/tables.js';
import type { PairHistory, Transition } from '../../../src/telemetry/transition.js';
import { GIVEN_SCENE } from '../core/given-drill.js';

/** The wall clock when the drills of these tests begin, and when their fault is there. */
export const BEGUN = 1_000_000;
export const FAULT = BEGUN + 2000;

export function givenPlan(name: string): DrillPlan {
  const planned = planDrill({ name, consent: 'really', limits: {} }, GIVEN_SCENE);
  if (!planned.ok) {
    throw new Error(planned.error.join('; '));
  }
  return planned.value;
}

export function givenHand(node: string, change: Partial<HandState> = {}): HandState {
  return {
    id: 'd1',
    drill: 'proxy-crash',
    node,
    by: 'lb2',
    phase: 'undone',
    armedAt: BEGUN,
    until: BEGUN + 30_000,
    fired: { from: FAULT, to: FAULT + 2 },
    undone: { from: FAULT + 3000, to: FAULT + 3010, why: 'asked' },
    problems: [],
    macs: [`02:77:00:00:00:0${node === 'lb1' ? '2' : '3'}`],
    left: [],
    ...change,
  };
}

interface Roles {
  readonly lb1: string;
  readonly lb2: string;
}

/** As lb2 tells it: the drill is asked for there. */
export function givenReport(roles: Roles, change: Partial<PairReport> = {}): PairReport {
  const group = (role: string): object => ({
    name: 'web',
    role,
    fault: role === 'fault' ? 'link down' : undefined,
    health: { score: 100, parts: [] },
  });
  const peer = {
    node: 'lb1',
    word: 'answer',
    groups: [group(roles.lb1)],
    clock: { aheadMs: 0, withinMs: 1 },
  } as unknown as PeerStatus;
  return {
    node: 'lb2',
    version: '0.1.0',
    groups: [group(roles.lb2)],
    peer,
    proxy: { state: 'serving', pid: 1, cause: undefined, recentDeaths: 0 },
    orders: { known: 'yes', paused: undefined, maintenance: [] },
    schedules: [],
    intents: { kept: 'on disk', servers: 0, differing: [], problem: undefined },
    generation: { peer: 'lb1', state: 'in sync', why: undefined, differences: [], file: 'runs' },
    pair: { state: 'up' },
    replication: undefined,
    ...change,
  } as unknown as PairReport;
}

export const BEFORE: PairReport = givenReport({ lb1: 'master', lb2: 'backup' });
export const MOVED: PairReport = givenReport({ lb1: 'backup', lb2: 'master' });

export function givenTransition(change: Partial<Transition>): Transition {
  return {
    node: 'lb2',
    epoch: 1,
    number: 1,
    pairTime: FAULT + 20,
    at: FAULT + 20,
    group: 'web',
    from: 'backup',
    to: 'master',
    cause: 'the peer’s proxy died',
    trigger: 'peer-said',
    evidence: {} as Transition['evidence'],
    phases: { decideMs: 5, claimMs: 1, announceMs: 2, firstRequest: undefined },
    ended: { lastedMs: 1, announcements: 0 },
    ...change,
  };
}

export function givenHistory(...transitions: readonly Transition[]): PairHistory {
  return {
    node: 'lb2',
    parts: ['lb1', 'lb2'].map((node) => ({ node, kept: 'on disk', problem: undefined })),
    transitions,
    moves: [],
  };
}

/** The tables of a node as it tells them: one, with that verdict of that time. */
export function givenTables(
  node: string,
  verified: { readonly verdict: 'equal' | 'differs' | 'unknown'; readonly at?: number },
  audit?: NodeTables['audits'][number]['audit'] | 'no answer',
): NodeTables {
  const audited = {
    table: 'web',
    audit: audit === 'no answer' ? undefined : audit,
    problem: audit === 'no answer' ? 'HAProxy does not answer' : undefined,
  };
  return {
    node,
    replication: { report: { link: { state: 'up' }, tables: [{ name: 'web', verified }] } },
    unknown: undefined,
    omitted: 0,
    audits: audit === undefined ? [] : [audited],
  } as unknown as NodeTables;
}

/** A probe every 10 ms for five seconds; those launched within the gap fail, and lb2 answers those after it. */
export function givenClients(
  gap: { readonly from: number; readonly to: number } | undefined,
  change: Partial<ClientsView> = {},
): ClientsView {
  const startedAt = instant(500);
  const samples: ProbeSample[] = Array.from({ length: 500 }, (_, index) => {
    const launchedAt = instant(startedAt + index * 10);
    const wall = BEGUN + index * 10;
    const failed = gap !== undefined && wall >= gap.from && wall < gap.to;
    return {
      launchedAt,
      endedAt: instant(launchedAt + 2),
      outcome: failed ? 'refused' : 'answered',
      node: failed ? undefined : gap !== undefined && wall >= gap.to ? 'lb2' : 'lb1',
      server: undefined,
    };
  });
  const report: ProbeReport = {
    target: '10.77.0.100:80',
    every: millis(10),
    startedAt,
    endedAt: instant(startedAt + 5000),
    samples,
    worstLateness: millis(1),
    streamsOpened: 2,
    streamBreaks: [],
  };
  return {
    report,
    startedAt: BEGUN,
    clockWithinMs: 0.5,
    owners: { twoOwnersMs: 0, noOwnerMs: 12 },
    neighbour: '02:77:00:00:00:03',
    ...change,
  };
}

/** HAProxy of lb1 was killed, lb2 took over within 30 ms: all is well. */
export function givenEvidence(change: Partial<DrillEvidence> = {}): DrillEvidence {
  return {
    plan: givenPlan('proxy-crash'),
    id: 'd1',
    by: 'lb2',
    startedAt: BEGUN,
    endedAt: BEGUN + 9000,
    faultAt: FAULT,
    answer: undefined,
    stopped: undefined,
    hands: [givenHand('lb1'), givenHand('lb2', { fired: undefined })],
    before: BEFORE,
    after: MOVED,
    history: givenHistory(givenTransition({})),
    historyBefore: givenHistory(),
    tables: undefined,
    comparedSince: undefined,
    clients: givenClients({ from: FAULT, to: FAULT + 30 }),
    prober: { command: 'ssh ops1 vipair probe', problem: undefined },
    unsettled: [],
    ...change,
  };
}
