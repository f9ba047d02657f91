import { expect, it } from 'vitest';
import { MOST_FRAME_BYTES } from '../../../../src/wire/pair/frame.js';
import { readMessage, writeMessage } from '../../../../src/wire/pair/message.js';
import { MOST_IN_MESSAGE, REGISTERS } from '../../../../src/wire/pair/registers.js';

const REGISTER = {
  key: 'server/web/web1/admin',
  value: 'drain',
  stamp: { counter: 3, node: 'lb1' },
  at: 1_700_000_000_000,
};

it('says what operators want', () => {
  const fields = { registers: [REGISTER] };
  expect(REGISTERS.body.parse(fields)).toEqual({ kind: 'registers', ...fields });
});

it.each([
  { key: '' },
  { key: 'k'.repeat(201) },
  { key: 'a key' },
  { value: 'v'.repeat(201) },
  { value: 'line\nline' },
  { stamp: { counter: 0, node: 'lb1' } },
  { stamp: { counter: 1.5, node: 'lb1' } },
  { stamp: { counter: 2 ** 53, node: 'lb1' } },
  { stamp: { counter: 1, node: '' } },
  { at: -1 },
  { at: Number.NaN },
])('is not believed with %j', (wrong) => {
  expect(REGISTERS.body.safeParse({ registers: [{ ...REGISTER, ...wrong }] }).success).toBe(false);
});

it('is bounded: the most there can be in one message fits into a frame', () => {
  const longest = {
    ...{ key: 'k'.repeat(200), value: 'v'.repeat(200), at: 2 ** 48 },
    stamp: { counter: Number.MAX_SAFE_INTEGER, node: 'n'.repeat(64) },
  };
  const registers = Array.from({ length: MOST_IN_MESSAGE }, () => longest);
  const frame = writeMessage({ kind: 'registers', registers }, 3);
  expect(frame.body.length).toBeLessThan(MOST_FRAME_BYTES);
  expect(readMessage(frame)).toMatchObject({ ok: true, value: { registers } });
  expect(REGISTERS.body.safeParse({ registers: [...registers, longest] }).success).toBe(false);
});
