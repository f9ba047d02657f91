/**
 * Whether the master has died, once its daemon is silent on the pair channel: the link is asked who has the addresses.
 * The kernel of a master whose daemon was killed or is frozen answers until the lease ends, and then nobody may take
 * over yet; where no kernel answers either, its timer need not be waited out. A stranger's answer costs only that wait.
 */
import type { Instant } from '../base/time.js';
import { between, later, millis } from '../base/time.js';

export interface Inquiry {
  /** Questions asked so far. */
  readonly asked: number;
  /** When the next is asked, or the answers to the last are in. */
  readonly nextAt: Instant;
}

/** The first question is asked now. */
export function beginInquiry(now: Instant): Inquiry {
  return { asked: 1, nextAt: later(now, ANSWER_WITHIN) };
}

/**
 * What silence until now makes of it. An alarm that rings late found this process asleep: an answer may lie unread, so
 * one more question is asked.
 */
export function proceed(inquiry: Inquiry, now: Instant): Inquiry | 'waiting' | 'unanswered' {
  const { asked, nextAt } = inquiry;
  if (now < nextAt) {
    return 'waiting';
  }
  const isLate = between(nextAt, now) >= ANSWER_WITHIN;
  return asked < QUESTIONS || isLate
    ? { asked: Math.min(asked + 1, QUESTIONS), nextAt: later(now, ANSWER_WITHIN) }
    : 'unanswered';
}

/** So many in a row are not lost by chance on a link that works. */
export const QUESTIONS = 5;
/** A kernel on the same link answers within a fraction of a millisecond. */
const ANSWER_WITHIN = millis(10);
