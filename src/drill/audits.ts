/** What is looked at after every drill: a pair must not be left worse than it was found. */
import { isAsBefore } from '../core/drill-hand.js';
import type { DrillAudit } from '../telemetry/drill.js';
import type { PairReport } from '../telemetry/status.js';
import type { NodeTables } from '../telemetry/tables.js';
import type { DrillEvidence } from './evidence.js';
import { ON_THIS_NODE } from './evidence.js';
import type { Ahead } from './moves.js';
import { movesIn, transitionsSince } from './moves.js';
import { notComparedSince, rowsPassed, troublesOf } from './table-troubles.js';

/** In the order in which they are told. */
export function auditsOf(evidence: DrillEvidence): readonly DrillAudit[] {
  return [
    oneOwner(evidence),
    fitAgain(evidence),
    clientsFollow(evidence),
    undone(evidence),
    nothingLeft(evidence),
    sameConfiguration(evidence),
    sameIntents(evidence),
    ...sameTables(evidence),
    explained(evidence),
  ];
}

/** The nodes that say that they are master of the group, this one's own word first. */
export function mastersOf(report: PairReport, group: string): readonly string[] {
  const own = report.groups.find(({ name }) => name === group);
  const peer = report.peer?.groups.find(({ name }) => name === group);
  return [
    ...(own?.role === 'master' ? [report.node] : []),
    ...(peer?.role === 'master' ? [report.peer?.node ?? ''] : []),
  ];
}

function oneOwner({ after, plan }: DrillEvidence): DrillAudit {
  if (after === undefined) {
    return unknown('one owner', 'the daemon gives no answer any more');
  }
  const masters = mastersOf(after, plan.group);
  const said = masters.length === 0 ? 'no node is master' : masters.join(' and ');
  return judged('one owner', masters.length === 1 ? [] : [said], said);
}

function fitAgain({ unsettled }: DrillEvidence): DrillAudit {
  return judged('both nodes fit again', unsettled, 'as before');
}

/** The neighbours' caches are what the burst of announcements is for. */
function clientsFollow(evidence: DrillEvidence): DrillAudit {
  const { clients, after, plan, hands, prober, by } = evidence;
  const name = 'clients’ ARP entry is the owner’s';
  const owner = after === undefined ? undefined : mastersOf(after, plan.group)[0];
  const macs = hands.find(({ node }) => node === owner)?.macs ?? [];
  // An owner asks nobody for its own address: what its cache has of it is from before.
  const isOwners = prober?.command === ON_THIS_NODE && owner === by;
  if (clients?.neighbour === undefined || macs.length === 0 || isOwners) {
    return unknown(name, 'it cannot be seen from where the prober ran');
  }
  const seen = clients.neighbour.toLowerCase();
  const isRight = macs.some((mac) => mac.toLowerCase() === seen);
  const wrong = `clients have ${seen}, and the owner ${owner ?? ''} has ${macs.join(' and ')}`;
  return judged(name, isRight ? [] : [wrong], `${seen}, ${owner ?? ''}`);
}

function undone({ hands, plan }: DrillEvidence): DrillAudit {
  const open = hands.filter(
    ({ node, phase }) => answering(plan).includes(node) && !isAsBefore(phase),
  );
  const problems = hands.flatMap(({ node, problems: those }) =>
    those.map((each) => `${node}: ${each}`),
  );
  const missing = answering(plan).filter((node) => hands.every((each) => each.node !== node));
  const details = [
    ...open.map(({ node, phase }) => `${node} is ${phase} still`),
    ...problems,
    ...missing.map((node) => `${node} could not be asked`),
  ];
  return judged('the fault is undone', details, 'on both nodes');
}

/** Nodes whose hands can be asked in the end: that of one that lost its power is gone with all else. */
export function answering({ faults }: DrillEvidence['plan']): readonly string[] {
  const dark = faults.flatMap((each) =>
    each.faults.flatMap((fault) => (fault.kind === 'power-off' ? [fault.node] : [])),
  );
  return faults.map(({ node }) => node).filter((node) => !dark.includes(node));
}

function nothingLeft({ hands }: DrillEvidence): DrillAudit {
  const left = hands.flatMap(({ node, left: those }) => those.map((each) => `${node}: ${each}`));
  return judged('nothing is left behind', left, 'no address, rule, process or open file');
}

