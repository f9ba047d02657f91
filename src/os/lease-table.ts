/** The lease proper: nftables sets whose elements time out, renewed over nfnetlink. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Family, Ip } from '../base/ip.js';
import { familyOf, isIpv6 } from '../base/ip.js';
import type { Result } from '../base/result.js';
import { done, fail, ok } from '../base/result.js';
import type { Millis } from '../base/time.js';
import { millis } from '../base/time.js';
import type { Guarded, GuardOrder, LeaseRefusal, LeaseTable } from '../ports/lease-table.js';
import type { ProcessHost } from '../ports/process-host.js';
import type { KernelMessage } from './netlink.js';
import type { ElementSet, RuleTable } from './nft-messages.js';
import {
  addElements,
  deleteElements,
  listElements,
  readElements,
  transaction,
} from './nft-messages.js';
import { isMissing, Nftables, rulesIn } from './nftables.js';
import { dismantleScript, guardScript, LEASE_SETS, LEASE_TABLES, READ_SETS } from './nft-script.js';

type Renewal = 'add again' | 'replace';
const NOBODY = '0.0.0.0' as Ip;
const TRIAL = millis(10_000);
/** More than one tick of the kernel's clock, which has steps of up to 10 ms. */
const TRIAL_PAUSE = 12;
const BOTH: readonly Family[] = ['ipv4', 'ipv6'];

export class NftLeaseTable implements LeaseTable {
  readonly #nftables: Nftables;
  #renewal: Renewal | undefined;
  /** The families whose tables the kernel has, as far as is known. */
  #families = BOTH;
  /** How many rules the kernel guards by now: a program that it does not take changes nothing. */
  #written: readonly { readonly table: RuleTable; readonly rules: number }[] = [];
  #writes = 0;

  constructor(processes: ProcessHost) {
    this.#nftables = new Nftables(processes);
  }

  async guard(order: GuardOrder): Promise<Result<undefined, LeaseRefusal>> {
    const written = await this.#write((families) => guardScript(order, families));
    if (written.ok) {
      const program = guardScript(order, this.#families);
      const tables = this.#families.flatMap((family) => LEASE_TABLES[family]);
      this.#written = tables.map((table) => ({ table, rules: rulesIn(program, table) }));
    }
    // Once: where rules are put back, clients wait for the lease that goes with them.
    this.#renewal ??= written.ok ? await this.#findRenewal() : undefined;
    return written.ok && !this.#families.includes('ipv6') && order.addresses.some(isIpv6)
      ? fail({ code: 'no-nftables', detail: 'nftables has no family ip6 here' })
      : written;
  }

  async guarded(): Promise<Result<Guarded, LeaseRefusal>> {
    const writes = this.#writes;
    for (const { table, rules } of this.#written) {
      const there = await this.#nftables.rulesOf(table);
      if (!there.ok) {
        return there;
      }
      // What was written meanwhile may have been counted by half.
      if (there.value < rules && writes === this.#writes) {
        return this.#missing();
      }
    }
    return ok('yes');
  }

  async renew(addresses: readonly Ip[], lasting: Millis): Promise<Result<undefined, LeaseRefusal>> {
    const add = (set: ElementSet, members: readonly Ip[]): KernelMessage =>
      addElements(set, members, lasting);
    const answer = await this.#commit(addresses, (set, members) =>
      this.#renewal === 'add again'
        ? [add(set, members)]
        : // The first makes sure that there is something to delete; the second lets the third set a new end.
          [add(set, members), deleteElements(set, members), add(set, members)],
    );
    return answer.ok ? done : answer;
  }

  async revoke(addresses: readonly Ip[]): Promise<Result<undefined, LeaseRefusal>> {
    const answer = await this.#commit(addresses, (set, members) => [
      addElements(set, members, millis(1_000)),
      deleteElements(set, members),
    ]);
    // No set, no lease.
    return answer.ok || isMissing(answer.error) ? done : answer;
  }

  async remaining(): Promise<Result<ReadonlyMap<Ip, Millis>, LeaseRefusal>> {
    const running = new Map<Ip, Millis>();
    for (const set of READ_SETS) {
      const answer = await this.#nftables.ask((channel) => channel.dump(listElements(set)));
      if (!answer.ok && !isMissing(answer.error)) {
        return answer;
      }
      const elements = answer.ok ? answer.value.flatMap(readElements) : [];
      for (const { address, expiresIn } of elements) {
        running.set(address, expiresIn);
      }
    }
    return ok(running);
  }

  async dismantle(): Promise<Result<undefined, LeaseRefusal>> {
    const gone = await this.#write(dismantleScript);
    this.#written = gone.ok ? [] : this.#written;
    return gone;
  }

  /** Idempotent. What is in the kernel stays. */
  close(): void {
    this.#nftables.close();
  }

  /** The kernel lists no rules of a table that is not there, as of one without rules. */
  async #missing(): Promise<Result<Guarded, LeaseRefusal>> {
    for (const set of this.#families.flatMap((family) => LEASE_SETS[family])) {
      const listed = await this.#nftables.ask((channel) => channel.dump(listElements(set)));
      if (!listed.ok) {
        return isMissing(listed.error) ? ok('tables missing') : listed;
      }
    }
    return ok('rules missing');
  }

  /**
   * Kernels from 6.12 on let an element that is added again end anew; for earlier ones it must be replaced, at three
   * times the cost. Tried on an address that is nobody's.
   */
  async #findRenewal(): Promise<Renewal> {
    const add = async (): Promise<number> => {
      await this.#commit([NOBODY], (set, members) => [addElements(set, members, TRIAL)]);
      return this.#left(NOBODY);
    };
    // With the same timeout, as in a renewal: the second must end as late again as the first did.
    const first = await add();
    await sleep(TRIAL_PAUSE);
    const before = await this.#left(NOBODY);
    const second = await add();
    await this.revoke([NOBODY]);
    return before < first && second > before ? 'add again' : 'replace';
  }

  /** What remains of a lease in milliseconds; nothing where none runs. */
  async #left(address: Ip): Promise<number> {
    const remaining = await this.remaining();
    return (remaining.ok ? remaining.value.get(address) : undefined) ?? 0;
  }

  /** All families in one transaction; a family that has no tables is left out. */
  #commit(
    addresses: readonly Ip[],
    messages: (set: ElementSet, members: readonly Ip[]) => readonly KernelMessage[],
  ): Promise<Result<unknown, LeaseRefusal>> {
    const all = this.#families.flatMap((family) => {
      const members = addresses.filter((address) => familyOf(address) === family);
      return members.length === 0
        ? []
        : LEASE_SETS[family].flatMap((set) => messages(set, members));
    });
    return all.length === 0
      ? Promise.resolve(done)
      : this.#nftables.ask((channel) => channel.request(transaction(all)));
  }

  /** For both families, or for IPv4 alone where the kernel or nft has no tables for IPv6. */
  async #write(
    script: (families: readonly Family[]) => string,
  ): Promise<Result<undefined, LeaseRefusal>> {
    this.#writes += 1;
    const both = await this.#nftables.load(script(BOTH));
    if (both.ok || both.error.code === 'not-permitted' || both.error.code === 'no-answer') {
      this.#families = BOTH;
      return both;
    }
    const alone = await this.#nftables.load(script(['ipv4']));
    this.#families = alone.ok ? ['ipv4'] : BOTH;
    return alone.ok ? alone : both;
  }
}
