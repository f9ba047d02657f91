/** `vipair tables`: HAProxy's stick tables on both nodes, and whether they are the same. */
import { askTables } from '../api/client.js';
import type {
  AuditedTable,
  NodeTables,
  ReplicationStatus,
  RowExample,
  TableReport,
  TablesAnswer,
  TablesReport,
} from '../telemetry/tables.js';
import { reportFailure, socketOf } from './asking.js';
import type { TablesAsked } from './commands.js';
import type { ExitCode } from './exit-codes.js';
import { EXIT } from './exit-codes.js';
import { bad, doubtful, good, strong } from './paint.js';
import { renderTable } from './table.js';
import { print, printJson } from './terminal.js';
import { verdictText } from './verdict-text.js';

/** Whether all of it is on both nodes is what is asked for: anything else is a failure. */
export async function tables(asked: TablesAsked): Promise<ExitCode> {
  const { table, node, look } = asked;
  const answer = await askTables(socketOf(asked), { table, node, look });
  if (!answer.ok) {
    return reportFailure(answer.error, asked.form);
  }
  if (asked.form === 'json') {
    printJson(answer.value);
  } else {
    print(answer.value.nodes.map((each) => nodeText(each, asked)).join('\n\n'));
  }
  return isWhole(answer.value) ? EXIT.ok : EXIT.failed;
}

/** Both replicators carry, nothing is missing, and where it was compared it is the same. */
function isWhole({ nodes }: TablesAnswer): boolean {
  return nodes.every(({ replication, audits }) => {
    const report = replication?.report;
    return (
      report?.link.state === 'up' &&
      report.proxy.state === 'up' &&
      report.complete &&
      report.tables.every(({ verified }) => verified.verdict !== 'differs') &&
      audits.every(({ audit }) => audit?.missing === 0 && audit.otherwise === 0)
    );
  });
}

function nodeText(
  { node, replication, unknown, omitted, audits }: NodeTables,
  { table }: TablesAsked,
): string {
  if (replication === undefined) {
    return `${strong(node)}: ${doubtful(`not known (${unknown ?? 'no answer'})`)}`;
  }
  const { report } = replication;
  const detailed = table === undefined ? [] : (report?.tables ?? []);
  return [
    `${strong(node)}: ${replicationText(replication)}`,
    ...(report === undefined ? [] : tablesText(report)),
    ...(omitted === 0 ? [] : [`… and ${String(omitted)} tables more: ask on ${node}`]),
    ...detailed.flatMap(tableDetail),
    ...audits.flatMap(auditText),
  ].join('\n');
}

/** One line, as the status has it, too. */
export function replicationText({ state, problem, report, restarts }: ReplicationStatus): string {
  const again = restarts === 0 ? '' : `, started again ${String(restarts)} times`;
  if (state !== 'running' || report === undefined) {
    const why = problem === undefined ? '' : `: ${problem}`;
    return `${bad(state === 'running' ? 'the replicator is starting' : 'the replicator does not run')}${why}${again}`;
  }
  const { link, proxy, complete } = report;
  const parts = [
    link.state === 'up' ? good('link up') : bad(`link down${because(link.problem)}`),
    proxy.state === 'up'
      ? good('HAProxy connected')
      : doubtful(`HAProxy ${proxy.state}${because(proxy.problem)}`),
    complete ? good('complete') : doubtful('not complete'),
  ];
  return `${parts.join(', ')}${again}`;
}

function because(problem: string | undefined): string {
  return problem === undefined ? '' : ` (${problem})`;
}

function tablesText({ tables: all, ignored, refused }: TablesReport): readonly string[] {
  return [
    ...(all.length === 0
      ? ['  HAProxy has told of no table: vipair proxy peers says what it needs']
      : [renderTable(HEAD, all.map(rowOf))]),
    ...ignored.map(({ name, why }) => doubtful(`  ${name} is not replicated: ${why}`)),
    ...refused.map(({ code, detail, count }) =>
      doubtful(`  refused ${String(count)} times: ${detail} (${code})`),
    ),
  ];
}

const HEAD = ['TABLE', 'ROWS', 'SENT', 'ON THE WAY', 'LAG', 'RECEIVED', 'DROPPED', 'VERIFIED'];

function rowOf({ name, rows, sent, received, verified }: TableReport): readonly string[] {
  return [
    ...[name, String(rows), String(sent.updates), String(sent.unacknowledged)],
    ...[`${String(Math.round(sent.lagMs))} ms`, String(received.updates), String(received.dropped)],
    verdictText(verified, 'not yet'),
  ];
}

function tableDetail({
  name,
  type,
  keyLength,
  expireMs,
  columns,
  examples,
}: TableReport): readonly string[] {
  return [
    `${name}: key ${type}, ${String(keyLength)} bytes; expires after ${String(expireMs / 1000)} s; ${columns.join(', ')}`,
    ...examples.map(exampleText),
  ];
}

function auditText({ table, audit, problem }: AuditedTable): readonly string[] {
  if (audit === undefined) {
    return [`${table}: ${doubtful(`could not be looked at again: ${problem ?? 'no answer'}`)}`];
  }
  const { rows, missing, otherwise, examples } = audit;
  const same = missing === 0 && otherwise === 0;
  const found = `${String(missing)} missing, ${String(otherwise)} otherwise`;
  return [
    `${table}: HAProxy has ${String(rows)} rows, ${same ? good('all as they should be') : bad(found)}`,
    ...examples.map(exampleText),
  ];
}

function exampleText({ key, here, there }: RowExample): string {
  return `  ${key}: ${here} here, ${there} there`;
}
