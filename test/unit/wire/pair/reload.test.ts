import { expect, it } from 'vitest';
import {
  readChange,
  readCommit,
  readPlan,
  readPrepare,
  readWithdrawn,
  sharedPart,
} from '../../../../src/wire/pair/reload.js';

it('a plan of the other node is read back, and refused where it is none', () => {
  const plan = { changes: [{ path: 'pair.port', from: '1', to: '2', takes: 'restart' }] };
  expect(readPlan(JSON.stringify(plan))).toEqual({ ok: true, value: plan });
  expect(readPlan('{"changes":[{"path":"a","takes":"luck"}]}')).toMatchObject({ ok: false });
});

it('a plan of a later version tells what both must have just the same, as far as there is room', () => {
  const lines = [{ path: 'groups.web.vrid', value: '51' }];
  const plan = { changes: [], shared: sharedPart('digest', lines) };
  expect(readPlan(JSON.stringify(plan))).toEqual({ ok: true, value: plan });
  const line = { path: 'a', value: 'x'.repeat(1900) };
  for (const many of [
    new Array<typeof line>(1001).fill({ path: 'a', value: 'b' }),
    new Array<typeof line>(30).fill(line),
    [{ path: 'a', value: 'x'.repeat(2000) }],
  ]) {
    expect(sharedPart('digest', many)).toEqual({ digest: 'digest', lines: [] });
  }
});

it.each([
  [readChange, { id: 'a' }, { id: '' }],
  [readPrepare, { id: 'a', digest: 'b' }, { id: 'a' }],
  [readCommit, { id: 'a', delay: 100 }, { id: 'a', delay: -1 }],
  [readWithdrawn, { outcome: 'switched' }, { outcome: 'perhaps' }],
])('what is said of a change together is read back, or refused', (read, right, wrong) => {
  expect(read(JSON.stringify(right))).toEqual({ ok: true, value: right });
  expect(read(JSON.stringify(wrong))).toMatchObject({ ok: false });
});
