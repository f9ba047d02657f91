/** Whether a pair is as it should be between two drills: one master, one backup, both fit, the same on both. */
import type { Result } from '../base/result.js';
import type { PairReport } from '../telemetry/status.js';
import type { NodeTables } from '../telemetry/tables.js';
import { mastersOf } from './audits.js';
import { troublesOf } from './table-troubles.js';

/** What is not so, a sentence each; empty: it is. */
export function settledIn(
  group: string,
  report: Result<PairReport, string>,
  tables: Result<readonly NodeTables[] | undefined, string>,
): readonly string[] {
  if (!report.ok) {
    return [report.error];
  }
  const troubles = tables.ok ? (tables.value ?? []).flatMap(troublesOf) : [tables.error];
  const others = report.value.groups.filter(({ name }) => name !== group);
  return [
    ...rolesIn(report.value, group),
    // What was done to a node was done to them as well.
    ...others.flatMap(({ name }) => rolesIn(report.value, name).map((each) => `${name}: ${each}`)),
    ...partsIn(report.value),
    ...troubles,
  ];
}

function rolesIn(report: PairReport, group: string): readonly string[] {
  const masters = mastersOf(report, group);
  const roles = [report, ...(report.peer === undefined ? [] : [report.peer])].map(
    ({ node, groups }) => ({ node, role: groups.find(({ name }) => name === group)?.role }),
  );
  const one = `masters: ${masters.length === 0 ? 'none' : masters.join(' and ')}`;
  return [
    ...(masters.length === 1 ? [] : [one]),
    ...roles
      .filter(({ role }) => role !== 'master' && role !== 'backup')
      .map(({ node, role }) => `${node} is ${role ?? 'without the group'}`),
  ];
}

function partsIn({ peer, node, proxy, pair, generation }: PairReport): readonly string[] {
  return [
    ...(peer?.word === 'answer' ? [] : ['the other node does not answer']),
    ...(proxy === undefined || proxy.state === 'serving'
      ? []
      : [`the proxy of ${node} is ${proxy.state}`]),
    ...(pair === undefined || pair.state === 'up' ? [] : ['the pair channel is down']),
    ...(generation?.state === 'differs'
      ? generation.differences.map(({ item }) => `the nodes differ: ${item}`)
      : []),
  ];
}
