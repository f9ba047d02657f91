/** A replicator's report, as tests begin with. */
import type { TableReport, TablesReport } from '../../../src/telemetry/tables.js';

const DIRECTION = { updates: 10, unacknowledged: 0, lagMs: 0, dropped: 0 };

export const WEB_TABLE: TableReport = {
  name: 'web',
  type: 'ip',
  keyLength: 4,
  expireMs: 600_000,
  columns: ['server_key', 'gpc0'],
  rows: 7,
  sent: DIRECTION,
  received: DIRECTION,
  verified: { verdict: 'equal', at: 1_700_000_000_000 },
  examples: [],
};

export const REPORT: TablesReport = {
  proxy: { state: 'up', since: 5, pid: 77 },
  link: { state: 'up', since: 6 },
  complete: true,
  tables: [WEB_TABLE],
  ignored: [],
  refused: [],
  memoryBytes: 1e7,
};
