/** Open connections over a planned move: nftables with conntrack, and the addresses on the loopback interface meanwhile. */
import type { Family, Ip } from '../base/ip.js';
import { FAMILY_BITS, familyOf } from '../base/ip.js';
import type { Result } from '../base/result.js';
import { done } from '../base/result.js';
import type { Millis } from '../base/time.js';
import { millis, millisToSecondsUp, sum } from '../base/time.js';
import type { AddressTable, KernelRefusal, VirtualAddress } from '../ports/address-table.js';
import type { Connections, Moved } from '../ports/connections.js';
import type { LeaseRefusal } from '../ports/lease-table.js';
import type { ProcessHost } from '../ports/process-host.js';
import { connectionScript, connectionsDismantleScript, movedMap } from './connection-script.js';
import type { KernelMessage } from './netlink.js';
import {
  addElements,
  addEntries,
  deleteElements,
  listElements,
  transaction,
} from './nft-messages.js';
import { leftSet } from './nft-script.js';
import { isMissing, Nftables } from './nftables.js';

const LOOPBACK = 'lo';

type Addresses = Pick<AddressTable, 'claim' | 'release' | 'held'>;

export class NftConnections implements Connections {
  readonly #nftables: Nftables;
  readonly #addresses: Addresses;

  constructor(processes: ProcessHost, addresses: Addresses) {
    this.#nftables = new Nftables(processes);
    this.#addresses = addresses;
  }

  async prepare(interfaces: readonly string[]): Promise<Result<undefined, LeaseRefusal>> {
    const loaded = await this.#nftables.load(connectionScript(interfaces));
    const ready = loaded.ok ? await this.#leaveLoopback() : loaded;
    if (!ready.ok) {
      await this.dismantle();
    }
    return ready;
  }

  async leave(moved: readonly Moved[], lasting: Millis): Promise<Result<undefined, LeaseRefusal>> {
    // The address must not be away for a moment, or the kernel forgets what it had with it.
    const there = moved.map(({ address }) =>
      this.#addresses.claim(onLoopback(address), millisToSecondsUp(sum(lasting, SPARE))),
    );
    const ruled = this.#commit(moved, (family, some, members) => [
      addElements(leftSet(family), members, lasting),
      ...forgotten(family, 'taken', some),
      addEntries(movedMap(family, 'left'), entries(some), lasting),
    ]);
    return firstRefusal([ruled, ...there]);
  }

  async take(moved: readonly Moved[], lasting: Millis): Promise<Result<undefined, LeaseRefusal>> {
    const ruled = this.#commit(moved, (family, some) => [
      ...this.#notLeft(family, some),
      // Anew, so that a second move within that time lasts as long as the first.
      ...forgotten(family, 'taken', some),
      addEntries(movedMap(family, 'taken'), entries(some), lasting),
    ]);
    return firstRefusal([ruled, ...this.#offLoopback(moved.map(({ address }) => address))]);
  }

  async end(moved: readonly Moved[]): Promise<Result<undefined, LeaseRefusal>> {
    const ruled = this.#commit(moved, (family, some) => [
      ...this.#notLeft(family, some),
      ...forgotten(family, 'taken', some),
    ]);
    return firstRefusal([ruled, ...this.#offLoopback(moved.map(({ address }) => address))]);
  }

  async dismantle(): Promise<Result<undefined, LeaseRefusal>> {
    // The addresses first: without them there is nothing that rules would have to silence.
    const cleared = await this.#leaveLoopback();
    // Asked first: most daemons start and stop without them, and the nft program takes 10 ms.
    const map = movedMap('ipv4', 'left');
    const there = await this.#nftables.ask((channel) => channel.dump(listElements(map)));
    if (!there.ok && isMissing(there.error)) {
      return cleared;
    }
    const gone = await this.#nftables.load(connectionsDismantleScript());
    return gone.ok ? cleared : gone;
  }

  /** Idempotent. What is in the kernel stays. */
  close(): void {
    this.#nftables.close();
  }

  #notLeft(family: Family, some: readonly Moved[]): readonly KernelMessage[] {
    const members = some.map(({ address }) => address);
    return [
      addElements(leftSet(family), members, A_MOMENT),
      deleteElements(leftSet(family), members),
      ...forgotten(family, 'left', some),
    ];
  }

  #offLoopback(addresses: readonly Ip[]): readonly Promise<Result<undefined, KernelRefusal>>[] {
    return addresses.map((address) => this.#addresses.release(onLoopback(address)));
  }

  /** What a former life left there. */
  async #leaveLoopback(): Promise<Result<undefined, LeaseRefusal>> {
    const held = await this.#addresses.held(LOOPBACK);
    if (!held.ok) {
      return held;
    }
    const ours = held.value.filter((each) => each.ours).map(({ cidr }) => cidr.address);
    return firstRefusal(this.#offLoopback(ours));
  }

  /** All families in one transaction. */
  async #commit(
    moved: readonly Moved[],
    messages: (
      family: Family,
      some: readonly Moved[],
      members: readonly Ip[],
    ) => readonly KernelMessage[],
  ): Promise<Result<undefined, LeaseRefusal>> {
    const families: readonly Family[] = ['ipv4', 'ipv6'];
    const all = families.flatMap((family) => {
      const some = moved.filter(({ address }) => familyOf(address) === family);
      const members = some.map(({ address }) => address);
      return some.length === 0 ? [] : messages(family, some, members);
    });
    if (all.length === 0) {
      return done;
    }
    const answer = await this.#nftables.ask((channel) => channel.request(transaction(all)));
    return answer.ok ? done : answer;
  }
}

/** Whether it was there or not. */
function forgotten(
  family: Family,
  name: 'left' | 'taken',
  moved: readonly Moved[],
): readonly KernelMessage[] {
  const map = movedMap(family, name);
  return [
    addEntries(map, entries(moved), A_MOMENT),
    deleteElements(
      map,
      moved.map(({ address }) => address),
    ),
  ];
}

function entries(moved: readonly Moved[]): readonly (readonly [Ip, Ip])[] {
  return moved.map(({ address, other }) => [address, other]);
}

function onLoopback(address: Ip): VirtualAddress {
  return {
    interface: LOOPBACK,
    cidr: { address, prefixLength: FAMILY_BITS[familyOf(address)] },
  };
}

async function firstRefusal(
  answers: readonly Promise<Result<undefined, LeaseRefusal>>[],
): Promise<Result<undefined, LeaseRefusal>> {
  return (await Promise.all(answers)).find((answer) => !answer.ok) ?? done;
}

/** The address outlasts the rules, and goes by itself. */
const SPARE = millis(1000);
const A_MOMENT = millis(1000);
