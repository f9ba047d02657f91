/** Two drills side by side on a terminal; the golden text is looked at when it changes. */
import { describe, expect, it } from 'vitest';
import { renderComparison } from '../../../src/cli/drill/comparison-text.js';
import { compareDrills } from '../../../src/drill/compare.js';
import { FAILED, PASSED } from '../drill/sample-reports.js';

describe('a comparison on a terminal', () => {
  it('says what got worse', async () => {
    await expect(`${renderComparison(compareDrills(PASSED, FAILED))}\n`).toMatchFileSnapshot(
      '../drill/golden/worse.txt',
    );
  });

  it('says that nothing got worse', () => {
    expect(renderComparison(compareDrills(PASSED, PASSED))).toMatch(/\n\nNothing got worse\.$/u);
  });
});
