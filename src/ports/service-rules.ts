/** The kernel's rules that pass connections to virtual addresses on to servers. */
import type { Ip } from '../base/ip.js';
import type { Result } from '../base/result.js';
import type { LeaseRefusal } from './lease-table.js';

/** What the kernel does with one port of a virtual address. */
export interface ServiceRule {
  readonly address: Ip;
  readonly port: number;
  readonly protocol: 'tcp' | 'udp';
  readonly hash: 'flow' | 'source';
  /** Where the hash begins: the same on both nodes. */
  readonly seed: number;
  /** What servers see as the client; undefined: the client. */
  readonly source: Ip | undefined;
  /** By the hash of a new connection. Empty: new connections are refused, so that clients need not wait. */
  readonly slots: readonly ServerPlace[];
}

export interface ServerPlace {
  readonly address: Ip;
  readonly port: number;
}

export interface ServiceRules {
  /**
   * New connections go by these from now on, all at one moment; what was loaded before is replaced. Connections that are
   * open stay with their servers. Loading the same again does no harm; a refusal leaves what was there.
   */
  load(rules: readonly ServiceRule[]): Promise<Result<undefined, LeaseRefusal>>;
  /** Whether there are any, such as those of a daemon that was killed; `some`: those of one family are gone. */
  loaded(): Promise<Result<'all' | 'some' | 'none', LeaseRefusal>>;
  /** Removes everything that this put into the kernel. Nothing there is success. */
  dismantle(): Promise<Result<undefined, LeaseRefusal>>;
}
