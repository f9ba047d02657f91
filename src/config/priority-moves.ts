/** Whether a fall of the priority moves a group, computed as the daemon computes it. */
import { basePriority, fullPriority, priorityOf } from '../core/priority.js';
import type { TrackerState, Verdict } from '../core/tracking.js';
import type { GroupConfig, TrackConfig } from './config.js';

/** A node of the pair, and what a group starts from on it. */
export interface Node {
  readonly name: string;
  readonly base: number;
  readonly full: number;
}

/** The node that wins where both are well comes first. */
export type Ranked = readonly [Node, Node];

/** What happens to a group that `holder` holds, when its priority falls to `after`. */
export interface Move {
  readonly holder: Node;
  readonly other: Node;
  readonly after: number;
}

export function ranked(
  { prefer, priority, track }: GroupConfig,
  first: string,
  second: string,
): Ranked {
  const node = (name: string): Node => {
    const base = basePriority(name, { preferred: prefer ?? first, configured: priority });
    return { name, base, full: fullPriority(base, track) };
  };
  const [a, b] = [node(first), node(second)];
  return b.base > a.base ? [b, a] : [a, b];
}

/** The group on either node, and what the holder's priority becomes. */
export function bothWays([high, low]: Ranked, after: (holder: Node) => number): readonly Move[] {
  return [
    { holder: high, other: low, after: after(high) },
    { holder: low, other: high, after: after(low) },
  ];
}

/**
 * Only a greater priority takes a group from a living master; where failback is not allowed, only a healthier node
 * does, and then the holder has to have lost something.
 */
export function moves({ holder, other, after }: Move): boolean {
  return other.full > after && after < holder.full;
}

export function told(move: Move): string {
  const { holder, other, after } = move;
  if (moves(move)) {
    return `${inNumbers(move)}: moves to ${other.name}`;
  }
  const isTie = after === other.full && after < holder.full;
  return `${inNumbers(move)}: ${NEVER} to ${other.name}${isTie ? ', because of two equals the holder stays' : ''}`;
}

export function inNumbers({ holder, other, after }: Move): string {
  return `${holder.name} ${String(holder.full)} → ${String(after)}, ${other.name} has ${String(other.full)}`;
}

/** The priority of a node on which exactly these fail. */
export function priorityWithout(
  node: Node,
  group: GroupConfig,
  failing: readonly TrackConfig[],
): number {
  return priorityWhen(
    node,
    group,
    failing.map((each) => [each, FAILING]),
  );
}

/** The priority of a node on which all else is well. */
export function priorityWhen(
  { base }: Node,
  { track }: GroupConfig,
  supposed: readonly (readonly [TrackConfig, Verdict])[],
): number {
  const verdicts = new Map(supposed);
  const states = track.map((each): TrackerState => ({
    verdict: verdicts.get(each) ?? UNKNOWN,
    doubt: undefined,
  }));
  return priorityOf(base, track, states).effective;
}

const FAILING: Verdict = { kind: 'failing', why: 'supposed' };
/** As good as well, for every kind of thing. */
const UNKNOWN: Verdict = { kind: 'unknown' };

/** What no weight that is too small can do. */
export const NEVER = 'can never move this group';
