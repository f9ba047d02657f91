/** The hand itself: a process that waits to be told, does what it was armed for, and undoes it in any case. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Result } from '../../base/result.js';
import { done, fail, ok } from '../../base/result.js';
import { between, millis } from '../../base/time.js';
import { invariant } from '../../base/unreachable.js';
import type { Hand as HandPhase, HandEvent, HandTerms } from '../../core/drill-hand.js';
import { armedHand, isOver, stepHand } from '../../core/drill-hand.js';
import type { HandState } from '../../core/drill-order.js';
import type { Alarm, Clock } from '../../ports/clock.js';
import { undoRecord } from './aftermath.js';
import type { FaultPorts, PlannedFault } from './faults.js';
import { planFault } from './faults.js';
import type { HandRecord } from './hand-record.js';
import { readRecord, writeRecord } from './hand-record.js';
import type { HandTold } from './hand-setup.js';
import { ownMacs, takePicture } from './node-picture.js';
import { bootId, identityOf } from './process-identity.js';

export interface HandPorts extends FaultPorts {
  readonly clock: Clock;
}

export class DrillHand {
  readonly #told: HandTold;
  readonly #ports: HandPorts;
  readonly #terms: HandTerms;
  #hand: HandPhase;
  #record: HandRecord | undefined;
  /** The first time it takes the place of a former drill's file. */
  #isWritten: 'not yet' | 'written' = 'not yet';
  #alarm: Alarm | undefined;
  /** What the hand is doing; one thing at a time. */
  #work: Promise<void> = Promise.resolve();
  #over: () => void = () => undefined;
  /** Resolves when it has nothing more to do. */
  readonly over: Promise<void> = new Promise<void>((resolve) => {
    this.#over = resolve;
  });

  constructor(told: HandTold, ports: HandPorts) {
    this.#told = told;
    this.#ports = ports;
    const { armedForMs, lastsMs } = told.order;
    this.#terms = { armedFor: millis(armedForMs), lastsFor: millis(lastsMs) };
    this.#hand = armedHand(this.#terms, ports.clock.now());
  }

  /** Looks whether everything can be done and undone, and writes down that it is ready. Nothing is touched. */
  async arm(): Promise<Result<undefined, string>> {
    const planned = await this.#plan();
    if (!planned.ok) {
      return planned;
    }
    const { order, setup } = this.#told;
    const { clock, processes } = this.#ports;
    const before = await takePicture(
      { daemon: setup.daemon, node: setup.node, id: order.id },
      processes,
    );
    const hand = identityOf(process.pid);
    invariant(hand !== undefined, 'this process runs');
    this.#hand = armedHand(this.#terms, clock.now());
    const armedAt = clock.wallTime();
    const { id, drill, by } = order;
    const state: HandState = {
      ...{ id, drill, by, node: setup.node, phase: 'armed', armedAt, until: armedAt },
      ...{ fired: undefined, undone: undefined, problems: [], left: [], macs: ownMacs() },
    };
    const record: HandRecord = {
      ...{ version: 1, boot: bootId(), hand, deadline: undefined, state, undo: [] },
      ...{ daemon: setup.daemon, before },
    };
    try {
      this.#record = record;
      this.#write({});
    } catch (error) {
      return fail(`what is done cannot be written down: ${String(error)}`);
    }
    this.#setAlarm();
    return done;
  }

  fire(): void {
    this.#step({ kind: 'fire' });
  }

  undo(): void {
    this.#step({ kind: 'undo' });
  }

  #step(event: HandEvent): void {
    const { hand, then } = stepHand(this.#hand, event, {
      ...this.#terms,
      now: this.#ports.clock.now(),
    });
    const isNews = hand.phase !== this.#hand.phase;
    this.#hand = hand;
    if (isNews) {
      this.#writeOrNot({});
      this.#setAlarm();
    }
    if (then !== 'nothing') {
      const deed = then === 'inflict' ? () => this.#inflict() : () => this.#undoAll();
      this.#work = this.#work.then(deed, deed);
    }
    if (isOver(hand.phase)) {
      this.#over();
    }
  }

  async #inflict(): Promise<void> {
    // What was told of it may leave first: it may be the way out that is cut.
    await sleep(HEAD_START_MS);
    if (this.#isStopped()) {
      return;
    }
    const planned = await this.#plan();
    const problems: string[] = planned.ok ? [] : [planned.error];
    const from = this.#ports.clock.wallTime();
    if (planned.ok && !this.#isStopped()) {
      problems.push(...(await this.#inflictAll(planned.value)));
    }
    const fired = { from, to: this.#ports.clock.wallTime() };
    this.#writeOrNot({ fired, problems: [...this.#problems(), ...problems] });
    this.#step({ kind: 'inflicted', outcome: problems.length === 0 ? 'whole' : 'in part' });
  }

  /** What is about to be done is written down before the first of it; where that does not go, nothing is done. */
  async #inflictAll(planned: readonly PlannedFault[]): Promise<readonly string[]> {
    try {
      invariant(this.#record !== undefined, 'a hand that fires is armed');
      this.#record = { ...this.#record, undo: planned.map(({ undo }) => undo) };
      this.#write({});
    } catch (error) {
      return [`what is done cannot be written down: ${String(error)}`];
    }
    for (const { inflict } of planned) {
      const outcome = await inflict();
      if (!outcome.ok) {
        return [outcome.error];
      }
      if (this.#isStopped()) {
        return [];
      }
    }
    return [];
  }

  async #undoAll(): Promise<void> {
    const record = this.#record;
    invariant(record !== undefined, 'a hand that undoes is armed');
    const why = this.#hand.phase === 'undoing' ? this.#hand.why : 'asked';
    const { problems, left, undone } = await undoRecord(record, why, this.#ports);
    this.#record = { ...record, ...this.#record };
    this.#writeOrNot({ undone, left, problems: [...this.#problems(), ...problems] });
    this.#step({ kind: 'undone', outcome: problems.length === 0 ? 'whole' : 'in part' });
  }

  /** Somebody has asked for an end meanwhile. */
  #isStopped(): boolean {
    return this.#hand.phase !== 'fired';
  }

  async #plan(): Promise<Result<readonly PlannedFault[], string>> {
    const { order, setup } = this.#told;
    const planned: PlannedFault[] = [];
    for (const [index, fault] of order.faults.entries()) {
      const one = await planFault(fault, { order, setup, index }, this.#ports);
      if (!one.ok) {
        return one;
      }
      planned.push(one.value);
    }
    return ok(planned);
  }

  #problems(): readonly string[] {
    return this.#record?.state.problems ?? [];
  }

  /** Throws where it cannot be written. */
  #write(news: Partial<HandState>): void {
    const { clock } = this.#ports;
    const record = this.#record;
    invariant(record !== undefined, 'there is something to write');
    const deadline = 'deadline' in this.#hand ? this.#hand.deadline : undefined;
    // Until it acts by itself: what it is given for undoing is nobody's to wait for.
    const until =
      deadline === undefined || this.#hand.phase === 'undoing'
        ? record.state.until
        : Math.round(clock.wallTime() + between(clock.now(), deadline));
    const state = { ...record.state, ...news, phase: this.#hand.phase, until };
    this.#record = { ...record, deadline, state };
    this.#insistOnOwn();
    writeRecord(this.#told.setup.runtimeDirectory, this.#record);
  }

  /**
   * Throws where the file is another hand's by now, as when this process was frozen for so long that somebody else undid in
   * its place, and armed the next: its own faults it undoes all the same.
   */
  #insistOnOwn(): void {
    const there = readRecord(this.#told.setup.runtimeDirectory);
    const found = there.ok ? there.value : undefined;
    if (found === undefined || this.#isWritten === 'not yet') {
      this.#isWritten = 'written';
      return;
    }
    if (found.hand.pid !== process.pid || found.hand.startedAt !== this.#record?.hand.startedAt) {
      throw new Error(`the file is of the drill ${found.state.id} by now`);
    }
  }

  /** A disk that takes nothing more must not keep anybody from undoing. */
  #writeOrNot(news: Partial<HandState>): void {
    try {
      this.#write(news);
    } catch {
      // Written with the next step, where that goes.
    }
  }

  #setAlarm(): void {
    this.#alarm?.cancel();
    const { clock } = this.#ports;
    if (this.#hand.phase === 'armed' || this.#hand.phase === 'fired') {
      this.#alarm = clock.alarm(this.#hand.deadline, () => {
        this.#step({ kind: 'alarm' });
      });
    }
  }
}

const HEAD_START_MS = 150;
