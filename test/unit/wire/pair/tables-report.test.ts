import { expect, it } from 'vitest';
import type { TableAudit, TablesReport } from '../../../../src/telemetry/tables.js';
import { MOST_EXAMPLES, MOST_TABLES } from '../../../../src/telemetry/tables.js';
import {
  AUDIT_WORD,
  readReplicatorAnswer,
  readReplicatorReport,
  TABLES_WORD,
} from '../../../../src/wire/pair/tables-report.js';

const DIRECTION = { updates: 10, unacknowledged: 1, lagMs: 3.5, dropped: 0 };
const TABLE: TablesReport['tables'][number] = {
  name: 'web',
  type: 'ip',
  keyLength: 4,
  expireMs: 600_000,
  columns: ['server_key', 'gpc0'],
  rows: 7,
  sent: DIRECTION,
  received: DIRECTION,
  verified: { verdict: 'equal', at: 1_700_000_000_000 },
  examples: Array.from({ length: MOST_EXAMPLES }, () => ({
    key: '10.0.0.1',
    here: 'a',
    there: 'b',
  })),
};
const REPORT: TablesReport = {
  proxy: { state: 'up', since: 5, pid: 77 },
  link: { state: 'down', since: 6, problem: 'refused' },
  complete: true,
  tables: Array.from({ length: MOST_TABLES }, () => TABLE),
  ignored: [{ name: 'api', why: 'its type is string on lb2' }],
  refused: [{ code: 'hello', detail: 'no peer of that name', count: 3 }],
  memoryBytes: 1e7,
};
const AUDIT: TableAudit = { rows: 7, missing: 1, otherwise: 2, examples: TABLE.examples };

it('says all that a replicator reports, and nothing that it does not know', () => {
  expect(TABLES_WORD.parse({ ...REPORT, later: 1 })).toEqual(REPORT);
  expect(AUDIT_WORD.parse({ ...AUDIT, later: 1 })).toEqual(AUDIT);
});

it.each([
  { ...REPORT, proxy: { state: 'gone', since: 5 } },
  { ...REPORT, link: { state: 'up', since: -1 } },
  { ...REPORT, complete: 'yes' },
  { ...REPORT, tables: [...REPORT.tables, TABLE] },
  { ...REPORT, tables: [{ ...TABLE, rows: 1.5 }] },
  { ...REPORT, tables: [{ ...TABLE, name: 'x'.repeat(1001) }] },
  { ...REPORT, ignored: Array.from({ length: 101 }, () => REPORT.ignored[0]) },
  { ...REPORT, memoryBytes: Number.NaN },
])('is not believed otherwise (%#)', (word) => {
  expect(TABLES_WORD.safeParse(word).success).toBe(false);
});

it('comes on lines of its own, one for a report and one for an answer', () => {
  const line = JSON.stringify({ report: REPORT });
  expect(readReplicatorReport(line)).toEqual({ ok: true, value: REPORT });
  expect(readReplicatorReport('{"report":{}}')).toMatchObject({ ok: false });
  expect(readReplicatorAnswer('{"answer":1,"refused":"no"}')).toEqual({
    ok: true,
    value: { answer: 1, refused: 'no' },
  });
});
