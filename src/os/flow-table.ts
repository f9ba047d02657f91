/** The kernel's flows through nfnetlink's conntrack. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { getSystemErrorName } from 'node:util';
import type { Ip } from '../base/ip.js';
import type { Result } from '../base/result.js';
import { done, fail, ok } from '../base/result.js';
import { invariant } from '../base/unreachable.js';
import type { KernelRefusal } from '../ports/address-table.js';
import type { FlowEvent, FlowListener, FlowRefusal, FlowTable } from '../ports/flow-table.js';
import { MOST_FLOWS_AT_ONCE } from '../ports/flow-table.js';
import { CT_MESSAGE } from '../wire/conntrack/attributes.js';
import type { DatagramReader } from '../wire/conntrack/datagram.js';
import { hostLong } from '../wire/conntrack/datagram.js';
import type { Flow, FlowKey } from '../wire/conntrack/flow.js';
import type { FlowId } from '../wire/conntrack/flow-id.js';
import { FlowIds } from '../wire/conntrack/flow-id.js';
import { FlowMessageReader } from '../wire/conntrack/message-reader.js';
import { FlowRequestWriter, listRequest } from '../wire/conntrack/request-writer.js';
import { flowEventFilter } from './flow-event-filter.js';
import { asRefusal } from './kernel-refusal.js';
import { NetlinkSocket } from './netlink-socket.js';
import { settingNow } from './sysctl.js';

/** NFNLGRP_CONNTRACK_NEW, _UPDATE and _DESTROY. */
const GROUPS = [1, 2, 3];
const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
/** At 1 MB 31,000 of 200,000 events of a burst were lost, at 64 MB none. */
const ROOM_FOR_EVENTS = 64 << 20;
const ROOM_FOR_ANSWERS = 1 << 20;
/** Some milliseconds of work: then the turn belongs to others. */
const MOST_EVENTS_A_TURN = 1_000;
/** News are gathered for so long: at five thousand a second each takes a sixth less of a processor than when it is read at once. */
const GATHER_MS = 4;
const LIST_DATAGRAMS_A_TURN = 8;
/** What the room for events holds at the most: behind so many everything was read that was there when some were lost. */
const MOST_WAITING_EVENTS = 200_000;

const COUNT = 'net.netfilter.nf_conntrack_count';
const MOST = 'net.netfilter.nf_conntrack_max';

const CLOSED: KernelRefusal = { code: 'no-answer', detail: 'closed' };

/** What a list must not tell any more, because its end was told while the kernel's next piece lay ready. */
type Ended = Set<FlowId>;

export class NetlinkFlowTable implements FlowTable {
  readonly #requests: NetlinkSocket;
  readonly #events: NetlinkSocket;
  /** Each is replaced by two requests at the most. */
  readonly #writer = new FlowRequestWriter(2 * MOST_FLOWS_AT_ONCE);
  readonly #messages = new FlowMessageReader();
  readonly #ids = new FlowIds();
  readonly #lists = new Set<Ended>();
  #listener: FlowListener | undefined;
  #sequence = FIRST_SEQUENCE;
  #read = 0;
  /** What the last turn did. */
  #turn: 'all read' | 'perhaps more' = 'all read';
  #drops = 0;
  /** How many events were read when it was found that some were lost, where that has not been told yet. */
  #lossFoundAt: number | undefined;
  #state: 'open' | 'closed' = 'open';

  private constructor(requests: NetlinkSocket, events: NetlinkSocket) {
    this.#requests = requests;
    this.#events = events;
  }

  /** In the network namespace of the calling thread. */
  static open(): Result<NetlinkFlowTable, KernelRefusal> {
    const requests = NetlinkSocket.open(ROOM_FOR_ANSWERS);
    if (!requests.ok) {
      return requests;
    }
    const events = NetlinkSocket.open(ROOM_FOR_EVENTS);
    if (!events.ok) {
      requests.value.close();
      return events;
    }
    return ok(new NetlinkFlowTable(requests.value, events.value));
  }

  hear(listener: FlowListener): Result<undefined, KernelRefusal> {
    this.#listener = listener;
    const filtered = this.leaveOut([]);
    if (!filtered.ok) {
      return filtered;
    }
    for (const group of GROUPS) {
      const joined = this.#events.join(group);
      if (!joined.ok) {
        return joined;
      }
    }
    this.#events.whenReadable(() => this.#readEvents(), GATHER_MS);
    return done;
  }

  leaveOut(ends: readonly Ip[]): Result<undefined, KernelRefusal> {
    return this.#events.filter(flowEventFilter({ port: this.#requests.port, ends }));
  }

