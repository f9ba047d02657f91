/** Neighbours through packet sockets: they see what the kernel keeps to itself, and ask without touching its caches. */
import type { Ip } from '../base/ip.js';
import { isIpv4, isIpv6 } from '../base/ip.js';
import type { Ipv4 } from '../base/ipv4.js';
import type { MacAddress } from '../base/mac.js';
import type { Result } from '../base/result.js';
import { done, fail, ok } from '../base/result.js';
import type { KernelRefusal } from '../ports/address-table.js';
import type {
  NeighbourClaim,
  NeighbourHandlers,
  NeighbourQuestion,
  Neighbours,
  NeighbourSocket,
} from '../ports/neighbours.js';
import { decodeArp, encodeArpRequest } from '../wire/arp.js';
import { decodeNdp, encodeSolicitation, UNSPECIFIED } from '../wire/ndp.js';
import { fromNative } from './from-native.js';
import { asRefusal } from './kernel-refusal.js';
import type { Descriptor, FilterInstruction, Poll, SocketOption, SystemError } from './libc.js';
import {
  attachFilter,
  bindSocket,
  closeDescriptor,
  interfaceIndex,
  openSocket,
  pollReadable,
  receive,
  sendTo,
  setOption,
  socketName,
} from './libc.js';
import {
  AF_PACKET,
  ETH_P_ARP,
  ETH_P_IPV6,
  hardwareAddressOf,
  linkAddress,
  SOCK_RAW,
  SOCKADDR_LL_BYTES,
} from './packet-socket.js';

/** The sender of an ARP probe (RFC 5227 §1.1). */
const NO_ADDRESS: Ipv4 = '0.0.0.0' as Ipv4;
/** Long enough for neighbour discovery with every option in use; what is cut off fails the checks. */
const FRAME_BYTES = 512;
/** Whatever else the event loop has to do comes in between, even in a flood. */
const READS_PER_TURN = 32;
const PACKET_ADD_MEMBERSHIP: SocketOption = { level: 263, name: 1 };
const PACKET_MR_MULTICAST = 0;
/** Where a duplicate probe is answered (RFC 4861 §7.2.4): ff02::1 on Ethernet. */
const ALL_NODES_MAC = [0x33, 0x33, 0, 0, 0, 1];

/**
 * One for each protocol, not one for all: the kernel then calls us for frames of that type alone, and never for those
 * that leave.
 */
const PROTOCOLS = [ETH_P_ARP, ETH_P_IPV6] as const;

/** BPF: of IPv6 only neighbour solicitations and advertisements, so that a busy link does not wake us. */
const LOAD_BYTE = 0x30;
const JUMP_IF_EQUAL = 0x15;
const RETURN = 0x06;
const NEXT_HEADER_AT = 20;
const ICMPV6_TYPE_AT = 54;
const FILTERS: Readonly<Record<(typeof PROTOCOLS)[number], readonly FilterInstruction[]>> = {
  [ETH_P_ARP]: [{ code: RETURN, operand: FRAME_BYTES }],
  [ETH_P_IPV6]: [
    { code: LOAD_BYTE, operand: NEXT_HEADER_AT },
    { code: JUMP_IF_EQUAL, operand: 58, otherwise: 4 },
    { code: LOAD_BYTE, operand: ICMPV6_TYPE_AT },
    { code: JUMP_IF_EQUAL, operand: 135, equal: 1 },
    { code: JUMP_IF_EQUAL, operand: 136, otherwise: 1 },
    { code: RETURN, operand: FRAME_BYTES },
    { code: RETURN, operand: 0 },
  ],
};

export class PacketNeighbours implements Neighbours {
  open(
    options: { readonly interface: string },
    handlers: NeighbourHandlers,
  ): Result<NeighbourSocket, KernelRefusal> {
    const index = interfaceIndex(options.interface);
    if (!index.ok) {
      return fail({ code: 'no-such-interface', detail: options.interface });
    }
    const opened: Descriptor[] = [];
    for (const protocol of PROTOCOLS) {
      const socket = openFor(protocol, index.value);
      if (!socket.ok) {
        opened.forEach(closeDescriptor);
        return refused(socket.error);
      }
      opened.push(socket.value);
    }
    return ok(new PacketNeighbourSocket({ ...options, index: index.value }, opened, handlers));
  }
}

class PacketNeighbourSocket implements NeighbourSocket {
  readonly #at: { readonly interface: string; readonly index: number };
  readonly #sockets: readonly Descriptor[];
  readonly #handlers: NeighbourHandlers;
  readonly #polls: readonly Poll[];
  readonly #frame = Buffer.alloc(FRAME_BYTES);
  #state: 'open' | 'closed' = 'open';

