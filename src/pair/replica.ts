/** The registers of this node, told to the other daemon and heard from it. */
import { later, millis } from '../base/time.js';
import type { Merged, Register, Registers } from '../core/registers.js';
import { believable, fewFirst, merge, NO_REGISTERS, state } from '../core/registers.js';
import type { Alarm, Clock } from '../ports/clock.js';
import type { Log } from '../telemetry/events.js';
import { MOST_IN_MESSAGE } from '../wire/pair/registers.js';

export interface ReplicaPorts {
  readonly clock: Clock;
  readonly log: Log;
  /** To the other daemon, where it can be talked to; at most as many as a message holds. */
  readonly say: (registers: readonly Register[]) => void;
  /** Called with what is new, whoever stated it. */
  readonly changed: (news: readonly Register[]) => void;
}

export class Replica {
  readonly #node: string;
  readonly #ports: ReplicaPorts;
  #registers = NO_REGISTERS;
  #telling: Alarm | undefined;
  /** Whether the other daemon has been told what was known. */
  #talks: 'no' | 'yes' = 'no';
  /** Told once a connection: the other end sets the rate at which it says such things. */
  #disbelief: 'untold' | 'told' = 'untold';

  constructor(node: string, ports: ReplicaPorts) {
    this.#node = node;
    this.#ports = ports;
  }

  get registers(): Registers {
    return this.#registers;
  }

  /** Stated here, now. Key and value fit. */
  state(key: string, value: string): void {
    // Whole milliseconds are all that the other end believes.
    const at = Math.round(this.#ports.clock.wallTime());
    const merged = state(this.#registers, { key, value, at, node: this.#node });
    this.#take(merged);
    this.#ports.say(merged.news);
  }

  /** Of the other daemon. What it has said it knows, so nothing of it is said back. */
  heard(registers: readonly Register[]): void {
    const believed = believable(this.#registers, registers);
    const first = registers.find((each) => !believed.includes(each));
    if (first !== undefined && this.#disbelief === 'untold') {
      this.#disbelief = 'told';
      const { counter } = first.stamp;
      const ours = this.#registers.counter;
      this.#ports.log.tell({ event: 'intent.refused', key: first.key, counter, ours });
    }
    this.#take(merge(this.#registers, believed));
  }

  /** What this node kept before it was started; a disk may be slower than the other daemon, which is told then. */
  restore(registers: readonly Register[]): void {
    this.#take(merge(this.#registers, registers));
    if (this.#talks === 'yes') {
      this.#tellAll();
    }
  }

  /** The other daemon can be talked to: it is told everything, a piece at a time. */
  met(): void {
    this.#disbelief = 'untold';
    this.#talks = 'yes';
    this.#tellAll();
  }

  /** Tells nothing more. */
  stop(): void {
    this.#talks = 'no';
    this.#pause();
  }

  #tellAll(): void {
    this.#pause();
    // First what is about the pair itself: the other daemon waits for it before it moves anything.
    this.#tellOn([...this.#registers.byKey.values()].toSorted(fewFirst));
  }

  #pause(): void {
    this.#telling?.cancel();
    this.#telling = undefined;
  }

  #tellOn(rest: readonly Register[]): void {
    const { clock, say } = this.#ports;
    if (rest.length > 0) {
      say(rest.slice(0, MOST_IN_MESSAGE));
      this.#telling = clock.alarm(later(clock.now(), PIECES_APART), () => {
        this.#tellOn(rest.slice(MOST_IN_MESSAGE));
      });
    }
  }

  #take({ registers, news, forgotten }: Merged): void {
    this.#registers = registers;
    for (const { key, value } of forgotten) {
      this.#ports.log.tell({ event: 'intent.forgotten', key, value });
    }
    if (news.length > 0) {
      this.#ports.changed(news);
    }
  }
}

/** So that the other end has read one before the next: it is not to give up on us, and heartbeats go between. */
const PIECES_APART = millis(20);
