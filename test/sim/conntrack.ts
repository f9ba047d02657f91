/**
 * The flows that a simulated kernel follows: put there by packets and by processes, ended by timeouts. It goes on whatever
 * happens to the processes that listen, and forgets everything when the power fails.
 */
import type { Ip } from '../../src/base/ip.js';
import type { Result } from '../../src/base/result.js';
import { done, fail, ok } from '../../src/base/result.js';
import { invariant } from '../../src/base/unreachable.js';
import { between, later, millis } from '../../src/base/time.js';
import type { Instant } from '../../src/base/time.js';
import type { KernelRefusal } from '../../src/ports/address-table.js';
import type {
  FlowEvent,
  FlowListener,
  FlowRefusal,
  FlowTable,
} from '../../src/ports/flow-table.js';
import { MOST_FLOWS_AT_ONCE } from '../../src/ports/flow-table.js';
import type { Flow, FlowKey } from '../../src/wire/conntrack/flow.js';
import type { FlowId } from '../../src/wire/conntrack/flow-id.js';
import { FlowIds } from '../../src/wire/conntrack/flow-id.js';
import type { SimProcess } from './process.js';
import type { Scheduler } from './scheduler.js';

export interface SimConntrackOptions {
  /** nf_conntrack_max. */
  readonly most?: number;
  /** How many events wait at most for a process that does not read. */
  readonly roomForEvents?: number;
}

interface Entry {
  readonly flow: Flow;
  readonly until: Instant;
  readonly cancel: () => void;
}

const CLOSED = fail<KernelRefusal>({ code: 'no-answer', detail: 'closed' });
const REFUSED = fail<KernelRefusal>({ code: 'refused', detail: 'simulated failure' });
/** An event is read in another turn than the one in which it happened. */
const EVENT_TAKES = millis(0.02);
const ANSWER_TAKES = millis(0.05);
const PIECE = 50;
/** IPS_CONFIRMED: everything in the table has it. IPS_EXPECTED and IPS_DYING are nothing that can be put there. */
const CONFIRMED = 1 << 3;
const ASSURED = 1 << 2;
/** enum tcp_conntrack. */
const TIME_WAIT = 7;
const NOT_TO_PUT = (1 << 0) | (1 << 9);

export class SimConntrack {
  /** nf_conntrack_max. */
  most: number;
  /** What it answers to processes. */
  mood: 'willing' | 'refusing' = 'willing';
  readonly #scheduler: Scheduler;
  readonly #roomForEvents: number;
  readonly #ids = new FlowIds();
  readonly #entries = new Map<FlowId, Entry>();
  /** By both tuples: no two flows may have one in common. */
  readonly #byTuple = new Map<FlowId, FlowId>();
  readonly #tables = new Set<SimFlowTable>();

  constructor(scheduler: Scheduler, options: SimConntrackOptions = {}) {
    this.#scheduler = scheduler;
    this.most = options.most ?? 262_144;
    this.#roomForEvents = options.roomForEvents ?? 10_000;
  }

  /** As a process has it. */
  table(process: SimProcess): FlowTable {
    const table = new SimFlowTable(this, {
      process,
      scheduler: this.#scheduler,
      room: this.#roomForEvents,
    });
    this.#tables.add(table);
    return table;
  }

  /** A packet made or changed it. Without room for one more nothing happens. */
  seen(flow: Flow): void {
    this.#entry(flow, undefined);
  }

  /** Somebody removed it by hand. */
  removed(key: FlowKey): void {
    this.delete(key, undefined);
  }

