/**
 * When a master tells its neighbours that it answers: a burst at once, a second burst for switches that were still
 * converging, then a slow refresh for whoever missed both.
 */
import type { Instant, Millis } from '../base/time.js';
import { later, millis } from '../base/time.js';

export interface AnnounceParams {
  readonly burst: number;
  readonly burstAgainAfter: Millis;
  readonly refreshEvery: Millis;
}

/** Which announcement comes next, and when. */
export interface AnnouncePlan {
  readonly phase: 'first-burst' | 'second-burst' | 'refresh';
  readonly sent: number;
  readonly nextAt: Instant;
}

/** A new plan whose first burst begins at `at`. */
export function planAnnouncements(at: Instant): AnnouncePlan {
  return { phase: 'first-burst', sent: 0, nextAt: at };
}

/** The plan after one announcement was made at `now`. */
export function afterAnnouncement(
  plan: AnnouncePlan,
  params: AnnounceParams,
  now: Instant,
): AnnouncePlan {
  const sent = plan.sent + 1;
  if (plan.phase !== 'refresh' && sent < params.burst) {
    return { ...plan, sent, nextAt: later(now, BURST_SPACING) };
  }
  return plan.phase === 'first-burst'
    ? { phase: 'second-burst', sent: 0, nextAt: later(now, params.burstAgainAfter) }
    : { phase: 'refresh', sent: 0, nextAt: later(now, params.refreshEvery) };
}

/** Frames of a burst are spread a little, so that one moment of congestion does not lose them all. */
const BURST_SPACING = millis(10);
