/** Services of the kernel: nftables, in a table of our own. Other tables are never touched. */
import type { Result } from '../base/result.js';
import { done, ok } from '../base/result.js';
import type { LeaseRefusal } from '../ports/lease-table.js';
import type { ProcessHost } from '../ports/process-host.js';
import type { ServiceRule, ServiceRules } from '../ports/service-rules.js';
import { listElements } from './nft-messages.js';
import { isMissing, Nftables, rulesIn } from './nftables.js';
import { SERVICE_ADDRESSES, serviceScript, servicesDismantleScript } from './service-script.js';

export class NftServiceRules implements ServiceRules {
  readonly #nftables: Nftables;
  /** How many rules were loaded last, by table. */
  #written: readonly number[] | undefined;

  constructor(processes: ProcessHost) {
    this.#nftables = new Nftables(processes);
  }

  async load(rules: readonly ServiceRule[]): Promise<Result<undefined, LeaseRefusal>> {
    const program = serviceScript(rules);
    const loaded = await this.#nftables.load(program);
    if (loaded.ok) {
      this.#written = SERVICE_ADDRESSES.map((table) => rulesIn(program, table));
    }
    return loaded;
  }

  async loaded(): Promise<Result<'all' | 'some' | 'none', LeaseRefusal>> {
    let whole = 0;
    let found = 0;
    for (const [place, table] of SERVICE_ADDRESSES.entries()) {
      const there = await this.#nftables.rulesOf(table);
      if (!there.ok) {
        return there;
      }
      found += there.value;
      // Of rules that another daemon has left nobody knows how many there were.
      const written = this.#written?.[place];
      whole += (written === undefined ? there.value > 0 : there.value === written) ? 1 : 0;
    }
    if (found === 0) {
      return ok('none');
    }
    return ok(whole === SERVICE_ADDRESSES.length ? 'all' : 'some');
  }

  async dismantle(): Promise<Result<undefined, LeaseRefusal>> {
    // Asked first: most daemons start and stop without them, and the nft program takes 10 ms.
    return (await this.#isNothingThere())
      ? done
      : await this.#nftables.load(servicesDismantleScript());
  }

  /** Neither rules nor tables that somebody has emptied. */
  async #isNothingThere(): Promise<boolean> {
    for (const set of SERVICE_ADDRESSES) {
      const there = await this.#nftables.ask((channel) => channel.dump(listElements(set)));
      if (there.ok || !isMissing(there.error)) {
        return false;
      }
    }
    return true;
  }

  /** Idempotent. What is in the kernel stays. */
  close(): void {
    this.#nftables.close();
  }
}