  /** All of them, with what is left of their timeouts, in no order. */
  get flows(): readonly Flow[] {
    const now = this.#scheduler.now;
    return [...this.#entries.values()].map(({ flow, until }) => ({
      ...flow,
      timeout: Math.max(0, Math.ceil(between(now, until) / 1000)),
    }));
  }

  get size(): number {
    return this.#entries.size;
  }

  find(key: FlowKey): Flow | undefined {
    const id = this.#ids.of(key);
    return this.flows.find((flow) => this.#ids.of(flow) === id);
  }

  powerLoss(): void {
    for (const { cancel } of this.#entries.values()) {
      cancel();
    }
    this.#entries.clear();
    this.#byTuple.clear();
    this.#tables.clear();
  }

  /** What a process asks for; undefined where it was done, or why not. */
  create(flow: Flow, by: SimFlowTable): string | undefined {
    return this.#taken(flow).length > 0 ? 'EEXIST' : this.#entry(flow, by);
  }

  delete(key: FlowKey, by: SimFlowTable | undefined): 'ENOENT' | undefined {
    const id = this.#byTuple.get(this.#ids.of(key));
    if (id === undefined) {
      return 'ENOENT';
    }
    this.#end(id, by);
    return undefined;
  }

  forget(table: SimFlowTable): void {
    this.#tables.delete(table);
  }

  #entry(flow: Flow, by: SimFlowTable | undefined): string | undefined {
    const id = this.#ids.of(flow);
    const former = this.#entries.get(id);
    if (former === undefined && this.#entries.size >= this.most) {
      return 'ENOMEM';
    }
    if (former !== undefined) {
      this.#clear(id, former);
    }
    const status = (flow.status & ~NOT_TO_PUT) | CONFIRMED;
    const kept = { ...flow, status };
    const lasting = millis(Math.max(1, flow.timeout) * 1000);
    this.#entries.set(id, {
      flow: kept,
      until: later(this.#scheduler.now, lasting),
      cancel: this.#scheduler.after(lasting, () => {
        this.#end(id, undefined);
      }),
    });
    for (const tuple of this.#tuplesOf(flow)) {
      this.#byTuple.set(tuple, id);
    }
    this.#tell({ kind: 'is', flow: kept }, by);
    return undefined;
  }

  #end(id: FlowId, by: SimFlowTable | undefined): void {
    const entry = this.#entries.get(id);
    invariant(entry !== undefined, 'what ends has been there');
    this.#clear(id, entry);
    // Of one in TIME_WAIT that was told, and not its end: the rules of the real one see to that (os/flow-events-script.ts).
    if (entry.flow.tcp?.state !== TIME_WAIT) {
      this.#tell({ kind: 'gone', flow: { ...entry.flow, timeout: 0 } }, by);
    }
  }

  #clear(id: FlowId, { flow, cancel }: Entry): void {
    cancel();
    this.#entries.delete(id);
    for (const tuple of this.#tuplesOf(flow)) {
      this.#byTuple.delete(tuple);
    }
  }

  #tell(event: FlowEvent, by: SimFlowTable | undefined): void {
    if ((event.flow.status & ASSURED) === 0) {
      return;
    }
    for (const table of this.#tables) {
      if (table !== by) {
        table.happened(event);
      }
    }
  }

  #taken(flow: Flow): readonly FlowId[] {
    return this.#tuplesOf(flow).filter((tuple) => this.#byTuple.has(tuple));
  }

  #tuplesOf({ protocol, zone, original, reply }: Flow): readonly FlowId[] {
    return [original, reply].map((tuple) => this.#ids.of({ protocol, zone, original: tuple }));
  }
}

interface Surroundings {
  readonly process: SimProcess;
  readonly scheduler: Scheduler;
  readonly room: number;
}

class SimFlowTable implements FlowTable {
  readonly #kernel: SimConntrack;
  readonly #around: Surroundings;
  #listener: FlowListener | undefined;
  #leftOut: ReadonlySet<Ip> = new Set();
  #waiting: FlowEvent[] = [];
  #drops = 0;
  #droppedSinceRead: 'some' | 'none' = 'none';
  #state: 'open' | 'closed' = 'open';

  constructor(kernel: SimConntrack, around: Surroundings) {
    this.#kernel = kernel;
    this.#around = around;
  }

  get drops(): number {
    return this.#drops;
  }

  hear(listener: FlowListener): Result<undefined, KernelRefusal> {
    this.#listener = listener;
    return this.#kernel.mood === 'refusing' ? REFUSED : done;
  }

