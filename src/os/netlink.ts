/** A netlink socket: requests that are answered, and events that are heard. */
import { RawNetlinkSocket } from 'netlink/dist/raw.js';
import { formatMessage, parseMessages } from 'netlink/dist/structs.js';
import { getSystemErrorName } from 'node:util';
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import type { KernelRefusal } from '../ports/address-table.js';
import { fromNative } from './from-native.js';
import type { NetlinkFailure } from './kernel-refusal.js';
import type { Descriptor, SocketOption } from './libc.js';
import { getOption, sendTo, setOption, socketName, openDescriptors } from './libc.js';

/** One message of a datagram that we send. */
export interface KernelMessage {
  readonly type: number;
  readonly flags: number;
  readonly body: Uint8Array;
}

/** One message that the kernel sent. */
export interface KernelReply {
  readonly type: number;
  readonly body: Buffer;
}

export interface KernelListener {
  readonly heard: (message: KernelReply) => void;
  /** Called when the kernel had to drop messages, so that what was heard is incomplete. */
  readonly lost: () => void;
}

/** Flags of a request (linux/netlink.h). */
export const FLAG = {
  request: 0x1,
  ack: 0x4,
  dump: 0x300,
  replace: 0x100,
  create: 0x400,
} as const;

/** Far beyond what the kernel needs: an answer is queued before `sendto` returns. */
const ANSWER_DEADLINE_MS = 1_000;
/** 32 thousand events; unprivileged limits do not apply to SO_RCVBUFFORCE. */
const RECEIVE_BUFFER_BYTES = 8 << 20;
const PROTOCOL = { route: 0, diagnosis: 4, netfilter: 12 } as const;
const AF_NETLINK = 16;
const SOCKADDR_NL_BYTES = 12;
const SO_RCVBUFFORCE: SocketOption = { level: 1, name: 33 };
const SO_MEMINFO: SocketOption = { level: 1, name: 55 };
/** Nine 32-bit counters, of which the last is SK_MEMINFO_DROPS. */
const MEMINFO_BYTES = 36;
const MEMINFO_DROPS = 32;
const NETLINK_NO_ENOBUFS: SocketOption = { level: 270, name: 5 };
const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;

interface Waiting {
  readonly replies: KernelReply[];
  readonly timer: NodeJS.Timeout;
  readonly answer: (outcome: Result<readonly KernelReply[], NetlinkFailure>) => void;
}

/**
 * The package reads and frames; we send, with our own call on the same descriptor. Its own `send` queues a
 * second message behind the completion of the first, which takes a turn of the event loop, and what must be
 * done by the time we return would not be.
 */
export class NetlinkChannel {
  readonly #socket: RawNetlinkSocket;
  readonly #fd: Descriptor;
  readonly #port: number;
  readonly #waiting = new Map<number, Waiting>();
  #listener: KernelListener | undefined;
  #lastDump: Promise<unknown> = Promise.resolve();
  #sequence = 0;
  #drops = 0;
  #dropCheck: 'idle' | 'planned' = 'idle';
  #state: 'open' | 'closed' = 'open';

  private constructor(socket: RawNetlinkSocket, fd: Descriptor) {
    this.#socket = socket;
    this.#fd = fd;
    this.#port = socket.address().port;
    // A throw in one of these listeners would abort the process, past uncaughtException.
    socket.on('message', (datagram) => {
      fromNative(() => {
        this.#receive(datagram);
      });
    });
    // Listened to, because an 'error' that nobody hears is thrown. The drop counter tells what matters.
    socket.on('error', () => undefined);
    // Requests keep the process running by their deadline.
    socket.unref();
  }

  static open(protocol: keyof typeof PROTOCOL): Result<NetlinkChannel, KernelRefusal> {
    try {
      const socket = new RawNetlinkSocket(PROTOCOL[protocol]);
      const fd = descriptorOf(socket.address().port);
      if (fd === undefined) {
        socket.close();
        return fail({ code: 'refused', detail: 'the netlink socket has no descriptor' });
      }
      // Before it joins a group: an overflow that the package gets to see aborts the process.
      setOption(fd, NETLINK_NO_ENOBUFS, 1);
      setOption(fd, SO_RCVBUFFORCE, RECEIVE_BUFFER_BYTES);
      return ok(new NetlinkChannel(socket, fd));
    } catch (error) {
      // The package throws what the system refused: an expected failure.
      const detail = error instanceof Error ? error.message : String(error);
      return fail({ code: 'refused', detail });
    }
  }

  /** Hears these multicast groups from now on. Not for a channel that is also asked: dumps fail on such a one. */
  subscribe(groups: readonly number[], listener: KernelListener): void {
    this.#listener = listener;
    for (const group of groups) {
      this.#socket.addMembership(group);
    }
  }

