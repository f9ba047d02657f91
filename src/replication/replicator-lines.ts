/** What the replicator says on its standard output, line by line: another process, so it is believed within bounds only. */
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import type { TableAudit, TablesReport } from '../telemetry/tables.js';
import { readReplicatorAnswer, readReplicatorReport } from '../wire/pair/tables-report.js';

export interface AuditAnswer {
  /** Of the question. */
  readonly id: number;
  /** Or a sentence that says why there is none. */
  readonly audit: Result<TableAudit, string>;
}

/** Its error says what was wrong. */
export function readReport(line: string): Result<TablesReport, string> {
  return readReplicatorReport(line);
}

export function readAnswer(line: string): Result<AuditAnswer, string> {
  const read = readReplicatorAnswer(line);
  if (!read.ok) {
    return read;
  }
  const { answer: id, audit, refused } = read.value;
  return ok({ id, audit: audit === undefined ? fail(refused ?? 'no reason given') : ok(audit) });
}
