/** A watch's report as JSON, and back. */
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import type { WatchReport } from './owner-watch.js';

export interface NotAWatchReport {
  readonly code: 'not-a-watch-report';
  readonly detail: string;
}

export function encodeWatch(report: WatchReport): string {
  return JSON.stringify(report);
}

/** Trusts what {@link encodeWatch} wrote, and refuses anything that has not its shape. */
export function decodeWatch(text: string): Result<WatchReport, NotAWatchReport> {
  try {
    const value: unknown = JSON.parse(text);
    return isWatchReport(value) ? ok(value) : refusal(text);
  } catch {
    return refusal(text);
  }
}

function refusal(text: string): Result<never, NotAWatchReport> {
  return fail({ code: 'not-a-watch-report', detail: `${String(text.length)} characters` });
}

function isWatchReport(value: unknown): value is WatchReport {
  if (typeof value !== 'object' || value === null) {
    return false;
  }
  const { asks, answers, every, startedAt, endedAt } = value as Partial<WatchReport>;
  return (
    Array.isArray(asks) &&
    Array.isArray(answers) &&
    [every, startedAt, endedAt].every((number) => typeof number === 'number')
  );
}
