/** The socket between a simulated HAProxy and its replicator: what is sent arrives in order, in pieces, a little later. */
import { ok } from '../../../src/base/result.js';
import type { Millis } from '../../../src/base/time.js';
import type {
  PeersListener,
  PeersStream,
  PeersStreamHandlers,
} from '../../../src/ports/peers-listener.js';
import type { Chance } from '../chance.js';
import type { SimProcess } from '../process.js';
import type { Scheduler } from '../scheduler.js';

export interface SocketPorts {
  readonly scheduler: Scheduler;
  readonly chance: Chance;
  /** How long what is sent is on its way, and whatever else the processes at both ends have to do first. */
  readonly travels: Millis;
}

/** One end. The kernel keeps what the other end does not read. */
export class SocketEnd implements PeersStream {
  readonly #ports: SocketPorts;
  readonly #process: SimProcess;
  #other: SocketEnd | undefined;
  #handlers: PeersStreamHandlers | undefined;
  #inbox: Uint8Array[] = [];
  #unread = 0;
  #reading: 'on' | 'paused' = 'on';
  #state: 'open' | 'closed' = 'open';

  constructor(process: SimProcess, ports: SocketPorts) {
    this.#process = process;
    this.#ports = ports;
  }

  static pair(
    processes: readonly [SimProcess, SimProcess],
    ports: SocketPorts,
  ): readonly [SocketEnd, SocketEnd] {
    const [one, other] = processes.map((process) => new SocketEnd(process, ports));
    one!.#other = other;
    other!.#other = one;
    return [one!, other!];
  }

  /** Of what this end sent: what the kernel has no room for. */
  get queued(): number {
    return this.#other === undefined ? 0 : Math.max(0, this.#other.#unread - KERNEL_ROOM);
  }

  begin(handlers: PeersStreamHandlers): void {
    this.#handlers = handlers;
    this.#read();
  }

  send(bytes: Uint8Array): void {
    const other = this.#other;
    if (this.#state === 'closed' || other === undefined || this.#process.fate === 'gone') {
      return;
    }
    other.#unread += bytes.length;
    const { scheduler, chance, travels } = this.#ports;
    const cut = Math.floor(chance.next() * bytes.length);
    for (const piece of [bytes.slice(0, cut), bytes.slice(cut)]) {
      scheduler.after(travels, () => {
        other.#inbox.push(piece);
        other.#read();
      });
    }
  }

  pause(): void {
    this.#reading = 'paused';
  }

  resume(): void {
    this.#reading = 'on';
    this.#ports.scheduler.after(this.#ports.travels, () => {
      this.#read();
    });
  }

  close(): void {
    if (this.#state === 'open') {
      this.#state = 'closed';
      this.#ports.scheduler.after(this.#ports.travels, () => this.#other?.lost());
    }
  }

  /** The other end was closed, or its process is no more. */
  lost(): void {
    if (this.#state === 'open') {
      this.#state = 'closed';
      this.#process.deliver(() => this.#handlers?.closed('the other end closed the connection'));
    }
  }

  #read(): void {
    const handlers = this.#handlers;
    while (this.#state === 'open' && this.#reading === 'on' && handlers !== undefined) {
      const piece = this.#inbox.shift();
      if (piece === undefined) {
        return;
      }
      this.#unread -= piece.length;
      if (piece.length > 0) {
        this.#process.deliver(() => {
          handlers.received(piece);
        });
      }
      this.#other?.taken();
    }
  }

  taken(): void {
    if (this.queued === 0 && this.#state === 'open') {
      this.#process.deliver(() => this.#handlers?.drained());
    }
  }
}

/** Where replicators listen, each for its own HAProxy. */
export class LocalSockets {
  readonly #ports: SocketPorts;
  readonly #listening = new Map<
    string,
    { readonly process: SimProcess; readonly accepted: (stream: PeersStream) => void }
  >();
  readonly #ends = new Map<SimProcess, Set<SocketEnd>>();

  constructor(ports: SocketPorts) {
    this.#ports = ports;
  }

  /** Of one process. */
  listener(process: SimProcess): PeersListener {
    return {
      isInPlace: () => true,
      listen: ({ path }, accepted) => {
        this.#listening.set(path, { process, accepted });
        return process.answer(() =>
          ok(() => {
            this.#listening.delete(path);
          }),
        );
      },
    };
  }

  /** Undefined where nobody listens. */
  dial(process: SimProcess, path: string): SocketEnd | undefined {
    const there = this.#listening.get(path);
    if (there?.process.fate !== 'running') {
      return undefined;
    }
    const [mine, theirs] = SocketEnd.pair([process, there.process], this.#ports);
    this.#endsOf(process).add(mine);
    this.#endsOf(there.process).add(theirs);
    there.process.deliver(() => {
      there.accepted(theirs);
    });
    return mine;
  }

  /** The kernel closes what a process leaves. */
  gone(process: SimProcess): void {
    for (const end of this.#endsOf(process)) {
      end.close();
    }
    this.#ends.delete(process);
  }

  #endsOf(process: SimProcess): Set<SocketEnd> {
    const known = this.#ends.get(process) ?? new Set();
    this.#ends.set(process, known);
    return known;
  }
}

const KERNEL_ROOM = 200_000;
