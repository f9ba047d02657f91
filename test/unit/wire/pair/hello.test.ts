import { expect, it } from 'vitest';
import { HELLO } from '../../../../src/wire/pair/hello.js';

it('is read with all of its fields, and passes over those of a later version', () => {
  const fields = { node: 'lb1', release: '0.1.0', oldest: 1, newest: 4 };
  expect(HELLO.body.parse({ ...fields, later: 1 })).toEqual({ kind: 'hello', ...fields });
  expect(HELLO.body.safeParse({ node: 'lb1', release: '0.1.0', oldest: 1 }).success).toBe(false);
});
