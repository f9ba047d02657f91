/** The judge of a simulated run: how long two nodes, or none, answered for the address, and whether that was allowed. */
import type { Instant, Millis } from '../../src/base/time.js';
import { between, longer, millis } from '../../src/base/time.js';
import type { Bounds } from './bounds.js';
import type { SimLan } from './lan.js';
import type { SimMachine } from './machine.js';

export interface Broken {
  readonly invariant:
    'two owners' | 'no owner' | 'did not converge' | 'client lost' | 'moved unasked';
  readonly detail: string;
}

export class Observer {
  readonly #machines: readonly [SimMachine, SimMachine];
  readonly #lan: SimLan;
  readonly #answers: (machine: SimMachine) => boolean;
  #bounds: Bounds;
  #dualSince: Instant | undefined;
  /** Since when each node has been fit and watched the address go without an owner. */
  readonly #idleSince: [Instant | undefined, Instant | undefined] = [undefined, undefined];
  /** Whether both daemons have been running for all of a time with two owners. */
  #awake = true;
  #lastOwner: SimMachine | undefined;
  moves = 0;
  longestDual: Millis = millis(0);
  longestNone: Millis = millis(0);
  broken: Broken | undefined;

  constructor(
    machines: readonly [SimMachine, SimMachine],
    lan: SimLan,
    options: { readonly bounds: Bounds; readonly answers: (machine: SimMachine) => boolean },
  ) {
    this.#machines = machines;
    this.#lan = lan;
    this.#bounds = options.bounds;
    this.#answers = options.answers;
  }

  /** Other bounds from now on: a daemon asked its peer for patience. */
  allow(bounds: Bounds, now: Instant): void {
    this.observe(now);
    this.#bounds = bounds;
  }

  /** Called whenever something changed, and at the end: in between everything is as it was. */
  observe(now: Instant): void {
    const [a, b] = this.#machines;
    const aAnswers = this.#answers(a);
    const bAnswers = this.#answers(b);
    this.#judge(now);
    this.#watchDual(aAnswers && bAnswers && this.#calm() ? 'dual' : 'single', now);
    const owner = aAnswers ? a : b;
    this.#watchNone(aAnswers || bAnswers ? 'owned' : 'ownerless', now);
    if (aAnswers !== bAnswers && owner !== this.#lastOwner) {
      this.moves += this.#lastOwner === undefined ? 0 : 1;
      this.#lastOwner = owner;
    }
  }

  /** Whether the nodes can hear each other. */
  #calm(): boolean {
    const [a, b] = this.#machines;
    return (
      this.#lan.reliable && this.#lan.carries(a.port, b.port) && this.#lan.carries(b.port, a.port)
    );
  }

  #watchDual(owners: 'dual' | 'single', now: Instant): void {
    if (owners === 'single') {
      this.#dualSince = undefined;
      this.#awake = true;
      return;
    }
    this.#dualSince ??= now;
    const [a, b] = this.#machines;
    this.#awake &&= a.process.fate === 'running' && b.process.fate === 'running';
  }

  /** Each node has its own patience: it must have been fit all the while. */
  #watchNone(address: 'owned' | 'ownerless', now: Instant): void {
    for (const index of [0, 1] as const) {
      const waits = address === 'ownerless' && this.#machines[index].fit();
      this.#idleSince[index] = waits ? (this.#idleSince[index] ?? now) : undefined;
    }
  }

  #judge(now: Instant): void {
    const dual = between(this.#dualSince ?? now, now);
    const [a, b] = this.#idleSince;
    const none = longer(between(a ?? now, now), between(b ?? now, now));
    this.longestDual = longer(this.longestDual, dual);
    this.longestNone = longer(this.longestNone, none);
    if (dual > (this.#awake ? this.#bounds.dual : this.#bounds.lease)) {
      this.broken ??= { invariant: 'two owners', detail: `for ${dual.toFixed(1)} ms` };
    }
    if (none > this.#bounds.none) {
      this.broken ??= { invariant: 'no owner', detail: `for ${none.toFixed(1)} ms` };
    }
  }
}
