/**
 * Workers of the proxy that a reload has replaced: each serves whom it has, for as long as that lasts, and no longer than
 * is configured. A worker tells when it was started, and nobody when it was replaced; so that is noted when it is seen.
 */
import type { Instant, Millis } from '../base/time.js';
import { between, instant, millis } from '../base/time.js';

/** As its master has it. */
export interface WorkerSeen {
  readonly pid: number;
  /** Since it was started. */
  readonly age: Millis;
}

export interface FormerWorker {
  readonly pid: number;
  /** Replaced at that moment at the latest. */
  readonly since: Instant;
  /** What was done about it: nothing, told to end at once, killed. */
  readonly told: 'nothing' | 'stop' | 'kill';
}

/** What is to be done about one that is too old. */
export interface WorkerEnd {
  readonly pid: number;
  readonly how: 'stop' | 'kill';
  /** Since it was replaced, as far as is known. */
  readonly age: Millis;
}

export interface FormerStep {
  /** The one that was replaced first comes first. */
  readonly workers: readonly FormerWorker[];
  readonly ends: readonly WorkerEnd[];
}

/** `most`: how long one may last; undefined: that is for others to say. */
export function stepFormer(
  known: readonly FormerWorker[],
  seen: { readonly former: readonly WorkerSeen[]; readonly current: readonly WorkerSeen[] },
  { now, most }: { readonly now: Instant; readonly most: Millis | undefined },
): FormerStep {
  const workers = seen.former
    .map(({ pid, age }): FormerWorker => {
      const before = known.find((each) => each.pid === pid);
      // Whoever was started after it has replaced it, or one that has.
      const younger = [...seen.former, ...seen.current].filter((each) => each.age < age);
      const replaced = millis(Math.max(0, ...younger.map((each) => each.age)));
      const since = instant(Math.min(before?.since ?? now, now - replaced));
      return { pid, since, told: before?.told ?? 'nothing' };
    })
    .toSorted((a, b) => (a.since === b.since ? a.pid - b.pid : a.since - b.since));
  const ends = workers.flatMap(({ pid, since, told }): readonly WorkerEnd[] => {
    const age = between(since, now);
    // One that was killed and is still there is stuck in the kernel, where nobody reaches it.
    return most === undefined || age < most || told === 'kill'
      ? []
      : [{ pid, how: told === 'nothing' ? 'stop' : 'kill', age }];
  });
  const told = new Map(ends.map(({ pid, how }) => [pid, how]));
  return {
    workers: workers.map((each) => ({ ...each, told: told.get(each.pid) ?? each.told })),
    ends,
  };
}
