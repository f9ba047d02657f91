import { expect, it } from 'vitest';
import { isMulticastIp } from '../../../src/base/ip.js';
import { VRRP_GROUPS } from '../../../src/wire/vrrp-groups.js';

it('adverts go to groups of their family (RFC 9568 §5.1.1.2, §5.1.2.2)', () => {
  expect(VRRP_GROUPS).toEqual({ ipv4: '224.0.0.18', ipv6: 'ff02::12' });
  expect(Object.values(VRRP_GROUPS).every(isMulticastIp)).toBe(true);
});
