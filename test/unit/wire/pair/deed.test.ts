import { describe, expect, it } from 'vitest';
import { DEED_ASKED, DEED_DONE } from '../../../../src/wire/pair/deed.js';

describe('a deed', () => {
  it('is asked for, and answered', () => {
    const asked = { group: 'web', to: 'lb2', successor: 'ready' };
    expect(DEED_ASKED.parse({ ...asked, later: 1 })).toEqual(asked);
    for (const answer of [
      { kind: 'moved', to: '10.77.0.2', within: 12.5 },
      { kind: 'undone', reason: 'no other node took over' },
      { kind: 'already-there' },
      { kind: 'asked', from: undefined },
      { kind: 'refused', code: 'not-master', detail: 'x' },
    ]) {
      expect(DEED_DONE.parse({ ...answer, later: 1 })).toEqual(answer);
    }
  });

  it.each([{ kind: 'moved', to: 'x', within: -1 }, { kind: 'gone' }, { kind: 'undone' }])(
    '%o is no answer',
    (answer) => {
      expect(DEED_DONE.safeParse(answer).success).toBe(false);
    },
  );
});
