/** What the histories of both nodes say of a drill: who moved, and each phase of it. */
import { tenths } from '../base/time.js';
import type { DrillMoment, DrillPhase } from '../telemetry/drill.js';
import type { PairHistory, Transition } from '../telemetry/transition.js';

/** By so much the clock of a node is ahead of the one's that was asked, in milliseconds. */
export type Ahead = (node: string) => number;

export interface DrillBegin {
  readonly group: string;
  readonly ahead: Ahead;
  /** Unix milliseconds, by the clock of the node that was asked. */
  readonly since: number;
  /** The history as it was then; undefined where nobody gave one. */
  readonly history: PairHistory | undefined;
}

/**
 * Transitions of the drill's group since then, oldest first: those that were not known before. Times alone do not tell:
 * clocks are set.
 */
export function transitionsSince(
  history: PairHistory | undefined,
  { group, since, ahead, history: before }: DrillBegin,
): readonly Transition[] {
  const ofGroup = (history?.transitions ?? []).filter((each) => each.group === group);
  if (before === undefined || before.parts.some(({ problem }) => problem !== undefined)) {
    return ofGroup.filter((each) => timeOf(each, ahead) >= since - CLOCKS_APART);
  }
  const known = new Set(before.transitions.map(nameOf));
  return ofGroup.filter((each) => !known.has(nameOf(each)));
}

function nameOf({ node, epoch, number }: Transition): string {
  return `${String(epoch)}/${String(number)}/${node}`;
}

/** How often somebody else became master than was it before: a node that takes its own back has not moved. */
export function movesIn(transitions: readonly Transition[], master: string): number {
  let owner = master;
  let moves = 0;
  for (const { node, to } of transitions) {
    if (to === 'master' && node !== owner) {
      owner = node;
      moves += 1;
    }
  }
  return moves;
}

/** Each transition with its phases, for a timeline that begins at the fault. */
export function momentsOf(
  transitions: readonly Transition[],
  { faultAt, ahead }: { readonly faultAt: number; readonly ahead: Ahead },
): DrillMoment[] {
  return transitions.flatMap((each) => {
    const decided = timeOf(each, ahead) - faultAt;
    const { decideMs, claimMs, announceMs } = each.phases;
    const say = (atMs: number, text: string, phase?: DrillPhase): DrillMoment => ({
      atMs: tenths(atMs),
      source: 'history',
      node: each.node,
      text,
      phase,
    });
    const became = `${each.from} → ${each.to}: ${each.cause}`;
    if (each.to !== 'master') {
      return [say(decided, became)];
    }
    const claimed = decided + (claimMs ?? 0);
    return [
      ...(decideMs === undefined || decideMs <= 0
        ? []
        : [say(decided - decideMs, 'the first sign of it', 'noticed')]),
      say(decided, became, 'decided'),
      ...(claimMs === undefined ? [] : [say(claimed, 'the kernel has the addresses', 'claimed')]),
      ...(claimMs === undefined || announceMs === undefined
        ? []
        : [say(claimed + announceMs, 'the neighbours are told', 'announced')]),
    ];
  });
}

/**
 * By the clock of the node that was asked, as hands and clients have it. The clock that both nodes have in common orders what
 * they say, and is ahead of it by as much as the other node's is.
 */
function timeOf({ node, at }: Transition, ahead: Ahead): number {
  return at - ahead(node);
}

/** What two clocks may differ, and what came just before is no part of it. In milliseconds. */
const CLOCKS_APART = 20;
