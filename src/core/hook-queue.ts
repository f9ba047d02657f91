/** Transitions that wait to be told to the operator's scripts: a bounded number, none of them lost without a word. */
import type { RoleName } from './notice.js';

export interface HookCall {
  /** From 1 in each life of the daemon, as transitions are decided. */
  readonly sequence: number;
  readonly group: string;
  readonly from: RoleName;
  readonly to: RoleName;
  readonly cause: string;
  readonly priority: number;
  /** `replay`: how the group is when a daemon has just started, which need be no change for the node. */
  readonly kind: 'change' | 'replay';
  /** How many transitions of the group, which nobody was told of, it stands for beside its own. */
  readonly merged: number;
}

export interface Queued {
  readonly waiting: readonly HookCall[];
  /** What made room: it is part now of the next of its group. */
  readonly merged: HookCall | undefined;
}

/**
 * One more waits. Where that is too many, the oldest that a later one of its group has superseded becomes part of that:
 * what a script has to know in the end is how things are.
 */
export function enqueue(waiting: readonly HookCall[], call: HookCall, most: number): Queued {
  const all = [...waiting, call];
  const index = all.length > most ? all.findIndex((each, at) => nextOf(all, each, at) > 0) : -1;
  const merged = all[index];
  if (merged === undefined) {
    return { waiting: all, merged: undefined };
  }
  const next = nextOf(all, merged, index);
  return {
    waiting: all.flatMap((each, at) => {
      if (at === index) {
        return [];
      }
      return at === next
        ? [{ ...each, from: merged.from, merged: each.merged + merged.merged + 1 }]
        : [each];
    }),
    merged,
  };
}

/** Where the next of its group is, or -1. */
function nextOf(all: readonly HookCall[], { group }: HookCall, after: number): number {
  return all.findIndex((each, at) => at > after && each.group === group);
}
