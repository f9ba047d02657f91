/** The kernel's addresses through rtnetlink. */
import { release } from 'node:os';
import type { Ip } from '../base/ip.js';
import { formatCidr } from '../base/ip.js';
import type { Result } from '../base/result.js';
import { done, fail, ok } from '../base/result.js';
import type { Seconds } from '../base/time.js';
import type {
  AddressTable,
  HeldAddress,
  KernelRefusal,
  VirtualAddress,
  Watch,
} from '../ports/address-table.js';
import type { NetlinkFailure } from './kernel-refusal.js';
import { asRefusal } from './kernel-refusal.js';
import { interfaceIndex, interfaceName } from './libc.js';
import type { KernelReply } from './netlink.js';
import type { NetlinkChannel } from './netlink.js';
import { openRoutePair } from './netlink.js';
import type { AddressMessage, ProofOfOwnership } from './rtnetlink-messages.js';
import {
  deleteAddress,
  listAddresses,
  newAddress,
  proofOfOwnership,
  readAddress,
  RTM,
  RTNLGRP,
} from './rtnetlink-messages.js';

/** An address with the name of its interface, noted while the interface is there to tell it. */
interface Located {
  readonly interface: string;
  readonly message: AddressMessage;
}

type Removed = (interfaceName: string, address: Ip) => void;

const DUMP_AGAIN_AFTER_MS = 1_000;

/**
 * Two sockets, because a dump fails on one that also hears events.
 *
 * An IPv6 address is there when `claim` returns, but the kernel adds its local route in a work queue: measured 16 µs
 * later (median), at most 6 ms on a busy machine. What arrives in between is lost.
 *
 * An address that somebody else had put there is adopted by `claim`: it gets the lifetime and, from Linux
 * 5.18 on, our mark, while its label stays.
 */
export class NetlinkAddressTable implements AddressTable {
  readonly #requests: NetlinkChannel;
  readonly #events: NetlinkChannel;
  readonly #watchers = new Set<Removed>();
  readonly #seen = new Map<string, Located>();
  readonly #proof: ProofOfOwnership = proofOfOwnership(release());
  #state: 'open' | 'closed' = 'open';

  private constructor(requests: NetlinkChannel, events: NetlinkChannel) {
    this.#requests = requests;
    this.#events = events;
    events.subscribe([RTNLGRP.ipv4Address, RTNLGRP.ipv6Address], {
      heard: (message) => {
        this.#hear(message);
      },
      lost: () => {
        void this.#compare();
      },
    });
    void this.#compare();
  }

  static open(): Result<NetlinkAddressTable, KernelRefusal> {
    const opened = openRoutePair();
    return opened.ok
      ? ok(new NetlinkAddressTable(opened.value.requests, opened.value.events))
      : opened;
  }

