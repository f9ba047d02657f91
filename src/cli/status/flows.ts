/** The connections through the kernel of this node: one line. */
import type { FlowReplicationStatus } from '../../telemetry/flows.js';
import { flowsText } from '../flows.js';

export function flowsLine(replication: FlowReplicationStatus | undefined): string {
  return replication === undefined ? '' : `flows: ${flowsText(replication)}`;
}
