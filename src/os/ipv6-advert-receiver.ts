/** VRRP messages on IPv6 protocol 112, with what the header said: a raw IPv6 socket delivers none of it by itself. */
import { ipBytes } from '../base/ip.js';
import type { Ipv6 } from '../base/ipv6.js';
import { IPV6_BYTES, ipv6FromBytes } from '../base/ipv6.js';
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import type {
  AdvertSocketHandlers,
  AdvertSocketOptions,
  SocketFailure,
} from '../ports/advert-socket.js';
import { VRRP_PROTOCOL } from '../wire/vrrp.js';
import { VRRP_GROUPS } from '../wire/vrrp-groups.js';
import { fromNative } from './from-native.js';
import type { Descriptor, Poll, ReceivedMessage, SocketOption, SystemError } from './libc.js';
import {
  closeDescriptor,
  makeMessageRoom,
  openSocket,
  pollReadable,
  receiveMessage,
  setOption,
} from './libc.js';
import { asSocketFailure, ipv6Of, SOCKET_FAMILY } from './socket-address.js';

const SOCK_RAW = 3;
const SOL_SOCKET = 1;
const IPPROTO_IPV6 = 41;
const SO_BINDTODEVICE: SocketOption = { level: SOL_SOCKET, name: 25 };
const SO_RCVBUFFORCE: SocketOption = { level: SOL_SOCKET, name: 33 };
const IPV6_JOIN_GROUP: SocketOption = { level: IPPROTO_IPV6, name: 20 };
const IPV6_MULTICAST_ALL: SocketOption = { level: IPPROTO_IPV6, name: 29 };
const IPV6_RECVPKTINFO: SocketOption = { level: IPPROTO_IPV6, name: 49 };
const IPV6_RECVHOPLIMIT: SocketOption = { level: IPPROTO_IPV6, name: 51 };
/** Types of what the kernel says beside a message. */
const IPV6_PKTINFO = 50;
const IPV6_HOPLIMIT = 52;
/** struct cmsghdr of 64-bit machines: a length that includes it, a level and a type; each padded to eight bytes. */
const CMSGHDR_BYTES = 16;
/** Longer than any VRRP message; a longer packet arrives cut off and fails the checks. */
const PACKET_BYTES = 8192;
const CONTROL_BYTES = 256;
/** Some 2,700 messages, ten times what the system allows by itself. */
const RECEIVE_BUFFER_BYTES = 1 << 20;
/** A quarter of a millisecond's work: whatever else the event loop has to do comes in between, even in a flood. */
const READS_PER_TURN = 32;

interface Header {
  readonly destination: Ipv6;
  readonly hopLimit: number;
}

/**
 * The kernel verifies no checksum here: it does so only where IPV6_CHECKSUM is set, and then a damaged message would
 * vanish without a count.
 */
export class Ipv6AdvertReceiver {
  readonly #fd: Descriptor;
  readonly #handlers: AdvertSocketHandlers;
  readonly #poll: Poll;
  readonly #room = makeMessageRoom({ payload: PACKET_BYTES, control: CONTROL_BYTES });
  #state: 'open' | 'closed' = 'open';

  private constructor(fd: Descriptor, handlers: AdvertSocketHandlers) {
    this.#fd = fd;
    this.#handlers = handlers;
    this.#poll = pollReadable(fd, () => {
      fromNative(() => {
        this.#drain();
      });
    });
  }

  static open(
    options: AdvertSocketOptions,
    index: number,
    handlers: AdvertSocketHandlers,
  ): Result<Ipv6AdvertReceiver, SocketFailure> {
    const socket = openSocket({
      family: SOCKET_FAMILY.ipv6,
      type: SOCK_RAW,
      protocol: VRRP_PROTOCOL,
    });
    if (!socket.ok) {
      return fail(asSocketFailure(socket.error));
    }
    const refused = prepare(socket.value, options, index);
    if (refused !== undefined) {
      closeDescriptor(socket.value);
      return fail(asSocketFailure(refused));
    }
    return ok(new Ipv6AdvertReceiver(socket.value, handlers));
  }

  /** Idempotent. */
  close(): void {
    if (this.#state === 'open') {
      this.#state = 'closed';
      this.#poll.close();
      closeDescriptor(this.#fd);
    }
  }

  /** A handler may close this socket, and its descriptor may be somebody else's by then. */
  #drain(): void {
    for (let read = 0; read < READS_PER_TURN && this.#state === 'open'; read += 1) {
      const message = receiveMessage(this.#fd, this.#room);
      if (!message.ok) {
        if (message.error.errno !== 'EAGAIN') {
          this.#handlers.failed(asSocketFailure(message.error));
        }
        return;
      }
      this.#deliver(message.value);
    }
  }

  #deliver({ payload, sender, control }: ReceivedMessage): void {
    const source = ipv6Of(sender);
    const header = readHeader(control);
    if (source !== undefined && header !== undefined) {
      this.#handlers.received({
        family: 'ipv6',
        source,
        ...header,
        payload: Uint8Array.from(payload),
      });
    }
  }
}

/** The first refusal, if any. */
function prepare(
  fd: Descriptor,
  options: AdvertSocketOptions,
  index: number,
): SystemError | undefined {
  // Refused in a container without the right to it: the buffer stays what the system allows.
  setOption(fd, SO_RCVBUFFORCE, RECEIVE_BUFFER_BYTES);
  const steps: readonly (readonly [SocketOption, number | Uint8Array])[] = [
    [SO_BINDTODEVICE, Buffer.from(`${options.interface}\0`, 'latin1')],
    [IPV6_MULTICAST_ALL, 0],
    [IPV6_RECVPKTINFO, 1],
    [IPV6_RECVHOPLIMIT, 1],
    ...(options.audience.kind === 'multicast'
      ? [[IPV6_JOIN_GROUP, membership(index)] as const]
      : []),
  ];
  for (const [option, value] of steps) {
    const set = setOption(fd, option, value);
    if (!set.ok) {
      return set.error;
    }
  }
  return undefined;
}

/** struct ipv6_mreq: group and interface index. */
function membership(index: number): Uint8Array {
  const request = Buffer.alloc(20);
  request.set(ipBytes(VRRP_GROUPS.ipv6), 0);
  request.writeUInt32LE(index, 16);
  return request;
}

function readHeader(control: Buffer): Header | undefined {
  let destination: Ipv6 | undefined;
  let hopLimit: number | undefined;
  for (let at = 0; at + CMSGHDR_BYTES <= control.length;) {
    const length = Number(control.readBigUInt64LE(at));
    const value = control.subarray(at + CMSGHDR_BYTES, at + length);
    const ofIpv6 = control.readUInt32LE(at + 8) === IPPROTO_IPV6;
    const type = control.readUInt32LE(at + 12);
    if (ofIpv6 && type === IPV6_PKTINFO && value.length >= IPV6_BYTES) {
      destination = ipv6FromBytes(value, 0);
    } else if (ofIpv6 && type === IPV6_HOPLIMIT && value.length >= 4) {
      hopLimit = value.readInt32LE(0);
    }
    at += Math.max(CMSGHDR_BYTES, (length + 7) & ~7);
  }
  return destination === undefined || hopLimit === undefined
    ? undefined
    : { destination, hopLimit };
}
