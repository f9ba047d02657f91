import { expect, it } from 'vitest';
import { GOODBYE } from '../../../../src/wire/pair/goodbye.js';

it('is read with all of its fields, and passes over those of a later version', () => {
  const fields = { why: 'stopping' };
  expect(GOODBYE.body.parse({ ...fields, later: 1 })).toEqual({ kind: 'goodbye', ...fields });
  expect(GOODBYE.body.safeParse({ why: 'tired' }).success).toBe(false);
});
