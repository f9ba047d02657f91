import { expect, it } from 'vitest';
import { renderUpgrade } from '../../../src/cli/upgrade-check.js';

const OK = { about: 'versions', verdict: 'ok', says: 'alike', todo: undefined } as const;
const WARN = { about: 'orders', verdict: 'warn', says: 'paused', todo: 'vipair resume' } as const;
const NO = { about: 'drill', verdict: 'no', says: 'fired', todo: 'vipair drill undo' } as const;

// Without a terminal there are no colours.
it('says what was looked at, what to do, and what it comes to', () => {
  expect(renderUpgrade([OK], 'lb1')).toBe(
    '  ok   versions: alike\n\nlb1 can be upgraded by a restart of its daemon that hands over; nothing moves',
  );
  expect(renderUpgrade([OK, WARN, NO], 'lb1')).toBe(
    [
      '  ok   versions: alike',
      '  warn orders: paused',
      '       → vipair resume',
      '  no   drill: fired',
      '       → vipair drill undo',
      '',
      'lb1 cannot be upgraded now without moving or breaking something: 1 against it; look at 1 more first',
    ].join('\n'),
  );
});
