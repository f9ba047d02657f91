/** The kernel's table of the connections that it follows: heard, listed, written to. */
import type { Ip } from '../base/ip.js';
import type { Result } from '../base/result.js';
import type { Flow, FlowKey } from '../wire/conntrack/flow.js';
import type { KernelRefusal } from './address-table.js';

export interface FlowListener {
  /**
   * In the order in which the kernel told them. Of flows that are not assured nothing is told, and nothing of what this
   * table itself put and removed. `gone`: ended, by timeout or because somebody removed it.
   */
  happened(events: readonly FlowEvent[]): void;
  /** Some events were lost; only a list can tell what there is now. */
  lost(): void;
}

export type FlowEvent =
  { readonly kind: 'is'; readonly flow: Flow } | { readonly kind: 'gone'; readonly flow: Flow };

/** One that the kernel did not take, and why: `errno` is a name such as `EBUSY`. */
export interface FlowRefusal {
  readonly key: FlowKey;
  readonly errno: string;
}

export interface FlowTable {
  /**
   * Once, and with nothing left out; before a list is asked for, so that nothing falls between the two. Of a flow that began while nobody listened the
   * kernel tells nothing, not even its end, unless `net.netfilter.nf_conntrack_events` is 1: only a later list is without it.
   */
  hear(listener: FlowListener): Result<undefined, KernelRefusal>;
  /**
   * From now on, of flows that one of these begins or answers nothing need be told: they end on this machine. Some may be
   * told nevertheless. What was left out before is told again.
   */
  leaveOut(ends: readonly Ip[]): Result<undefined, KernelRefusal>;
  /** All that there is, in pieces as they come. The number of flows told, or why the list ended early. */
  list(each: (flows: readonly Flow[]) => void): Promise<Result<number, KernelRefusal>>;
  /**
   * `replace`: whatever is there; `create`: only where there is none, and one that is there is no refusal. The kernel
   * has them when the promise resolves; those that it did not take are told. At most {@link MOST_FLOWS_AT_ONCE}.
   */
  put(
    flows: readonly Flow[],
    how: 'replace' | 'create',
  ): Promise<Result<readonly FlowRefusal[], KernelRefusal>>;
  /** One that is not there is no refusal. At most {@link MOST_FLOWS_AT_ONCE}. */
  remove(keys: readonly FlowKey[]): Promise<Result<readonly FlowRefusal[], KernelRefusal>>;
  /** How many there are, and how many there may be (`nf_conntrack_max`); all of the network namespace. */
  room(): Result<{ readonly flows: number; readonly most: number }, KernelRefusal>;
  /** Messages that the kernel could not deliver to `hear`, since the start. */
  readonly drops: number;
  /** Idempotent. */
  close(): void;
}

export const MOST_FLOWS_AT_ONCE = 64;
