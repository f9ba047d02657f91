/** What becomes of a group's open connections as it moves. Whatever the kernel refuses, the move itself goes on. */
import type { Ip } from '../base/ip.js';
import { familyOf } from '../base/ip.js';
import type { Result } from '../base/result.js';
import type { Instant, Millis } from '../base/time.js';
import { later } from '../base/time.js';
import type { Moved } from '../ports/connections.js';
import type { LeaseRefusal } from '../ports/lease-table.js';
import type { GroupPlan } from './group-plan.js';
import type { EnginePorts } from './ports.js';

/** By instance, the other node's own address. */
interface Move {
  readonly others: readonly Ip[];
  readonly lasting: Millis;
}

export class GroupConnections {
  #plan: GroupPlan;
  readonly #ports: Pick<EnginePorts, 'connections' | 'clock' | 'log'>;
  /** What may still be served on here, or passed on. */
  #moved: { readonly addresses: readonly Moved[]; readonly until: Instant } | undefined;

  constructor(plan: GroupPlan, ports: Pick<EnginePorts, 'connections' | 'clock' | 'log'>) {
    this.#plan = plan;
    this.#ports = ports;
  }

  /** The group has other addresses from now on; what is on its way goes on. */
  become(plan: GroupPlan): void {
    this.#plan = plan;
  }

  /** The addresses go. */
  leave({ others, lasting }: Move): void {
    this.#move('left', others, lasting);
  }

  /** The addresses come, from a node that lives. */
  take({ others, lasting }: Move): void {
    this.#move('taken', others, lasting);
  }

  /** The addresses are claimed, whoever had them; or the other node serves on no more. */
  end(): void {
    const { clock, connections } = this.#ports;
    const moved = this.#moved;
    this.#moved = undefined;
    if (moved !== undefined && clock.now() < moved.until) {
      void connections.end(moved.addresses).then(this.#complain);
    }
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

  readonly #complain = (result: Result<undefined, LeaseRefusal>): void => {
    if (!result.ok) {
      const detail = `${result.error.code}: ${result.error.detail}`;
      this.#ports.log.tell({ event: 'connections.cut', group: this.#plan.name, detail });
    }
  };
}
