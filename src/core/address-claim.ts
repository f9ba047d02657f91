/** What some machine says of an address that is ours. */
import type { Ip } from '../base/ip.js';
import type { MacAddress } from '../base/mac.js';

/** Some machine says that it has one of the addresses. */
export interface AddressClaim {
  readonly address: Ip;
  readonly mac: MacAddress;
}
