/** What becomes of a group's open connections as it moves. Whatever the kernel refuses, the move itself goes on. */
import type { Ip } from '../base/ip.js';
import { familyOf } from '../base/ip.js';
import type { Result } from '../base/result.js';
import type { Instant, Millis } from '../base/time.js';
import { between, later } from '../base/time.js';
import { unreachable } from '../base/unreachable.js';
import type { Drain, DrainEffect, DrainEvent, DrainStep } from '../core/drain.js';
import { beginDrain, drainDeadline, stepDrain } from '../core/drain.js';
import type { Alarm } from '../ports/clock.js';
import type { Moved } from '../ports/connections.js';
import type { LeaseRefusal } from '../ports/lease-table.js';
import type { GroupPlan } from './group-plan.js';
import type { EnginePorts } from './ports.js';

/** By instance, the other node's own address. */
interface Move {
  readonly others: readonly Ip[];
  readonly lasting: Millis;
}

type Ports = Pick<EnginePorts, 'connections' | 'openConnections' | 'clock' | 'log'>;

export class GroupConnections {
  #plan: GroupPlan;
  readonly #ports: Ports;
  /** What may still be served on here, or passed on. */
  #moved: { readonly addresses: readonly Moved[]; readonly until: Instant } | undefined;
  /** Of what this node gave away last. */
  #drain: Drain | undefined;
  /** Tells answers about a former drain from those about this one. */
  #drains = 0;
  #alarm: Alarm | undefined;

  constructor(plan: GroupPlan, ports: Ports) {
    this.#plan = plan;
    this.#ports = ports;
  }

  /** What is still served on here, or what came of it last; undefined: this daemon has given nothing away. */
  get drain(): Drain | undefined {
    return this.#drain;
  }

  /** The group has other addresses from now on; what is on its way goes on. */
  become(plan: GroupPlan): void {
    this.#plan = plan;
  }

  /** The addresses go. */
  leave({ others, lasting }: Move): void {
    this.#move('left', others, lasting);
    this.#drains += 1;
    this.#follow({ state: beginDrain(lasting, this.#ports.clock.now()), effects: [] });
  }

  /** The addresses come, from a node that lives. */
  take({ others, lasting }: Move): void {
    this.#step({ kind: 'taken-back' });
    this.#move('taken', others, lasting);
  }

  /** The addresses are claimed, whoever had them; or the other node serves on no more. */
  end(): void {
    const { clock, connections } = this.#ports;
    const moved = this.#moved;
    this.#moved = undefined;
    this.#step({ kind: 'taken-back' });
    if (moved !== undefined && clock.now() < moved.until) {
      void connections.end(moved.addresses).then(this.#complain);
    }
  }

  /** Idempotent: nothing is counted or reset from now on. */
  close(): void {
    this.#alarm?.cancel();
    this.#drain = undefined;
    this.#drains += 1;
  }

  #move(to: 'left' | 'taken', others: readonly Ip[], lasting: Millis): void {
    const { clock, connections, log } = this.#ports;
    const addresses = this.#plan.instances.flatMap((instance, index) => {
      const other = others[index];
      return other === undefined
        ? []
        : instance.addresses
            .filter((address) => familyOf(address) === familyOf(other))
            .map((address) => ({ address, other }));
    });
    this.#moved = { addresses, until: later(clock.now(), lasting) };
    log.tell({ event: 'connections.kept', group: this.#plan.name, how: to, lasting });
    const done =
      to === 'left' ? connections.leave(addresses, lasting) : connections.take(addresses, lasting);
    void done.then(this.#complain);
  }

  #step(event: DrainEvent): void {
    if (this.#drain !== undefined) {
      this.#follow(stepDrain(this.#drain, event, this.#ports.clock.now()));
    }
  }

  #follow({ state, effects }: DrainStep): void {
    this.#drain = state;
    this.#alarm?.cancel();
    const at = drainDeadline(state);
    this.#alarm =
      at === undefined
        ? undefined
        : this.#ports.clock.alarm(at, () => {
            this.#step({ kind: 'alarm' });
          });
    for (const effect of effects) {
      this.#carryOut(effect);
    }
  }

  #carryOut(effect: DrainEffect): void {
    const { openConnections, log, clock } = this.#ports;
    switch (effect.kind) {
      case 'look': {
        const asked = clock.now();
        this.#answered(openConnections.count(this.#left), (open) => ({
          kind: 'counted',
          open,
          took: between(asked, clock.now()),
        }));
        return;
      }
      case 'reset':
        this.#answered(openConnections.reset(this.#left), (count) => ({
          kind: 'was-reset',
          count,
        }));
        return;
      case 'tell':
        log.tell({ group: this.#plan.name, ...effect.notice });
        return;
      default:
        unreachable(effect);
    }
  }

  get #left(): readonly Ip[] {
    return this.#moved?.addresses.map(({ address }) => address) ?? [];
  }

  #answered(
    answer: Promise<Result<number, { readonly code: string; readonly detail: string }>>,
    asEvent: (value: number) => DrainEvent,
  ): void {
    const of = this.#drains;
    void answer.then((outcome) => {
      if (of === this.#drains) {
        this.#step(
          outcome.ok
            ? asEvent(outcome.value)
            : { kind: 'uncounted', detail: `${outcome.error.code}: ${outcome.error.detail}` },
        );
      }
    });
  }

  readonly #complain = (result: Result<undefined, LeaseRefusal>): void => {
    if (!result.ok) {
      const detail = `${result.error.code}: ${result.error.detail}`;
      this.#ports.log.tell({ event: 'connections.cut', group: this.#plan.name, detail });
    }
  };
}
