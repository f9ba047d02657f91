/** The sending half of a VRRP socket: sends at once, and receives nothing. */
import type { Family, Ip } from '../base/ip.js';
import { ipBytes } from '../base/ip.js';
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import type { AdvertSocketOptions, SocketFailure } from '../ports/advert-socket.js';
import { VRRP_PROTOCOL, VRRP_TTL } from '../wire/vrrp.js';
import { VRRP_GROUPS } from '../wire/vrrp-groups.js';
import type { Descriptor, SocketOption, SystemError } from './libc.js';
import {
  attachFilter,
  bindSocket,
  closeDescriptor,
  interfaceIndex,
  openSocket,
  sendTo,
  setOption,
} from './libc.js';
import { asSocketFailure, SOCKET_FAMILY, socketAddress } from './socket-address.js';

const SOCK_RAW = 3;
const SOL_SOCKET = 1;
const IPPROTO_IP = 0;
const IPPROTO_IPV6 = 41;
const SO_PRIORITY: SocketOption = { level: SOL_SOCKET, name: 12 };
const SO_BINDTODEVICE: SocketOption = { level: SOL_SOCKET, name: 25 };
const IP_TOS: SocketOption = { level: IPPROTO_IP, name: 1 };
const IP_TTL: SocketOption = { level: IPPROTO_IP, name: 2 };
const IP_MULTICAST_IF: SocketOption = { level: IPPROTO_IP, name: 32 };
const IP_MULTICAST_TTL: SocketOption = { level: IPPROTO_IP, name: 33 };
const IP_MULTICAST_LOOP: SocketOption = { level: IPPROTO_IP, name: 34 };
const IPV6_CHECKSUM: SocketOption = { level: IPPROTO_IPV6, name: 7 };
const IPV6_UNICAST_HOPS: SocketOption = { level: IPPROTO_IPV6, name: 16 };
const IPV6_MULTICAST_IF: SocketOption = { level: IPPROTO_IPV6, name: 17 };
const IPV6_MULTICAST_HOPS: SocketOption = { level: IPPROTO_IPV6, name: 18 };
const IPV6_MULTICAST_LOOP: SocketOption = { level: IPPROTO_IPV6, name: 19 };
const IPV6_FREEBIND: SocketOption = { level: IPPROTO_IPV6, name: 78 };
const IPV6_TCLASS: SocketOption = { level: IPPROTO_IPV6, name: 67 };

/** Where the checksum stands in a VRRP message (RFC 9568 §5.2.8). */
const CHECKSUM_AT = 6;

/** Class selector 6, "internetwork control": switches that queue by class send it first. */
const TOS_CONTROL = 0xc0;
/** The same wish for our own queueing discipline; set after the TOS, which sets it too. */
const PRIORITY_CONTROL = 6;
/** BPF `ret #0`: accept no byte of any packet, so that a flood of adverts never fills this socket. */
const DROP_ALL = [{ code: 0x06, operand: 0 }];

/**
 * Not raw-socket, because that one waits for the event loop before it sends and polls what it receives:
 * here a message has left, or its error is known, when `send` returns.
 */
export class AdvertSender {
  readonly #fd: Descriptor;
  readonly #destinations: readonly Uint8Array[];
  readonly #stillThere: () => boolean;

