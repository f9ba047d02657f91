/** Open TCP connections through sock_diag(7): the kernel finds them itself, and resets them (CONFIG_INET_DIAG_DESTROY). */
import type { Ip } from '../base/ip.js';
import { familyOf } from '../base/ip.js';
import type { Result } from '../base/result.js';
import { done, fail, ok } from '../base/result.js';
import type { KernelRefusal } from '../ports/address-table.js';
import type { OpenConnections } from '../ports/open-connections.js';
import type { NetlinkFailure } from './kernel-refusal.js';
import { asRefusal } from './kernel-refusal.js';
import { FLAG, NetlinkChannel } from './netlink.js';
import type { SocketName } from './socket-messages.js';
import { destroySocket, listSockets, readSocket } from './socket-messages.js';

export class SocketDiagnosis implements OpenConnections {
  #channel: NetlinkChannel | undefined;

  async count(addresses: readonly Ip[]): Promise<Result<number, KernelRefusal>> {
    const found = await this.#find(addresses);
    return found.ok ? ok(found.value.length) : found;
  }

  async reset(addresses: readonly Ip[]): Promise<Result<number, KernelRefusal>> {
    const found = await this.#find(addresses);
    if (!found.ok) {
      return found;
    }
    for (let from = 0; from < found.value.length; from += RESET_AT_ONCE) {
      const reset = await this.#reset(found.value.slice(from, from + RESET_AT_ONCE));
      if (!reset.ok) {
        return reset;
      }
    }
    return ok(found.value.length);
  }

  /** Idempotent. */
  close(): void {
    this.#channel?.close();
    this.#channel = undefined;
  }

  async #find(addresses: readonly Ip[]): Promise<Result<readonly SocketName[], KernelRefusal>> {
    const channel = this.#open();
    if (!channel.ok) {
      return channel;
    }
    const ipv4 = addresses.filter((each) => familyOf(each) === 'ipv4');
    const lists = [
      ...(ipv4.length === 0 ? [] : [listSockets('ipv4', ipv4)]),
      // Sockets of IPv6 take IPv4 as well.
      ...(addresses.length === 0 ? [] : [listSockets('ipv6', addresses)]),
    ];
    const found: SocketName[] = [];
    for (const list of lists) {
      const answer = await channel.value.dump(list);
      if (!answer.ok) {
        return fail(asRefusal(answer.error));
      }
      for (const reply of answer.value) {
        const socket = readSocket(reply);
        if (socket !== undefined) {
          found.push(socket);
        }
      }
    }
    return ok(found);
  }

  /** The kernel acts on all of them, and answers of the last one and of those that it refuses. */
  async #reset(some: readonly SocketName[]): Promise<Result<undefined, KernelRefusal>> {
    const channel = this.#open();
    if (!channel.ok) {
      return channel;
    }
    const answer = await channel.value.request(
      some.map((each, index) => destroySocket(each, index === some.length - 1 ? FLAG.ack : 0)),
    );
    return answer.ok || hasEnded(answer.error) ? done : fail(asRefusal(answer.error));
  }

  /** Most daemons never need it. */
  #open(): Result<NetlinkChannel, KernelRefusal> {
    if (this.#channel !== undefined) {
      return ok(this.#channel);
    }
    const opened = NetlinkChannel.open('diagnosis');
    if (opened.ok) {
      this.#channel = opened.value;
    }
    return opened;
  }
}

/** By itself, meanwhile. */
function hasEnded(failure: NetlinkFailure): boolean {
  return failure.code === 'rejected' && failure.errno === 'ENOENT';
}

/** 56 bytes each and a header, in one datagram of at most the 208 KiB of a send buffer. */
const RESET_AT_ONCE = 1_000;
