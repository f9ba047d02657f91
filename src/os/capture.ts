/** Protocol 112 through a packet socket: what the wire says, whatever this machine's firewall thinks of it. */
import type { MacAddress } from '../base/mac.js';
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import type { Arrived } from '../core/receive-checks.js';
import type { KernelRefusal } from '../ports/address-table.js';
import type { Capture, CaptureHandlers, Captures } from '../ports/capture.js';
import { readIpv6Packet } from '../wire/ipv6-packet.js';
import { VRRP_PROTOCOL } from '../wire/vrrp.js';
import { fromNative } from './from-native.js';
import { asRefusal } from './kernel-refusal.js';
import type { Descriptor, FilterInstruction, Poll, SocketOption, SystemError } from './libc.js';
import {
  attachFilter,
  bindSocket,
  closeDescriptor,
  interfaceIndex,
  makeMessageRoom,
  openSocket,
  pollReadable,
  receiveMessage,
  setOption,
} from './libc.js';
import { AF_PACKET, ETH_P_IPV6, hardwareAddressOf, linkAddress } from './packet-socket.js';

/** Packets without their Ethernet header: then they begin with IP, whatever the link. */
const SOCK_DGRAM = 2;
/** The one protocol with which a packet socket is also told what leaves. */
const ETH_P_ALL = 0x0003;
const ETH_P_IP = 0x0800;
const PACKET_ADD_MEMBERSHIP: SocketOption = { level: 263, name: 1 };
const SO_RCVBUFFORCE: SocketOption = { level: 1, name: 33 };
const PACKET_MR_MULTICAST = 0;
/** 224.0.0.18 and ff02::12 on Ethernet (RFC 1112 §6.4, RFC 2464 §7): a card passes on what it was told to. */
const GROUP_MACS = [
  [0x01, 0x00, 0x5e, 0x00, 0x00, 0x12],
  [0x33, 0x33, 0x00, 0x00, 0x00, 0x12],
] as const;
/** Longer than any VRRP message; a longer packet is cut off, and fails the checks. */
const PACKET_BYTES = 2048;
/** Nothing is asked for beside the packets. */
const CONTROL_BYTES = 64;
const RECEIVE_BUFFER_BYTES = 1 << 20;
const READS_PER_TURN = 32;

/** struct sockaddr_ll. */
const PROTOCOL_AT = 2;
const PACKET_TYPE_AT = 10;
const PACKET_OTHERHOST = 3;
const PACKET_OUTGOING = 4;

/** BPF: untagged IPv4 and IPv6 packets of protocol 112. What is tagged belongs to the VLAN's own interface. */
const LOAD_WORD = 0x20;
const LOAD_HALF = 0x28;
const LOAD_BYTE = 0x30;
const JUMP_IF_EQUAL = 0x15;
const RETURN = 0x06;
/** SKF_AD_OFF: facts about the packet instead of its bytes. */
const FACT = 0xffff_f000;
const FACT_PROTOCOL = FACT;
const FACT_VLAN_TAG_PRESENT = FACT + 48;
const IPV4_PROTOCOL_AT = 9;
const IPV6_NEXT_HEADER_AT = 6;
const FILTER: readonly FilterInstruction[] = [
  { code: LOAD_WORD, operand: FACT_VLAN_TAG_PRESENT },
  { code: JUMP_IF_EQUAL, operand: 0, otherwise: 8 },
  { code: LOAD_HALF, operand: FACT_PROTOCOL },
  { code: JUMP_IF_EQUAL, operand: ETH_P_IP, otherwise: 2 },
  { code: LOAD_BYTE, operand: IPV4_PROTOCOL_AT },
  { code: JUMP_IF_EQUAL, operand: VRRP_PROTOCOL, equal: 3, otherwise: 4 },
  { code: JUMP_IF_EQUAL, operand: ETH_P_IPV6, otherwise: 3 },
  { code: LOAD_BYTE, operand: IPV6_NEXT_HEADER_AT },
  { code: JUMP_IF_EQUAL, operand: VRRP_PROTOCOL, otherwise: 1 },
  { code: RETURN, operand: PACKET_BYTES },
  { code: RETURN, operand: 0 },
];

