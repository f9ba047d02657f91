/** Which faults are measured at which intervals, how often, and what figure is to be reached. */
import type { Centis, Millis } from '../../src/base/time.js';
import { centis, centisToMillis, millis } from '../../src/base/time.js';
import type { ContenderId } from './contenders.js';
import { CONTENDER_IDS } from './contenders.js';
import type { FaultId } from './faults.js';

/** What vipair's median must reach. */
export type Target =
  | { readonly kind: 'gap'; readonly atMost: Millis }
  /** As a multiple of keepalived's median, with its usual priorities. */
  | { readonly kind: 'ratio'; readonly atMost: number };

export interface Scenario {
  readonly fault: FaultId;
  readonly interval: Centis;
  readonly rounds: Readonly<Partial<Record<ContenderId, number>>>;
  readonly probeEvery: Millis;
  readonly target: Target;
}

const SECOND = centis(100);
const TENTH = centis(10);
const HUNDREDTH = centis(1);

const NO_SLOWER: Target = { kind: 'ratio', atMost: 1 };
/** The pair channel notices long before a second's adverts would. */
const A_FIFTH: Target = { kind: 'ratio', atMost: 0.2 };
const A_BLINK: Target = { kind: 'gap', atMost: millis(50) };
const A_HANG: Target = { kind: 'gap', atMost: millis(1_500) };

const USUALLY = millis(5);
const FINELY = millis(2);

/** Rounds are fewer where each takes long; odd, so that a median is a round that took place. */
export const SCENARIOS: readonly Scenario[] = [
  plan('power', SECOND, { rounds: all(5), probeEvery: USUALLY, target: A_FIFTH }),
  plan('power', TENTH, { rounds: all(7), probeEvery: FINELY, target: NO_SLOWER }),
  plan('power', HUNDREDTH, { rounds: all(9), probeEvery: FINELY, target: NO_SLOWER }),
  plan('kill', SECOND, { rounds: all(5), probeEvery: FINELY, target: A_BLINK }),
  // keepalived notices no sooner than its script runs, whatever its interval: once is enough.
  plan('kill', TENTH, { rounds: { vipair: 5 }, probeEvery: FINELY, target: A_BLINK }),
  plan('kill', HUNDREDTH, { rounds: { vipair: 5 }, probeEvery: FINELY, target: A_BLINK }),
  plan('freeze', SECOND, {
    rounds: { vipair: 5, usual: 1, best: 1 },
    probeEvery: USUALLY,
    target: A_HANG,
  }),
  plan('switchover', SECOND, { rounds: all(5), probeEvery: FINELY, target: A_BLINK }),
];

/** Such as `power@100ms`, by which `--only` chooses. */
export function labelOf({ fault, interval }: Pick<Scenario, 'fault' | 'interval'>): string {
  return `${fault}@${intervalText(interval)}`;
}

export function intervalText(interval: Centis): string {
  const length = centisToMillis(interval);
  return length < 1_000 ? `${String(length)}ms` : `${String(length / 1_000)}s`;
}

function plan(
  fault: FaultId,
  interval: Centis,
  rest: Omit<Scenario, 'fault' | 'interval'>,
): Scenario {
  return { fault, interval, ...rest };
}

function all(rounds: number): Scenario['rounds'] {
  return Object.fromEntries(CONTENDER_IDS.map((id) => [id, rounds]));
}
