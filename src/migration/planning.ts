/** What one node's groups have in common while they are planned. */
import type { Ip } from '../base/ip.js';
import type { Globals } from './global-defs.js';
import type { Remarks } from './remark.js';

export interface Planning {
  readonly globals: Globals;
  readonly remarks: Remarks;
  /** Names that groups have already. */
  readonly names: Set<string>;
  /** Virtual routers and addresses that earlier groups have. */
  readonly routers: Set<string>;
  readonly addresses: Set<Ip>;
}
