import { expect, it } from 'vitest';
import { DEED_ASKED } from '../../../../src/wire/pair/deed.js';
import { readJson } from '../../../../src/wire/pair/json-answer.js';

it.each([
  ['{"group":"web","successor":"any"}', { ok: true, value: { group: 'web', successor: 'any' } }],
  ['{"group":', { ok: false, error: 'not JSON' }],
  ['[]', { ok: false, error: expect.stringContaining('expected object') as string }],
  ['{"group":1}', { ok: false, error: expect.stringMatching(/^group: .*string/u) as string }],
])('%s is read, or it is said what is wrong with it', (text, read) => {
  expect(readJson(DEED_ASKED, text)).toEqual(read);
});