  async claim(
    address: VirtualAddress,
    validFor: Seconds,
  ): Promise<Result<undefined, KernelRefusal>> {
    const index = interfaceIndex(address.interface);
    if (!index.ok) {
      return fail({ code: 'no-such-interface', detail: address.interface });
    }
    const answer = await this.#requests.request([
      newAddress({ ...address, index: index.value }, validFor),
    ]);
    return answer.ok ? done : fail(asRefusal(answer.error));
  }

  async release(address: VirtualAddress): Promise<Result<undefined, KernelRefusal>> {
    const index = interfaceIndex(address.interface);
    if (!index.ok) {
      return done;
    }
    const answer = await this.#requests.request([deleteAddress(index.value, address.cidr)]);
    return answer.ok || isGone(answer.error) ? done : fail(asRefusal(answer.error));
  }

  async held(interfaceName: string): Promise<Result<readonly HeldAddress[], KernelRefusal>> {
    const index = interfaceIndex(interfaceName);
    if (!index.ok) {
      return fail({ code: 'no-such-interface', detail: interfaceName });
    }
    const dump = await this.#dump();
    return dump.ok
      ? ok(
          dump.value
            .filter((each) => each.interfaceIndex === index.value)
            .map(({ cidr, state, ours, validFor }) => ({
              interface: interfaceName,
              cidr,
              state,
              ours,
              validFor,
            })),
        )
      : dump;
  }

  /**
   * Every address of this machine, whatever the state of its interface: a node must know itself also
   * while its peer is off and the cable between them is dead.
   */
  async everyAddress(): Promise<readonly Ip[]> {
    const dump = await this.#dump();
    return dump.ok ? dump.value.map(({ cidr }) => cidr.address) : [];
  }

  /** Every address of this machine that carries our mark, on whatever interface. */
  async everyOurs(): Promise<Result<readonly VirtualAddress[], KernelRefusal>> {
    const dump = await this.#dump();
    return dump.ok
      ? ok(
          dump.value
            .filter(({ ours }) => ours)
            .map((each) => ({ interface: nameOf(each), cidr: each.cidr })),
        )
      : dump;
  }

  watch(removed: Removed): Watch {
    // A function of its own, so that watching twice with the same one is two watches.
    const watcher: Removed = (interfaceName, address) => {
      removed(interfaceName, address);
    };
    this.#watchers.add(watcher);
    return {
      stop: () => {
        this.#watchers.delete(watcher);
      },
    };
  }

  /** Idempotent. */
  close(): void {
    this.#state = 'closed';
    this.#watchers.clear();
    this.#requests.close();
    this.#events.close();
  }

  #hear(message: KernelReply): void {
    const address = readAddress(message, this.#proof);
    if (address === undefined) {
      return;
    }
    // A new one, or one whose lifetime was renewed: the kernel tells both in the same way.
    if (message.type === RTM.newAddr) {
      this.#note(address);
    } else {
      const known = this.#seen.get(keyOf(address));
      this.#forget(known ?? { interface: nameOf(address), message: address });
    }
  }

  #note(address: AddressMessage): void {
    const key = keyOf(address);
    if (!this.#seen.has(key)) {
      this.#seen.set(key, { interface: nameOf(address), message: address });
    }
  }

  #forget(located: Located): void {
    this.#seen.delete(keyOf(located.message));
    for (const watcher of [...this.#watchers]) {
      watcher(located.interface, located.message.cidr.address);
    }
  }

  async #dump(): Promise<Result<readonly AddressMessage[], KernelRefusal>> {
    const answer = await this.#requests.dump(listAddresses());
    return answer.ok
      ? ok(
          answer.value
            .map((each) => readAddress(each, this.#proof))
            .filter((each) => each !== undefined),
        )
      : fail(asRefusal(answer.error));
  }

  /** Finds what was missed: at the start, and after the kernel had to drop events. */
  async #compare(): Promise<void> {
    // Only what was seen before the dump was taken may be missing from it.
    const before = [...this.#seen];
    const dump = await this.#dump();
    if (this.#state === 'closed') {
      return;
    }
    if (!dump.ok) {
      setTimeout(() => void this.#compare(), DUMP_AGAIN_AFTER_MS).unref();
      return;
    }
    const present = new Set(dump.value.map(keyOf));
    dump.value.forEach((address) => {
      this.#note(address);
    });
    for (const [key, located] of before) {
      if (!present.has(key) && this.#seen.get(key) === located) {
        this.#forget(located);
      }
    }
  }
}

function keyOf(address: AddressMessage): string {
  return `${String(address.interfaceIndex)} ${formatCidr(address.cidr)}`;
}

/** When the interface is gone, the label still begins with its name. */
function nameOf(address: AddressMessage): string {
  const name = interfaceName(address.interfaceIndex);
  return name.ok ? name.value : (address.label.split(':')[0] ?? '');
}

function isGone(failure: NetlinkFailure): boolean {
  return (
    failure.code === 'rejected' &&
    // ENXIO: the interface is being deleted, or speaks no IPv6 at all.
    ['ENOENT', 'EADDRNOTAVAIL', 'ENODEV', 'ENXIO'].includes(failure.errno)
  );
}
