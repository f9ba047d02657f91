/** Services of the kernel: nftables, in a table of our own. Other tables are never touched. */
import type { Result } from '../base/result.js';
import { done, ok } from '../base/result.js';
import type { LeaseRefusal } from '../ports/lease-table.js';
import type { ProcessHost } from '../ports/process-host.js';
import type { ServiceRule, ServiceRules } from '../ports/service-rules.js';
import { listElements } from './nft-messages.js';
import { isMissing, Nftables } from './nftables.js';
import { SERVICE_ADDRESSES, serviceScript, servicesDismantleScript } from './service-script.js';

export class NftServiceRules implements ServiceRules {
  readonly #nftables: Nftables;

  constructor(processes: ProcessHost) {
    this.#nftables = new Nftables(processes);
  }

  load(rules: readonly ServiceRule[]): Promise<Result<undefined, LeaseRefusal>> {
    return this.#nftables.load(serviceScript(rules));
  }

  async loaded(): Promise<Result<'all' | 'some' | 'none', LeaseRefusal>> {
    let found = 0;
    for (const set of SERVICE_ADDRESSES) {
      const there = await this.#nftables.ask((channel) => channel.dump(listElements(set)));
      if (!there.ok && !isMissing(there.error)) {
        return there;
      }
      found += there.ok ? 1 : 0;
    }
    if (found === 0) {
      return ok('none');
    }
    return ok(found === SERVICE_ADDRESSES.length ? 'all' : 'some');
  }

  async dismantle(): Promise<Result<undefined, LeaseRefusal>> {
    // Asked first: most daemons start and stop without them, and the nft program takes 10 ms.
    const there = await this.loaded();
    return there.ok && there.value === 'none'
      ? done
      : await this.#nftables.load(servicesDismantleScript());
  }

  /** Idempotent. What is in the kernel stays. */
  close(): void {
    this.#nftables.close();
  }
}
