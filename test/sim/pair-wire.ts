/**
 * The dedicated link between the two machines: streams that deliver in order, in pieces, a little late. While it is cut
 * nothing arrives; what was sent then arrives afterwards, as TCP sends it again. A machine that lost its power has
 * forgotten its streams, and answers the next piece of one with a reset.
 */
import type { Ip } from '../../src/base/ip.js';
import { fail, ok } from '../../src/base/result.js';
import type { Instant, Millis } from '../../src/base/time.js';
import { instant, millis } from '../../src/base/time.js';
import type { PairListener, PairTransport } from '../../src/ports/pair-transport.js';
import { SimConnection, SimPairStream } from './pair-stream.js';
import type { SimProcess } from './process.js';
import type { Scheduler } from './scheduler.js';

interface Listening {
  readonly process: SimProcess;
  readonly listener: PairListener;
}

export class SimPairWire {
  /** When connections were last broken, or late: since then there may be none that both ends know of. */
  troubledAt: Instant;
  /** When it was last cut; long ago where it never was. */
  cutAt: Instant = instant(0);
  readonly #scheduler: Scheduler;
  readonly #listening = new Map<string, Listening>();
  readonly #held: (() => void)[] = [];
  readonly #streams = new Set<SimPairStream>();
  #state: 'whole' | 'cut' = 'whole';
  /** While it delays: by how much, and how many connections were opened meanwhile. */
  #delays: { readonly by: Millis; opened: number } | undefined;

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
    this.troubledAt = scheduler.now;
  }

  get state(): 'whole' | 'cut' {
    return this.#state;
  }

  cut(): void {
    this.#state = 'cut';
    this.cutAt = this.#scheduler.now;
    this.#scheduler.changed();
  }

  mend(): void {
    this.#state = 'whole';
    this.#troubled();
    for (const each of this.#held.splice(0)) {
      each();
    }
  }

  /** Every connection breaks in the middle of what is under way. */
  reset(): void {
    this.#troubled();
    for (const stream of this.#forgotten()) {
      stream.connection.state = stream.connection.state === 'whole' ? 'torn' : 'broken';
      this.carry(() => {
        stream.lost('reset on the way');
      });
    }
  }

  /**
   * The dialler takes its connection for dead and opens another, while all that was said on the old one is still on its
   * way; and of those it opens now, every other one is late from the start.
   */
  delay(by: Millis): void {
    this.#delays ??= { by, opened: 0 };
    this.#troubled();
    for (const stream of this.#streams) {
      if (stream.peer === undefined) {
        this.#streams.delete(stream);
        stream.lost('timed out');
      }
    }
  }

  /** What is late then never arrives. */
  hurry(): void {
    if (this.#delays !== undefined) {
      this.reset();
      this.#delays = undefined;
    }
  }

  /** Of one process; it listens no longer than that lives. */
  transport(process: SimProcess): PairTransport {
    return {
      listen: (at, listener) => {
        this.#listening.set(at.address, { process, listener });
        return process.answer(() =>
          ok(() => {
            this.#listening.delete(at.address);
          }),
        );
      },
      dial: (from, to) =>
        process.answerAfter(DIALLING_TAKES, () => this.#connect(process, from.name, to.address)),
    };
  }

  /** Over the link, whenever that is whole. */
  carry(arrive: () => void, lateness: Millis = NOT_LATE): void {
    if (this.#state === 'cut') {
      this.#held.push(() => {
        this.carry(arrive, lateness);
      });
    } else {
      this.#scheduler.after(millis(TRAVELS + lateness), arrive);
    }
  }

  #troubled(): void {
    this.troubledAt = this.#scheduler.now;
    this.#scheduler.changed();
  }

  #forgotten(): readonly SimPairStream[] {
    const all = [...this.#streams];
    this.#streams.clear();
    return all;
  }

  #connect(
    process: SimProcess,
    name: string,
    to: Ip,
  ): ReturnType<typeof refused | typeof accepted> {
    const there = this.#listening.get(to);
    if (this.#state === 'cut' || there?.process.fate !== 'running') {
      return refused(to);
    }
    const connection = this.#newConnection();
    const dialler = new SimPairStream(this, process, { connection, peer: undefined });
    const listener = new SimPairStream(this, there.process, { connection, peer: name });
    dialler.join(listener);
    listener.join(dialler);
    this.#streams.add(dialler).add(listener);
    there.process.deliver(() => {
      there.listener.accepted(listener);
    });
    return accepted(dialler);
  }

  #newConnection(): SimConnection {
    const delays = this.#delays;
    if (delays !== undefined) {
      delays.opened += 1;
      this.#troubled();
    }
    // One that was there before becomes late when the delay begins.
    const isLate = delays === undefined || delays.opened % 2 === 1;
    return new SimConnection(() => (isLate ? (this.#delays?.by ?? NOT_LATE) : NOT_LATE));
  }
}

function refused(to: Ip) {
  return fail({ code: 'unreachable', detail: `${to}: simulated silence` } as const);
}

function accepted(stream: SimPairStream) {
  return ok(stream);
}

const TRAVELS: Millis = millis(0.2);
const NOT_LATE: Millis = millis(0);
const DIALLING_TAKES: Millis = millis(1);
