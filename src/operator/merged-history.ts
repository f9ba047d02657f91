/** The histories of both nodes as one: in order, and what both tell of the same move put together. */
import { tenths } from '../base/time.js';
import type { GroupMove, Transition, TransitionName } from '../telemetry/transition.js';

/**
 * Each node's own order is kept. Between the two the clock decides that they have in common; where it tells nothing
 * apart, whoever lets go comes before whoever claims.
 */
export function mergeHistories(
  own: readonly Transition[],
  theirs: readonly Transition[],
): readonly Transition[] {
  return [...timed(own), ...timed(theirs)].toSorted(inOrder).map(({ transition }) => transition);
}

/** The moves of groups from node to node that transitions in that order come to. */
export function movesOf(merged: readonly Transition[]): readonly GroupMove[] {
  const groups = [...new Set(merged.map(({ group }) => group))];
  const moves = groups.flatMap((group) => movesIn(merged.filter((each) => each.group === group)));
  const places = new Map(merged.map((each, place) => [nameOf(each), place]));
  const placeOf = ({ claim }: GroupMove): number => places.get(nameOf(claim)) ?? 0;
  return moves.toSorted((a, b) => placeOf(a) - placeOf(b));
}

/** Tells transitions apart. */
export function nameOf({ node, epoch, number }: TransitionName): string {
  return `${node} ${String(epoch)} ${String(number)}`;
}

interface Timed {
  readonly transition: Transition;
  /** Never less than that of the one before on the same node. */
  readonly time: number;
}

function timed(transitions: readonly Transition[]): readonly Timed[] {
  let time = 0;
  return transitions.map((transition) => {
    time = Math.max(time, transition.pairTime ?? transition.at);
    return { transition, time };
  });
}

function inOrder(a: Timed, b: Timed): number {
  if (a.time !== b.time) {
    return a.time - b.time;
  }
  const [first, second] = [a.transition, b.transition];
  // Sorting is stable: what one node has kept stays as it is.
  if (first.node === second.node) {
    return 0;
  }
  const difference = Number(isHeld(second)) - Number(isHeld(first));
  return difference === 0 ? Number(first.node > second.node) - 0.5 : difference;
}

/** Whether the node had the addresses until this transition. */
function isHeld({ from }: Transition): boolean {
  return from === 'master' || from === 'resigning';
}

/** Of one group. */
function movesIn(those: readonly Transition[]): readonly GroupMove[] {
  const moves: GroupMove[] = [];
  /** Who has the addresses, or had them last; of two after a split, whoever claimed them last. */
  let owner: string | undefined;
  for (const [place, each] of those.entries()) {
    const other = holderBeside(those, place);
    if (isClaim(each)) {
      const former = other ?? owner;
      if (former !== undefined && former !== each.node) {
        moves.push(moveOf(each, former, lettingGo(those, place, former)));
      }
      owner = each.node;
    } else if (isHeld(each) && !holds(each)) {
      owner = other ?? owner;
    }
  }
  return moves;
}

/** A switchover that was undone claims nothing. */
function isClaim({ from, to }: Pick<Transition, 'from' | 'to'>): boolean {
  return to === 'master' && from !== 'resigning';
}

/** Another node than that of this transition which has not let go by then. */
function holderBeside(those: readonly Transition[], place: number): string | undefined {
  const last = those.slice(0, place).findLast(({ node }) => node !== those[place]?.node);
  return last !== undefined && holds(last) ? last.node : undefined;
}

/** Whether the node has the addresses after this transition. */
function holds({ to }: Transition): boolean {
  return to === 'master' || to === 'resigning';
}

function moveOf(claim: Transition, from: string, letGo: readonly Transition[]): GroupMove {
  const gone = letGo.find((each) => !holds(each))?.pairTime;
  return {
    ...{ group: claim.group, from, to: claim.node, claim: named(claim), letGo: letGo.map(named) },
    gapMs:
      gone === undefined || claim.pairTime === undefined
        ? undefined
        : tenths(claim.pairTime + (claim.phases.claimMs ?? 0) - gone),
  };
}

/** What ended the former owner's time: since it had the addresses, and before the new owner's next transition. */
function lettingGo(
  those: readonly Transition[],
  place: number,
  from: string,
): readonly Transition[] {
  const to = those[place]?.node;
  const end = those.findIndex(
    ({ node, ...each }, index) =>
      index > place && (node === to || (node === from && isClaim(each))),
  );
  const told = those.slice(0, end === -1 ? undefined : end).filter(({ node }) => node === from);
  const since = told.slice(told.findLastIndex((each) => each.to === 'master') + 1);
  const stayed = since.findIndex((each) => !isHeld(each));
  return stayed === -1 ? since : since.slice(0, stayed);
}

function named({ node, epoch, number }: Transition): TransitionName {
  return { node, epoch, number };
}
