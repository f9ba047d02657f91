/** Where two texts differ, line by line, as diff(1) has it. */

/** Lines of one text, counted from 0; `to` is the first one after them. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Lines of ours that stand where theirs has others; either may be empty. */
export interface LineChange {
  readonly ours: Span;
  readonly theirs: Span;
}

/**
 * The changes in order; none where the texts are equal. Between the first and the last difference, texts that are too
 * long to be compared in a moment count as one change.
 */
export function differingLines(
  ours: readonly string[],
  theirs: readonly string[],
): readonly LineChange[] {
  const same = commonStart(ours, theirs);
  const left = ours.slice(same);
  const right = theirs.slice(same);
  const tail = commonStart(left.toReversed(), right.toReversed());
  const mine = left.slice(0, left.length - tail);
  const others = right.slice(0, right.length - tail);
  if (mine.length === 0 && others.length === 0) {
    return [];
  }
  const changes =
    mine.length * others.length > MOST_CELLS
      ? [{ ours: whole(mine), theirs: whole(others) }]
      : compare(mine, others);
  return changes.map((each) => ({
    ours: moved(each.ours, same),
    theirs: moved(each.theirs, same),
  }));
}

function commonStart(a: readonly string[], b: readonly string[]): number {
  const differs = a.findIndex((line, index) => line !== b[index]);
  return differs === -1 ? a.length : differs;
}

/** By the longest sequence of lines that both have. */
function compare(a: readonly string[], b: readonly string[]): readonly LineChange[] {
  const shared = sharedLengths(a, b);
  const changes: LineChange[] = [];
  let at = { a: 0, b: 0 };
  let begun = at;
  const close = (): void => {
    if (begun.a < at.a || begun.b < at.b) {
      changes.push({ ours: { from: begun.a, to: at.a }, theirs: { from: begun.b, to: at.b } });
    }
  };
  while (at.a < a.length && at.b < b.length) {
    if (a[at.a] === b[at.b]) {
      close();
      at = { a: at.a + 1, b: at.b + 1 };
      begun = at;
    } else if (shared(at.a + 1, at.b) >= shared(at.a, at.b + 1)) {
      at = { ...at, a: at.a + 1 };
    } else {
      at = { ...at, b: at.b + 1 };
    }
  }
  at = { a: a.length, b: b.length };
  close();
  return changes;
}

/** How many lines the two texts share in order, from a line of each on. */
function sharedLengths(
  a: readonly string[],
  b: readonly string[],
): (from: number, other: number) => number {
  const width = b.length + 1;
  const lengths = new DataView(new ArrayBuffer((a.length + 1) * width * BYTES));
  const place = (from: number, other: number): number => (from * width + other) * BYTES;
  const lengthAt = (from: number, other: number): number => lengths.getUint16(place(from, other));
  for (let from = a.length - 1; from >= 0; from -= 1) {
    for (let other = b.length - 1; other >= 0; other -= 1) {
      const length =
        a[from] === b[other]
          ? lengthAt(from + 1, other + 1) + 1
          : Math.max(lengthAt(from + 1, other), lengthAt(from, other + 1));
      lengths.setUint16(place(from, other), length);
    }
  }
  return lengthAt;
}

function whole(lines: readonly string[]): Span {
  return { from: 0, to: lines.length };
}

function moved({ from, to }: Span, by: number): Span {
  return { from: from + by, to: to + by };
}

/** Of a length: no text that is compared has more lines than two bytes can say. */
const BYTES = 2;
/** Some milliseconds of a process that has other things to do. */
const MOST_CELLS = 40_000;
