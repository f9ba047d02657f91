/** nftables: rules through the nft program, and the elements of sets over nfnetlink, which takes no process. */
import type { Result } from '../base/result.js';
import { done, fail, ok } from '../base/result.js';
import { millis } from '../base/time.js';
import type { LeaseRefusal } from '../ports/lease-table.js';
import type { ProcessHost, ProgramFailure } from '../ports/process-host.js';
import type { NetlinkFailure } from './kernel-refusal.js';
import { asRefusal } from './kernel-refusal.js';
import type { KernelReply } from './netlink.js';
import { NetlinkChannel } from './netlink.js';
import type { RuleTable } from './nft-messages.js';
import { isRuleOf, listRules } from './nft-messages.js';

/** The nft program took 10 ms on an idle machine. */
const NFT_DEADLINE = millis(5_000);

export class Nftables {
  readonly #processes: ProcessHost;
  #channel: NetlinkChannel | undefined;

  constructor(processes: ProcessHost) {
    this.#processes = processes;
  }

  /** What is asked has been done when this returns; opening the socket at the first is no wait. */
  async ask(
    question: (channel: NetlinkChannel) => Promise<Result<readonly KernelReply[], NetlinkFailure>>,
  ): Promise<Result<readonly KernelReply[], LeaseRefusal>> {
    if (this.#channel === undefined) {
      const opened = NetlinkChannel.open('netfilter');
      if (!opened.ok) {
        return fail({ code: 'no-nftables', detail: opened.error.detail });
      }
      this.#channel = opened.value;
    }
    const answer = await question(this.#channel);
    return answer.ok ? answer : fail(asLeaseRefusal(answer.error));
  }

  /** One transaction, as `nft -f` reads it. */
  load(script: string): Promise<Result<undefined, LeaseRefusal>> {
    return this.#run(['-f', '-'], script);
  }

  /** Whether the kernel would take it; nothing is changed. */
  check(script: string): Promise<Result<undefined, LeaseRefusal>> {
    return this.#run(['--check', '-f', '-'], script);
  }

  async #run(args: readonly string[], script: string): Promise<Result<undefined, LeaseRefusal>> {
    const outcome = await this.#processes.run('nft', args, {
      within: NFT_DEADLINE,
      input: script,
    });
    return outcome.ok ? done : fail(asNftRefusal(outcome.error));
  }

  /** How many rules a table has; none where it is not there. */
  async rulesOf(table: RuleTable): Promise<Result<number, LeaseRefusal>> {
    const listed = await this.ask((channel) => channel.dump(listRules(table)));
    if (listed.ok) {
      return ok(listed.value.filter((each) => isRuleOf(table, each)).length);
    }
    return isMissing(listed.error) ? ok(0) : listed;
  }

  /** Idempotent. What is in the kernel stays. */
  close(): void {
    this.#channel?.close();
    this.#channel = undefined;
  }
}

/** How many rules a program writes into a table. */
export function rulesIn(program: string, { family, table }: RuleTable): number {
  const written = `add rule ${family} ${table} `;
  return program.split('\n').filter((line) => line.startsWith(written)).length;
}

/** ENOENT: the table or the set is not there. */
export function isMissing(refusal: LeaseRefusal): boolean {
  return refusal.code === 'refused' && refusal.detail === 'ENOENT';
}

function asLeaseRefusal(failure: NetlinkFailure): LeaseRefusal {
  const unsupported =
    failure.code === 'rejected' && ['EOPNOTSUPP', 'EPROTONOSUPPORT'].includes(failure.errno);
  return unsupported ? { code: 'no-nftables', detail: failure.errno } : asRefusal(failure);
}

function asNftRefusal(failure: ProgramFailure): LeaseRefusal {
  const { detail } = failure;
  if (failure.code === 'no-program') {
    return { code: 'no-nftables', detail };
  }
  if (failure.code === 'timed-out') {
    return { code: 'no-answer', detail };
  }
  if (/operation not permitted/iu.test(detail)) {
    return { code: 'not-permitted', detail };
  }
  // What nft says of a kernel without nf_tables, without the arp family, or without sets.
  return /not supported|no such file|cache initialization failed/iu.test(detail)
    ? { code: 'no-nftables', detail }
    : { code: 'refused', detail };
}
