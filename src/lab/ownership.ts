/** Who owned the address when, as the wire saw it: two owners, none, and each one's last answer. */
import type { Instant, Millis } from '../base/time.js';
import { between, millis, scale, sum } from '../base/time.js';
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
  /**
   * Time within nobody's tenure. Each hole is counted less one interval between questions, for so much
   * passes between two answers anyway: a hand-over within one interval counts as none.
   */
  readonly noOwner: Millis;
  /** Questions answered by more than one machine before the next question: two answered at once. */
  readonly contestedAsks: number;
  /** By hardware address. */
  readonly lastAnswers: ReadonlyMap<string, Instant>;
}

/**
 * So many intervals without an answer from a machine end its tenure. Fewer would turn each late turn of a
 * busy machine into a change of owner; and a machine that truly let go and returned within this time shows as
 * contested, which is the alarm it should be.
 */
export const TENURE_PAUSE_INTERVALS = 5;

export function ownership(report: WatchReport): Ownership {
  const tenures = tenuresOf(report);
  return {
    tenures,
    ...durations(report, tenures),
    contestedAsks: contestedAsks(report),
    lastAnswers: new Map(report.answers.map(({ at, hardwareAddress }) => [hardwareAddress, at])),
  };
}

function tenuresOf(report: WatchReport): readonly Tenure[] {
  const pause = scale(report.every, TENURE_PAUSE_INTERVALS);
  const ended: Tenure[] = [];
  const running = new Map<string, Tenure>();
  for (const { at, hardwareAddress } of report.answers) {
    const tenure = running.get(hardwareAddress);
    if (tenure !== undefined && between(tenure.to, at) <= pause) {
      running.set(hardwareAddress, { ...tenure, to: at, answers: tenure.answers + 1 });
    } else {
      ended.push(...(tenure === undefined ? [] : [tenure]));
      running.set(hardwareAddress, { hardwareAddress, from: at, to: at, answers: 1 });
    }
  }
  return [...ended, ...running.values()].toSorted((a, b) => a.from - b.from);
}

/** Goes from edge to edge of the tenures and asks of each stretch between two how many tenures cover it. */
function durations(
  report: WatchReport,
  tenures: readonly Tenure[],
): Pick<Ownership, 'twoOwners' | 'noOwner'> {
  const edges = [
    { at: report.startedAt, change: 0 },
    ...tenures.flatMap(({ from, to }) => [
      { at: from, change: 1 },
      { at: to, change: -1 },
    ]),
    { at: report.endedAt, change: 0 },
  ].toSorted((a, b) => (a.at === b.at ? b.change - a.change : a.at - b.at));
  let owners = 0;
  let twoOwners = millis(0);
  let noOwner = millis(0);
  edges.forEach(({ at, change }, index) => {
    owners += change;
    const stretch = between(at, edges[index + 1]?.at ?? at);
    if (owners > 1) {
      twoOwners = sum(twoOwners, stretch);
    } else if (owners === 0) {
      noOwner = sum(noOwner, millis(Math.max(0, stretch - report.every)));
    }
  });
  return { twoOwners, noOwner };
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
