/** The C library's calls that Node does not offer, each behind a typed function that fails with a value. */
import { readdirSync } from 'node:fs';
import koffi from 'koffi';
import type { LibraryHandle } from 'koffi';
import { getSystemErrorName } from 'node:util';
import type { Result } from '../base/result.js';
import { done, fail, ok } from '../base/result.js';
import type {
  Descriptor,
  SystemError,
  SocketKind,
  SocketOption,
  FilterInstruction,
} from './libc-types.js';

export type {
  Descriptor,
  SystemError,
  SocketKind,
  SocketOption,
  FilterInstruction,
} from './libc-types.js';

/** Linux numbers; the same on every architecture that Node runs on. */
const SOCK_CLOEXEC = 0o2000000;
const MSG_DONTWAIT = 0x40;
const SOL_SOCKET = 1;
const SO_ATTACH_FILTER = 26;
const SIOCGIFHWADDR = 0x8927;
const FIOCLEX = 0x5451;
const STANDARD_ERROR = 2;
const AF_INET = 2;
const SOCK_DGRAM = 2;
const IFNAMSIZ = 16;
/** struct msghdr of 64-bit machines, and struct sockaddr_in6, the longest address that we receive from. */
const MSGHDR_BYTES = 56;
const SENDER_BYTES = 28;
const MSGHDR = { sender: 0, senderBytes: 8, pieces: 16, count: 24, control: 32, controlBytes: 40 };
const IFREQ_BYTES = 40;
/** In `struct ifreq`: the name, then a sockaddr whose first two bytes are the family. */
const IFREQ_HARDWARE_ADDRESS = IFNAMSIZ + 2;
const MAC_BYTES = 6;
const LOCK_EX_NB = 2 | 4;
const PR_SET_KEEPCAPS = 8;
const PR_SET_NO_NEW_PRIVS = 38;
const CAPABILITY_VERSION_3 = 0x20080522;
const CLOCK_MONOTONIC = 1;
const TFD_NONBLOCK_CLOEXEC = 0o2004000;
const TFD_TIMER_ABSTIME = 1;
const NANOS_PER_MILLI = 1e6;
const NANOS_PER_SECOND = 1_000_000_000n;

/** Calls that one file alone needs stand there. */
export const library: LibraryHandle = koffi.load('libc.so.6');

const call = {
  socket: library.func('int socket(int, int, int)') as (...kind: readonly number[]) => number,
  close: library.func('int close(int)') as (fd: number) => number,
  bind: library.func('int bind(int, const void*, uint32_t)') as (
    fd: number,
    address: Uint8Array,
    length: number,
  ) => number,
  sendto: library.func('long sendto(int, const void*, size_t, int, const void*, uint32_t)') as (
    ...args: readonly (number | Uint8Array | null)[]
  ) => number,
  recv: library.func('long recv(int, _Out_ uint8_t*, size_t, int)') as (
    fd: number,
    buffer: Uint8Array,
    length: number,
    flags: number,
  ) => number,
  recvmsg: library.func('long recvmsg(int, _Inout_ uint8_t*, int)') as (
    fd: number,
    header: Uint8Array,
    flags: number,
  ) => number,
  setsockopt: library.func('int setsockopt(int, int, int, const void*, uint32_t)') as (
    ...args: readonly (number | Uint8Array)[]
  ) => number,
  getsockopt: library.func('int getsockopt(int, int, int, _Out_ uint8_t*, _Inout_ uint8_t*)') as (
    ...args: readonly (number | Uint8Array)[]
  ) => number,
  getsockname: library.func('int getsockname(int, _Out_ uint8_t*, _Inout_ uint8_t*)') as (
    fd: number,
    address: Uint8Array,
    length: Uint8Array,
  ) => number,
  ioctl: library.func('int ioctl(int, unsigned long, _Inout_ uint8_t*)') as (
    fd: number,
    request: number,
    argument: Uint8Array,
  ) => number,
  prctl: library.func(
    'int prctl(int, unsigned long, unsigned long, unsigned long, unsigned long)',
  ) as (...args: readonly number[]) => number,
  capset: library.func('int capset(const void*, const void*)') as (
    header: Uint8Array,
    sets: Uint8Array,
  ) => number,
  flock: library.func('int flock(int, int)') as (fd: number, operation: number) => number,
  ifNameToIndex: library.func('uint32_t if_nametoindex(const char*)') as (name: string) => number,
  ifIndexToName: library.func('const char* if_indextoname(uint32_t, _Out_ uint8_t*)') as (
    index: number,
    name: Uint8Array,
  ) => string | null,
  timerfdCreate: library.func('int timerfd_create(int, int)') as (
    clock: number,
    flags: number,
  ) => number,
  timerfdSettime: library.func('int timerfd_settime(int, int, const void*, void*)') as (
    fd: number,
    flags: number,
    next: Uint8Array,
    previous: null,
  ) => number,
};

