/** The configuration that a daemon runs, and how another one takes its place while it runs. */
import type { Ip } from './base/ip.js';
import type { Result } from './base/result.js';
import { done, fail, ok } from './base/result.js';
import { invariant } from './base/unreachable.js';
import type { Config } from './config/config.js';
import type { NodeParams } from './core/node.js';
import type { Engine } from './engine/engine.js';
import type { GroupPlan } from './engine/group-plan.js';
import type { GroupRunner } from './engine/group-runner.js';
import type { PlanningPorts } from './engine/plan-groups.js';
import { planGroups } from './engine/plan-groups.js';
import { guarded } from './engine/prepare.js';
import type { Readied } from './generation/joint-change-runner.js';
import type { Trackers } from './health/trackers.js';
import type { PairLink } from './pair/pair-link.js';
import { paceOf } from './pair/pair-link-for.js';
import type { GuardOrder, LeaseTable } from './ports/lease-table.js';
import type { LeaseStatus } from './telemetry/status.js';

export interface RunningParts extends PlanningPorts {
  readonly node: string;
  readonly layers: LeaseStatus['layers'];
  readonly leases: LeaseTable;
  readonly runners: readonly GroupRunner[];
  readonly trackers: Trackers;
  readonly engine: Engine;
  readonly pair: PairLink | undefined;
  /** Another one runs. */
  readonly changed: () => void;
}

export class RunningConfig {
  readonly #parts: RunningParts;
  #config: Config;
  #plans: readonly GroupPlan[];

  constructor(config: Config, plans: readonly GroupPlan[], parts: RunningParts) {
    this.#config = config;
    this.#plans = plans;
    this.#parts = parts;
  }

  get config(): Config {
    return this.#config;
  }

  get plans(): readonly GroupPlan[] {
    return this.#plans;
  }

  /** Takes over a configuration that changes no socket and no address. */
  async become(config: Config): Promise<Result<undefined, string>> {
    const planned = await this.#plan(config);
    if (!planned.ok) {
      return planned;
    }
    this.#take(config, planned.value, (runner, plan) => runner.become(plan));
    return done;
  }

  /**
   * Makes ready for one that both nodes switch to at the same moment: then nothing is left that could be refused but by the
   * kernel. It is silent for the addresses that come from now on, so that they can be held in one turn.
   */
  async prepare(config: Config): Promise<Result<Readied, string>> {
    const unsettled = this.#unsettled();
    if (unsettled !== undefined) {
      return fail(unsettled);
    }
    const planned = await this.#plan(config);
    if (!planned.ok) {
      return planned;
    }
    const wanderer = wanderingAddress(this.#plans, planned.value);
    if (wanderer !== undefined) {
      return fail(
        `${wanderer} would go from one group to another, whose owners may differ: remove it first, then add it`,
      );
    }
    const silenced = await this.#guard(both(this.#plans, planned.value));
    if (!silenced.ok) {
      return fail(`the kernel cannot be made silent for what comes: ${silenced.error}`);
    }
    return ok({
      switch: () => {
        this.#take(config, planned.value, (runner, plan) => runner.reconfigure(plan));
        this.#parts.pair?.become(paceOf(config));
        this.#guardNow();
      },
      discard: () => {
        this.#guardNow();
      },
    });
  }

  /** A group that is on its way to another role must arrive first. */
  #unsettled(): string | undefined {
    const { engine, runners } = this.#parts;
    const index = engine.state.groups.findIndex(
      ({ vrrp, fault }) => vrrp.name === 'resigning' || fault === 'starting',
    );
    const group = runners[index]?.plan.name;
    return group === undefined ? undefined : `${group} is starting, or being switched over`;
  }

  async #plan(config: Config): Promise<Result<readonly GroupPlan[], string>> {
    const planned = await planGroups({ config, node: this.#parts.node }, this.#parts);
    return planned.ok ? planned : fail(planned.error.map(({ detail }) => detail).join('; '));
  }

  #take(
    config: Config,
    next: readonly GroupPlan[],
    become: (runner: GroupRunner, plan: GroupPlan) => GroupPlan,
  ): void {
    const { runners, trackers, engine, changed } = this.#parts;
    this.#plans = runners.map((runner, index) => {
      const plan = next[index];
      invariant(plan !== undefined, 'a reload leaves the groups that there are');
      return become(runner, plan);
    });
    this.#config = config;
    trackers.become(this.#plans);
    engine.become(nodeParams(config, this.#plans));
    changed();
  }

  /** What is guarded and not wanted any more is let go. */
  #guardNow(): void {
    void this.#guard(guarded(this.#plans)).then((answer) => {
      if (!answer.ok) {
        this.#parts.log.tell({ event: 'lease.rules-left', detail: answer.error });
      }
    });
  }

  async #guard(order: GuardOrder): Promise<Result<undefined, string>> {
    const { layers, leases } = this.#parts;
    const answer = layers === 'backstop only' ? done : await leases.guard(order);
    return answer.ok ? answer : fail(answer.error.detail);
  }
}

/** What a node decides by. */
export function nodeParams({ proxy }: Config, plans: readonly GroupPlan[]): NodeParams {
  return { groups: plans.map((each) => each.vrrp), proxy };
}

/** What is there already keeps its manners until the switch. */
function both(now: readonly GroupPlan[], next: readonly GroupPlan[]): GuardOrder {
  const here = guarded(now);
  const there = guarded(next);
  const known = new Set(here.addresses);
  return {
    addresses: [...new Set([...here.addresses, ...there.addresses])],
    unaccepted: [...here.unaccepted, ...there.unaccepted.filter((address) => !known.has(address))],
  };
}

/** An address that one group has and another one is to have. */
function wanderingAddress(
  before: readonly GroupPlan[],
  after: readonly GroupPlan[],
): Ip | undefined {
  const homes = new Map(
    before.flatMap(({ name, addresses }) => addresses.map(({ cidr }) => [cidr.address, name])),
  );
  return after
    .flatMap(({ name, addresses }) =>
      addresses.map(({ cidr }) => ({ name, address: cidr.address })),
    )
    .find(({ name, address }) => (homes.get(address) ?? name) !== name)?.address;
}
