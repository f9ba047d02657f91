/** The rows that run for each change, beside all there are. */
import { expect, it } from 'vitest';
import type { Row } from '../../interop/row.js';
import { matrix, nameOf } from '../../interop/row.js';

const ABLE = { version: '2.4.2', checksums: 'both', hmac: 'understood' } as const;

/** Each two choices that some row has together. */
function pairsIn(rows: readonly Row[]): ReadonlySet<string> {
  return new Set(
    rows.flatMap((row) => {
      const choices = Object.entries(row).map((choice) => choice.join('='));
      return choices.flatMap((one, index) =>
        choices.slice(index + 1).map((other) => `${one} ${other}`),
      );
    }),
  );
}

it('half of the rows have each two choices together that any row has', () => {
  const [every, pairs] = [matrix(ABLE, 'every').rows, matrix(ABLE, 'pairs').rows];
  expect(pairsIn(pairs)).toEqual(pairsIn(every));
  const plain = (rows: readonly Row[]): readonly string[] =>
    rows.filter(({ authentication }) => authentication === 'none').map(nameOf);
  expect(plain(pairs)).toHaveLength(plain(every).length / 2);
});
