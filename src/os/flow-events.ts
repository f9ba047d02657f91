/** Which flows the kernel tells of in few words: nftables with conntrack. */
import type { Result } from '../base/result.js';
import type { FlowEvents, FlowSelection } from '../ports/flow-events.js';
import type { LeaseRefusal } from '../ports/lease-table.js';
import type { ProcessHost } from '../ports/process-host.js';
import { flowEventsDismantleScript, flowEventsScript } from './flow-events-script.js';
import { Nftables } from './nftables.js';

export class NftFlowEvents implements FlowEvents {
  readonly #nftables: Nftables;

  constructor(processes: ProcessHost) {
    this.#nftables = new Nftables(processes);
  }

  select(selection: FlowSelection): Promise<Result<undefined, LeaseRefusal>> {
    return this.#nftables.load(flowEventsScript(selection));
  }

  dismantle(): Promise<Result<undefined, LeaseRefusal>> {
    return this.#nftables.load(flowEventsDismantleScript());
  }
}
