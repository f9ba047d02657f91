/** What a replicator tells of itself: put together from what its parts know. */
import type { Instant } from '../base/time.js';
import { between } from '../base/time.js';
import type { Direction, TableReport, TablesReport } from '../telemetry/tables.js';
import type { TableDefinition } from '../wire/peers/table.js';
import type { RelayTable } from './relay-table.js';

/** Since when the oldest rows of a direction wait, and how many do. */
export interface Waiting {
  readonly rows: number;
  readonly since: Instant | undefined;
}

export interface ReportSource {
  readonly proxy: TablesReport['proxy'];
  readonly link: TablesReport['link'];
  readonly isComplete: boolean;
  readonly tables: readonly RelayTable[];
  readonly sent: Waiting;
  readonly received: Waiting;
  readonly refused: TablesReport['refused'];
  readonly memoryBytes: number;
  readonly verified: (name: string) => TableReport['verified'];
  readonly now: Instant;
}

/** Whoever has more has one cause for all of them. */
const MOST_IGNORED = 100;

export function reportTables(source: ReportSource): TablesReport {
  const { tables } = source;
  return {
    proxy: source.proxy,
    link: source.link,
    complete: source.isComplete,
    tables: tables.flatMap((table) => reportTable(table, source)),
    ignored: tables
      .flatMap(({ name, obstacle }) => (obstacle === undefined ? [] : [{ name, why: obstacle }]))
      .slice(0, MOST_IGNORED),
    refused: source.refused,
    memoryBytes: source.memoryBytes,
  };
}

function reportTable(table: RelayTable, source: ReportSource): readonly TableReport[] {
  const definition = table.own ?? table.peer;
  if (definition === undefined || table.obstacle !== undefined) {
    return [];
  }
  return [
    {
      name: table.name,
      type: typeOf(definition),
      keyLength: definition.keyLength,
      expireMs: table.mirror.expire,
      columns: definition.columns.map(({ type }) => type),
      rows: table.mirror.rows,
      sent: directionOf(table.sent, source.sent, source.now),
      received: directionOf(table.received, source.received, source.now),
      verified: source.verified(table.name),
      examples: table.audit?.examples ?? [],
    },
  ];
}

/** All tables share one way, so that what waits on it holds all of them up. */
function directionOf(
  { updates, dropped }: { readonly updates: number; readonly dropped: number },
  { rows, since }: Waiting,
  now: Instant,
): Direction {
  const lagMs = since === undefined ? 0 : Math.max(0, Math.round(between(since, now)));
  return { updates, unacknowledged: rows, lagMs, dropped };
}

/** As HAProxy's configuration calls it. */
function typeOf({ keyType }: TableDefinition): string {
  return KEY_TYPES[keyType];
}

const KEY_TYPES: Readonly<Record<TableDefinition['keyType'], string>> = {
  integer: 'integer',
  ipv4: 'ip',
  ipv6: 'ipv6',
  string: 'string',
  binary: 'binary',
};
