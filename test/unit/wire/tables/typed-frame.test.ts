import { expect, it } from 'vitest';
import { kindsByType, readTypedFrame } from '../../../../src/wire/tables/typed-frame.js';

const KINDS = kindsByType({ one: 1, two: 2 });

function read(type: number, ...bytes: readonly number[]) {
  return readTypedFrame({ type, body: Uint8Array.from(bytes) }, KINDS, {
    one: (payload) => `one ${String(payload.uint32('number'))}`,
    two: () => 'two',
  });
}

it('is read by its type, whatever stands behind the fields that are known', () => {
  expect(read(1, 0, 0, 1, 0)).toEqual({ ok: true, value: 'one 256' });
  expect(read(2, 9, 9)).toEqual({ ok: true, value: 'two' });
});

it('is nothing where its type is of a later version', () => {
  expect(read(3, 1)).toEqual({ ok: true, value: undefined });
});

it('fails with the first field that is wrong', () => {
  expect(read(1, 0)).toMatchObject({ ok: false, error: { code: 'truncated', where: 'number' } });
});
