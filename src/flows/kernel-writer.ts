/** What this node's kernel is told to hold: one question at a time, so that what comes later counts. */
import type { FlowRefusal, FlowTable } from '../ports/flow-table.js';
import { MOST_FLOWS_AT_ONCE } from '../ports/flow-table.js';
import type { Flow, FlowKey } from '../wire/conntrack/flow.js';
import type { FlowId } from '../wire/conntrack/flow-id.js';
import { keyOf } from './standing.js';

export type KernelOrder =
  | { readonly kind: 'replace' | 'create'; readonly id: FlowId; readonly flow: Flow }
  | { readonly kind: 'remove'; readonly id: FlowId; readonly key: FlowKey };

/** Orders of one batch, and whom to tell that they were carried out. */
export interface KernelJob {
  readonly orders: readonly KernelOrder[];
  readonly done: () => void;
}

export interface WriterPorts {
  readonly table: Pick<FlowTable, 'put' | 'remove'>;
  /** Has happened; `errno`, or why the kernel gave no answer. */
  readonly refused: (order: KernelOrder, why: string) => void;
  readonly taken: (order: KernelOrder) => void;
  /** What of these is to be put there now, when there is nothing else to do. */
  readonly chore: (id: FlowId) => KernelOrder | undefined;
  /** Lets everything else have its turn: the kernel's answers come without one. */
  readonly nextTurn: () => Promise<void>;
}

/** Orders that are carried out together, the last of each flow alone. */
const MOST_TOGETHER = 4 * MOST_FLOWS_AT_ONCE;
/** Questions to the kernel, some milliseconds of work: then others have their turn, the link's `alive` among them. */
const QUESTIONS_A_TURN = 16;

export class KernelWriter {
  readonly #ports: WriterPorts;
  #jobs: KernelJob[] = [];
  #jobAt = 0;
  readonly #chores = new Set<FlowId>();
  #questions = 0;
  #phase: 'idle' | 'working' | 'stopped' = 'idle';

  constructor(ports: WriterPorts) {
    this.#ports = ports;
  }

  add({ orders, done }: KernelJob): void {
    let at = 0;
    for (; orders.length - at > MOST_TOGETHER; at += MOST_TOGETHER) {
      this.#jobs.push({ orders: orders.slice(at, at + MOST_TOGETHER), done: () => undefined });
    }
    this.#jobs.push({ orders: at === 0 ? orders : orders.slice(at), done });
    this.#begin();
  }

  /** Behind all jobs; what is to be done is asked then. */
  addChores(ids: readonly FlowId[]): void {
    for (const id of ids) {
      this.#chores.add(id);
    }
    this.#begin();
  }

  stop(): void {
    this.#phase = 'stopped';
  }

  #begin(): void {
    if (this.#phase === 'idle') {
      this.#phase = 'working';
      void this.#work();
    }
  }

  async #work(): Promise<void> {
    for (;;) {
      const { orders, done } = this.#next();
      if (orders.size === 0 && done.length === 0) {
        break;
      }
      await this.#carryOut([...orders.values()]);
      if (this.#isStopped()) {
        return;
      }
      done.forEach((tell) => {
        tell();
      });
    }
    this.#phase = 'idle';
  }

  #isStopped(): boolean {
    return this.#phase === 'stopped';
  }

  #next(): { readonly orders: Map<FlowId, KernelOrder>; readonly done: (() => void)[] } {
    const orders = new Map<FlowId, KernelOrder>();
    const done: (() => void)[] = [];
    while (orders.size < MOST_TOGETHER && this.#jobAt < this.#jobs.length) {
      const job = this.#jobs[this.#jobAt];
      this.#jobAt += 1;
      job?.orders.forEach((order) => orders.set(order.id, order));
      done.push(() => job?.done());
    }
    if (this.#jobAt >= this.#jobs.length) {
      this.#jobs = [];
      this.#jobAt = 0;
    }
    if (done.length === 0) {
      this.#nextChores(orders);
    }
    return { orders, done };
  }

  #nextChores(orders: Map<FlowId, KernelOrder>): void {
    for (const id of this.#chores) {
      if (orders.size >= MOST_FLOWS_AT_ONCE) {
        return;
      }
      this.#chores.delete(id);
      const order = this.#ports.chore(id);
      if (order !== undefined) {
        orders.set(id, order);
      }
    }
  }

  async #carryOut(orders: readonly KernelOrder[]): Promise<void> {
    for (const kind of ['remove', 'replace', 'create'] as const) {
      const of = orders.filter((order) => order.kind === kind);
      for (let at = 0; at < of.length; at += MOST_FLOWS_AT_ONCE) {
        await this.#ask(of.slice(at, at + MOST_FLOWS_AT_ONCE), kind);
        this.#questions += 1;
        if (this.#questions % QUESTIONS_A_TURN === 0) {
          await this.#ports.nextTurn();
        }
        if (this.#isStopped()) {
          return;
        }
      }
    }
  }

  async #ask(orders: readonly KernelOrder[], kind: KernelOrder['kind']): Promise<void> {
    const { table } = this.#ports;
    const answer =
      kind === 'remove'
        ? await table.remove(orders.map(keyOfOrder))
        : await table.put(
            orders.flatMap((order) => (order.kind === 'remove' ? [] : [order.flow])),
            kind,
          );
    const refusals: readonly FlowRefusal[] = answer.ok
      ? answer.value
      : orders.map((order) => ({ key: keyOfOrder(order), errno: answer.error.detail }));
    const why = new Map(refusals.map(({ key, errno }) => [nameOf(key), errno]));
    for (const order of orders) {
      const errno = why.size === 0 ? undefined : why.get(nameOf(keyOfOrder(order)));
      if (errno === undefined) {
        this.#ports.taken(order);
      } else {
        this.#ports.refused(order, errno);
      }
    }
  }
}

function keyOfOrder(order: KernelOrder): FlowKey {
  return keyOf(order.kind === 'remove' ? order.key : order.flow);
}

/** For the few that were refused. */
function nameOf({ protocol, zone, original }: FlowKey): string {
  const { source, destination, sourcePort, destinationPort } = original;
  return [protocol, zone, source, destination, sourcePort, destinationPort].join(' ');
}
