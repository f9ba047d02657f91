/** Brings the kernel's rules to what is wanted: one load at a time, the last that is wanted wins, and what is refused is tried again. */
import type { Result } from '../base/result.js';
import { later, millis } from '../base/time.js';
import type { Alarm, Clock } from '../ports/clock.js';
import type { LeaseRefusal } from '../ports/lease-table.js';
import type { ServiceRule, ServiceRules } from '../ports/service-rules.js';
import type { Log } from '../telemetry/events.js';

export interface RulesLoaderPorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly rules: Pick<ServiceRules, 'load'>;
  /** The kernel goes by what was wanted last. */
  readonly loaded: () => void;
}

export class RulesLoader {
  readonly #ports: RulesLoaderPorts;
  #wanted: { readonly rules: readonly ServiceRule[]; readonly text: string } | undefined;
  /** As the kernel has them, as far as is known. */
  #there: string | undefined;
  #loading: Promise<void> | undefined;
  #again: Alarm | undefined;
  #problem: string | undefined;
  #phase: 'works' | 'ended' = 'works';

  constructor(ports: RulesLoaderPorts) {
    this.#ports = ports;
  }

  /** Why the kernel does not take them; undefined while it does. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Whether the kernel goes by what was wanted last. */
  get isSettled(): boolean {
    return this.#wanted !== undefined && this.#wanted.text === this.#there;
  }

  want(rules: readonly ServiceRule[]): void {
    const text = JSON.stringify(rules);
    const isRefused = this.#again !== undefined && text === this.#wanted?.text;
    this.#wanted = { rules, text };
    if (!isRefused) {
      this.#load();
    }
  }

  /** Nothing is loaded after it resolves. What the kernel has stays. */
  async end(): Promise<void> {
    this.#phase = 'ended';
    this.#again?.cancel();
    await this.#loading;
  }

  #load(): void {
    if (this.#phase === 'ended' || this.#loading !== undefined || this.isSettled) {
      return;
    }
    this.#again?.cancel();
    this.#again = undefined;
    this.#loading = this.#loadOnce();
  }

  async #loadOnce(): Promise<void> {
    const wanted = this.#wanted;
    const answer = await this.#ports.rules.load(wanted?.rules ?? []);
    this.#loading = undefined;
    if (answer.ok) {
      this.#there = wanted?.text;
    }
    this.#tell(answer);
    if (answer.ok) {
      this.#ports.loaded();
      this.#load();
    } else if (this.#phase === 'works') {
      const { clock } = this.#ports;
      this.#again = clock.alarm(later(clock.now(), AGAIN_AFTER), () => {
        this.#again = undefined;
        this.#load();
      });
    }
  }

  /** What is the same as before is not told again. */
  #tell(answer: Result<undefined, LeaseRefusal>): void {
    const { log } = this.#ports;
    const problem = answer.ok ? undefined : sentenceOf(answer.error);
    if (problem === this.#problem) {
      return;
    }
    this.#problem = problem;
    log.tell(
      problem === undefined
        ? { event: 'service.rules-loaded' }
        : { event: 'service.rules-refused', detail: problem },
    );
  }
}

function sentenceOf({ code, detail }: LeaseRefusal): string {
  return code === 'no-nftables'
    ? `nftables is missing, so no connection is passed on: install nft, and a kernel that has NAT (${detail})`
    : `the kernel does not take the rules of services: ${detail}`;
}

/** A person has to install something, or another program holds a lock for a moment. */
const AGAIN_AFTER = millis(5000);