function sameConfiguration({ after }: DrillEvidence): DrillAudit {
  const name = 'same configuration on both nodes';
  const generation = after?.generation;
  if (generation === undefined || generation.state === 'unknown') {
    return unknown(name, generation?.why ?? 'the nodes do not compare theirs');
  }
  const differing = generation.differences.map(({ item }) => item);
  return judged(name, generation.state === 'in sync' ? [] : differing, 'in sync');
}

function sameIntents({ after }: DrillEvidence): DrillAudit {
  const name = 'what operators want is the same on both nodes';
  const differing = after?.intents.differing;
  if (differing === undefined) {
    return unknown(name, 'the daemon gives no answer any more');
  }
  const troubles = differing.map((each) => `the proxy has otherwise: ${each}`);
  return judged(name, troubles, 'nothing differs');
}

function sameTables(evidence: DrillEvidence): readonly DrillAudit[] {
  const { tables, before } = evidence;
  if (before.replication === undefined) {
    return [];
  }
  if (tables === undefined) {
    return [unknown(SAME_TABLES, 'the daemon gives no answer any more')];
  }
  const troubles = tables.flatMap(troublesOf);
  const doubts = troubles.length > 0 ? [] : tableDoubts(evidence, tables);
  return [
    doubts.length > 0
      ? unknown(SAME_TABLES, doubts.join('; '))
      : judged(SAME_TABLES, troubles, 'equal'),
  ];
}

/** Why nobody can say that they are the same, although nothing says that they are not. */
function tableDoubts(
  { before, after, plan, comparedSince: since }: DrillEvidence,
  tables: readonly NodeTables[],
): readonly string[] {
  const compared =
    since === undefined ? [] : notComparedSince(tables, { since, ahead: aheadIn(before) });
  const unseen = tables.flatMap(({ node, audits }) =>
    audits.flatMap(({ table, problem }) =>
      problem === undefined ? [] : [`what HAProxy of ${node} has of ${table}: ${problem}`],
    ),
  );
  return [
    ...(compared.length === 0
      ? []
      : [`the nodes have not compared ${compared.join(', ')} since the fault was undone`]),
    ...unseen,
    ...(plan.tables === 'asked for' && rowsPassed(before.replication, after?.replication) === 0
      ? ['clients changed no row while it lasted, so that nothing was to be replicated']
      : []),
  ];
}

/** As they knew it before the drill; 0 where they did not. */
export function aheadIn({ node, peer }: PairReport): Ahead {
  return (of) => (of === node ? 0 : (peer?.clock?.aheadMs ?? 0));
}

/** A move that nobody recorded cannot be explained. */
function explained({
  history,
  historyBefore,
  plan,
  startedAt,
  faultAt,
  before,
}: DrillEvidence): DrillAudit {
  const name = 'the move is in the history';
  if (history === undefined) {
    return unknown(name, 'no node gives its history');
  }
  const since = transitionsSince(history, {
    ...{ group: plan.group, since: startedAt, history: historyBefore, ahead: aheadIn(before) },
  });
  const moves = movesIn(since, mastersOf(before, plan.group)[0] ?? '');
  const problems = history.parts.flatMap(({ node, problem }) =>
    problem === undefined ? [] : [`${node}: ${problem}`],
  );
  if (problems.length > 0) {
    return unknown(name, problems.join('; '));
  }
  const last = since.findLast(({ to }) => to === 'master');
  const isThere = moves > 0 || plan.expected !== 'moves' || faultAt === undefined;
  const said = last === undefined ? 'nothing moved' : `${last.node}: ${last.cause}`;
  return judged(name, isThere ? [] : [said], said);
}

/** Passed where nothing speaks against it. */
function judged(name: string, troubles: readonly string[], good: string): DrillAudit {
  return troubles.length === 0
    ? { name, outcome: 'passed', detail: good }
    : { name, outcome: 'failed', detail: troubles.join('; ') };
}

/** What `table-divergence` is for. */
export const SAME_TABLES = 'same stick tables on both nodes';

function unknown(name: string, detail: string): DrillAudit {
  return { name, outcome: 'unknown', detail };
}
