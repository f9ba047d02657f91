/** What the state machine does today is what test/transcripts says, word by word. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { filesOf, orphans } from '../transcripts/files.js';
import { ARBITER_ROWS, RFC9568_ROWS } from '../transcripts/rows.js';

const HOW = 'run `npm run transcripts` and read the diff';
const FILES = filesOf();

it.each(FILES)('$name says what happens', ({ path, text }) => {
  expect(existsSync(path), `${path} is missing: ${HOW}`).toBe(true);
  expect(readFileSync(path, 'utf8'), `${path} says something else: ${HOW}`).toBe(text);
});

describe('the transcripts', () => {
  it('have names of their own', () => {
    const names = FILES.map(({ name }) => name);
    expect(names).toEqual([...new Set(names)]);
  });

  it('all belong to a scenario', () => {
    expect(orphans(), `no scenario writes these: ${HOW}`).toEqual([]);
  });

  it('have one for each row of RFC 9568 §6.4', () => {
    const rows = FILES.map(({ name }) => name).filter((name) => name.startsWith('rfc9568-'));
    expect(rows.toSorted()).toEqual(RFC9568_ROWS.toSorted());
  });

  it('have one at least for each row of the arbiter, and none without a row', () => {
    const shown = FILES.map(({ name }) => name).filter((name) => name.startsWith('pair-'));
    expect(Object.values(ARBITER_ROWS).flat().toSorted()).toEqual(shown.toSorted());
    expect(Object.values(ARBITER_ROWS).filter((names) => names.length === 0)).toEqual([]);
  });

  it('are named by docs/ARCHITECTURE.md, row by row', () => {
    const text = readFileSync('docs/ARCHITECTURE.md', 'utf8');
    const named = [...text.matchAll(/`(pair-[a-z-]+)`/gu)].map(([, name]) => name);
    expect(named).toEqual(Object.values(ARBITER_ROWS).flat());
  });
});
