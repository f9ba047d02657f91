/** A flow replicator's report, as tests begin with. */
import type { FlowsReport } from '../../../src/telemetry/flows.js';

export const FLOWS_REPORT: FlowsReport = {
  link: { state: 'up', since: 6 },
  complete: true,
  owned: ['10.77.0.100'],
  own: [{ protocol: 'tcp', family: 'ipv4', flows: 7 }],
  mirrored: [{ protocol: 'protocol 47', family: 'ipv6', flows: 1 }],
  sent: {
    ...{ flows: 20, waiting: 0, unacknowledged: 1, lagMs: 2, overflows: 0, refused: 0 },
    verified: { verdict: 'equal', at: 1_700_000_000_000 },
  },
  received: {
    flows: 3,
    lag: { samples: 3, p50Ms: 0.4, p99Ms: 1.25 },
    verified: { verdict: 'unknown' },
  },
  refused: [],
  table: { flows: 100, most: 1000 },
  ...{ drops: 0, looks: 1, memoryBytes: 8e7 },
};
