/** Which flows the kernel tells of in few words: nftables with conntrack. */
import type { Result } from '../base/result.js';
import { done } from '../base/result.js';
import type { FlowEvents, FlowSelection } from '../ports/flow-events.js';
import type { LeaseRefusal } from '../ports/lease-table.js';
import type { ProcessHost } from '../ports/process-host.js';
import { flowEventsDismantleScript, flowEventsScript, SELECTED } from './flow-events-script.js';
import { listElements } from './nft-messages.js';
import { isMissing, Nftables } from './nftables.js';

export class NftFlowEvents implements FlowEvents {
  readonly #nftables: Nftables;

  constructor(processes: ProcessHost) {
    this.#nftables = new Nftables(processes);
  }

  select(selection: FlowSelection): Promise<Result<undefined, LeaseRefusal>> {
    return this.#nftables.load(flowEventsScript(selection));
  }

  async dismantle(): Promise<Result<undefined, LeaseRefusal>> {
    // Asked first: most daemons start and stop without them, and the nft program takes 10 ms.
    for (const set of SELECTED) {
      const there = await this.#nftables.ask((channel) => channel.dump(listElements(set)));
      if (there.ok || !(isMissing(there.error) || there.error.code === 'no-nftables')) {
        return this.#nftables.load(flowEventsDismantleScript());
      }
    }
    return done;
  }

  /** Idempotent. What is in the kernel stays. */
  close(): void {
    this.#nftables.close();
  }
}
