/** What drills came to, kept on this node: a text each, under the drill's own name. */
import type { Result } from '../base/result.js';

export interface DrillReportFailure {
  readonly code: 'missing' | 'unreadable' | 'not-written';
  /** Where, and what the system said. */
  readonly detail: string;
}

/** The newest so many are kept: a year and a half of a weekly suite's, or some months of a daily drill's. */
export const MOST_REPORTS = 100;

export interface DrillReports {
  /** Whole or not at all, and in the place of what it has of that name. The oldest beyond {@link MOST_REPORTS} go. */
  keep(id: string, text: string): Promise<Result<undefined, DrillReportFailure>>;
  /** The names, the latest first. None is fine. */
  list(): Promise<Result<readonly string[], DrillReportFailure>>;
  read(id: string): Promise<Result<string, DrillReportFailure>>;
}
