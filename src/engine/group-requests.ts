/** What operators ask of the groups of this node: to give one away, or to take it back. */
import type { Ip } from '../base/ip.js';
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import { roleOf } from '../core/group-state.js';
import { wordOf } from '../core/node-peer.js';
import type { SwitchoverOutcome } from '../core/notice.js';
import { isOn } from '../core/orders.js';
import { readinessOf } from '../core/readiness.js';
import type { Engine } from './engine.js';
import type { GroupPlan } from './group-plan.js';
import type {
  FailbackRefusal,
  Successor,
  SwitchoverRefusal,
} from '../telemetry/operator-refusals.js';

export class GroupRequests {
  readonly #groups: readonly { readonly plan: GroupPlan }[];
  readonly #engine: Pick<Engine, 'state' | 'dispatch'>;
  readonly #waiting = new Map<number, (outcome: SwitchoverOutcome) => void>();

  constructor(
    groups: readonly { readonly plan: GroupPlan }[],
    engine: Pick<Engine, 'state' | 'dispatch'>,
  ) {
    this.#groups = groups;
    this.#engine = engine;
  }

  /** Asks this node to give a group to its peer; resolves when it has moved or was undone. */
  async switchover(
    group: string,
    successor: Successor,
  ): Promise<Result<SwitchoverOutcome, SwitchoverRefusal>> {
    const index = this.#indexOf(group);
    const refusal = this.refusalOf(group, successor);
    if (refusal !== undefined) {
      return fail(refusal);
    }
    const ended = new Promise<SwitchoverOutcome>((resolve) => {
      this.#waiting.set(index, resolve);
    });
    this.#engine.dispatch({ kind: 'switchover', group: index });
    if (this.#engine.state.groups[index]?.vrrp.name !== 'resigning') {
      // The lease had just ended: the master we asked was none any more.
      this.#waiting.delete(index);
      return fail({ code: 'not-master', group, role: 'backup', master: undefined });
    }
    return ok(await ended);
  }

  /** Why {@link switchover} would be refused now; undefined: it would be begun. */
  refusalOf(group: string, successor: Successor): SwitchoverRefusal | undefined {
    const index = this.#indexOf(group);
    const state = this.#engine.state.groups[index];
    if (state === undefined) {
      return this.#unknown(group);
    }
    if (this.#waiting.has(index) || state.vrrp.name === 'resigning') {
      return { code: 'in-progress', group };
    }
    if (state.vrrp.name !== 'master') {
      const master = state.vrrp.name === 'backup' ? state.vrrp.master?.address : undefined;
      return { code: 'not-master', group, role: roleOf(state), master };
    }
    const readiness = readinessOf(wordOf(this.#engine.state.peer, group));
    if (readiness.kind === 'unready' && successor === 'ready') {
      const why = isOn(state.orders.peer) ? 'it is in maintenance' : readiness.why;
      return { code: 'not-ready', group, why };
    }
    return undefined;
  }

  switchoverEnded(index: number, outcome: SwitchoverOutcome): void {
    this.#waiting.get(index)?.(outcome);
    this.#waiting.delete(index);
  }

  /** Asks this node to take a group back from the master of lower priority that it hears; tells from whom. */
  failback(group: string): Result<Ip | undefined, FailbackRefusal> {
    const index = this.#indexOf(group);
    const state = this.#engine.state.groups[index];
    const params = this.#groups[index]?.plan.vrrp;
    if (state === undefined || params === undefined) {
      return fail(this.#unknown(group));
    }
    if (params.failback.kind === 'never') {
      return fail({ code: 'never-fails-back', group });
    }
    if (state.vrrp.name !== 'backup') {
      return fail({ code: 'not-backup', group, role: roleOf(state) });
    }
    if (state.failback.kind === 'none') {
      return fail({ code: 'not-preferred', group });
    }
    if (state.tables.kind === 'awaited') {
      return fail({ code: 'not-ready', group });
    }
    this.#engine.dispatch({ kind: 'failback', group: index });
    return ok(state.vrrp.master?.address);
  }

  #indexOf(group: string): number {
    return this.#groups.findIndex(({ plan }) => plan.name === group);
  }

  #unknown(group: string): Extract<SwitchoverRefusal, { readonly code: 'unknown-group' }> {
    return { code: 'unknown-group', group, known: this.#groups.map(({ plan }) => plan.name) };
  }
}
