import { expect, it } from 'vitest';
import { PRIORITY_OTHER, PRIORITY_PREFERRED, wirePriority } from '../../../src/core/priority.js';
import { PRIORITY_OWNER, PRIORITY_RESIGNS } from '../../../src/wire/vrrp.js';

it('the preferred node outranks the other one', () => {
  expect(wirePriority('lb1', 'lb1')).toBe(PRIORITY_PREFERRED);
  expect(wirePriority('lb2', 'lb1')).toBe(PRIORITY_OTHER);
  expect(PRIORITY_PREFERRED).toBeGreaterThan(PRIORITY_OTHER);
});

it('RFC 9568 §5.2.4 neither resigns nor claims to own the addresses', () => {
  for (const priority of [PRIORITY_PREFERRED, PRIORITY_OTHER]) {
    expect(priority).toBeGreaterThan(PRIORITY_RESIGNS);
    expect(priority).toBeLessThan(PRIORITY_OWNER);
  }
});
