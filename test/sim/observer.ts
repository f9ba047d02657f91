/** The judge of a simulated run: how long two nodes, or none, answered for the address, and whether that was allowed. */
import type { Instant, Millis } from '../../src/base/time.js';
import { millis } from '../../src/base/time.js';
import type { SimLan } from './lan.js';
import type { SimMachine } from './machine.js';

export interface Bounds {
  /** The longest two nodes may answer while both daemons run and can hear each other. */
  readonly dual: Millis;
  /** The longest, where a daemon is dead or frozen: the kernel ends it. */
  readonly lease: Millis;
  /** The longest none may answer while one is fit. */
  readonly none: Millis;
}

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
  /** Since when a fit node has watched the address go without an owner. */
  readonly #idleSince = new Map<SimMachine, Instant>();
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
  allow(bounds: Bounds): void {
    this.#bounds = bounds;
  }

  observe(now: Instant): void {
    const owners = this.#machines.filter(this.#answers);
    const [a, b] = this.#machines;
    const calm =
      this.#lan.loss === 0 &&
      this.#lan.mute.size === 0 &&
      this.#lan.carries(a.port, b.port) &&
      this.#lan.carries(b.port, a.port);
    const dual = owners.length === 2 && calm;
    this.#awake &&= this.#machines.every((each) => each.process.fate === 'running');
    this.#awake = dual ? this.#awake : true;
    this.#dualSince = dual ? (this.#dualSince ?? now) : undefined;
    for (const machine of this.#machines) {
      // Each node has its own patience: it must have been fit all the while.
      if (owners.length > 0 || !machine.fit()) {
        this.#idleSince.delete(machine);
      } else if (!this.#idleSince.has(machine)) {
        this.#idleSince.set(machine, now);
      }
    }
    this.#judge(now);
    const owner = owners[0];
    if (owners.length === 1 && owner !== undefined && owner !== this.#lastOwner) {
      this.moves += this.#lastOwner === undefined ? 0 : 1;
      this.#lastOwner = owner;
    }
  }

  #judge(now: Instant): void {
    const dual = millis(this.#dualSince === undefined ? 0 : now - this.#dualSince);
    const none = millis(Math.max(0, ...[...this.#idleSince.values()].map((since) => now - since)));
    this.longestDual = dual > this.longestDual ? dual : this.longestDual;
    this.longestNone = none > this.longestNone ? none : this.longestNone;
    if (dual > (this.#awake ? this.#bounds.dual : this.#bounds.lease)) {
      this.broken ??= { invariant: 'two owners', detail: `for ${dual.toFixed(1)} ms` };
    }
    if (none > this.#bounds.none) {
      this.broken ??= { invariant: 'no owner', detail: `for ${none.toFixed(1)} ms` };
    }
  }
}
