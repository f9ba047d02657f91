/** The counters of one group. Plain numbers, because a flood of garbage must cost as little as possible. */
import type { Rejection } from '../core/receive-checks.js';
import { REJECTIONS } from '../core/receive-checks.js';
import type { GroupCounters } from '../telemetry/status.js';

export class Tally {
  advertsSent = 0;
  advertsReceived = 0;
  announcements = 0;
  becameMaster = 0;
  sendErrors = 0;
  readonly #rejected = new Map<Rejection, number>();

  /** Counts a refused packet; returns how many this check has refused by now. */
  reject(cause: Rejection): number {
    const count = (this.#rejected.get(cause) ?? 0) + 1;
    this.#rejected.set(cause, count);
    return count;
  }

  counters(): GroupCounters {
    const { advertsSent, advertsReceived, announcements, becameMaster, sendErrors } = this;
    const rejected = Object.fromEntries(
      REJECTIONS.flatMap((cause) => {
        const count = this.#rejected.get(cause);
        return count === undefined ? [] : [[cause, count]];
      }),
    );
    return { advertsSent, advertsReceived, announcements, becameMaster, sendErrors, rejected };
  }
}
