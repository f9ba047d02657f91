import { expect, it } from 'vitest';
import { readWait, waitText } from '../../../src/cli/server-wait.js';

it.each([
  ['', 300],
  ['20', 20],
  ['86400', 86_400],
  ['86401', undefined],
  ['0', undefined],
  ['1.5', undefined],
  ['web/web1', undefined],
])('--wait %j is %s seconds', (typed, seconds) => {
  expect(readWait(typed)).toBe(seconds);
});

it.each([
  ['done', 'web/a: drained after 2 s: lb1 does not have it, lb2 not known; lb2: away'],
  ['not done', 'web/a: not drained within 2 s, and still wanted so: lb1 does'],
  ['interrupted', 'web/a: not waited for any longer, and still wanted so: lb1 does'],
] as const)('says what became of it: %s', (outcome, text) => {
  const nodes = [
    { node: 'lb1', server: 'none' },
    { node: 'lb2', server: 'not known' },
  ] as const;
  const waited = { outcome, goal: 'drained', seconds: 2, nodes, problems: ['lb2: away'] } as const;
  expect(waitText('web/a', waited)).toContain(text);
});
