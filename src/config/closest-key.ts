/** The known key that an unknown one was probably meant to be. */

/** Undefined where none is close: a wrong guess is worse than none. */
export function closestKey(unknown: string, known: readonly string[]): string | undefined {
  // Nothing this long is close to any key, and the table below grows with it.
  if (unknown.length > LONGEST_COMPARED) {
    return undefined;
  }
  const [best] = known
    // Each letter more or less is an edit, so this spares most of the work.
    .filter((key) => Math.abs(key.length - unknown.length) <= EDITS_WORTH_COUNTING)
    .map((key) => ({ key, edits: editDistance(normalised(unknown), normalised(key)) }))
    .filter(({ key, edits }) => edits <= Math.max(1, Math.floor(key.length / 3)))
    .sort((a, b) => a.edits - b.edits);
  return best?.key;
}

const LONGEST_COMPARED = 64;
const EDITS_WORTH_COUNTING = 6;

/** `advertInterval` and `advert-interval` are both `advert_interval`. */
function normalised(key: string): string {
  return key
    .replaceAll(/(?<=[a-z])(?=[A-Z])/gu, '_')
    .replaceAll('-', '_')
    .toLowerCase();
}

/** Levenshtein's distance, counting two neighbouring letters swapped as one edit. */
function editDistance(a: string, b: string): number {
  let beforeLast: readonly number[] = [];
  let last: readonly number[] = [...Array(b.length + 1).keys()];
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const changed = (last[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      const edited = Math.min(changed, (last[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1);
      const swapped = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      current.push(swapped ? Math.min(edited, (beforeLast[column - 2] ?? 0) + 1) : edited);
    }
    beforeLast = last;
    last = current;
  }
  return last[b.length] ?? 0;
}
