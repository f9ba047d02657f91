/**
 * Open connections over a planned move. The kernel of the former owner serves on what it has, without answering for the
 * address on the link; the kernel of the new one passes on to it whatever belongs to none of its own. Both end by
 * themselves, whatever becomes of the daemons.
 */
import type { Ip } from '../base/ip.js';
import type { Result } from '../base/result.js';
import type { Millis } from '../base/time.js';
import type { LeaseRefusal } from './lease-table.js';

/** An address that moves between this node and the other. */
export interface Moved {
  readonly address: Ip;
  /** The other node's own address on that link, of the same family. */
  readonly other: Ip;
}

export interface Connections {
  /**
   * Loads the rules for these interfaces, and ends whatever a former life left of it. The kernel follows connections
   * from then on. Fails where it cannot, and then leaves nothing.
   */
  prepare(interfaces: readonly string[]): Promise<Result<undefined, LeaseRefusal>>;
  /**
   * The addresses go to the other node: for `lasting`, packets of connections that are open here are served, and new
   * connections that still arrive here are passed on. The kernel has done it when the call returns.
   */
  leave(moved: readonly Moved[], lasting: Millis): Promise<Result<undefined, LeaseRefusal>>;
  /** The addresses come from the other node: for `lasting`, what belongs to no connection of ours is passed on to it. */
  take(moved: readonly Moved[], lasting: Millis): Promise<Result<undefined, LeaseRefusal>>;
  /** Neither any more: this node owns the addresses alone. The same is said as when they moved. */
  end(moved: readonly Moved[]): Promise<Result<undefined, LeaseRefusal>>;
  /** Removes everything that this put into the kernel. Nothing there is success. */
  dismantle(): Promise<Result<undefined, LeaseRefusal>>;
}
