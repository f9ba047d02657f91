import { expect, it } from 'vitest';
import { lockFileName } from '../../../src/base/lock-file.js';

it('a lock is named after the network namespace that its daemon works in', () => {
  expect(lockFileName(4_026_531_840)).toBe('vipair-4026531840.lock');
});