  constructor(
    at: { readonly interface: string; readonly index: number },
    sockets: readonly Descriptor[],
    handlers: NeighbourHandlers,
  ) {
    this.#at = at;
    this.#sockets = sockets;
    this.#handlers = handlers;
    this.#polls = sockets.map((socket) =>
      pollReadable(socket, () => {
        fromNative(() => {
          this.#drain(socket);
        });
      }),
    );
  }

  ask({ target, sender }: NeighbourQuestion): Result<undefined, KernelRefusal> {
    const [socket] = this.#sockets;
    const mac = this.#ownMac();
    if (socket === undefined || mac === undefined) {
      return fail({ code: 'no-such-interface', detail: this.#at.interface });
    }
    const protocol = isIpv6(target) ? ETH_P_IPV6 : ETH_P_ARP;
    const frame = question(mac, target, sender);
    const sent = sendTo(socket, frame, linkAddress(this.#at.index, protocol));
    return sent.ok ? done : refused(sent.error);
  }

  close(): void {
    if (this.#state === 'open') {
      this.#state = 'closed';
      for (const poll of this.#polls) {
        poll.close();
      }
      this.#sockets.forEach(closeDescriptor);
    }
  }

  /** A handler may close this socket, and its descriptor may be somebody else's by then. */
  #drain(socket: Descriptor): void {
    const own = this.#ownMac();
    for (let read = 0; read < READS_PER_TURN && this.#state === 'open'; read += 1) {
      const length = receive(socket, this.#frame);
      // An interface that went down says so once; nothing is heard until it is up again.
      if (!length.ok) {
        return;
      }
      const claim = readClaim(this.#frame.subarray(0, length.value));
      if (claim !== undefined && claim.mac !== own) {
        this.#handlers.heard(claim);
      }
    }
  }

  /** Read each time: a bond changes it. Undefined once the interface is gone, or the socket closed. */
  #ownMac(): MacAddress | undefined {
    const [socket] = this.#state === 'open' ? this.#sockets : [];
    const name = socket === undefined ? undefined : socketName(socket, SOCKADDR_LL_BYTES);
    return name?.ok === true ? hardwareAddressOf(name.value) : undefined;
  }
}

function openFor(
  protocol: (typeof PROTOCOLS)[number],
  index: number,
): Result<Descriptor, SystemError> {
  // Without a protocol nothing is received until it is bound: nothing that the filter has not seen.
  const socket = openSocket({ family: AF_PACKET, type: SOCK_RAW, protocol: 0 });
  if (!socket.ok) {
    return socket;
  }
  for (const step of [
    attachFilter(socket.value, FILTERS[protocol]),
    setOption(socket.value, PACKET_ADD_MEMBERSHIP, allNodes(index)),
    bindSocket(socket.value, linkAddress(index, protocol)),
  ]) {
    if (!step.ok) {
      closeDescriptor(socket.value);
      return step;
    }
  }
  return socket;
}

/** struct packet_mreq. The kernel is a member itself, but not where IPv6 is switched off on the interface. */
function allNodes(index: number): Uint8Array {
  const request = Buffer.alloc(16);
  request.writeInt32LE(index, 0);
  request.writeUInt16LE(PACKET_MR_MULTICAST, 4);
  request.writeUInt16LE(ALL_NODES_MAC.length, 6);
  request.set(ALL_NODES_MAC, 8);
  return request;
}

function question(mac: MacAddress, target: Ip, sender: Ip | undefined): Uint8Array {
  if (isIpv6(target)) {
    const from = sender !== undefined && isIpv6(sender) ? sender : undefined;
    return encodeSolicitation({ mac, target, sender: from });
  }
  const from = sender !== undefined && isIpv4(sender) ? sender : NO_ADDRESS;
  return encodeArpRequest({ mac, target, sender: from });
}

function readClaim(frame: Uint8Array): NeighbourClaim | undefined {
  const arp = decodeArp(frame);
  if (arp.ok) {
    const { operation, senderAddress: address, senderMac: mac } = arp.value;
    return address === NO_ADDRESS
      ? undefined
      : { address, mac, kind: operation === 'reply' ? 'answer' : 'question' };
  }
  const ndp = decodeNdp(frame);
  if (!ndp.ok) {
    return undefined;
  }
  const { kind, source, target, linkLayer, sourceMac } = ndp.value;
  const mac = linkLayer ?? sourceMac;
  if (kind === 'advertisement') {
    return { address: target, mac, kind: 'answer' };
  }
  return source === UNSPECIFIED ? undefined : { address: source, mac, kind: 'question' };
}

function refused(error: SystemError): Result<never, KernelRefusal> {
  return fail(asRefusal({ code: 'rejected', errno: error.errno }));
}
