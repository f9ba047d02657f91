/** VRRP messages on IP protocol 112: IPv4's are heard through raw-socket, all are sent through a socket of their own. */
import { AddressFamily, createSocket } from 'raw-socket';
import type { Socket } from 'raw-socket';
import type { Ip } from '../base/ip.js';
import { ipBytes } from '../base/ip.js';
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import type {
  AdvertSocket,
  AdvertSocketHandlers,
  AdvertSocketOptions,
  AdvertSockets,
  SocketFailure,
} from '../ports/advert-socket.js';
import { VRRP_PROTOCOL } from '../wire/vrrp.js';
import { VRRP_GROUPS } from '../wire/vrrp-groups.js';
import { AdvertSender } from './advert-sender.js';
import { fromNative } from './from-native.js';
import { Ipv6AdvertReceiver } from './ipv6-advert-receiver.js';
import { inheritNothing, interfaceIndex } from './libc.js';

const SOL_SOCKET = 1;
const SO_BINDTODEVICE = 25;
const SO_RCVBUFFORCE = 33;
const IPPROTO_IP = 0;
const IP_ADD_MEMBERSHIP = 35;
const IP_MULTICAST_ALL = 49;
/** Longer than any VRRP message: 255 addresses, a header and a trailer. */
const PACKET_BYTES = 2048;
/** Some 2,700 messages, ten times what the system allows by itself. */
const RECEIVE_BUFFER_BYTES = 1 << 20;

/**
 * raw-socket's objects are garbage-collected, and closed, while they are open: whoever opened one may hold
 * nothing but its handlers, so what is open is held here.
 */
const open = new Set<VrrpSocket>();

/** Must be used on a process's main thread: in a worker thread raw-socket crashes the process. */
export class RawAdvertSockets implements AdvertSockets {
  open(
    options: AdvertSocketOptions,
    handlers: AdvertSocketHandlers,
  ): Result<AdvertSocket, SocketFailure> {
    const index = interfaceIndex(options.interface);
    if (!index.ok) {
      return fail({ code: 'no-such-interface', detail: options.interface });
    }
    const sender = AdvertSender.open(options);
    if (!sender.ok) {
      return sender;
    }
    const receiver =
      options.family === 'ipv6'
        ? Ipv6AdvertReceiver.open(options, index.value, handlers)
        : openReceiver(options, index.value, handlers);
    if (!receiver.ok) {
      sender.value.close();
      return receiver;
    }
    const socket = new VrrpSocket(sender.value, receiver.value, handlers);
    open.add(socket);
    return ok(socket);
  }
}

class VrrpSocket implements AdvertSocket {
  readonly #sender: AdvertSender;
  readonly #receiver: Receiver;
  readonly #handlers: AdvertSocketHandlers;
  #state: 'open' | 'closed' = 'open';

  constructor(sender: AdvertSender, receiver: Receiver, handlers: AdvertSocketHandlers) {
    this.#sender = sender;
    this.#receiver = receiver;
    this.#handlers = handlers;
  }

  send(message: Uint8Array): void {
    if (this.#state === 'closed') {
      return;
    }
    for (const failure of this.#sender.send(message)) {
      // Told in a later turn, as every event is: the caller may be in the middle of a decision's effects.
      setImmediate(() => {
        if (this.#state === 'open') {
          this.#handlers.failed(failure);
        }
      });
    }
  }

  close(): void {
    if (this.#state === 'closed') {
      return;
    }
    this.#state = 'closed';
    open.delete(this);
    this.#sender.close();
    this.#receiver.close();
  }
}

/** Tells nothing any more once it is closed. */
interface Receiver {
  close(): void;
}

function openReceiver(
  options: AdvertSocketOptions,
  index: number,
  handlers: AdvertSocketHandlers,
): Result<Receiver, SocketFailure> {
  try {
    const socket = createPrivateSocket();
    try {
      listen(socket, options, index);
    } catch (error) {
      socket.close();
      throw error;
    }
    return ok(hear(socket, handlers));
  } catch (error) {
    // raw-socket throws what the system refused: an expected failure.
    return fail(asFailure(error));
  }
}

function hear(socket: Socket, handlers: AdvertSocketHandlers): Receiver {
  let state: 'open' | 'closed' = 'open';
  const tell = (what: () => void): void => {
    if (state === 'open') {
      fromNative(what);
    }
  };
  socket.on('message', (packet) => {
    tell(() => {
      // Copied, because the next packet is read into the same buffer.
      handlers.received({ family: 'ipv4', packet: Uint8Array.from(packet) });
    });
  });
  socket.on('error', (error) => {
    tell(() => {
      handlers.failed(asFailure(error));
    });
  });
  return {
    close: () => {
      state = 'closed';
      socket.close();
    },
  };
}

/**
 * raw-socket lets programs that we start inherit its descriptor. HAProxy, which outlives us, would keep the group
 * joined, and its copy would make our event loop report a socket as readable that nobody can read any more.
 */
function createPrivateSocket(): Socket {
  const socket = createSocket({
    protocol: VRRP_PROTOCOL,
    addressFamily: AddressFamily.IPv4,
    bufferSize: PACKET_BYTES,
  });
  inheritNothing();
  return socket;
}

function listen(socket: Socket, options: AdvertSocketOptions, index: number): void {
  makeRoom(socket);
  const device = Buffer.from(`${options.interface}\0`, 'latin1');
  socket.setOption(SOL_SOCKET, SO_BINDTODEVICE, device, device.length);
  // Without this, groups that other programs joined would be delivered here too.
  const none = Buffer.alloc(4);
  socket.setOption(IPPROTO_IP, IP_MULTICAST_ALL, none, none.length);
  if (options.audience.kind === 'multicast') {
    const membership = multicastRequest(VRRP_GROUPS.ipv4, index);
    socket.setOption(IPPROTO_IP, IP_ADD_MEMBERSHIP, membership, membership.length);
  }
}

/**
 * Whatever comes on protocol 112 waits here until the event loop has a turn, and what finds no room is lost: a flood must
 * not push the master's adverts out while we are busy with it.
 */
function makeRoom(socket: Socket): void {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(RECEIVE_BUFFER_BYTES);
  try {
    socket.setOption(SOL_SOCKET, SO_RCVBUFFORCE, bytes, bytes.length);
  } catch {
    // Refused in a container without the right to it: the buffer stays what the system allows.
  }
}

/** struct ip_mreqn: group, local address (ignored beside an index), interface index. */
function multicastRequest(group: Ip, index: number): Buffer {
  const request = Buffer.alloc(12);
  request.set(ipBytes(group), 0);
  request.writeInt32LE(index, 8);
  return request;
}

/** raw-socket's errors carry the system's text and no code. */
function asFailure(error: unknown): SocketFailure {
  const detail = error instanceof Error ? error.message : String(error);
  switch (detail) {
    case 'Operation not permitted':
    case 'Permission denied':
      return { code: 'not-permitted', detail };
    case 'No such device':
    case 'No such device or address':
      return { code: 'no-such-interface', detail };
    default:
      return { code: 'socket', detail };
  }
}
