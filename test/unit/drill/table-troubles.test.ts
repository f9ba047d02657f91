import { describe, expect, it } from 'vitest';
import { notComparedSince, troublesOf } from '../../../src/drill/table-troubles.js';
import { BEGUN, givenTables } from './given-drill.js';

const since = { since: BEGUN, ahead: (node: string) => (node === 'lb1' ? 5000 : 0) };

describe('stick tables that should be the same', () => {
  it('are compared where either node has done so since, by the clock of whoever asks', () => {
    const old = givenTables('lb2', { verdict: 'equal', at: BEGUN - 1 });
    const never = givenTables('lb1', { verdict: 'unknown' });
    const ahead = (at: number) => givenTables('lb1', { verdict: 'equal', at });
    expect(notComparedSince([old, never], since)).toEqual(['web']);
    expect(notComparedSince([old, ahead(BEGUN + 4999)], since)).toEqual(['web']);
    expect(notComparedSince([old, ahead(BEGUN + 5001)], since)).toEqual([]);
    expect(notComparedSince([], since)).toEqual([]);
  });

  it('are not where a node says so, knows nothing, or its HAProxy has others', () => {
    expect(troublesOf(givenTables('lb1', { verdict: 'differs' }))).toEqual(['lb1: web differs']);
    expect(
      troublesOf({ ...givenTables('lb1', { verdict: 'equal' }), replication: undefined }),
    ).toEqual(['lb1: its replicator has not reported']);
    const lacks = { rows: 1, missing: 0, otherwise: 1, examples: [] };
    expect(troublesOf(givenTables('lb1', { verdict: 'equal' }, lacks))).toEqual([
      'lb1: HAProxy has not what the replicator has of web',
    ]);
    expect(troublesOf(givenTables('lb1', { verdict: 'equal' }, 'no answer'))).toEqual([]);
  });
});
