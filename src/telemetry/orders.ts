/** What a daemon says of what operators have ordered of the pair. */
import type { NodeNames, Order, Orders } from '../core/orders.js';
import { isOn } from '../core/orders.js';
import type { KeptWhere } from './servers.js';

export interface OrdersStatus {
  /** `awaited`: this daemon has just been started, and may not know of all; it moves nothing by itself until then. */
  readonly known: 'yes' | 'awaited';
  /** Undefined: moves are automatic. */
  readonly paused: Given | undefined;
  /** The nodes that are in maintenance. */
  readonly maintenance: readonly Maintained[];
}

export interface Maintained extends Given {
  readonly node: string;
}

/** When an order was given, and on which node. */
export interface Given {
  readonly by: string;
  /** By that node's clock: Unix milliseconds. */
  readonly at: number;
}

export function ordersStatus(
  { known, pause, ...maintenance }: Orders,
  names: NodeNames,
): OrdersStatus {
  const nodes = (['own', 'peer'] as const).flatMap((which) => {
    const given = givenOf(maintenance[which]);
    return given === undefined ? [] : [{ node: names[which], ...given }];
  });
  return { known, paused: givenOf(pause), maintenance: nodes };
}

function givenOf(order: Order): Given | undefined {
  return isOn(order) ? { by: order.by, at: order.at } : undefined;
}

/** Such as `since 2026-03-02 04:11:07 by lb1`, in UTC. */
export function sinceText({ by, at }: Given): string {
  return `since ${new Date(at).toISOString().replace('T', ' ').slice(0, SECONDS_SHOWN)} by ${by}`;
}

/** A sentence for people who wonder why nothing moves; undefined where nothing stops it. */
export function pausedText({ paused }: Pick<OrdersStatus, 'paused'>): string | undefined {
  return paused === undefined ? undefined : `automatic moves are paused ${sinceText(paused)}`;
}

/** A sentence for each node that is in maintenance. */
export function maintenanceTexts({ maintenance }: OrdersStatus): readonly string[] {
  return maintenance.map((each) => `${each.node} is in maintenance ${sinceText(each)}`);
}

/** What has become of an order. */
export interface OrderAnswer {
  readonly node: string;
  readonly orders: OrdersStatus;
  /** `nothing`: that stood already. */
  readonly changed: 'something' | 'nothing';
  readonly kept: KeptWhere;
  /** Undefined where there is no pair channel. */
  readonly peer: PeerObeys | undefined;
  /** Of a node that was put in maintenance: the groups that it has all the same. */
  readonly holds: readonly string[];
}

/** Whether the other node has it so, by its own word. */
export interface PeerObeys {
  readonly node: string;
  /** Undefined where it has. */
  readonly problem: string | undefined;
}

const SECONDS_SHOWN = '2026-01-01 00:00:00'.length;
