/** Gratuitous ARP through a packet socket: it is on the wire within a tenth of a millisecond. */
import { isIpv6 } from '../base/ip.js';
import { macFromBytes } from '../base/mac.js';
import type { Result } from '../base/result.js';
import { done, fail, ok } from '../base/result.js';
import type { KernelRefusal, VirtualAddress } from '../ports/address-table.js';
import type { Announcer } from '../ports/announcer.js';
import { encodeGratuitousArp } from '../wire/arp.js';
import { asRefusal } from './kernel-refusal.js';
import type { Descriptor, SystemError } from './libc.js';
import { closeDescriptor, hardwareAddress, interfaceIndex, openSocket, sendTo } from './libc.js';
import { AF_PACKET, linkAddress, SOCK_RAW } from './packet-socket.js';

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
    if (isIpv6(announced)) {
      return done;
    }
    const destination = linkAddress(index.value);
    for (const form of FORMS) {
      const frame = encodeGratuitousArp({
        form,
        mac: macFromBytes(mac.value, 0),
        address: announced,
      });
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

function refused(error: SystemError): Result<never, KernelRefusal> {
  return fail(asRefusal({ code: 'rejected', errno: error.errno }));
}
