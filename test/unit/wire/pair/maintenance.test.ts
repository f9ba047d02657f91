import { expect, it } from 'vitest';
import { readJson } from '../../../../src/wire/pair/json-answer.js';
import { MAINTENANCE_ASKED, MAINTENANCE_DONE } from '../../../../src/wire/pair/maintenance.js';

it('is asked for, done or refused, and read as it was written', () => {
  const asked = { successor: 'any' };
  expect(readJson(MAINTENANCE_ASKED, JSON.stringify(asked))).toEqual({ ok: true, value: asked });
  for (const done of [
    { kind: 'ordered', holds: ['web'] },
    { kind: 'refused', code: 'not-ready', detail: 'it is in fault' },
  ]) {
    expect(readJson(MAINTENANCE_DONE, JSON.stringify(done))).toEqual({ ok: true, value: done });
  }
});

it.each(['{}', '{"kind":"ordered"}', '{"kind":"moved"}'])('%s is not believed', (text) => {
  expect(readJson(MAINTENANCE_DONE, text).ok).toBe(false);
  expect(readJson(MAINTENANCE_ASKED, text).ok).toBe(false);
});
