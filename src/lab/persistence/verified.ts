/** Waits until both replicators have compared what they hold, and found it equal. */
import { askTables } from '../../api/client.js';
import type { Result } from '../../base/result.js';
import { done, fail } from '../../base/result.js';
import type { Millis, WallTime } from '../../base/time.js';
import { millis, wallTime } from '../../base/time.js';
import type { Clock } from '../../ports/clock.js';
import type { LabFailure } from '../failure.js';
import type { Lab } from '../lab.js';
import type { LabNode } from '../node.js';
import { eventually } from '../pause.js';
import { controlSocketOf } from '../readiness.js';
import { NODE_NAMES } from '../topology.js';
import { PERSISTENCE_TABLES } from './sections.js';

/** `since`: when the last row was touched; what was compared before does not count. */
export async function untilVerified(
  lab: Lab,
  clock: Clock,
  { since, within }: { readonly since: WallTime; readonly within: Millis },
): Promise<Result<undefined, LabFailure>> {
  let lacking: readonly string[] = [];
  const isVerified = async (): Promise<boolean> => {
    const all = await Promise.all(NODE_NAMES.map((name) => lackingOn(lab.nodes[name], since)));
    lacking = all.flat();
    return lacking.length === 0;
  };
  return (await eventually(clock, { within, every: LOOK_EVERY }, isVerified))
    ? done
    : fail({ code: 'not-ready', detail: `not verified: ${lacking.join('; ')}` });
}

/** What the replicators say now, in words: for a row that is not alike although they think so, or because they do not run. */
export async function saidByReplicators(lab: Lab): Promise<string> {
  const all = await Promise.all(NODE_NAMES.map((name) => lackingOn(lab.nodes[name], EVER)));
  const lacking = all.flat();
  return lacking.length === 0
    ? 'both replicators are up, and have found all tables equal'
    : lacking.join('; ');
}

async function lackingOn(node: LabNode, since: WallTime): Promise<readonly string[]> {
  const asked = { table: undefined, node: node.name, look: 'as known' } as const;
  const answer = await askTables(controlSocketOf(node), asked);
  const replication = answer.ok ? answer.value.nodes[0]?.replication : undefined;
  const report = replication?.report;
  if (report === undefined) {
    return [`${node.name}: ${replication?.problem ?? 'no replicator reports'}`];
  }
  const sessions = [
    ...(report.proxy.state === 'up' ? [] : [`${node.name}: session ${report.proxy.state}`]),
    ...(report.link.state === 'up' ? [] : [`${node.name}: link down`]),
    ...(report.complete ? [] : [`${node.name}: not complete`]),
  ];
  const tables = PERSISTENCE_TABLES.flatMap((name) => {
    const verified = report.tables.find((each) => each.name === name)?.verified;
    const isEqual = verified?.verdict === 'equal' && (verified.at ?? 0) >= since;
    return isEqual ? [] : [`${node.name}: ${name} ${verified?.verdict ?? 'unknown'}`];
  });
  return [...sessions, ...tables];
}

const EVER = wallTime(0);
const LOOK_EVERY = millis(100);
