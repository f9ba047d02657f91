/** Which flows the kernel tells of in few words: nftables with conntrack. */
import type { Result } from '../base/result.js';
import { done } from '../base/result.js';
import type { FlowEvents, FlowSelection } from '../ports/flow-events.js';
import type { LeaseRefusal } from '../ports/lease-table.js';
import type { ProcessHost } from '../ports/process-host.js';
import type { TcpTimeouts } from './flow-events-script.js';
import { flowEventsDismantleScript, flowEventsScript, SELECTED } from './flow-events-script.js';
import { listElements } from './nft-messages.js';
import { isMissing, Nftables } from './nftables.js';
import { settingNow } from './sysctl.js';

export class NftFlowEvents implements FlowEvents {
  readonly #nftables: Nftables;

  constructor(processes: ProcessHost) {
    this.#nftables = new Nftables(processes);
  }

  select(selection: FlowSelection): Promise<Result<undefined, LeaseRefusal>> {
    return this.#nftables.load(flowEventsScript(selection, timeoutsNow()));
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

/** As the kernel has them, also before conntrack is there and says so. */
const DEFAULTS = { time_wait: 120, close_wait: 60, established: 432_000 };
const DEFAULT_UNANSWERED = { unacknowledged: 300, max_retrans: 300 };

function timeoutsNow(): TcpTimeouts {
  const { time_wait: timeWait, ...others } = { ...DEFAULTS, ...DEFAULT_UNANSWERED };
  return {
    timeWait: secondsNow('time_wait', timeWait),
    others: Object.entries(others).map(([state, usually]) => secondsNow(state, usually)),
  };
}

function secondsNow(state: string, usually: number): number {
  return Number(settingNow(`net.netfilter.nf_conntrack_tcp_timeout_${state}`) ?? usually);
}
