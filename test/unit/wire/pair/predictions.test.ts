import { expect, it } from 'vitest';
import { readJson } from '../../../../src/wire/pair/json-answer.js';
import { PREDICTIONS } from '../../../../src/wire/pair/predictions.js';

const GROUP = { group: 'web', before: ['lb1'], after: [], afterMs: 12.5, why: undefined };
const PREDICTION = {
  hypothesis: { kind: 'power', node: 'lb1', name: undefined },
  groups: [GROUP],
  steps: [{ atMs: 3, node: 'lb2', says: 'alarm: backup → master' }],
  end: 'settled',
};
const WORDS = { predictions: [PREDICTION], missing: ['nothing'] };

it('is read as it was written, and what a later version adds is passed over', () => {
  const text = JSON.stringify({ ...WORDS, mood: 'fine' });
  expect(readJson(PREDICTIONS, text)).toEqual({ ok: true, value: WORDS });
});

it.each([
  [{}, 'predictions'],
  [{ ...WORDS, predictions: Array(65).fill(PREDICTION) }, 'predictions'],
  [{ ...WORDS, missing: ['x'.repeat(401)] }, 'missing: 0'],
  [{ ...WORDS, predictions: [{ ...PREDICTION, end: 'happy' }] }, 'predictions: 0: end'],
  [
    {
      ...WORDS,
      predictions: [{ ...PREDICTION, groups: [{ ...GROUP, after: ['a', 'b', 'c'] }] }],
    },
    'predictions: 0: groups: 0: after',
  ],
])('%# is not believed', (words, where) => {
  const read = readJson(PREDICTIONS, JSON.stringify(words));
  expect(read.ok ? '' : read.error).toContain(where);
});
