import { expect, it } from 'vitest';
import type { TablesWait, TablesWord } from '../../../src/core/tables-wait.js';
import {
  hearTables,
  meetPeer,
  settleTables,
  TABLES_IN,
  tellTables,
} from '../../../src/core/tables-wait.js';
import { at, NOW } from './given.js';

const AWAITED: TablesWait = { kind: 'awaited', until: at(60_000) };
const GIVEN_UP: TablesWait = { kind: 'given-up' };
const ALONE: TablesWait = { kind: 'alone' };

it.each<[TablesWait, TablesWord, TablesWait]>([
  [TABLES_IN, 'in', TABLES_IN],
  [TABLES_IN, 'awaited', AWAITED],
  [{ ...AWAITED, until: at(7) }, 'awaited', { ...AWAITED, until: at(7) }],
  [AWAITED, 'in', TABLES_IN],
  [GIVEN_UP, 'awaited', GIVEN_UP],
  [GIVEN_UP, 'in', TABLES_IN],
  [ALONE, 'awaited', ALONE],
  [ALONE, 'in', TABLES_IN],
])('%j, and they are %s: %j', (wait, word, expected) => {
  expect(hearTables(wait, word, NOW)).toEqual(expected);
});

it('what is of no kind that we know is our own mistake', () => {
  expect(() => tellTables(TABLES_IN, { kind: 'lost' } as never)).toThrow();
});

it('has an end', () => {
  expect(settleTables(AWAITED, 'heard', at(59_999))).toBe(AWAITED);
  expect(settleTables(AWAITED, 'heard', at(60_000))).toEqual(GIVEN_UP);
  expect(settleTables(TABLES_IN, 'heard', at(60_000))).toBe(TABLES_IN);
});

it('with nobody to come from they are not given up: they are awaited anew when the other daemon is back', () => {
  expect(settleTables(AWAITED, 'not heard', at(60_000))).toEqual(ALONE);
  expect(meetPeer(ALONE, 'not heard', at(70_000))).toBe(ALONE);
  expect(meetPeer(ALONE, 'heard', at(70_000))).toEqual({ kind: 'awaited', until: at(130_000) });
  expect(meetPeer(GIVEN_UP, 'heard', NOW)).toBe(GIVEN_UP);
});

it.each<[TablesWait, TablesWait, readonly string[]]>([
  [AWAITED, AWAITED, []],
  [TABLES_IN, AWAITED, ['tables.awaited']],
  [AWAITED, GIVEN_UP, ['tables.given-up']],
  [GIVEN_UP, TABLES_IN, ['tables.in']],
  [AWAITED, ALONE, []],
  [ALONE, AWAITED, ['tables.awaited']],
])('from %j to %j tells %j', (before, after, events) => {
  expect(tellTables(before, after).map(({ event }) => event)).toEqual(events);
});
