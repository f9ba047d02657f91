/** Who else on the link says that it has one of a group's addresses: asked before a first claim, heard all the time. */
import type { Ip } from '../base/ip.js';
import type { AddressClaim } from '../core/address-claim.js';
import type { NeighbourSocket, Neighbours } from '../ports/neighbours.js';
import type { InstancePlan } from './group-plan.js';

export interface GroupNeighboursPorts {
  readonly neighbours: Neighbours;
  readonly claimed: (claim: AddressClaim) => void;
  readonly failed: (detail: string) => void;
}

export class GroupNeighbours {
  readonly #addresses: ReadonlySet<Ip>;
  readonly #byInterface: ReadonlyMap<string, readonly Ip[]>;
  readonly #ports: GroupNeighboursPorts;
  readonly #sockets = new Map<string, NeighbourSocket>();

  constructor(
    instances: readonly Pick<InstancePlan, 'interface' | 'addresses'>[],
    ports: GroupNeighboursPorts,
  ) {
    this.#ports = ports;
    this.#addresses = new Set(instances.flatMap(({ addresses }) => addresses));
    const byInterface = new Map<string, Ip[]>();
    for (const { interface: name, addresses } of instances) {
      byInterface.set(name, [...(byInterface.get(name) ?? []), ...addresses]);
    }
    this.#byInterface = byInterface;
  }

  /** Asks each link who has its addresses. What cannot be asked is told; the group goes on without an answer. */
  probe(): void {
    for (const [name, addresses] of this.#byInterface) {
      const socket = this.#sockets.get(name) ?? this.#open(name);
      for (const target of addresses) {
        const asked = socket?.ask({ target, sender: undefined });
        if (asked?.ok === false) {
          this.#forget(name);
          this.#ports.failed(asked.error.detail);
          break;
        }
      }
    }
  }

  /** Hears from now on who says that it has one of the addresses; an owner that asks nobody has to hear it too. */
  listen(): void {
    for (const name of this.#byInterface.keys()) {
      if (!this.#sockets.has(name)) {
        this.#open(name);
      }
    }
  }

  /** Idempotent. */
  close(): void {
    for (const name of this.#sockets.keys()) {
      this.#forget(name);
    }
  }

  #open(name: string): NeighbourSocket | undefined {
    const opened = this.#ports.neighbours.open(
      { interface: name },
      {
        heard: ({ address, mac }) => {
          if (this.#addresses.has(address)) {
            this.#ports.claimed({ address, mac });
          }
        },
      },
    );
    if (!opened.ok) {
      this.#ports.failed(opened.error.detail);
      return undefined;
    }
    this.#sockets.set(name, opened.value);
    return opened.value;
  }

  /** An interface that was made anew has another index, so a socket that fails is opened again. */
  #forget(name: string): void {
    this.#sockets.get(name)?.close();
    this.#sockets.delete(name);
  }
}