/** Opens a socket that child processes do not inherit. */
export function openSocket(kind: SocketKind): Result<Descriptor, SystemError> {
  const fd = call.socket(kind.family, kind.type | SOCK_CLOEXEC, kind.protocol);
  return fd < 0 ? failed('socket') : ok(fd as Descriptor);
}

export function closeDescriptor(fd: Descriptor): void {
  call.close(fd);
}

/**
 * Keeps every descriptor but the standard three from being inherited by the programs we start: libraries do not tell
 * which ones they opened, and what a child needs it is given by name.
 */
export function inheritNothing(): void {
  for (const fd of openDescriptors().filter((each) => each > STANDARD_ERROR)) {
    // The listing itself used one that is closed by now; that failure is of no interest.
    call.ioctl(fd, FIOCLEX, new Uint8Array(IFREQ_BYTES));
  }
}

/** Every descriptor that is open, and the one with which they were listed. */
export function openDescriptors(): readonly Descriptor[] {
  return readdirSync('/proc/self/fd').map((name) => Number(name) as Descriptor);
}

/** Binds to a sockaddr of any family. */
export function bindSocket(fd: Descriptor, address: Uint8Array): Result<undefined, SystemError> {
  return call.bind(fd, address, address.length) < 0 ? failed('bind') : done;
}

/** Sends now or fails: it never waits for room. Without an address, to the peer the socket is bound to. */
export function sendTo(
  fd: Descriptor,
  message: Uint8Array,
  address?: Uint8Array,
): Result<undefined, SystemError> {
  const length = address?.length ?? 0;
  const sent = call.sendto(fd, message, message.length, MSG_DONTWAIT, address ?? null, length);
  return sent < 0 ? failed('sendto') : done;
}

/** Reads one message into `buffer` without waiting; its length, or a failure such as EAGAIN where none waits. */
export function receive(fd: Descriptor, buffer: Uint8Array): Result<number, SystemError> {
  const length = call.recv(fd, buffer, buffer.length, MSG_DONTWAIT);
  return length < 0 ? failed('recv') : ok(length);
}

/** Where one message is read into, over and over: whoever keeps a part of it copies it. */
export interface MessageRoom {
  readonly payload: Buffer;
  /** The sockaddr it came from. */
  readonly sender: Buffer;
  readonly control: Buffer;
  /** struct msghdr, and the struct iovec that it points to. */
  readonly header: Buffer;
  readonly pieces: Buffer;
}

/** One message in its room, until the next is read. */
export interface ReceivedMessage {
  readonly payload: Buffer;
  readonly sender: Buffer;
  /** What the socket was told to say about each message (cmsg(3)). */
  readonly control: Buffer;
}

export function makeMessageRoom(bytes: {
  readonly payload: number;
  readonly control: number;
}): MessageRoom {
  const room = {
    payload: Buffer.alloc(bytes.payload),
    sender: Buffer.alloc(SENDER_BYTES),
    control: Buffer.alloc(bytes.control),
    header: Buffer.alloc(MSGHDR_BYTES),
    pieces: Buffer.alloc(16),
  };
  room.pieces.writeBigUInt64LE(koffi.address(room.payload), 0);
  room.pieces.writeBigUInt64LE(BigInt(room.payload.length), 8);
  room.header.writeBigUInt64LE(koffi.address(room.sender), MSGHDR.sender);
  room.header.writeBigUInt64LE(koffi.address(room.pieces), MSGHDR.pieces);
  room.header.writeBigUInt64LE(1n, MSGHDR.count);
  room.header.writeBigUInt64LE(koffi.address(room.control), MSGHDR.control);
  return room;
}