  private constructor(fd: Descriptor, options: AdvertSocketOptions, way: Way) {
    const { audience, family } = options;
    const peers = audience.kind === 'multicast' ? [VRRP_GROUPS[family]] : audience.peers;
    this.#fd = fd;
    this.#destinations = peers.map((peer) => socketAddress(peer, way.index));
    this.#stillThere = () => {
      const present = interfaceIndex(way.interface);
      return present.ok && present.value === way.index;
    };
  }

  static open(options: AdvertSocketOptions): Result<AdvertSender, SocketFailure> {
    const name = wayOut(options);
    const index = interfaceIndex(name);
    if (!index.ok) {
      return fail({ code: 'no-such-interface', detail: name });
    }
    const socket = openSocket({
      family: SOCKET_FAMILY[options.family],
      type: SOCK_RAW,
      protocol: VRRP_PROTOCOL,
    });
    if (!socket.ok) {
      return fail(asSocketFailure(socket.error));
    }
    const fd = socket.value;
    const way = { interface: name, index: index.value };
    const prepared = prepare(fd, options, way);
    if (prepared !== undefined) {
      closeDescriptor(fd);
      return fail(asSocketFailure(prepared));
    }
    return ok(new AdvertSender(fd, options, way));
  }

  /** Returns what went wrong, for each destination that could not be sent to. */
  send(message: Uint8Array): readonly SocketFailure[] {
    return this.#destinations
      .map((destination) => sendTo(this.#fd, message, destination))
      .flatMap((sent) => (sent.ok ? [] : [this.#explain(sent.error)]));
  }

  close(): void {
    closeDescriptor(this.#fd);
  }

  /**
   * A socket stays bound to the interface it was opened on. When that was deleted the kernel says that the
   * network is unreachable, for ever, even when one of the same name was made: only opening anew helps.
   */
  #explain(error: SystemError): SocketFailure {
    const failure = asSocketFailure(error);
    return this.#stillThere() ? failure : { code: 'no-such-interface', detail: failure.detail };
  }
}

/** The interface that adverts leave from. */
interface Way {
  readonly interface: string;
  readonly index: number;
}

/**
 * To named peers always the one they are heard on: the kernel has to find out where they are, and would ask for them in
 * the name of the address that it sends from, with a virtual router's Ethernet address.
 */
function wayOut({ interface: heardOn, transmit, audience }: AdvertSocketOptions): string {
  return audience.kind === 'multicast' ? (transmit ?? heardOn) : heardOn;
}

type Step = () => Result<undefined, SystemError>;

/** The first refusal, if any. */
function prepare(fd: Descriptor, options: AdvertSocketOptions, way: Way): SystemError | undefined {
  const steps: readonly Step[] = [
    () => attachFilter(fd, DROP_ALL),
    () => setOption(fd, SO_BINDTODEVICE, Buffer.from(`${way.interface}\0`, 'latin1')),
    ...FAMILY_STEPS[options.family](fd, options, way.index),
    () => setOption(fd, SO_PRIORITY, PRIORITY_CONTROL),
  ];
  for (const step of steps) {
    const result = step();
    if (!result.ok) {
      return result.error;
    }
  }
  return undefined;
}

const FAMILY_STEPS: Readonly<
  Record<Family, (fd: Descriptor, options: AdvertSocketOptions, index: number) => readonly Step[]>
> = {
  ipv4: (fd, { audience, source }, index) => [
    () => setOption(fd, IP_TTL, VRRP_TTL),
    () => setOption(fd, IP_TOS, TOS_CONTROL),
    ...(audience.kind === 'multicast'
      ? [
          () => setOption(fd, IP_MULTICAST_TTL, VRRP_TTL),
          () => setOption(fd, IP_MULTICAST_LOOP, 0),
          () => setOption(fd, IP_MULTICAST_IF, multicastInterface(source, index)),
        ]
      : // For unicast the source is the address the socket is bound to; it has to exist by now.
        [() => bindSocket(fd, socketAddress(source, index))]),
  ],
  ipv6: (fd, { source, transmit }, index) => [
    () => setOption(fd, IPV6_UNICAST_HOPS, VRRP_TTL),
    () => setOption(fd, IPV6_MULTICAST_HOPS, VRRP_TTL),
    () => setOption(fd, IPV6_MULTICAST_LOOP, 0),
    () => setOption(fd, IPV6_MULTICAST_IF, index),
    () => setOption(fd, IPV6_TCLASS, TOS_CONTROL),
    // The pseudo-header's length includes a trailer, and so does the kernel's checksum (RFC 8200 §8.1).
    () => setOption(fd, IPV6_CHECKSUM, CHECKSUM_AT),
    // A link-local source belongs to the interface that is heard on, and may leave from another only so.
    ...(transmit === undefined ? [] : [() => setOption(fd, IPV6_FREEBIND, 1)]),
    // Unlike over IPv4 there is no other way to choose the source. It must not be tentative any more.
    () => bindSocket(fd, socketAddress(source, index)),
  ],
};

/** struct ip_mreqn: its local address becomes the source of what is sent. */
function multicastInterface(source: Ip, index: number): Buffer {
  const request = Buffer.alloc(12);
  request.set(ipBytes(source), 4);
  request.writeInt32LE(index, 8);
  return request;
}
