import { expect, it } from 'vitest';
import type { HistoryWord } from '../../../../src/wire/pair/history-word.js';
import { HISTORY_ASKED, HISTORY_WORD } from '../../../../src/wire/pair/history-word.js';
import { readJson } from '../../../../src/wire/pair/json-answer.js';
import { TRANSITION } from '../../record/given-history.js';

const { node, ...TOLD } = TRANSITION;
const WORD: HistoryWord = { kept: 'on disk', rest: 'none', transitions: [TOLD] };

it('is read as it was written, and what a later version adds is passed over', () => {
  const text = JSON.stringify({ ...WORD, transitions: [{ ...TOLD, node, mood: 'fine' }] });
  expect(readJson(HISTORY_WORD, text)).toEqual({ ok: true, value: WORD });
});

it('everything that a node may have known is read back', () => {
  const evidence = {
    ...TOLD.evidence,
    heard: { source: '10.77.0.2', priority: 253 },
    heartbeat: { life: 'fresh', agoMs: undefined },
    peerSaid: { role: 'master', priority: 254, lan: 'reachable' },
    links: ['eth0 down'],
    checks: ['db fails: it ended with 1'],
    proxy: 'restarting',
  };
  const word = { ...WORD, transitions: [{ ...TOLD, evidence, pairTime: undefined }] };
  expect(readJson(HISTORY_WORD, JSON.stringify(word))).toEqual({ ok: true, value: word });
});

it.each([{ kind: 'served', afterMs: 12.5 } as const, { kind: 'none', withinMs: 10_000 } as const])(
  'a first request of %j is read back',
  (firstRequest) => {
    const phases = { ...TOLD.phases, firstRequest };
    const word = { ...WORD, transitions: [{ ...TOLD, phases }] };
    expect(readJson(HISTORY_WORD, JSON.stringify(word))).toEqual({ ok: true, value: word });
  },
);

it('a question names a group or none', () => {
  for (const asked of [
    { group: 'web', limit: 20, skip: 0 },
    { group: undefined, limit: 1000, skip: 500 },
  ]) {
    expect(readJson(HISTORY_ASKED, JSON.stringify(asked))).toEqual({ ok: true, value: asked });
  }
});

it.each([
  [HISTORY_ASKED, { limit: 1001, skip: 0 }, 'limit'],
  [HISTORY_ASKED, { limit: 1, skip: -1 }, 'skip'],
  [HISTORY_WORD, {}, 'kept'],
  [HISTORY_WORD, { ...WORD, transitions: Array(1001).fill(TOLD) }, 'transitions'],
  [HISTORY_WORD, { ...WORD, transitions: [{ ...TOLD, to: 'king' }] }, 'transitions: 0: to'],
  [HISTORY_WORD, { ...WORD, transitions: [{ ...TOLD, at: 1e300 }] }, 'transitions: 0: at'],
  [HISTORY_WORD, { ...WORD, transitions: [{ ...TOLD, cause: 'x'.repeat(513) }] }, 'cause'],
])('%# is not believed', (expected, words, where) => {
  const read = readJson<unknown>(expected, JSON.stringify(words));
  expect(read.ok ? '' : read.error).toContain(where);
});
