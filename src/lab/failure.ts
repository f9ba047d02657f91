/** Why a lab could not do what it was asked. */
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import type { ProgramFailure } from '../ports/process-host.js';

export type LabFailure =
  | { readonly code: 'already-up'; readonly detail: string }
  | { readonly code: 'not-up'; readonly detail: string }
  | { readonly code: 'not-root'; readonly detail: string }
  | { readonly code: 'program'; readonly program: string; readonly detail: string }
  | { readonly code: 'not-ready'; readonly detail: string };

/** Says which program it was; a success is passed on. */
export function from<T>(
  program: string,
  outcome: Result<T, ProgramFailure>,
): Result<T, LabFailure> {
  return outcome.ok
    ? ok(outcome.value)
    : fail({ code: 'program', program, detail: `${outcome.error.code}: ${outcome.error.detail}` });
}
