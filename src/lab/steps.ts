/** The steps of a rehearsal: one after the other, until one cannot be taken or the operator has had enough. */
import type { Result } from '../base/result.js';
import { ok } from '../base/result.js';
import type { LabFailure } from './failure.js';

export interface Stepping<Step> {
  /** Aborted when the operator has had enough: the step that runs is the last. */
  readonly signal: AbortSignal;
  /** Told before each step. */
  readonly tell: (step: Step) => void;
}

/** What was seen of each step that was taken. */
export async function takeSteps<Step, Seen>(
  steps: readonly Step[],
  { signal, tell }: Stepping<Step>,
  take: (step: Step) => Promise<Result<Seen, LabFailure>>,
): Promise<Result<readonly Seen[], LabFailure>> {
  const seen: Seen[] = [];
  for (const step of steps) {
    if (signal.aborted) {
      break;
    }
    tell(step);
    const outcome = await take(step);
    if (!outcome.ok) {
      return outcome;
    }
    seen.push(outcome.value);
  }
  return ok(seen);
}
