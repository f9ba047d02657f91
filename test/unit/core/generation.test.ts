import { describe, expect, it } from 'vitest';
import type { GenerationItem } from '../../../src/core/generation.js';
import { differingItems } from '../../../src/core/generation.js';

const text = (name: string, value: string): GenerationItem => ({ name, value, kind: 'text' });
const plain = (name: string, value: string): GenerationItem => ({ name, value, kind: 'value' });

describe('what two nodes have in common', () => {
  it('is everything where every item is equal, whatever their order', () => {
    const items = [text('haproxy.cfg', 'aa'), plain('vipair', '1')];
    expect(differingItems(items, items.toReversed())).toEqual([]);
  });

  it('is not what is different, missing there or missing here', () => {
    expect(
      differingItems(
        [text('haproxy.cfg', 'aa'), plain('vipair', '1'), plain('mine', 'x')],
        [plain('theirs', 'y'), text('haproxy.cfg', 'bb'), plain('vipair', '1')],
      ),
    ).toEqual([
      { name: 'haproxy.cfg', kind: 'text', here: 'aa', there: 'bb' },
      { name: 'mine', kind: 'value', here: 'x', there: undefined },
      { name: 'theirs', kind: 'value', here: undefined, there: 'y' },
    ]);
  });
});
