/** Answers of the other daemon: JSON of somebody who may run another version, or lie. */
import type { z } from 'zod';
import type { Result } from '../../base/result.js';
import { fail, ok } from '../../base/result.js';
import { invariant } from '../../base/unreachable.js';

/** What the text says, as far as it is what was expected; else where it is not. Never throws. */
export function readJson<T>(expected: z.ZodType<T>, text: string): Result<T, string> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return fail(NOT_JSON);
  }
  const read = expected.safeParse(value);
  if (read.success) {
    return ok(read.data);
  }
  const [issue] = read.error.issues;
  invariant(issue !== undefined, 'a failure has an issue');
  return fail([...issue.path.map(String), issue.message].join(': '));
}

export const NOT_JSON = 'not JSON';
