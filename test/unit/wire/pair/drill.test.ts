import { describe, expect, it } from 'vitest';
import {
  cutSentences,
  readDrillNamed,
  readHandOrder,
  readHandWord,
} from '../../../../src/wire/pair/drill.js';

const order = { id: 'lb1-1', drill: 'link-down', by: 'lb1', armedForMs: 1, lastsMs: 1 };
const hand = {
  ...{ id: 'lb1-1', drill: 'link-down', node: 'lb2', by: 'lb1', phase: 'undone' },
  ...{ armedAt: 1, until: 2, problems: ['a'], left: [] },
};
const times = { fired: { from: 1, to: 2 }, undone: { from: 3, to: 4, why: 'time was up' } };

describe('what a daemon is told of drills', () => {
  it('is the state of a hand, or that there is none', () => {
    const said = readHandWord(JSON.stringify({ hand: { ...hand, ...times } }));
    expect(said).toEqual({ ok: true, value: { hand: { ...hand, ...times }, refused: undefined } });
    const armed = readHandWord(JSON.stringify({ hand }));
    const value = { hand: { ...hand, fired: undefined, undone: undefined }, refused: undefined };
    expect(armed).toEqual({ ok: true, value });
    expect(readHandWord('{}')).toEqual({
      ok: true,
      value: { hand: undefined, refused: undefined },
    });
    const refused = { code: 'no-such-drill', detail: 'none' };
    expect(readHandWord(JSON.stringify({ refused }))).toEqual({
      ok: true,
      value: { hand: undefined, refused },
    });
    expect(readHandWord(JSON.stringify({ hand: { ...hand, phase: 'gone' } })).ok).toBe(false);
  });

  it('is which drill', () => {
    expect(readDrillNamed('{"id":"lb1-1"}')).toEqual({ ok: true, value: { id: 'lb1-1' } });
    expect(readDrillNamed('{}').ok).toBe(false);
  });

  it.each([
    ['an unknown fault', { kind: 'burn-down' }],
    ['a name that no interface has', { kind: 'link-down', interface: 'eth0"; flush ruleset' }],
    ['no address', { kind: 'add-address', address: { address: 'x' }, interface: 'eth0' }],
    [
      'a prefix that is too long',
      {
        kind: 'add-address',
        address: { address: '10.0.0.1', prefixLength: 33 },
        interface: 'eth0',
      },
    ],
    ['nothing to drop', { kind: 'drop', packets: [] }],
  ])('is refused: %s', (_what, fault) => {
    expect(readHandOrder(JSON.stringify({ ...order, faults: [fault] })).ok).toBe(false);
  });

  it('has room for so many sentences, of such a length', () => {
    const cut = cutSentences([...Array<string>(40).fill('short'), 'more']);
    expect(cut).toHaveLength(32);
    expect(cutSentences(['x'.repeat(600)])[0]).toHaveLength(500);
    expect(readHandWord(JSON.stringify({ hand: { ...hand, left: cut } })).ok).toBe(true);
  });
});
