import { expect, it } from 'vitest';
import { done, fail, ok } from '../../../src/base/result.js';

it('a success carries its value', () => {
  expect(ok(7)).toEqual({ ok: true, value: 7 });
});

it('a failure carries its error', () => {
  expect(fail({ code: 'late' })).toEqual({ ok: false, error: { code: 'late' } });
});

it('being done is a success that carries nothing', () => {
  expect(done).toEqual({ ok: true, value: undefined });
});