  /**
   * Sends the messages as one datagram; the kernel has acted on it when this returns, and the promise
   * brings its answer. They share one sequence number, so the answer is the first error in any of them or
   * the acknowledgement of the one that asks for it.
   */
  request(
    messages: readonly KernelMessage[],
  ): Promise<Result<readonly KernelReply[], NetlinkFailure>> {
    this.#sequence = (this.#sequence % 0xffff_ffff) + 1;
    const seq = this.#sequence;
    const datagram = Buffer.concat(
      messages.flatMap(({ type, flags, body }) =>
        // eslint-disable-next-line id-denylist -- the package's name for it
        formatMessage({ type, flags: flags | FLAG.request, seq, port: this.#port, data: body }),
      ),
    );
    if (this.#state === 'closed') {
      return Promise.resolve(fail({ code: 'no-answer', detail: 'closed' }));
    }
    const sent = sendTo(this.#fd, datagram);
    if (!sent.ok) {
      return Promise.resolve(fail({ code: 'rejected', errno: sent.error.errno }));
    }
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#settle(seq, fail({ code: 'no-answer', detail: 'the kernel did not answer' }));
      }, ANSWER_DEADLINE_MS);
      this.#waiting.set(seq, { replies: [], timer, answer: resolve });
    });
  }

  /** Asks for a list. Lists wait for each other: the kernel refuses a second on the same socket with EBUSY. */
  dump(message: KernelMessage): Promise<Result<readonly KernelReply[], NetlinkFailure>> {
    const answer = this.#lastDump.then(() => this.request([message]));
    this.#lastDump = answer;
    return answer;
  }

  /** Idempotent. Requests under way end with `no-answer`. */
  close(): void {
    if (this.#state === 'closed') {
      return;
    }
    this.#state = 'closed';
    this.#socket.close();
    for (const seq of [...this.#waiting.keys()]) {
      this.#settle(seq, fail({ code: 'no-answer', detail: 'closed' }));
    }
  }

  #receive(datagram: Buffer): void {
    for (const message of parseMessages(datagram)) {
      if (this.#state === 'open') {
        this.#take(message.type, message.seq, message.data);
      }
    }
    this.#planDropCheck();
  }

  #take(type: number, seq: number, body: Buffer): void {
    const waiting = this.#waiting.get(seq);
    if (type === NLMSG_ERROR || type === NLMSG_DONE) {
      // Both open with an error number, which is zero for an acknowledgement and negative for an error.
      const errno = body.length >= 4 ? body.readInt32LE(0) : 0;
      const outcome = errno === 0 ? ok(waiting?.replies ?? []) : rejected(errno);
      this.#settle(seq, outcome);
    } else if (waiting !== undefined) {
      waiting.replies.push({ type, body });
    } else {
      this.#listener?.heard({ type, body });
    }
  }

  #settle(seq: number, outcome: Result<readonly KernelReply[], NetlinkFailure>): void {
    const waiting = this.#waiting.get(seq);
    if (waiting !== undefined) {
      clearTimeout(waiting.timer);
      this.#waiting.delete(seq);
      waiting.answer(outcome);
    }
  }

  /** Once per burst: messages are dropped while the queue is full, so one that is read comes after the last drop. */
  #planDropCheck(): void {
    if (this.#listener !== undefined && this.#dropCheck === 'idle') {
      this.#dropCheck = 'planned';
      setImmediate(() => {
        this.#dropCheck = 'idle';
        this.#checkDrops();
      });
    }
  }

  #checkDrops(): void {
    const memory =
      this.#state === 'open' ? getOption(this.#fd, SO_MEMINFO, MEMINFO_BYTES) : undefined;
    const drops = memory?.ok === true ? memory.value.readUInt32LE(MEMINFO_DROPS) : this.#drops;
    if (drops !== this.#drops) {
      this.#drops = drops;
      this.#listener?.lost();
    }
  }
}

export interface RoutePair {
  readonly requests: NetlinkChannel;
  readonly events: NetlinkChannel;
}

/** Two sockets, because a dump fails on one that also hears events. */
export function openRoutePair(): Result<RoutePair, KernelRefusal> {
  const requests = NetlinkChannel.open('route');
  if (!requests.ok) {
    return requests;
  }
  const events = NetlinkChannel.open('route');
  if (!events.ok) {
    requests.value.close();
    return events;
  }
  return ok({ requests: requests.value, events: events.value });
}

function rejected(errno: number): Result<never, NetlinkFailure> {
  return fail({ code: 'rejected', errno: getSystemErrorName(errno) });
}

/** The package does not tell its descriptor: it is the netlink socket of ours that is bound to `port`. */
function descriptorOf(port: number): Descriptor | undefined {
  return openDescriptors().find((fd) => {
    const name = socketName(fd, SOCKADDR_NL_BYTES);
    return (
      name.ok &&
      name.value.readUInt16LE(0) === AF_NETLINK &&
      name.value.readUInt32LE(4) === port >>> 0
    );
  });
}
