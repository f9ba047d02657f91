/** The services of the bench of flows. */
import type { FlowService } from '../../src/lab/flows/flow-services.js';
import { flowServices } from '../../src/lab/flows/flow-services.js';
import { invariant } from '../../src/base/unreachable.js';

export const BENCH_SERVICES: readonly FlowService[] = flowServices(['ipv4'], [true]);

/** Of TCP, and with routed return: every client's address makes a flow of its own. */
export function benchPort(): number {
  const service = BENCH_SERVICES.find(
    ({ protocol, way }) => protocol === 'tcp' && way === 'routed',
  );
  invariant(service !== undefined, 'there is such a service');
  return service.port;
}
