/** One `vrrp_instance`, as far as it means something to us. */
import type { Ip } from '../base/ip.js';
import type { Globals } from './global-defs.js';
import type { Statement } from './keepalived/statements.js';
import type { Said } from './remark.js';
import type { TrackDefinitions, Tracked } from './tracked.js';
import type { VirtualAddress } from './virtual-addresses.js';

export interface Instance {
  readonly name: string;
  readonly statement: Statement;
  readonly interface: string | undefined;
  readonly vrid: number | undefined;
  readonly version: 2 | 3;
  readonly priority: number;
  readonly initial: 'master' | 'backup';
  readonly advertMillis: number;
  readonly nopreempt: Statement | undefined;
  /** Seconds. */
  readonly preemptDelay: number;
  readonly accept: 'yes' | 'no';
  readonly virtualMac: 'yes' | 'no';
  readonly addresses: readonly VirtualAddress[];
  readonly unicast: Unicast | undefined;
  /** Where adverts come from, which is an address of the node. */
  readonly source: Ip | undefined;
  readonly password: 'none' | 'simple';
  readonly announce: readonly Statement[];
  readonly tracked: readonly Tracked[];
  /** `notify` and its kin. */
  readonly notify: readonly Statement[];
}

export interface Unicast {
  readonly peers: readonly Ip[];
  readonly minTtl: number | undefined;
  readonly statement: Statement;
}

/** What an instance is read with. */
export interface InstanceContext {
  readonly globals: Globals;
  readonly definitions: TrackDefinitions;
  readonly say: Said;
}

/** While it is read. */
export type InstanceDraft = {
  -readonly [Key in keyof Omit<Instance, 'version'>]: Instance[Key];
} & {
  version: 2 | 3 | undefined;
  ttl: number | undefined;
};
