/** Where adverts go that are sent to everybody who listens (RFC 9568 §5.1.1.2, §5.1.2.2). */
import type { Ipv4 } from '../base/ipv4.js';
import type { Ipv6 } from '../base/ipv6.js';

export const VRRP_GROUPS: { readonly ipv4: Ipv4; readonly ipv6: Ipv6 } = {
  ipv4: '224.0.0.18' as Ipv4,
  ipv6: 'ff02::12' as Ipv6,
};
