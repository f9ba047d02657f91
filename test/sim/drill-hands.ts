/** The hand of a simulated node: it decides as the real one does, and what it inflicts is told to whoever plays the node. */
import type { Result } from '../../src/base/result.js';
import { fail, ok } from '../../src/base/result.js';
import { between, millis } from '../../src/base/time.js';
import type { DrillFault } from '../../src/core/drill-fault.js';
import type { Hand, HandEvent, HandTerms, UndoReason } from '../../src/core/drill-hand.js';
import { armedHand, onFinding, stepHand, undoOrder } from '../../src/core/drill-hand.js';
import type { HandOrder, HandState } from '../../src/core/drill-order.js';
import type { Alarm, Clock } from '../../src/ports/clock.js';
import type { DrillHost, DrillRefusal } from '../../src/ports/drill-host.js';

export interface SimNodeFaults {
  /** Why this node cannot do it; undefined: it can. */
  readonly obstacle: (fault: DrillFault) => string | undefined;
  readonly inflict: (fault: DrillFault) => void;
  readonly undo: (fault: DrillFault) => void;
}

/** It outlives daemons: each has a {@link SimDrillHands.host} of its own. */
export class SimDrillHands {
  readonly #node: string;
  readonly #clock: Clock;
  readonly #faults: SimNodeFaults;
  #order: HandOrder | undefined;
  #hand: Hand = { phase: 'expired' };
  #state: HandState | undefined;
  #process: 'lives' | 'gone' = 'gone';
  #alarm: Alarm | undefined;

  constructor(node: string, clock: Clock, faults: SimNodeFaults) {
    this.#node = node;
    this.#clock = clock;
    this.#faults = faults;
  }

  /** Its process alone; what it has done stays. */
  kill(): void {
    this.#process = 'gone';
    this.#alarm?.cancel();
  }

  host(): DrillHost {
    return {
      arm: (order) => Promise.resolve(this.#arm(order)),
      fire: (id) => Promise.resolve(this.#fire(id)),
      undo: (id) => Promise.resolve(this.#undo(id)),
      state: () => Promise.resolve(this.#state),
      recover: (why) => Promise.resolve(this.#recover(why)),
    };
  }

  #arm(order: HandOrder): Result<HandState, DrillRefusal> {
    this.#recover('its hand was gone');
    const there = this.#state;
    if (there !== undefined && !isOver(there)) {
      const detail = `the drill ${there.drill} (${there.id}) is under way`;
      return fail({ code: 'drill-under-way', detail });
    }
    const obstacle = order.faults
      .map(this.#faults.obstacle)
      .find((each): each is string => each !== undefined);
    if (obstacle !== undefined) {
      return fail({ code: 'drill-not-feasible', detail: obstacle });
    }
    this.#order = order;
    this.#process = 'lives';
    this.#hand = armedHand(termsOf(order), this.#clock.now());
    const armedAt = this.#clock.wallTime();
    const { id, drill, by } = order;
    return ok(
      this.#keep({
        ...{ id, drill, by, node: this.#node, phase: 'armed', armedAt, until: armedAt },
        ...{ fired: undefined, undone: undefined, problems: [], left: [] },
      }),
    );
  }

  #fire(id: string): Result<HandState, DrillRefusal> {
    if (this.#state?.id !== id || this.#state.phase !== 'armed' || this.#process === 'gone') {
      return fail({ code: 'no-such-drill', detail: `${id} is not armed here` });
    }
    this.#step({ kind: 'fire' });
    return ok(this.#state);
  }

  #undo(id: string): Result<HandState, DrillRefusal> {
    this.#recover('its hand was gone');
    if (this.#state?.id !== id) {
      return fail({ code: 'no-such-drill', detail: `${id} is not here` });
    }
    this.#step({ kind: 'undo' });
    return ok(this.#state);
  }

  #recover(why: UndoReason): HandState | undefined {
    if (this.#state === undefined) {
      return undefined;
    }
    const found = onFinding(
      {
        ...{ phase: this.#hand.phase, process: this.#process, boot: 'this' },
        deadline: 'deadline' in this.#hand ? this.#hand.deadline : undefined,
      },
      this.#clock.now(),
    );
    if (found === 'nothing') {
      return undefined;
    }
    this.#hand = { phase: found === 'expire' ? 'expired' : 'undone' };
    return found === 'expire' ? this.#keep({ ...this.#state }) : this.#undoAll(this.#state, why);
  }

  #step(event: HandEvent): void {
    const order = this.#order;
    if (order === undefined || this.#state === undefined) {
      return;
    }
    const { hand, then } = stepHand(this.#hand, event, {
      ...termsOf(order),
      now: this.#clock.now(),
    });
    this.#hand = hand;
    if (then === 'inflict') {
      order.faults.forEach(this.#faults.inflict);
      const at = this.#clock.wallTime();
      this.#keep({ ...this.#state, fired: { from: at, to: at } });
      this.#step({ kind: 'inflicted', outcome: 'whole' });
    } else if (then === 'undo' && hand.phase === 'undoing') {
      this.#undoAll(this.#state, hand.why);
      this.#step({ kind: 'undone', outcome: 'whole' });
    } else {
      this.#keep(this.#state);
    }
  }

  #undoAll(state: HandState, why: UndoReason): HandState {
    const begun = state.fired === undefined ? [] : (this.#order?.faults ?? []);
    undoOrder(begun).forEach(this.#faults.undo);
    const at = this.#clock.wallTime();
    return this.#keep({ ...state, undone: { from: at, to: at, why } });
  }

  #keep(state: HandState): HandState {
    this.#alarm?.cancel();
    const { phase } = this.#hand;
    const deadline = 'deadline' in this.#hand ? this.#hand.deadline : undefined;
    if (deadline !== undefined && this.#process === 'lives') {
      this.#alarm = this.#clock.alarm(deadline, () => {
        this.#step({ kind: 'alarm' });
      });
    }
    const until =
      deadline === undefined
        ? state.until
        : this.#clock.wallTime() + between(this.#clock.now(), deadline);
    this.#state = { ...state, phase, until };
    return this.#state;
  }
}

function isOver({ phase }: HandState): boolean {
  return phase === 'undone' || phase === 'expired' || phase === 'failed';
}

function termsOf({ armedForMs, lastsMs }: HandOrder): HandTerms {
  return { armedFor: millis(armedForMs), lastsFor: millis(lastsMs) };
}
