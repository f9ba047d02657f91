/** Gratuitous ARP and unsolicited neighbour advertisements through a packet socket: on the wire within a tenth of a millisecond. */
import type { Ip } from '../base/ip.js';
import { isIpv6 } from '../base/ip.js';
import type { MacAddress } from '../base/mac.js';
import { macFromBytes } from '../base/mac.js';
import type { Result } from '../base/result.js';
import { done, fail, ok } from '../base/result.js';
import type { KernelRefusal, VirtualAddress } from '../ports/address-table.js';
import type { Announcer } from '../ports/announcer.js';
import { encodeGratuitousArp } from '../wire/arp.js';
import { encodeUnsolicitedAdvertisement } from '../wire/ndp.js';
import { asRefusal } from './kernel-refusal.js';
import type { Descriptor, SystemError } from './libc.js';
import { closeDescriptor, hardwareAddress, interfaceIndex, openSocket, sendTo } from './libc.js';
import { AF_PACKET, ETH_P_ARP, ETH_P_IPV6, linkAddress, SOCK_RAW } from './packet-socket.js';
import { settingNow } from './sysctl.js';

/** Zero receives nothing: this socket only sends. */
const NO_PROTOCOL = 0;
const FORMS = ['request', 'reply'] as const;

export class PacketAnnouncer implements Announcer {
  readonly #socket: Descriptor;

  private constructor(socket: Descriptor) {
    this.#socket = socket;
  }

  static open(): Result<PacketAnnouncer, KernelRefusal> {
    const socket = openSocket({ family: AF_PACKET, type: SOCK_RAW, protocol: NO_PROTOCOL });
    return socket.ok ? ok(new PacketAnnouncer(socket.value)) : refused(socket.error);
  }

  announce(address: VirtualAddress): Result<undefined, KernelRefusal> {
    // Both are read each time: a bond changes its MAC, and a re-created interface its index.
    const index = interfaceIndex(address.interface);
    const mac = hardwareAddress(address.interface);
    if (!index.ok || !mac.ok) {
      return fail({ code: 'no-such-interface', detail: address.interface });
    }
    const { address: announced } = address.cidr;
    const destination = linkAddress(index.value, isIpv6(announced) ? ETH_P_IPV6 : ETH_P_ARP);
    for (const frame of frames(address.interface, announced, macFromBytes(mac.value, 0))) {
      const sent = sendTo(this.#socket, frame, destination);
      if (!sent.ok) {
        return refused(sent.error);
      }
    }
    return done;
  }

  close(): void {
    closeDescriptor(this.#socket);
  }
}

function frames(interfaceName: string, address: Ip, mac: MacAddress): readonly Uint8Array[] {
  return isIpv6(address)
    ? [encodeUnsolicitedAdvertisement({ mac, address, role: roleOn(interfaceName) })]
    : FORMS.map((form) => encodeGratuitousArp({ form, mac, address }));
}

/** What the kernel itself says of us when it is asked (RFC 4861 §4.4): neighbours that route through us go on doing so. */
function roleOn(interfaceName: string): 'router' | 'host' {
  const name = `net.ipv6.conf.${interfaceName.replaceAll('.', '/')}.forwarding`;
  return settingNow(name) === '1' ? 'router' : 'host';
}

function refused(error: SystemError): Result<never, KernelRefusal> {
  return fail(asRefusal({ code: 'rejected', errno: error.errno }));
}
