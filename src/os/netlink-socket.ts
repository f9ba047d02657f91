/**
 * A netlink socket for hundred thousands of messages a second: read in place, into one buffer, whenever the caller wants to.
 * The package behind `netlink.ts` takes two system calls and some ten objects for each.
 */
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import type { KernelRefusal } from '../ports/address-table.js';
import { DatagramReader } from '../wire/conntrack/datagram.js';
import { fromNative } from './from-native.js';
import { asRefusal } from './kernel-refusal.js';
import type { Descriptor, FilterInstruction, Poll, SocketOption, SystemError } from './libc.js';
import {
  attachFilter,
  bindSocket,
  closeDescriptor,
  getOption,
  openSocket,
  pollReadable,
  receive,
  sendTo,
  setOption,
  socketName,
} from './libc.js';

const AF_NETLINK = 16;
const SOCK_RAW = 3;
const NETLINK_NETFILTER = 12;
const SOCKADDR_NL_BYTES = 12;
const PORT_AT = 4;
const SOL_NETLINK = 270;
const NETLINK_ADD_MEMBERSHIP: SocketOption = { level: SOL_NETLINK, name: 1 };
/** Otherwise an overflow is an error of the socket, and whoever polls it would be told of nothing else. */
const NETLINK_NO_ENOBUFS: SocketOption = { level: SOL_NETLINK, name: 5 };
/** An error comes without the request that caused it. */
const NETLINK_CAP_ACK: SocketOption = { level: SOL_NETLINK, name: 10 };
const SO_RCVBUFFORCE: SocketOption = { level: 1, name: 33 };
const SO_MEMINFO: SocketOption = { level: 1, name: 55 };
/** Nine 32-bit counters, of which the last is SK_MEMINFO_DROPS. */
const MEMINFO_BYTES = 36;
const MEMINFO_DROPS = 32;
/** Twice what the kernel puts into one datagram of a list. */
const DATAGRAM_BYTES = 65_536;

export class NetlinkSocket {
  /** The datagram that was received last, message by message. */
  readonly reader: DatagramReader = new DatagramReader();
  /** By which the kernel knows it. */
  readonly port: number;
  readonly #fd: Descriptor;
  readonly #bytes = new Uint8Array(DATAGRAM_BYTES);
  #poll: Poll | undefined;
  #state: 'open' | 'closed' = 'open';

  private constructor(fd: Descriptor, port: number) {
    this.#fd = fd;
    this.port = port;
  }

  /** Of nfnetlink. `room`: bytes of messages that wait to be read, beyond the limits of the unprivileged. */
  static open(room: number): Result<NetlinkSocket, KernelRefusal> {
    const opened = openSocket({
      family: AF_NETLINK,
      type: SOCK_RAW,
      protocol: NETLINK_NETFILTER,
    });
    if (!opened.ok) {
      return refused(opened.error);
    }
    const made = setUp(opened.value, room);
    if (!made.ok) {
      closeDescriptor(opened.value);
      return refused(made.error);
    }
    return ok(new NetlinkSocket(opened.value, made.value));
  }

  /** Hears a multicast group from now on. */
  join(group: number): Result<undefined, KernelRefusal> {
    const joined = setOption(this.#fd, NETLINK_ADD_MEMBERSHIP, group);
    return joined.ok ? joined : refused(joined.error);
  }

  /** Messages that this program does not let through are dropped before they take room. */
  filter(program: readonly FilterInstruction[]): Result<undefined, KernelRefusal> {
    const attached = attachFilter(this.#fd, program);
    return attached.ok ? attached : refused(attached.error);
  }

  /** The kernel has acted on it when this returns, and its answer can be received. */
  send(datagram: Uint8Array): Result<undefined, KernelRefusal> {
    const sent = this.#state === 'open' ? sendTo(this.#fd, datagram) : CLOSED;
    return sent.ok ? sent : refused(sent.error);
  }

  /** Whether there was one more datagram, which is in {@link reader} until the next. */
  receive(): boolean {
    const length = this.#state === 'open' ? receive(this.#fd, this.#bytes) : CLOSED;
    this.reader.begin(this.#bytes, length.ok ? length.value : 0);
    return length.ok;
  }

  /**
   * Calls `readable` when something can be received, and again in the next turn where that says so; otherwise not before a
   * pause of `gatherMs`, in which what comes is gathered: a turn costs more than what it reads.
   */
  whenReadable(readable: () => 'all read' | 'perhaps more', gatherMs: number): void {
    this.#poll ??= pollReadable(this.#fd, () => {
      fromNative(() => {
        if (readable() === 'all read') {
          this.#poll?.rest(gatherMs);
        }
      });
    });
    this.#poll.unref();
  }

  /** How many messages found no room, since it was opened. */
  get drops(): number {
    const memory = this.#state === 'open' ? getOption(this.#fd, SO_MEMINFO, MEMINFO_BYTES) : CLOSED;
    return memory.ok ? memory.value.readUInt32LE(MEMINFO_DROPS) : 0;
  }

  /** Idempotent. */
  close(): void {
    if (this.#state === 'open') {
      this.#state = 'closed';
      this.#poll?.close();
      closeDescriptor(this.#fd);
    }
  }
}

/** Says its port. */
function setUp(fd: Descriptor, room: number): Result<number, SystemError> {
  const address = new Uint8Array(SOCKADDR_NL_BYTES);
  address.set([AF_NETLINK]);
  const bound = bindSocket(fd, address);
  const sized = bound.ok ? setOption(fd, SO_RCVBUFFORCE, room) : bound;
  if (!sized.ok) {
    return sized;
  }
  setOption(fd, NETLINK_NO_ENOBUFS, 1);
  setOption(fd, NETLINK_CAP_ACK, 1);
  const name = socketName(fd, SOCKADDR_NL_BYTES);
  return name.ok ? ok(name.value.readUInt32LE(PORT_AT)) : name;
}

const CLOSED = fail<SystemError>({ call: 'netlink', errno: 'EBADF' });

function refused({ call, errno }: SystemError): ReturnType<typeof fail<KernelRefusal>> {
  const { code } = asRefusal({ code: 'rejected', errno });
  return fail({ code, detail: `${call}: ${errno}` });
}
