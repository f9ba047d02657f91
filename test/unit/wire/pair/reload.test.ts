import { expect, it } from 'vitest';
import { readPlan } from '../../../../src/wire/pair/reload.js';

it('a plan of the other node is read back, and refused where it is none', () => {
  const plan = { changes: [{ path: 'pair.port', from: '1', to: '2', takes: 'restart' }] };
  expect(readPlan(JSON.stringify(plan))).toEqual({ ok: true, value: plan });
  expect(readPlan('{"changes":[{"path":"a","takes":"luck"}]}')).toMatchObject({ ok: false });
});
