/** Who owned the address when, as the wire saw it: two owners, none, and each one's last answer. */
import type { Instant, Millis } from '../base/time.js';
import { between, millis, sum } from '../base/time.js';
import type { ArpAnswer, WatchReport } from './owner-watch.js';

/** One machine answering without a pause. */
export interface Tenure {
  readonly hardwareAddress: string;
  readonly from: Instant;
  readonly to: Instant;
  readonly answers: number;
}

export interface Ownership {
  /** By start. */
  readonly tenures: readonly Tenure[];
  /** Time within the tenures of more than one machine. */
  readonly twoOwners: Millis;
  /** The longest stretch of that. */
  readonly longestTwoOwners: Millis;
  /**
   * Time within nobody's tenure. Each hole is counted less one interval between questions, for so much
   * passes between two answers anyway: a hand-over within one interval counts as none.
   */
  readonly noOwner: Millis;
  /** The longest stretch of that. */
  readonly longestNoOwner: Millis;
  /** Questions answered by more than one machine before the next question: two answered at once. */
  readonly contestedAsks: number;
  /** By hardware address. */
  readonly lastAnswers: ReadonlyMap<string, Instant>;
}

/**
 * So many questions in a row that a machine leaves unanswered end its tenure. Questions are counted, not
 * time: a watch that was itself late asked nothing meanwhile, and that is nobody's pause. Fewer would
 * turn an answer that came late into a change of owner; and a machine that truly let go and returned
 * within so few questions shows as contested, which is the alarm it should be.
 */
export const TENURE_PAUSE_ASKS = 5;

export function ownership(report: WatchReport): Ownership {
  const tenures = tenuresOf(report);
  return {
    tenures,
    ...durations(report, tenures),
    contestedAsks: contestedAsks(report),
    lastAnswers: new Map(report.answers.map(({ at, hardwareAddress }) => [hardwareAddress, at])),
  };
}

/** A program that has just begun is slow to ask and to hear. */
const WARM_UP = millis(1_000);

/**
 * The same from the first answer on, where it came soon, and to the last one, where nobody's tenure had ended by then: a
 * watch begins and ends in the middle of a tenure, and its edges are nobody's absence.
 */
export function withinTenures(report: WatchReport): WatchReport {
  const { startedAt, endedAt, every, answers } = report;
  const [first] = answers;
  const last = answers.at(-1);
  if (first === undefined || last === undefined) {
    return report;
  }
  return {
    ...report,
    startedAt: between(startedAt, first.at) <= WARM_UP ? first.at : startedAt,
    endedAt: between(last.at, endedAt) <= TENURE_PAUSE_ASKS * every ? last.at : endedAt,
  };
}

function tenuresOf({ asks, answers }: WatchReport): readonly Tenure[] {
  const ended: Tenure[] = [];
  const running = new Map<string, Tenure & { readonly asked: number }>();
  let asked = 0;
  for (const { at, hardwareAddress } of answers) {
    while (asked < asks.length && (asks[asked] ?? at) <= at) {
      asked += 1;
    }
    const tenure = running.get(hardwareAddress);
    if (tenure !== undefined && asked - tenure.asked <= TENURE_PAUSE_ASKS) {
      running.set(hardwareAddress, { ...tenure, to: at, answers: tenure.answers + 1, asked });
    } else {
      ended.push(...(tenure === undefined ? [] : [tenure]));
      running.set(hardwareAddress, { hardwareAddress, from: at, to: at, answers: 1, asked });
    }
  }
  return [...ended, ...running.values()]
    .map(({ hardwareAddress, from, to, answers: count }) => ({
      hardwareAddress,
      from,
      to,
      answers: count,
    }))
    .toSorted((a, b) => a.from - b.from);
}

/** Goes from edge to edge of the tenures and asks of each stretch between two how many tenures cover it. */
function durations(
  report: WatchReport,
  tenures: readonly Tenure[],
): Pick<Ownership, 'twoOwners' | 'longestTwoOwners' | 'noOwner' | 'longestNoOwner'> {
  const edges = [
    { at: report.startedAt, change: 0 },
    ...tenures.flatMap(({ from, to }) => [
      { at: from, change: 1 },
      { at: to, change: -1 },
    ]),
    { at: report.endedAt, change: 0 },
  ].toSorted((a, b) => (a.at === b.at ? b.change - a.change : a.at - b.at));
  let owners = 0;
  const two: Millis[] = [];
  const none: Millis[] = [];
  edges.forEach(({ at, change }, index) => {
    owners += change;
    const stretch = between(at, edges[index + 1]?.at ?? at);
    if (owners > 1) {
      two.push(stretch);
    } else if (owners === 0) {
      none.push(millis(Math.max(0, stretch - report.every)));
    }
  });
  return {
    twoOwners: sum(...two),
    longestTwoOwners: longest(two),
    noOwner: sum(...none),
    longestNoOwner: longest(none),
  };
}

function longest(stretches: readonly Millis[]): Millis {
  return millis(Math.max(0, ...stretches));
}

function contestedAsks({ asks, answers }: WatchReport): number {
  const answered: ArpAnswer[] = [...answers];
  let next = 0;
  return asks.filter((askedAt, index) => {
    const until = asks[index + 1] ?? Infinity;
    const first = next;
    while (next < answered.length && (answered[next]?.at ?? Infinity) < until) {
      next += 1;
    }
    const who = answered.slice(first, next).filter(({ at }) => at >= askedAt);
    return new Set(who.map(({ hardwareAddress }) => hardwareAddress)).size > 1;
  }).length;
}
