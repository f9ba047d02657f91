import { describe, expect, it } from 'vitest';
import { fail, ok } from '../../../src/base/result.js';
import type { HistoryOrder } from '../../../src/operator/histories.js';
import type { PairHistory, Transition } from '../../../src/telemetry/transition.js';
import { TRANSITION } from '../record/given-history.js';
import type { GivenDesk } from './given-desk.js';
import { deskOf, pairOf } from './given-desk.js';

const ALL: HistoryOrder = { group: undefined, limit: 1000, node: undefined };

/** The first was decided at 1; each next one a while later. */
function transitions(node: string, count: number, cause = 'because'): readonly Transition[] {
  return Array.from({ length: count }, (_, index) => ({
    ...TRANSITION,
    ...{ node, cause, number: index + 1, pairTime: index + (node === 'lb1' ? 1 : 1.5) },
    ...({ from: 'backup', to: 'fault' } as const),
  }));
}

async function history(of: GivenDesk, order: Partial<HistoryOrder> = {}): Promise<PairHistory> {
  const told = await of.desk.history({ ...ALL, ...order });
  if (!told.ok) {
    throw new Error(told.error.detail);
  }
  return told.value;
}

const names = ({ transitions: all }: PairHistory): readonly string[] =>
  all.map(({ node, number }) => `${node} ${String(number)}`);

describe('the history of both nodes', () => {
  it('is one, on either', async () => {
    const { lb1, lb2 } = pairOf('master', 'backup');
    lb1.node.transitions = transitions('lb1', 2);
    lb2.node.transitions = transitions('lb2', 3);
    const expected = ['lb1 1', 'lb2 1', 'lb1 2', 'lb2 2', 'lb2 3'];
    for (const each of [lb1, lb2]) {
      const told = await history(each);
      expect(names(told)).toEqual(expected);
      expect(told.parts.map(({ node, problem }) => [node, problem]).toSorted()).toEqual([
        ['lb1', undefined],
        ['lb2', undefined],
      ]);
    }
  });

  it('of the other comes in as many pages as it takes', async () => {
    const { lb1, lb2 } = pairOf('master', 'backup');
    lb2.node.transitions = transitions('lb2', 500, 'x'.repeat(240));
    expect(names(await history(lb1))).toHaveLength(500);
    expect(lb1.asks.length).toBeGreaterThan(2);
    expect(names(await history(lb1, { limit: 3 }))).toEqual(['lb2 498', 'lb2 499', 'lb2 500']);
  });

  it('is of one node where that is asked, whichever it is', async () => {
    const { lb1, lb2 } = pairOf('master', 'backup');
    lb1.node.transitions = transitions('lb1', 2);
    lb2.node.transitions = transitions('lb2', 3);
    expect(names(await history(lb1, { node: 'lb1' }))).toEqual(['lb1 1', 'lb1 2']);
    expect(lb1.asks).toEqual([]);
    expect(names(await history(lb1, { node: 'lb2', limit: 2 }))).toEqual(['lb2 2', 'lb2 3']);
  });

  it('counts a move once, and shows all that both tell of it', async () => {
    const { lb1, lb2 } = pairOf('backup', 'master');
    const of = (number: number, time: number, role: Pick<Transition, 'from' | 'to'>) => ({
      ...TRANSITION,
      ...{ number, pairTime: time, ...role },
    });
    lb1.node.transitions = [
      of(1, 1, { from: 'starting', to: 'master' }),
      of(2, 10, { from: 'master', to: 'resigning' }),
      of(3, 12, { from: 'resigning', to: 'backup' }),
    ];
    const claim = of(1, 11, { from: 'backup', to: 'master' });
    lb2.node.transitions = [{ ...claim, node: 'lb2' }];
    const told = await history(lb1, { limit: 1 });
    expect(names(told)).toEqual(['lb1 2', 'lb2 1', 'lb1 3']);
    expect(told.moves).toMatchObject([{ from: 'lb1', to: 'lb2', gapMs: -1 }]);
    expect(names(await history(lb1, { limit: 2 }))[0]).toBe('lb1 1');
  });
});

describe('where the other node tells nothing', () => {
  it.each([
    ['does not answer', fail({ code: 'no-answer', detail: 'silence' }), 'silence'],
    ['answers nonsense', ok('{}'), 'its answer makes no sense: kept'],
    ['is older', fail({ code: 'refused', detail: 'what is history?' }), 'what is history?'],
  ])('because it %s, its part is missing, and that is said', async (_why, answer, said) => {
    const given = deskOf('master', () => answer);
    given.node.transitions = transitions('lb1', 1);
    const told = await history(given);
    expect(names(told)).toEqual(['lb1 1']);
    expect(told.parts[0]).toEqual({ node: 'lb1', kept: 'on disk', problem: undefined });
    expect(told.parts[1]).toMatchObject({ node: 'lb2', kept: undefined });
    expect(told.parts[1]?.problem).toContain(said);
    const alone = await given.desk.history({ ...ALL, node: 'lb2' });
    expect(alone).toMatchObject({ ok: false, error: { code: 'peer-silent' } });
  });

  it('because there is no channel, the same', async () => {
    const { parts } = await history(deskOf('master', undefined));
    expect(parts[1]?.problem).toContain('no channel');
  });

  it('any more in the middle of it, what is there counts', async () => {
    const { lb2 } = pairOf('master', 'backup');
    lb2.node.transitions = transitions('lb2', 300, 'x'.repeat(240));
    let page = 0;
    const first = await lb2.desk.answer('history', JSON.stringify({ limit: 300, skip: 0 }));
    const given = deskOf('master', () => {
      page += 1;
      return page === 1 && first.ok ? first : fail({ code: 'no-answer', detail: 'silence' });
    });
    const told = await history(given);
    expect(told.transitions.at(-1)?.number).toBe(300);
    expect(told.parts[1]).toEqual({ node: 'lb2', kept: 'on disk', problem: 'silence' });
  });

  it('but empty pages, it is not asked for ever', async () => {
    const given = deskOf('master', () =>
      ok(JSON.stringify({ kept: 'on disk', rest: 'more', transitions: [] })),
    );
    await history(given);
    expect(given.asks).toHaveLength(1);
  });
});

it.each([
  [{ node: 'lb9' }, 'unknown-node'],
  [{ group: 'none' }, 'unknown-group'],
])('%j is refused', async (order, code) => {
  const { lb1 } = pairOf('master', 'backup');
  expect(await lb1.desk.history({ ...ALL, ...order })).toMatchObject({
    ok: false,
    error: { code },
  });
});

it('a group without a history is none', async () => {
  const { lb1 } = pairOf('master', 'backup');
  expect(names(await history(lb1, { group: 'web' }))).toEqual([]);
});

it('a question that makes no sense is refused', async () => {
  const { lb1 } = pairOf('master', 'backup');
  expect(await lb1.desk.answer('history', '{"limit":-1}')).toMatchObject({ ok: false });
});