  async list(each: (flows: readonly Flow[]) => void): Promise<Result<number, KernelRefusal>> {
    // Of its own: the kernel answers one list at a time on each, and nothing else in between.
    const opened = this.#state === 'open' ? NetlinkSocket.open(ROOM_FOR_ANSWERS) : fail(CLOSED);
    if (!opened.ok) {
      return opened;
    }
    const ended: Ended = new Set();
    this.#lists.add(ended);
    try {
      return await this.#readList(opened.value, ended, each);
    } finally {
      this.#lists.delete(ended);
      opened.value.close();
    }
  }

  put(
    flows: readonly Flow[],
    how: 'replace' | 'create',
  ): Promise<Result<readonly FlowRefusal[], KernelRefusal>> {
    invariant(flows.length <= MOST_FLOWS_AT_ONCE, 'a batch has a bound');
    return Promise.resolve(this.#put(flows, how));
  }

  remove(keys: readonly FlowKey[]): Promise<Result<readonly FlowRefusal[], KernelRefusal>> {
    invariant(keys.length <= MOST_FLOWS_AT_ONCE, 'a batch has a bound');
    for (const key of keys) {
      this.#noteEnd(key);
    }
    const first = this.#firstSequence();
    for (const key of keys) {
      this.#writer.delete(key, this.#nextSequence());
    }
    const answer = this.#ask(first, keys.length);
    return Promise.resolve(answer.ok ? ok(refusalsOf(keys, answer.value, 'ENOENT')) : answer);
  }

  room(): Result<{ readonly flows: number; readonly most: number }, KernelRefusal> {
    const [flows, most] = [settingNow(COUNT), settingNow(MOST)];
    return flows === undefined || most === undefined
      ? fail({ code: 'refused', detail: 'the kernel follows no flows here' })
      : ok({ flows: Number(flows), most: Number(most) });
  }

  get drops(): number {
    return this.#drops;
  }

  close(): void {
    this.#state = 'closed';
    this.#listener = undefined;
    this.#requests.close();
    this.#events.close();
  }

  #put(
    flows: readonly Flow[],
    how: 'replace' | 'create',
  ): Result<readonly FlowRefusal[], KernelRefusal> {
    const first = this.#firstSequence();
    for (const flow of flows) {
      this.#writer.create(flow, this.#nextSequence());
    }
    const created = this.#ask(first, flows.length);
    if (!created.ok) {
      return created;
    }
    const refusals = refusalsOf(flows, created.value, 'EEXIST');
    const there = [...flows.entries()].flatMap(([place, flow]) =>
      created.value.get(place) === 'EEXIST' ? [flow] : [],
    );
    if (how === 'create' || there.length === 0) {
      return ok(refusals);
    }
    const replaced = this.#replace(there);
    return replaced.ok ? ok([...refusals, ...replaced.value]) : replaced;
  }