/** Like `receive`, with who sent the message and what the kernel says about it; what finds no room is cut off. */
export function receiveMessage(
  fd: Descriptor,
  room: MessageRoom,
): Result<ReceivedMessage, SystemError> {
  const { header, payload, sender, control } = room;
  // Both are also written by the kernel: how much of the room it used.
  header.writeUInt32LE(sender.length, MSGHDR.senderBytes);
  header.writeBigUInt64LE(BigInt(control.length), MSGHDR.controlBytes);
  const length = call.recvmsg(fd, header, MSG_DONTWAIT);
  return length < 0
    ? failed('recvmsg')
    : ok({
        payload: payload.subarray(0, length),
        sender: sender.subarray(0, header.readUInt32LE(MSGHDR.senderBytes)),
        control: control.subarray(0, Number(header.readBigUInt64LE(MSGHDR.controlBytes))),
      });
}

/** Sets an option to a 32-bit number or to the bytes of a structure. */
export function setOption(
  fd: Descriptor,
  option: SocketOption,
  value: number | Uint8Array,
): Result<undefined, SystemError> {
  const bytes = typeof value === 'number' ? uint32(value) : value;
  const answer = call.setsockopt(fd, option.level, option.name, bytes, bytes.length);
  return answer < 0 ? failed('setsockopt') : done;
}

export function getOption(
  fd: Descriptor,
  option: SocketOption,
  length: number,
): Result<Buffer, SystemError> {
  const bytes = Buffer.alloc(length);
  const answer = call.getsockopt(fd, option.level, option.name, bytes, uint32(length));
  return answer < 0 ? failed('getsockopt') : ok(bytes);
}

/** The sockaddr that a socket is bound to; fails where the descriptor is no socket. */
export function socketName(fd: Descriptor, length: number): Result<Buffer, SystemError> {
  const bytes = Buffer.alloc(length);
  return call.getsockname(fd, bytes, uint32(length)) < 0 ? failed('getsockname') : ok(bytes);
}

/** Locks an open file against everyone else who asks; EAGAIN where somebody has it. It ends with the descriptor. */
export function lockFile(fd: Descriptor): Result<undefined, SystemError> {
  return call.flock(fd, LOCK_EX_NB) < 0 ? failed('flock') : done;
}

/** Lets this thread keep what it may do when it becomes another user; it has to be taken up again then. */
export function keepCapabilities(): Result<undefined, SystemError> {
  return call.prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0 ? failed('prctl') : done;
}

/** This thread may do what this set of bits says (linux/capability.h), and nothing that it starts may ever do more. */
export function confine(capabilities: number): Result<undefined, SystemError> {
  const header = Buffer.alloc(8);
  header.writeUInt32LE(CAPABILITY_VERSION_3);
  // Effective, permitted and inheritable; then the same of the capabilities from 32 on.
  const sets = Buffer.alloc(24);
  sets.writeUInt32LE(capabilities, 0);
  sets.writeUInt32LE(capabilities, 4);
  const isSet = call.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) >= 0 && call.capset(header, sets) >= 0;
  return isSet ? done : failed('capset');
}

/** The interface's index, which changes when it is deleted and made again. */
export function interfaceIndex(name: string): Result<number, SystemError> {
  const index = call.ifNameToIndex(name);
  return index === 0 ? failed('if_nametoindex') : ok(index);
}

export function interfaceName(index: number): Result<string, SystemError> {
  const name = call.ifIndexToName(index, Buffer.alloc(IFNAMSIZ));
  return name === null ? failed('if_indextoname') : ok(name);
}

/** The six bytes of an Ethernet interface's own address. */
export function hardwareAddress(interfaceName: string): Result<Uint8Array, SystemError> {
  const query = openSocket({ family: AF_INET, type: SOCK_DGRAM, protocol: 0 });
  if (!query.ok) {
    return query;
  }
  const request = Buffer.alloc(IFREQ_BYTES);
  request.write(interfaceName.slice(0, IFNAMSIZ - 1), 'latin1');
  const answer = call.ioctl(query.value, SIOCGIFHWADDR, request);
  const result = answer < 0 ? failed('ioctl') : undefined;
  closeDescriptor(query.value);
  const start = IFREQ_HARDWARE_ADDRESS;
  return result ?? ok(Uint8Array.from(request.subarray(start, start + MAC_BYTES)));
}

