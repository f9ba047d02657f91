import { describe, expect, it } from 'vitest';
import { mergeHistories, movesOf } from '../../../src/operator/merged-history.js';
import type { Transition } from '../../../src/telemetry/transition.js';
import { TRANSITION } from '../record/given-history.js';

/** `lb1 12 master resigning`: of which node, when by the pair's clock, from what and to what. */
function told(...lines: readonly string[]): readonly Transition[] {
  return lines.map((line, index) => {
    const [node = '', time = '', from = '', to = '', group = 'web'] = line.split(' ');
    return {
      ...TRANSITION,
      ...({ node, group, number: index + 1, from, to } as Pick<Transition, 'from' | 'to'>),
      // Wall clocks that say the opposite.
      at: 1_000_000 - Number(time),
      pairTime: Number(time),
      phases: { decideMs: 0, claimMs: 0.5, announceMs: 0.1, firstRequest: undefined },
    };
  });
}

const merged = (own: readonly string[], theirs: readonly string[]): readonly Transition[] =>
  mergeHistories(told(...own), told(...theirs));

const shown = (all: readonly Transition[]): readonly string[] =>
  all.map(({ node, from, to }) => `${node} ${from} ${to}`);

/** Who went where, how many transitions let go, and the gap. */
const moves = (own: readonly string[], theirs: readonly string[]) =>
  movesOf(merged(own, theirs)).map(
    ({ group, from, to, letGo, gapMs }) =>
      `${group} ${from} > ${to}, ${letGo.map(({ number }) => number).join('+')}, ${String(gapMs)}`,
  );

describe('the order of both', () => {
  it("is the pair's clock's, whatever the wall clocks say, on either node", () => {
    const own = ['lb1 1 starting master', 'lb1 10 master resigning', 'lb1 30 resigning backup'];
    const theirs = ['lb2 2 starting backup', 'lb2 20 backup master'];
    const expected = [
      'lb1 starting master',
      'lb2 starting backup',
      'lb1 master resigning',
      'lb2 backup master',
      'lb1 resigning backup',
    ];
    expect(shown(merged(own, theirs))).toEqual(expected);
    expect(shown(merged(theirs, own))).toEqual(expected);
  });

  it('at the same time whoever lets go is first', () => {
    const own = ['lb1 10 backup master'];
    const theirs = ['lb2 10 master backup'];
    for (const all of [merged(own, theirs), merged(theirs, own)]) {
      expect(shown(all)).toEqual(['lb2 master backup', 'lb1 backup master']);
    }
    const [a, b] = [['lb1 10 starting backup'], ['lb2 10 starting backup']] as const;
    expect(shown(merged(b, a))).toEqual(shown(merged(a, b)));
  });

  it('of one node is never changed, and without that clock the wall clock has to do', () => {
    const own = told('lb1 30 starting backup', 'lb1 20 backup fault', 'lb1 40 fault backup');
    const old = own.map((each) => ({ ...each, pairTime: undefined }));
    const theirs = [{ ...told('lb2 0 starting backup')[0]!, at: 999_975, pairTime: undefined }];
    expect(
      mergeHistories(old, theirs).map(({ node, number }) => `${node} ${String(number)}`),
    ).toEqual(['lb1 1', 'lb2 1', 'lb1 2', 'lb1 3']);
  });
});

describe('a move', () => {
  it.each<[string, readonly string[], readonly string[], readonly string[]]>([
    [
      'of a switchover: the new owner claims before the old one lets go',
      ['lb1 1 starting master', 'lb1 10 master resigning', 'lb1 30 resigning backup'],
      ['lb2 2 starting backup', 'lb2 20 backup master'],
      ['web lb1 > lb2, 2+3, -9.5'],
    ],
    [
      'of a node that became unfit',
      ['lb1 1 starting master', 'lb1 10 master fault'],
      ['lb2 20 backup master'],
      ['web lb1 > lb2, 2, 10.5'],
    ],
    [
      'of a node that lost its power, which tells nothing of it',
      ['lb1 1 starting master', 'lb1 90 starting backup'],
      ['lb2 20 backup master'],
      ['web lb1 > lb2, , undefined'],
    ],
    [
      'there and back',
      ['lb1 1 starting master', 'lb1 10 master fault', 'lb1 50 backup master'],
      ['lb2 20 backup master', 'lb2 45 master backup'],
      ['web lb1 > lb2, 2, 10.5', 'web lb2 > lb1, 2, 5.5'],
    ],
    [
      'is none where the same node claims again',
      ['lb1 1 starting master', 'lb1 10 master stopped', 'lb1 12 starting master'],
      ['lb2 2 starting backup'],
      [],
    ],
    [
      'is none where a switchover was undone',
      ['lb1 1 starting master', 'lb1 10 master resigning', 'lb1 30 resigning master'],
      ['lb2 2 starting backup'],
      [],
    ],
    [
      'after a switchover that was undone counts from the one that was not',
      [
        'lb1 1 starting master',
        'lb1 10 master resigning',
        'lb1 30 resigning master',
        'lb1 40 master backup',
      ],
      ['lb2 41 backup master'],
      ['web lb1 > lb2, 4, 1.5'],
    ],
    [
      'to a second owner after a split, which ends with the first giving way',
      ['lb1 1 starting master', 'lb1 60 master backup'],
      ['lb2 20 backup master'],
      ['web lb1 > lb2, 2, -39.5'],
    ],
    [
      'is not taken back where the second owner gives way, and the next one is from the first',
      ['lb1 1 starting master', 'lb1 90 master fault'],
      ['lb2 20 backup master', 'lb2 30 master backup', 'lb2 95 backup master'],
      ['web lb1 > lb2, , undefined', 'web lb1 > lb2, 2, 5.5'],
    ],
    [
      'of one group says nothing of another',
      ['lb1 1 starting master mail', 'lb1 2 starting master web'],
      ['lb2 20 backup master web', 'lb2 21 backup master mail'],
      ['web lb1 > lb2, , undefined', 'mail lb1 > lb2, , undefined'],
    ],
    ['of which only the claim is known, is none', [], ['lb2 20 backup master'], []],
  ])('%s', (_what, own, theirs, expected) => {
    expect(moves(own, theirs)).toEqual(expected);
  });

  it('has no gap where a version without the clock told of it', () => {
    const all = merged(['lb1 1 starting master', 'lb1 10 master fault'], ['lb2 20 backup master']);
    const old = all.map((each) => ({ ...each, at: each.pairTime ?? 0, pairTime: undefined }));
    expect(movesOf(old)).toMatchObject([{ from: 'lb1', to: 'lb2', gapMs: undefined }]);
  });
});
