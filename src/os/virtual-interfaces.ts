/**
 * Virtual interfaces as macvlans.
 *
 * Settings of each (measured with two namespaces and a client on one bridge):
 * - arp_ignore=1: otherwise it answers ARP for the parent's addresses too, with the virtual router's Ethernet address.
 * - rp_filter=2: answers leave by the parent, so with 1, a distribution's default, the kernel drops what arrives here,
 *   ARP included. The greater of this one and `all` counts, and 2 wins over 1.
 * - addr_gen_mode=1: no link-local address of its own. Where it is for IPv4, no IPv6 at all, or a router's memberships
 *   would leave from the virtual router's address.
 *
 * `arp_filter` and `accept_local` change nothing here.
 */
import type { MacAddress } from '../base/mac.js';
import type { Result } from '../base/result.js';
import { done, fail, ok } from '../base/result.js';
import { virtualMac } from '../core/virtual-mac.js';
import type { KernelRefusal } from '../ports/address-table.js';
import type { Sysctls } from '../ports/sysctl.js';
import type { VirtualInterface, VirtualInterfaces } from '../ports/virtual-interfaces.js';
import type { NetlinkFailure } from './kernel-refusal.js';
import { asRefusal } from './kernel-refusal.js';
import { interfaceIndex } from './libc.js';
import type { InterfaceMessage } from './macvlan-messages.js';
import {
  deleteLink,
  isMacvlan,
  listInterfaces,
  newMacvlan,
  readInterface,
  setAlias,
  turnLink,
} from './macvlan-messages.js';
import type { KernelMessage } from './netlink.js';
import { NetlinkChannel } from './netlink.js';

/** Our mark, which `ip link` shows: whoever wonders what the interface is for reads it. */
const ALIAS = 'vipair virtual router';
const SETTINGS = {
  ipv4: [
    ['net.ipv4.conf', 'arp_ignore', '1'],
    ['net.ipv4.conf', 'rp_filter', '2'],
    ['net.ipv6.conf', 'disable_ipv6', '1'],
  ],
  ipv6: [
    ['net.ipv4.conf', 'arp_ignore', '1'],
    ['net.ipv6.conf', 'addr_gen_mode', '1'],
    ['net.ipv6.conf', 'accept_ra', '0'],
  ],
} as const;

export class MacvlanInterfaces implements VirtualInterfaces {
  readonly #requests: NetlinkChannel;
  readonly #sysctls: Sysctls;

  private constructor(requests: NetlinkChannel, sysctls: Sysctls) {
    this.#requests = requests;
    this.#sysctls = sysctls;
  }

  static open(sysctls: Sysctls): Result<MacvlanInterfaces, KernelRefusal> {
    const opened = NetlinkChannel.open('route');
    return opened.ok ? ok(new MacvlanInterfaces(opened.value, sysctls)) : opened;
  }

  async ensure(wanted: VirtualInterface): Promise<Result<undefined, KernelRefusal>> {
    const listed = await this.#list();
    if (!listed.ok) {
      return listed;
    }
    const there = listed.value.find((each) => each.name === wanted.name);
    const parent = listed.value.find((each) => each.name === wanted.parent);
    if (parent === undefined) {
      return fail({ code: 'no-such-interface', detail: wanted.parent });
    }
    if (there !== undefined && !isOurs(there)) {
      return fail(taken(wanted.name));
    }
    if (there?.mac === wanted.mac && there.parentIndex === parent.index) {
      return this.#configure(wanted);
    }
    if (there !== undefined) {
      const gone = await this.#ask([deleteLink(there.index)]);
      if (!gone.ok) {
        return gone;
      }
    }
    const made = await this.#ask([
      newMacvlan({ ...wanted, parentIndex: parent.index }),
      setAlias(wanted.name, ALIAS),
    ]);
    return made.ok ? this.#configure(wanted) : made;
  }

  turn(name: string, state: 'up' | 'down'): Promise<Result<undefined, KernelRefusal>> {
    const index = interfaceIndex(name);
    if (index.ok) {
      return this.#ask([turnLink(index.value, state)]);
    }
    return Promise.resolve(
      state === 'down' ? done : fail({ code: 'no-such-interface', detail: name }),
    );
  }

  async remove(name: string): Promise<Result<undefined, KernelRefusal>> {
    const listed = await this.#list();
    if (!listed.ok) {
      return listed;
    }
    const there = listed.value.find((each) => each.name === name);
    if (there === undefined) {
      return done;
    }
    return isOurs(there) ? this.#ask([deleteLink(there.index)]) : fail(taken(name));
  }

  async ours(): Promise<Result<readonly VirtualInterface[], KernelRefusal>> {
    const listed = await this.#list();
    if (!listed.ok) {
      return listed;
    }
    const names = new Map(listed.value.map(({ index, name }) => [index, name]));
    return ok(
      listed.value.filter(isOurs).flatMap(({ name, mac, parentIndex }) => {
        const parent = parentIndex === undefined ? undefined : names.get(parentIndex);
        return mac === undefined || parent === undefined ? [] : [{ name, mac, parent }];
      }),
    );
  }

  /** Idempotent. The interfaces stay. */
  close(): void {
    this.#requests.close();
  }

  /** Where the kernel has no IPv6 its settings are missing too, and are not missed. */
  async #configure({ name, mac }: VirtualInterface): Promise<Result<undefined, KernelRefusal>> {
    for (const [branch, setting, value] of SETTINGS[familyOf(mac)]) {
      const path = `${branch}.${name.replaceAll('.', '/')}.${setting}`;
      const written = await this.#sysctls.write(path, value);
      if (!written.ok && branch === 'net.ipv4.conf') {
        return written;
      }
    }
    return done;
  }

  async #list(): Promise<Result<readonly InterfaceMessage[], KernelRefusal>> {
    const answer = await this.#requests.dump(listInterfaces());
    return answer.ok ? ok(answer.value.map(readInterface)) : fail(asRefusal(answer.error));
  }

  async #ask(messages: readonly KernelMessage[]): Promise<Result<undefined, KernelRefusal>> {
    const answer = await this.#requests.request(messages);
    return answer.ok ? done : fail(explain(answer.error));
  }
}

function isOurs(found: InterfaceMessage): boolean {
  return isMacvlan(found) && found.alias === ALIAS;
}

/** The fifth byte of a virtual router's address tells (RFC 9568 §7.3). */
function familyOf(mac: MacAddress): 'ipv4' | 'ipv6' {
  return mac.startsWith(virtualMac('ipv6', 0).slice(0, -2)) ? 'ipv6' : 'ipv4';
}

function taken(name: string): KernelRefusal {
  return { code: 'refused', detail: `${name} is an interface of somebody else's` };
}

function explain(failure: NetlinkFailure): KernelRefusal {
  return failure.code === 'rejected' && failure.errno === 'EADDRINUSE'
    ? { code: 'refused', detail: 'another interface on the same parent has that Ethernet address' }
    : asRefusal(failure);
}