  /** The kernel changes neither what is translated nor bits of the status that are set: it is put there anew. */
  #replace(flows: readonly Flow[]): Result<readonly FlowRefusal[], KernelRefusal> {
    const first = this.#firstSequence();
    for (const flow of flows) {
      this.#writer.delete(flow, this.#nextSequence());
      this.#writer.create(flow, this.#nextSequence());
    }
    const answer = this.#ask(first, 2 * flows.length);
    const both = flows.flatMap((flow) => [flow, flow]);
    return answer.ok ? ok(refusalsOf(both, answer.value, 'ENOENT')) : answer;
  }

  /** Sends what was written since `first`: the errors, by place. */
  #ask(first: number, count: number): Result<ReadonlyMap<number, string>, KernelRefusal> {
    if (this.#state === 'closed' || count === 0) {
      this.#writer.clear();
      return this.#state === 'closed' ? fail(CLOSED) : ok(new Map());
    }
    const sent = this.#requests.send(this.#writer.take());
    if (!sent.ok) {
      return sent;
    }
    const errors = new Map<number, string>();
    const { reader } = this.#requests;
    while (this.#requests.receive()) {
      while (reader.next()) {
        const place = reader.sequence - first;
        const errno = reader.type === NLMSG_ERROR ? errorIn(reader) : undefined;
        if (errno !== undefined) {
          errors.set(place, errno);
        }
        if (place === count - 1 && errno !== 'EPERM') {
          return ok(errors);
        }
      }
    }
    // Whoever may not ask is told so once, whatever it asks for.
    const [errno] = errors.values();
    return fail(
      errno === undefined
        ? { code: 'no-answer', detail: 'the kernel did not answer' }
        : asRefusal({ code: 'rejected', errno }),
    );
  }

  async #readList(
    socket: NetlinkSocket,
    ended: Ended,
    each: (flows: readonly Flow[]) => void,
  ): Promise<Result<number, KernelRefusal>> {
    const sent = socket.send(listRequest(FIRST_SEQUENCE));
    if (!sent.ok) {
      return sent;
    }
    let told = 0;
    for (let datagrams = 1; socket.receive(); datagrams += 1) {
      const piece = this.#readPiece(socket.reader, ended);
      // The next piece was made when this one was received, and knows of them.
      ended.clear();
      if (piece.flows.length > 0) {
        told += piece.flows.length;
        each(piece.flows);
      }
      if (piece.end !== undefined) {
        return piece.end.ok ? ok(told) : piece.end;
      }
      if (datagrams % LIST_DATAGRAMS_A_TURN === 0) {
        await nextTurn();
      }
      if (this.#state === 'closed') {
        return fail(CLOSED);
      }
    }
    return fail({ code: 'no-answer', detail: 'the list broke off' });
  }

  #readPiece(reader: DatagramReader, ended: Ended): Piece {
    const flows: Flow[] = [];
    while (reader.next()) {
      if (reader.type === NLMSG_ERROR || reader.type === NLMSG_DONE) {
        const errno = errorIn(reader);
        const end = errno === undefined ? done : fail(asRefusal({ code: 'rejected', errno }));
        return { flows, end };
      }
      const flow = this.#messages.read(reader.bytes, reader.at, reader.end);
      if (flow !== undefined && (ended.size === 0 || !ended.has(this.#ids.of(flow)))) {
        flows.push(flow);
      }
    }
    return { flows, end: undefined };
  }

  #readEvents(): 'all read' | 'perhaps more' {
    const events: FlowEvent[] = [];
    let datagrams = 0;
    while (datagrams < MOST_EVENTS_A_TURN && this.#events.receive()) {
      datagrams += 1;
      this.#readEvent(this.#events.reader, events);
    }
    this.#read += datagrams;
    if (events.length > 0) {
      this.#listener?.happened(events);
    }
    const read = datagrams < MOST_EVENTS_A_TURN ? 'all read' : 'perhaps more';
    this.#tellLoss(read);
    return read;
  }

  #readEvent(reader: DatagramReader, events: FlowEvent[]): void {
    while (reader.next()) {
      const flow = this.#messages.read(reader.bytes, reader.at, reader.end);
      if (flow !== undefined) {
        const kind = reader.type === CT_MESSAGE.delete ? 'gone' : 'is';
        events.push({ kind, flow });
        if (kind === 'gone') {
          this.#noteEnd(flow);
        }
      }
    }
  }

  /**
   * Only when everything was told that was heard before: or whoever asks for a list then would be told of something older
   * behind it. What comes after a loss comes after it in the queue too. Before one the queue was full of more than a turn
   * reads, so that there is none to be found where a turn has read it all from the first.
   */
  #tellLoss(read: 'all read' | 'perhaps more'): void {
    const isShort = read === 'all read' && this.#turn === 'all read';
    this.#turn = read;
    if (this.#state === 'closed' || isShort) {
      return;
    }
    const drops = this.#events.drops;
    if (this.#lossFoundAt === undefined && drops !== this.#drops) {
      this.#drops = drops;
      this.#lossFoundAt = this.#read;
    }
    const since = this.#read - (this.#lossFoundAt ?? this.#read);
    if (this.#lossFoundAt !== undefined && (read === 'all read' || since > MOST_WAITING_EVENTS)) {
      this.#lossFoundAt = undefined;
      this.#listener?.lost();
    }
  }

  #noteEnd(key: FlowKey): void {
    for (const ended of this.#lists) {
      ended.add(this.#ids.of(key));
    }
  }

  /** Of a batch, whose numbers follow each other. */
  #firstSequence(): number {
    if (this.#sequence > LAST_SEQUENCE) {
      this.#sequence = FIRST_SEQUENCE;
    }
    return this.#sequence;
  }

  #nextSequence(): number {
    this.#sequence += 1;
    return this.#sequence - 1;
  }
}

interface Piece {
  readonly flows: readonly Flow[];
  /** Undefined where there is more. */
  readonly end: Result<undefined, KernelRefusal> | undefined;
}

const FIRST_SEQUENCE = 1;
const LAST_SEQUENCE = 0xffff_0000;

/** Undefined for an acknowledgement, and at the end of a list. */
function errorIn({ bytes, at }: DatagramReader): string | undefined {
  // An error is a negative number.
  const negative = hostLong(bytes, at) | 0;
  return negative === 0 ? undefined : getSystemErrorName(negative);
}

/** But for the one that is none. */
function refusalsOf(
  keys: readonly FlowKey[],
  errors: ReadonlyMap<number, string>,
  expected: string,
): readonly FlowRefusal[] {
  return [...errors].flatMap(([place, errno]) => {
    const key = keys[place];
    return key === undefined || errno === expected
      ? []
      : [{ key: { protocol: key.protocol, zone: key.zone, original: key.original }, errno }];
  });
}
