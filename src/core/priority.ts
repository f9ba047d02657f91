/**
 * The priorities we put on the wire: where they start, what tracked things add and subtract, and how to say so.
 * Nothing else in vipair computes one.
 */
import { unreachable } from '../base/unreachable.js';
import type { Consequence, TrackedThing, TrackerState, Verdict } from './tracking.js';
import { faultsOf, withStates } from './tracking.js';

/**
 * The node that the group prefers, where no priorities are configured. Close to the top, because a backup's skew
 * shrinks with its priority: at 1 s adverts 610 ms for priority 100, 12 ms for 253.
 */
export const PRIORITY_PREFERRED = 254;
/** The other one. */
export const PRIORITY_OTHER = 253;

/** What a router may advertise that neither resigns nor owns the addresses (RFC 9568 §5.2.4). */
export const PRIORITY_LEAST = 1;
const PRIORITY_MOST = 254;

/** A group's priority on this node, and how it came about. */
export interface Priority {
  /** What the node starts from. */
  readonly base: number;
  /** What is added to it, in the order of the configuration; things that add nothing are left out, unless in doubt. */
  readonly terms: readonly PriorityTerm[];
  /** What is advertised: 1 to 254, whatever the sum is. */
  readonly effective: number;
  /** How much less it is than in full health, see {@link fullPriority}. */
  readonly demotion: number;
  /** The names of what makes the node unfit; while there are any it advertises nothing. */
  readonly faults: readonly string[];
}

export interface PriorityTerm {
  /** The tracked thing. */
  readonly name: string;
  readonly delta: number;
  /** Such as `fails`, to be read behind the name. */
  readonly why: string;
}

/** One node's standing as it, or whoever hears it, knows it. */
export interface Standing {
  /** Its priority in full health: both nodes can compute both nodes', from the same configuration. */
  readonly full: number;
  /** What it advertises. */
  readonly effective: number;
}

/** The priority a node advertises for a group where none is configured. */
export function wirePriority(node: string, preferred: string): number {
  return node === preferred ? PRIORITY_PREFERRED : PRIORITY_OTHER;
}

/** What a node's priority starts from: what is configured for it, or else its rank. */
export function basePriority(
  node: string,
  group: {
    readonly preferred: string;
    readonly configured: ReadonlyMap<string, number> | undefined;
  },
): number {
  return group.configured?.get(node) ?? wirePriority(node, group.preferred);
}

/** The priority of a node on which everything that is tracked is well, and every tracked file holds 0. */
export function fullPriority(base: number, things: readonly TrackedThing[]): number {
  const bonus = things.map(({ thing, consequence }) =>
    thing.kind === 'file' ? 0 : Math.max(0, weightOf(consequence)),
  );
  return bounded(base + total(bonus));
}

/** The one computation. What is not known yet counts as well: a daemon that starts must not demote itself. */
export function priorityOf(
  base: number,
  things: readonly TrackedThing[],
  states: readonly TrackerState[],
): Priority {
  const terms = withStates(things, states).flatMap(([tracked, { verdict }]) =>
    termOf(tracked, verdict),
  );
  const effective = bounded(base + total(terms.map(({ delta }) => delta)));
  return {
    base,
    terms,
    effective,
    demotion: demotionOf({ full: fullPriority(base, things), effective }),
    faults: faultsOf(things, states).map(({ name }) => name),
  };
}

/**
 * How unhealthy a node is, measured against itself in full health. A file that raises the priority above that makes a
 * node preferred, not healthier.
 */
export function demotionOf({ full, effective }: Standing): number {
  return Math.max(0, full - effective);
}

/**
 * Whether this node is healthier than the master it hears. `failback: never` is about preference: a node that comes
 * back leaves the group where it is. Health is another matter: a backup that outranks the master and is healthier
 * takes over even then; equally healthy, it stays backup. Both are needed: a master yields to nobody but a greater
 * priority, so without it there would be two. Two nodes never both find themselves healthier, because each computes
 * the other's standing as the other does, and the weights are the same on both.
 */
export function healthierThan(own: Standing, master: Standing): boolean {
  return demotionOf(own) < demotionOf(master);
}

/** In one line, such as `150 (base) − 20 (db-check fails) = 130`. */
export function explainPriority(priority: Priority): string {
  const { base, terms, effective, faults } = priority;
  const sum = terms.map(
    ({ name, delta, why }) =>
      ` ${delta < 0 ? MINUS : '+'} ${String(Math.abs(delta))} (${name} ${why})`,
  );
  const result = terms.length === 0 ? '' : ` = ${String(effective)}${boundOf(priority)}`;
  const unfit =
    faults.length === 0
      ? ''
      : `, but out: ${faults.join(', ')} ${faults.length === 1 ? 'fails' : 'fail'}`;
  return `${String(base)} (base)${sum.join('')}${result}${unfit}`;
}

function termOf(
  { name, thing, consequence }: TrackedThing,
  verdict: Verdict,
): readonly PriorityTerm[] {
  if (consequence.kind === 'fault') {
    return [];
  }
  const { weight } = consequence;
  const isFile = thing.kind === 'file';
  const bonus = isFile ? 0 : Math.max(0, weight);
  switch (verdict.kind) {
    case 'unknown':
      return bonus === 0 ? [] : [{ name, delta: bonus, why: 'not known yet' }];
    case 'well':
      return bonus === 0 ? [] : [{ name, delta: bonus, why: 'well' }];
    case 'failing':
      return [
        isFile
          ? { name, delta: 0, why: 'cannot be read' }
          : { name, delta: Math.min(0, weight), why: 'fails' },
      ];
    case 'value':
      return verdict.value === 0
        ? []
        : [
            {
              name,
              delta: fileDelta(verdict.value, weight),
              why: `holds ${String(verdict.value)}`,
            },
          ];
    default:
      return unreachable(verdict);
  }
}

/** What a file adds: keepalived bounds it likewise, so that no number in a file overflows the sum. */
function fileDelta(value: number, weight: number): number {
  return Math.max(-PRIORITY_MOST, Math.min(PRIORITY_MOST, value * weight));
}

function weightOf(consequence: Consequence): number {
  return consequence.kind === 'weight' ? consequence.weight : 0;
}

function bounded(priority: number): number {
  return Math.max(PRIORITY_LEAST, Math.min(PRIORITY_MOST, priority));
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, each) => sum + each, 0);
}

/** Why the sum is not what it comes to, where it is not. */
function boundOf({ base, terms, effective }: Priority): string {
  const sum = base + total(terms.map(({ delta }) => delta));
  if (sum === effective) {
    return '';
  }
  return sum < effective ? ', the least' : ', the most';
}

/** As in a sum on paper, and longer than a hyphen. */
const MINUS = '−';
