import { describe, expect, it } from 'vitest';
import { readJson } from '../../../../src/wire/pair/json-answer.js';
import { NODE_WORD } from '../../../../src/wire/pair/node-word.js';

const GROUP = {
  name: 'web',
  role: 'fault',
  fault: 'link eth0 down',
  kept: undefined,
  priority: 253,
  priorityWhy: '253 (base)',
  score: 0,
  parts: ['link eth0 down'],
  master: undefined,
  outlook: undefined,
  drain: undefined,
};
const WORD = {
  node: 'lb2',
  release: '0.1.0',
  at: 1,
  proxy: 'serving',
  requests: 4711,
  orders: { paused: 'yes', maintenance: ['lb2'], schedules: ['web planned'] },
  underWay: [{ what: 'push', says: 'pushes its files' }],
  groups: [GROUP],
};

describe('what a node says of itself', () => {
  it('is read as it was written, and what a later version adds is passed over', () => {
    const later = { ...WORD, mood: 'fine', groups: [{ ...GROUP, colour: 'red' }] };
    expect(readJson(NODE_WORD, JSON.stringify(later))).toEqual({ ok: true, value: WORD });
  });

  it('says what it serves on, in whole or as far as it knows', () => {
    const drain = {
      ...{ state: 'serving on', open: 3, first: 7, reset: 0, sinceMs: 10, leftMs: 90 },
      problem: undefined,
    };
    for (const each of [drain, { ...drain, open: undefined, problem: 'EPERM' }]) {
      const word = { ...WORD, groups: [{ ...GROUP, drain: each }] };
      expect(readJson(NODE_WORD, JSON.stringify(word))).toEqual({ ok: true, value: word });
    }
    const odd = { ...WORD, groups: [{ ...GROUP, drain: { ...drain, state: 'gone' } }] };
    expect(readJson(NODE_WORD, JSON.stringify(odd)).ok).toBe(false);
  });

  it('says nothing of what is under way where it is of a version that does not', () => {
    const word = { ...WORD, underWay: undefined };
    expect(readJson(NODE_WORD, JSON.stringify(word))).toEqual({ ok: true, value: word });
  });

  it('says nothing of orders where it knows none', () => {
    expect(readJson(NODE_WORD, JSON.stringify({ ...WORD, orders: undefined }))).toEqual({
      ok: true,
      value: { ...WORD, orders: undefined },
    });
  });

  it.each([
    ['{', 'not JSON'],
    ['{}', 'node: '],
    [JSON.stringify({ ...WORD, node: 'n'.repeat(241) }), 'node: '],
    [JSON.stringify({ ...WORD, underWay: Array(17).fill({ what: '', says: '' }) }), 'underWay: '],
    [JSON.stringify({ ...WORD, groups: Array(65).fill(GROUP) }), 'groups: '],
    [JSON.stringify({ ...WORD, groups: [{ ...GROUP, role: 'king' }] }), 'groups: 0: role: '],
    [JSON.stringify({ ...WORD, groups: [{ ...GROUP, priority: 256 }] }), 'groups: 0: priority: '],
    [
      JSON.stringify({ ...WORD, groups: [{ ...GROUP, parts: Array(41).fill('x') }] }),
      'groups: 0: parts: ',
    ],
  ])('%s is not believed', (text, why) => {
    const read = readJson(NODE_WORD, text);
    expect(read.ok ? '' : read.error).toContain(why);
  });
});