  leaveOut(ends: readonly Ip[]): Result<undefined, KernelRefusal> {
    if (this.#kernel.mood === 'refusing') {
      return REFUSED;
    }
    this.#leftOut = new Set(ends);
    return done;
  }

  /** Of the kernel: it keeps what there is room for, until the process reads. */
  happened(event: FlowEvent): void {
    const { original, reply } = event.flow;
    const isLeftOut = this.#leftOut.has(original.source) || this.#leftOut.has(reply.source);
    if (isLeftOut || this.#listener === undefined || this.#around.process.fate === 'gone') {
      return;
    }
    if (this.#waiting.length >= this.#around.room) {
      this.#drops += 1;
      this.#droppedSinceRead = 'some';
      return;
    }
    this.#waiting.push(event);
    if (this.#waiting.length === 1) {
      this.#around.scheduler.after(EVENT_TAKES, () => {
        this.#around.process.deliver(() => {
          this.#read();
        });
      });
    }
  }

  async list(each: (flows: readonly Flow[]) => void): Promise<Result<number, KernelRefusal>> {
    // What there is is told as it was when each piece was made, as by the kernel, which goes on meanwhile.
    const told = new Set<string>();
    const ids = new FlowIds();
    for (;;) {
      const answer = await this.#answer(() => {
        const piece = this.#kernel.flows.filter((flow) => !told.has(ids.of(flow))).slice(0, PIECE);
        for (const flow of piece) {
          told.add(ids.of(flow));
        }
        if (piece.length > 0) {
          each(piece);
        }
        return piece.length;
      });
      if (!answer.ok) {
        return answer;
      }
      if (answer.value < PIECE) {
        return ok(told.size);
      }
    }
  }

  put(
    flows: readonly Flow[],
    how: 'replace' | 'create',
  ): Promise<Result<readonly FlowRefusal[], KernelRefusal>> {
    return this.#ask(flows, (flow) => {
      const refusal = this.#kernel.create(flow, this);
      if (refusal !== 'EEXIST' || how === 'create') {
        return refusal === 'EEXIST' ? undefined : refusal;
      }
      this.#kernel.delete(flow, this);
      return this.#kernel.create(flow, this);
    });
  }

  remove(keys: readonly FlowKey[]): Promise<Result<readonly FlowRefusal[], KernelRefusal>> {
    return this.#ask(keys, (key) => {
      this.#kernel.delete(key, this);
      return undefined;
    });
  }

  room(): Result<{ readonly flows: number; readonly most: number }, KernelRefusal> {
    return ok({ flows: this.#kernel.size, most: this.#kernel.most });
  }

  close(): void {
    this.#state = 'closed';
    this.#listener = undefined;
    this.#kernel.forget(this);
  }

  #read(): void {
    const events = this.#waiting;
    this.#waiting = [];
    this.#listener?.happened(events);
    if (this.#droppedSinceRead === 'some') {
      this.#droppedSinceRead = 'none';
      this.#listener?.lost();
    }
  }

  #ask<Key extends FlowKey>(
    keys: readonly Key[],
    act: (key: Key) => string | undefined,
  ): Promise<Result<readonly FlowRefusal[], KernelRefusal>> {
    invariant(keys.length <= MOST_FLOWS_AT_ONCE, 'a batch has a bound');
    const mayAct = this.#state === 'open' && this.#around.process.fate !== 'gone';
    // The kernel acts at once; its answer is read later.
    const refusals =
      mayAct && this.#kernel.mood === 'willing'
        ? keys.flatMap((key): readonly FlowRefusal[] => {
            const errno = act(key);
            const { protocol, zone, original } = key;
            return errno === undefined ? [] : [{ key: { protocol, zone, original }, errno }];
          })
        : [];
    return this.#answer(() => refusals);
  }

  #answer<T>(value: () => T): Promise<Result<T, KernelRefusal>> {
    return this.#around.process.answerAfter(ANSWER_TAKES, () => {
      if (this.#state === 'closed') {
        return CLOSED;
      }
      return this.#kernel.mood === 'refusing' ? REFUSED : ok(value());
    });
  }
}
