/** Where adverts go that are sent to everybody who listens (RFC 9568 §5.1.1.2, §5.1.2.2). */
import type { Family } from '../base/ip.js';
import type { Ipv4 } from '../base/ipv4.js';
import type { Ipv6 } from '../base/ipv6.js';

export const VRRP_GROUPS: Readonly<Record<Family, Ipv4 | Ipv6>> = {
  ipv4: '224.0.0.18' as Ipv4,
  ipv6: 'ff02::12' as Ipv6,
};
