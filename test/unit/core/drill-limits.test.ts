import { describe, expect, it } from 'vitest';
import { limitsOver } from '../../../src/core/drill-limits.js';

describe('limits of a drill', () => {
  const wide = {
    gapMs: 100,
    failed: undefined,
    streamsBroken: 1,
    twoOwnersMs: 50,
    noOwnerMs: 100,
    moves: 1,
  };

  it('are those of the catalogue where nothing else is said', () => {
    expect(limitsOver(wide, {})).toEqual(wide);
  });

  it('are what the site says, one by one; no limit at all is what a site cannot say', () => {
    expect(limitsOver(wide, { gapMs: 7, failed: 0, moves: 0, noOwnerMs: undefined })).toEqual({
      ...wide,
      gapMs: 7,
      failed: 0,
      moves: 0,
    });
  });
});
