/** The judge of a simulated run: how long two nodes, or none, answered for the address, and whether that was allowed. */
import type { Instant, Millis } from '../../src/base/time.js';
import { between, longer, millis } from '../../src/base/time.js';
import type { Bounds } from './bounds.js';
import type { SimLan } from './lan.js';
import type { SimPairLinks } from './pair-links.js';
import type { SimMachine } from './machine.js';

export interface Broken {
  readonly invariant:
    | 'two owners'
    | 'no owner'
    | 'did not converge'
    | 'client lost'
    | 'not relieved'
    | 'moved unasked'
    | 'wrong history'
    | 'intents differ'
    | 'late deed'
    | 'services';
  readonly detail: string;
}

/** Somebody who is not of the pair. */
export interface Outsider {
  readonly name: string;
  readonly answers: boolean;
}

export interface ObserverOptions {
  /** Undefined where the pair has none. */
  readonly channel: SimPairLinks | undefined;
  readonly bounds: Bounds;
  readonly answers: (machine: SimMachine) => boolean;
  /** Whether the nodes believe what they hear of each other on the LAN. */
  readonly trusting: () => boolean;
  /** What is noted where it happens. */
  readonly met: Set<string>;
  /** Routers that ours hear and obey: they may own the address as well. */
  readonly rivals: readonly Outsider[];
  /** Whoever else has the address, whatever ours do: nobody has to claim it as long as one answers. */
  readonly strangers: readonly Outsider[];
}

export class Observer {
  readonly #machines: readonly [SimMachine, SimMachine];
  readonly #lan: SimLan;
  readonly #answers: (machine: SimMachine) => boolean;
  readonly #rivals: readonly Outsider[];
  readonly #strangers: readonly Outsider[];
  readonly #channel: SimPairLinks | undefined;
  readonly #trusting: () => boolean;
  readonly #met: Set<string>;
  #bounds: Bounds;
  /** Since when nobody has the address, both nodes are unfit by their proxies alone, and both know it. */
  #unwantedSince: Instant | undefined;
  /** As {@link #dualSince}, while the channel at least is whole and both nodes reach their LAN. */
  #toldSince: Instant | undefined;
  #dualSince: Instant | undefined;
  /** Since when each node has been fit and watched the address go without an owner. */
  readonly #idleSince: [Instant | undefined, Instant | undefined] = [undefined, undefined];
  /** Whether both daemons have been running for all of a time with two owners. */
  #awake = true;
  #lastOwner: SimMachine | Outsider | undefined;
  moves = 0;
  /** While they can hear each other. */
  longestDual: Millis = millis(0);
  /** Of the pair's own nodes, whatever is broken. */
  longestTwo: Millis = millis(0);
  #twoSince: Instant | undefined;
  longestNone: Millis = millis(0);
  broken: Broken | undefined;

  constructor(machines: readonly [SimMachine, SimMachine], lan: SimLan, options: ObserverOptions) {
    this.#machines = machines;
    this.#lan = lan;
    this.#bounds = options.bounds;
    this.#answers = options.answers;
    this.#channel = options.channel;
    this.#trusting = options.trusting;
    this.#met = options.met;
    this.#rivals = options.rivals;
    this.#strangers = options.strangers;
  }

  /** Other bounds from now on: a daemon asked its peer for patience. */
  allow(bounds: Bounds, now: Instant): void {
    this.observe(now);
    this.#bounds = bounds;
  }

  /** Called whenever something changed, and at the end: in between everything is as it was. */
  observe(now: Instant): void {
    const owners = this.#owners();
    this.#judge(now);
    this.#watchTwo(now);
    this.#watchDual(owners.length > 1 && this.#calm() ? 'dual' : 'single', now);
    this.#watchTold(owners.length, now);
    this.#watchNone(owners.length > 0 ? 'owned' : 'ownerless', now);
    this.#watchUnwanted(owners.length > 0 ? 'owned' : 'ownerless', now);
    const [owner] = owners;
    if (owners.length === 1 && owner !== this.#lastOwner) {
      this.moves += this.#lastOwner === undefined ? 0 : 1;
      this.#lastOwner = owner;
    }
  }

  #owners(): readonly (SimMachine | Outsider)[] {
    return [...this.#machines.filter(this.#answers), ...this.#rivals.filter(answering)];
  }

  /** Whether the nodes can hear each other. */
  #calm(): boolean {
    const [a, b] = this.#machines;
    return (
      this.#trusting() &&
      this.#lan.reliable &&
      this.#lan.carries(a.port, b.port) &&
      this.#lan.carries(b.port, a.port)
    );
  }

  #watchTwo(now: Instant): void {
    this.longestTwo = longer(this.longestTwo, between(this.#twoSince ?? now, now));
    const two = this.#machines.every(this.#answers);
    this.#twoSince = two ? (this.#twoSince ?? now) : undefined;
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

  #watchTold(owners: number, now: Instant): void {
    const ready = this.#machines.every(
      ({ process, kernel, daemon }) =>
        process.fate === 'running' && daemon !== undefined && kernel.link === 'up',
    );
    const isTold = owners > 1 && ready && this.#channel?.state === 'whole';
    this.#toldSince = isTold
      ? laterOf(this.#toldSince ?? now, this.#channel.troubledAt)
      : undefined;
  }

  /** Compare, then move: with both nodes unfit and each knowing of the other, one of them is to have the address. */
  #watchUnwanted(address: 'owned' | 'ownerless', now: Instant): void {
    const unfit = this.#machines.every((each) => each.able() && !each.fit());
    if (unfit && this.#channel?.state === 'whole') {
      this.#met.add('two unfit nodes');
    }
    const isUnwanted =
      unfit &&
      address === 'ownerless' &&
      this.#channel?.state === 'whole' &&
      this.#calm() &&
      !this.#strangers.some(answering);
    this.#unwantedSince = isUnwanted
      ? laterOf(this.#unwantedSince ?? now, this.#channel.troubledAt)
      : undefined;
  }

  /** Each node has its own patience: it must have been fit all the while. */
  #watchNone(address: 'owned' | 'ownerless', now: Instant): void {
    for (const index of [0, 1] as const) {
      const waits =
        address === 'ownerless' && !this.#strangers.some(answering) && this.#machines[index].fit();
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
    if (between(this.#toldSince ?? now, now) > this.#bounds.channel) {
      this.broken ??= { invariant: 'two owners', detail: 'although the channel tells them' };
    }
    if (between(this.#unwantedSince ?? now, now) > this.#bounds.unwanted) {
      this.broken ??= { invariant: 'no owner', detail: 'although both nodes are as unfit' };
    }
    if (none > this.#bounds.none) {
      this.broken ??= { invariant: 'no owner', detail: `for ${none.toFixed(1)} ms` };
    }
  }
}

function laterOf(a: Instant, b: Instant): Instant {
  return a > b ? a : b;
}

function answering(outsider: Outsider): boolean {
  return outsider.answers;
}
