/**
 * The counters of one group and of each of its virtual routers, after the VRRP MIB (RFC 6527 §4, vrrpv3Statistics).
 * Plain numbers, because a flood of garbage must cost as little as possible.
 */
import type { AdvertWarning, Rejection } from '../core/receive-checks.js';
import { REJECTIONS } from '../core/receive-checks.js';
import type { GroupCounters, InstanceCounters } from '../telemetry/status.js';
import { PRIORITY_RESIGNS } from '../wire/vrrp.js';

/** Of a group: what its one decision and its addresses lead to. */
export class GroupTally {
  announcements = 0;
  /** vrrpv3StatisticsNewMasterReason's and vrrpv3StatisticsMasterTransitions' count. */
  becameMaster = 0;
  /** Why it became master last (vrrpv3StatisticsNewMasterReason). */
  newMasterReason: string | undefined;

  counters(instances: readonly Tally[]): GroupCounters {
    const { announcements, becameMaster, newMasterReason } = this;
    const all = instances.map((each) => each.counters());
    const sum = (of: (counters: InstanceCounters) => number): number =>
      all.reduce((total, each) => total + of(each), 0);
    return {
      advertsSent: sum((each) => each.advertsSent),
      advertsReceived: sum((each) => each.advertsReceived),
      priorityZeroSent: sum((each) => each.priorityZeroSent),
      priorityZeroReceived: sum((each) => each.priorityZeroReceived),
      sendErrors: sum((each) => each.sendErrors),
      rejected: addedUp(all.map((each) => each.rejected)),
      odd: addedUp(all.map((each) => each.odd)),
      announcements,
      becameMaster,
      newMasterReason,
    };
  }
}

function addedUp(
  counts: readonly Readonly<Record<string, number>>[],
): Readonly<Record<string, number>> {
  const sums = new Map<string, number>();
  for (const [name, count] of counts.flatMap((each) => Object.entries(each))) {
    sums.set(name, (sums.get(name) ?? 0) + count);
  }
  return Object.fromEntries(sums);
}

/** Of one virtual router: what it sent, heard and refused. */
export class Tally {
  sendErrors = 0;
  #advertsSent = 0;
  #advertsReceived = 0;
  #resignationsSent = 0;
  #resignationsReceived = 0;
  readonly #rejected = new Map<Rejection, number>();
  readonly #odd = new Map<AdvertWarning, number>();

  sent(priority: number): void {
    this.#advertsSent += 1;
    this.#resignationsSent += priority === PRIORITY_RESIGNS ? 1 : 0;
  }

  received(priority: number): void {
    this.#advertsReceived += 1;
    this.#resignationsReceived += priority === PRIORITY_RESIGNS ? 1 : 0;
  }

  /** Counts a refused packet; returns how many this check has refused by now. */
  reject(cause: Rejection): number {
    const count = (this.#rejected.get(cause) ?? 0) + 1;
    this.#rejected.set(cause, count);
    return count;
  }

  /** Counts something odd about an advert that was obeyed. */
  warn(warning: AdvertWarning): void {
    this.#odd.set(warning, (this.#odd.get(warning) ?? 0) + 1);
  }

  counters(): InstanceCounters {
    return {
      advertsSent: this.#advertsSent,
      advertsReceived: this.#advertsReceived,
      priorityZeroSent: this.#resignationsSent,
      priorityZeroReceived: this.#resignationsReceived,
      sendErrors: this.sendErrors,
      rejected: Object.fromEntries(
        REJECTIONS.flatMap((cause) => {
          const count = this.#rejected.get(cause);
          return count === undefined ? [] : [[cause, count]];
        }),
      ),
      odd: Object.fromEntries(this.#odd),
    };
  }
}
