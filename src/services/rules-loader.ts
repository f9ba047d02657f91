/**
 * Brings the kernel's rules to what is wanted: one load at a time, the last that is wanted wins, and what is refused, or
 * removed by somebody else, is loaded again.
 */
import type { Result } from '../base/result.js';
import { later, millis } from '../base/time.js';
import type { Alarm, Clock } from '../ports/clock.js';
import type { LeaseRefusal } from '../ports/lease-table.js';
import type { ServiceRule, ServiceRules } from '../ports/service-rules.js';
import type { Log } from '../telemetry/events.js';

export interface RulesLoaderPorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly rules: Pick<ServiceRules, 'load' | 'loaded'>;
  /** The kernel goes by what was wanted last. */
  readonly loaded: () => void;
}

export class RulesLoader {
  readonly #ports: RulesLoaderPorts;
  #wanted: { readonly rules: readonly ServiceRule[]; readonly text: string } | undefined;
  /** As the kernel has them; undefined: not known, as after a refusal, which may have come too late. */
  #there: string | undefined;
  #mayBeThere = false;
  /** Somebody else has removed them. */
  #isGone = false;
  #loads = 0;
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

  /** Whether the kernel may have any of ours: those of a former daemon, or of any load. */
  get mayBeThere(): boolean {
    return this.#mayBeThere;
  }

  /** A former daemon has left some; `none`: and they are removed. */
  found(what: 'some' | 'none'): void {
    this.#mayBeThere = what === 'some';
  }

  want(rules: readonly ServiceRule[]): void {
    const text = JSON.stringify(rules);
    const isRefused = this.#again !== undefined && text === this.#wanted?.text;
    this.#wanted = { rules, text };
    if (!isRefused) {
      this.#load();
    }
  }

  /** Whether they are still there: whoever loads a ruleset of his own may flush all others, and nobody says so. */
  async look(): Promise<void> {
    const loads = this.#loads;
    if (this.#phase === 'ended' || !this.isSettled) {
      return;
    }
    const answer = await this.#ports.rules.loaded();
    if (answer.ok && answer.value !== 'all' && loads === this.#loads) {
      this.#there = undefined;
      this.#isGone = true;
      this.#load();
    }
  }

  /** Resolves when nothing is being loaded: the kernel has what was wanted last, or has refused it. */
  async settled(): Promise<void> {
    while (this.#loading !== undefined) {
      await this.#loading;
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
    this.#loads += 1;
    this.#mayBeThere = true;
    const answer = await this.#ports.rules.load(wanted?.rules ?? []);
    this.#loading = undefined;
    this.#there = answer.ok ? wanted?.text : undefined;
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
    if (answer.ok && this.#isGone) {
      this.#isGone = false;
      log.tell({ event: 'service.rules-restored' });
    }
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