export class PacketCaptures implements Captures {
  open(
    options: { readonly interface: string },
    handlers: CaptureHandlers,
  ): Result<Capture, KernelRefusal> {
    const index = interfaceIndex(options.interface);
    if (!index.ok) {
      return fail({ code: 'no-such-interface', detail: options.interface });
    }
    const socket = openFor(index.value);
    return socket.ok
      ? ok(new PacketCapture(socket.value, handlers))
      : fail(asRefusal({ code: 'rejected', errno: socket.error.errno }));
  }
}

class PacketCapture implements Capture {
  readonly #socket: Descriptor;
  readonly #handlers: CaptureHandlers;
  readonly #poll: Poll;
  readonly #room = makeMessageRoom({ payload: PACKET_BYTES, control: CONTROL_BYTES });
  #state: 'open' | 'closed' = 'open';

  constructor(socket: Descriptor, handlers: CaptureHandlers) {
    this.#socket = socket;
    this.#handlers = handlers;
    this.#poll = pollReadable(socket, () => {
      fromNative(() => {
        this.#drain();
      });
    });
  }

  close(): void {
    if (this.#state === 'open') {
      this.#state = 'closed';
      this.#poll.close();
      closeDescriptor(this.#socket);
    }
  }

  /** A handler may close this socket, and its descriptor may be somebody else's by then. */
  #drain(): void {
    for (let read = 0; read < READS_PER_TURN && this.#state === 'open'; read += 1) {
      const message = receiveMessage(this.#socket, this.#room);
      // An interface that went down says so once; nothing is heard until it is up again.
      if (!message.ok) {
        return;
      }
      this.#deliver(message.value.payload, message.value.sender);
    }
  }

  #deliver(payload: Buffer, sender: Buffer): void {
    const kind = sender[PACKET_TYPE_AT];
    const arrived =
      sender.readUInt16BE(PROTOCOL_AT) === ETH_P_IPV6
        ? arrivedIpv6(payload)
        : ({ family: 'ipv4', packet: Uint8Array.from(payload) } as const);
    // Another program may have the card pass on everything; what is for other machines is none of ours.
    if (arrived !== undefined && kind !== PACKET_OTHERHOST) {
      const mac: MacAddress | undefined = hardwareAddressOf(sender);
      this.#handlers.seen({ direction: kind === PACKET_OUTGOING ? 'out' : 'in', mac, arrived });
    }
  }
}

function arrivedIpv6(packet: Buffer): Arrived | undefined {
  const read = readIpv6Packet(Uint8Array.from(packet));
  if (!read.ok) {
    return undefined;
  }
  const { source, destination, hopLimit, payload } = read.value;
  return { family: 'ipv6', source, destination, hopLimit, payload };
}

function openFor(index: number): Result<Descriptor, SystemError> {
  // Without a protocol nothing is received until it is bound: nothing that the filter has not seen.
  const socket = openSocket({ family: AF_PACKET, type: SOCK_DGRAM, protocol: 0 });
  if (!socket.ok) {
    return socket;
  }
  // Refused in a container without the right to it: the buffer stays what the system allows.
  setOption(socket.value, SO_RCVBUFFORCE, RECEIVE_BUFFER_BYTES);
  for (const step of [
    attachFilter(socket.value, FILTER),
    ...GROUP_MACS.map((mac) => setOption(socket.value, PACKET_ADD_MEMBERSHIP, group(index, mac))),
    bindSocket(socket.value, linkAddress(index, ETH_P_ALL)),
  ]) {
    if (!step.ok) {
      closeDescriptor(socket.value);
      return step;
    }
  }
  return socket;
}

/** struct packet_mreq: the card is told, the network is not. */
function group(index: number, mac: readonly number[]): Uint8Array {
  const request = Buffer.alloc(16);
  request.writeInt32LE(index, 0);
  request.writeUInt16LE(PACKET_MR_MULTICAST, 4);
  request.writeUInt16LE(mac.length, 6);
  request.set(mac, 8);
  return request;
}
