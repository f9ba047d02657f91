/** What the schema objects to, as findings in the words of the operator. */
import { closestKey } from './closest-key.js';
import type { Finding, Path } from './problem.js';
import { describe } from './problem.js';

/** The part of the schema library's issues that we use. */
export interface Issue {
  readonly path: readonly PropertyKey[];
  /** What was expected; of unknown keys, the known ones as {@link listKeys} writes them. */
  readonly message: string;
  /** Unknown keys, where the issue is about them. */
  readonly keys?: readonly string[];
  /** What each alternative objects to, where a value may be one of several kinds. */
  readonly errors?: readonly (readonly Issue[])[];
  /** Why a key is refused, where the issue is about one. */
  readonly issues?: readonly { readonly message: string }[];
}

/** One finding for each value, and one for each unknown key. */
export function findingsOf(issues: readonly Issue[], file: unknown): readonly Finding[] {
  const seen = new Set<string>();
  return issues
    .flatMap((issue) => findings(issue, file))
    .filter((finding) => {
      // A value that fails two checks of one kind is one mistake, told once.
      const key = JSON.stringify(finding);
      const isNew = !seen.has(key);
      seen.add(key);
      return isNew;
    });
}

/** Keys in a message, and out of it again. */
export function listKeys(keys: readonly string[]): string {
  return keys.join(', ');
}

function findings(issue: Issue, file: unknown): readonly Finding[] {
  const path = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
  if (issue.keys !== undefined) {
    return issue.keys.map((key) => unknownKey([...path, key], issue.message));
  }
  if (issue.issues !== undefined) {
    const expected = issue.issues.map(({ message }) => message).join(', ');
    return [{ path, found: `the key ${describe(path.at(-1))}`, expected }];
  }
  // An alternative that objects to something inside has the right kind: that is what was meant.
  const meant = issue.errors?.find((branch) => branch.every((each) => each.path.length > 0));
  return meant === undefined
    ? [{ path, found: describe(valueAt(file, path)), expected: issue.message }]
    : meant.flatMap((each) => findings({ ...each, path: [...issue.path, ...each.path] }, file));
}

function unknownKey(path: Path, known: string): Finding {
  const guess = closestKey(String(path.at(-1)), known.split(', '));
  const hint = guess === undefined ? '' : `; did you mean ${guess}?`;
  return { path, found: 'an unknown key', expected: `a key among ${known}${hint}` };
}

function valueAt(file: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, step) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, step)
        ? Reflect.get(value, step)
        : undefined,
    file,
  );
}