/** Attaches a classic BPF program to a socket. */
export function attachFilter(
  fd: Descriptor,
  program: readonly FilterInstruction[],
): Result<undefined, SystemError> {
  const code = Buffer.alloc(program.length * 8);
  program.forEach((instruction, position) => {
    code.writeUInt16LE(instruction.code, position * 8);
    code.writeUInt8(instruction.equal ?? 0, position * 8 + 2);
    code.writeUInt8(instruction.otherwise ?? 0, position * 8 + 3);
    code.writeUInt32LE(instruction.operand, position * 8 + 4);
  });
  // struct sock_fprog: a length and a pointer; the kernel copies both before the call returns.
  const header = Buffer.alloc(16);
  header.writeUInt16LE(program.length, 0);
  header.writeBigUInt64LE(koffi.address(code), 8);
  return setOption(fd, { level: SOL_SOCKET, name: SO_ATTACH_FILTER }, header);
}

/** Makes a timer on CLOCK_MONOTONIC, the clock of `process.hrtime`. */
export function openTimer(): Result<Descriptor, SystemError> {
  const fd = call.timerfdCreate(CLOCK_MONOTONIC, TFD_NONBLOCK_CLOEXEC);
  return fd < 0 ? failed('timerfd_create') : ok(fd as Descriptor);
}

/** Makes the timer's descriptor readable at `at` (monotonic ms) and until it is set again; undefined disarms it. */
export function setTimer(fd: Descriptor, at: number | undefined): Result<undefined, SystemError> {
  // Rounded up, and never zero: zero would disarm it.
  const nanos = at === undefined ? 0n : BigInt(Math.max(1, Math.ceil(at * NANOS_PER_MILLI)));
  const specification = Buffer.alloc(32);
  specification.writeBigInt64LE(nanos / NANOS_PER_SECOND, 16);
  specification.writeBigInt64LE(nanos % NANOS_PER_SECOND, 24);
  const answer = call.timerfdSettime(fd, TFD_TIMER_ABSTIME, specification, null);
  return answer < 0 ? failed('timerfd_settime') : done;
}

/** Whether something that waits keeps the process running. */
export interface Poll {
  ref(): void;
  unref(): void;
  /** Calls nobody for so long, whatever can be read. */
  rest(ms: number): void;
  close(): void;
}

/**
 * Calls `readable` in every turn of the event loop in which the descriptor can be read, or has an error to be read. libuv
 * gives up a descriptor at its first error, and a packet socket has one whenever its interface goes down (ENETDOWN): the
 * poll goes on a moment later, when the error has been read.
 */
export function pollReadable(fd: Descriptor, readable: () => void): Poll {
  let again: NodeJS.Timeout | undefined;
  let state: 'open' | 'closed' = 'open';
  // The library hands over a status, which its types do not tell.
  const called = (status: unknown): void => {
    readable();
    if (status !== 0) {
      goOnAfter(POLLED_AGAIN_AFTER_MS);
    }
  };
  const goOnAfter = (ms: number): void => {
    if (state === 'open') {
      clearTimeout(again);
      again = setTimeout(() => {
        poll.start({ readable: true }, called);
      }, ms);
    }
  };
  const poll = koffi.node.poll(fd, { readable: true }, called);
  return {
    ref: () => {
      poll.ref();
    },
    unref: () => {
      poll.unref();
    },
    rest: (ms) => {
      poll.stop();
      goOnAfter(ms);
    },
    close: () => {
      state = 'closed';
      clearTimeout(again);
      poll.close();
    },
  };
}

/** An error that cannot be read away must not take a processor. */
const POLLED_AGAIN_AFTER_MS = 10;

export function failed(name: string): ReturnType<typeof fail<SystemError>> {
  const errno = koffi.errno();
  return fail({ call: name, errno: errno === 0 ? 'UNKNOWN' : getSystemErrorName(-errno) });
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
}
