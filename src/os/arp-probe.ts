/** Asks a link who answers for an address, and hears every answer: the lab's watch on the wire. */
import type { Ipv4 } from '../base/ipv4.js';
import { macFromBytes } from '../base/mac.js';
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import type { Instant } from '../base/time.js';
import type { KernelRefusal } from '../ports/address-table.js';
import type { Clock } from '../ports/clock.js';
import { ARP_FRAME_BYTES, decodeArp, encodeArpRequest } from '../wire/arp.js';
import { fromNative } from './from-native.js';
import { asRefusal } from './kernel-refusal.js';
import type { Descriptor, SystemError } from './libc.js';
import {
  bindSocket,
  closeDescriptor,
  hardwareAddress,
  interfaceIndex,
  openSocket,
  pollReadable,
  receive,
  sendTo,
} from './libc.js';
import { AF_PACKET, ETH_P_ARP, linkAddress, SOCK_RAW } from './packet-socket.js';

export interface ArpQuestion {
  readonly interface: string;
  readonly target: Ipv4;
  readonly sender: Ipv4;
}

type Answered = (hardwareAddress: string, at: Instant) => void;

/** Frames are padded to Ethernet's minimum; more than this is not ARP. */
const FRAME_BYTES = 128;

export class PacketArpProbes {
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Calls `answered` for each ARP reply for the target, also where nobody asked. */
  open(
    question: ArpQuestion,
    answered: Answered,
  ): Result<{ ask(): void; close(): void }, KernelRefusal> {
    const index = interfaceIndex(question.interface);
    const mac = hardwareAddress(question.interface);
    if (!index.ok || !mac.ok) {
      return fail({ code: 'no-such-interface', detail: question.interface });
    }
    const address = linkAddress(index.value, ETH_P_ARP);
    // `htons`: the one argument of socket(2) that is in network order.
    const protocol = ((ETH_P_ARP & 0xff) << 8) | (ETH_P_ARP >> 8);
    const socket = openSocket({ family: AF_PACKET, type: SOCK_RAW, protocol });
    if (!socket.ok) {
      return refused(socket.error);
    }
    const bound = bindSocket(socket.value, address);
    if (!bound.ok) {
      closeDescriptor(socket.value);
      return refused(bound.error);
    }
    const request = encodeArpRequest({
      mac: macFromBytes(mac.value, 0),
      sender: question.sender,
      target: question.target,
    });
    const stop = this.#listen(socket.value, question.target, answered);
    return ok({
      ask: () => {
        sendTo(socket.value, request, address);
      },
      close: stop,
    });
  }

  #listen(socket: Descriptor, target: Ipv4, answered: Answered): () => void {
    const frame = Buffer.alloc(FRAME_BYTES);
    let state: 'open' | 'closed' = 'open';
    const poll = pollReadable(socket, () => {
      fromNative(() => {
        const length = state === 'open' ? receive(socket, frame) : undefined;
        if (length?.ok !== true || length.value < ARP_FRAME_BYTES) {
          return;
        }
        const arp = decodeArp(frame.subarray(0, length.value));
        if (arp.ok && arp.value.operation === 'reply' && arp.value.senderAddress === target) {
          answered(arp.value.senderMac, this.#clock.now());
        }
      });
    });
    return () => {
      if (state === 'open') {
        state = 'closed';
        poll.close();
        closeDescriptor(socket);
      }
    };
  }
}

function refused(error: SystemError): Result<never, KernelRefusal> {
  return fail(asRefusal({ code: 'rejected', errno: error.errno }));
}
