/** Whether the stick tables of both nodes are the same, as far as their replicators and their HAProxys say. */
import type { Ahead } from './moves.js';
import type { AuditedTable, NodeTables, ReplicationStatus } from '../telemetry/tables.js';

/** Why the tables of a node are not as the other node's, as far as it knows. */
export function troublesOf({
  node,
  replication,
  unknown: why,
  audits,
}: NodeTables): readonly string[] {
  const report = replication?.report;
  if (report === undefined) {
    return [`${node}: ${why ?? replication?.problem ?? 'its replicator has not reported'}`];
  }
  return [
    ...(report.link.state === 'up' ? [] : [`${node}: its replicator is not connected`]),
    ...report.tables
      .filter(({ verified }) => verified.verdict !== 'equal')
      .map((each) => `${node}: ${each.name} ${each.verified.verdict}`),
    ...audits
      .filter(isOtherwise)
      .map(({ table }) => `${node}: HAProxy has not what the replicator has of ${table}`),
  ];
}

/** Whether HAProxy, when it was asked for every row, had others than the replicator knows of. */
export function isOtherwise({ audit }: AuditedTable): boolean {
  return audit !== undefined && audit.missing + audit.otherwise > 0;
}

/** From when on a comparison counts, by the clock of the node that was asked. */
export interface ComparedSince {
  /** Unix milliseconds. */
  readonly since: number;
  readonly ahead: Ahead;
}

/**
 * Tables that neither node has compared since then, by name: what was found equal before a fault says nothing of what came
 * of it. One comparison is enough, whichever node has begun it: it is of the whole table on both.
 */
export function notComparedSince(
  tables: readonly NodeTables[],
  { since, ahead }: ComparedSince,
): readonly string[] {
  const seen = tables.flatMap(({ node, replication }) =>
    (replication?.report?.tables ?? []).map(({ name, verified: { at } }) => ({
      name,
      isSince: at !== undefined && at - ahead(node) > since,
    })),
  );
  const compared = new Set(seen.filter(({ isSince }) => isSince).map(({ name }) => name));
  return [...new Set(seen.map(({ name }) => name))].filter((name) => !compared.has(name));
}

/** How many rows one replicator has passed on between two of its reports, in either direction. One that began anew counts from 0. */
export function rowsPassed(
  before: ReplicationStatus | undefined,
  after: ReplicationStatus | undefined,
): number {
  const known = new Map(before?.report?.tables.map((each) => [each.name, each]));
  return (after?.report?.tables ?? []).reduce((all, { name, sent, received }) => {
    const former = known.get(name);
    return (
      all +
      more(former?.sent.updates, sent.updates) +
      more(former?.received.updates, received.updates)
    );
  }, 0);
}

function more(before = 0, after = 0): number {
  return after < before ? after : after - before;
}
