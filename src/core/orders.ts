/**
 * What operators order of the pair itself, as registers: an order stands on both nodes and over restarts, until another
 * one is given. A pause stops automatic moves; it never keeps addresses on a node that cannot have them.
 */
import type { Notice } from './notice.js';
import type { Register, Registers } from './registers.js';

/** The last word of operators on one matter. */
export interface Order {
  readonly state: 'on' | 'off';
  /** The node that it was given on. */
  readonly by: string;
  /** When, by the wall clock of that node: for people, it decides nothing. */
  readonly at: number;
}

export interface Orders {
  /** `awaited`: this daemon has just been started, and does not know yet what was ordered before. */
  readonly known: 'yes' | 'awaited';
  /** Of automatic moves. */
  readonly pause: Order;
  /** Whether this node, and the other, is in maintenance: it has the addresses only where nobody else could. */
  readonly own: Order;
  readonly peer: Order;
}

export interface NodeNames {
  readonly own: string;
  readonly peer: string;
}

/** What stands where nobody has ever said anything. */
export const NEVER_GIVEN: Order = { state: 'off', by: '', at: 0 };
export const NO_ORDERS: Orders = {
  known: 'yes',
  pause: NEVER_GIVEN,
  own: NEVER_GIVEN,
  peer: NEVER_GIVEN,
};

export const PAUSE_KEY = 'pause';

export function maintenanceKey(node: string): string {
  return `maintenance/${node}`;
}

/** What the registers say, as far as this version understands it. */
export function ordersIn(
  { byKey }: Registers,
  known: Orders['known'],
  { own, peer }: NodeNames,
): Orders {
  return {
    known,
    pause: orderOf(byKey.get(PAUSE_KEY)),
    own: orderOf(byKey.get(maintenanceKey(own))),
    peer: orderOf(byKey.get(maintenanceKey(peer))),
  };
}

export function isOn({ state }: Order): boolean {
  return state === 'on';
}

/** Whether a node that is well may take the addresses from another by itself: not before it knows that nobody minds. */
export function movesByItself({ known, pause }: Orders): boolean {
  return known === 'yes' && !isOn(pause);
}

/** What has changed, for people. */
export function tellOrders(before: Orders, after: Orders): readonly Notice[] {
  const { pause, own, peer } = after;
  return [
    ...(isOn(pause) === isOn(before.pause)
      ? []
      : [{ event: isOn(pause) ? 'orders.paused' : 'orders.resumed', by: pause.by } as const]),
    ...(isOn(own) === isOn(before.own) ? [] : [tellMaintenance('this node', own)]),
    ...(isOn(peer) === isOn(before.peer) ? [] : [tellMaintenance('the other node', peer)]),
  ];
}

function tellMaintenance(of: 'this node' | 'the other node', { state, by }: Order): Notice {
  return { event: 'orders.maintenance', of, state, by };
}

function orderOf(register: Register | undefined): Order {
  if (register === undefined) {
    return NEVER_GIVEN;
  }
  const { value, stamp, at } = register;
  return { state: value === 'on' ? 'on' : 'off', by: stamp.node, at };
}

/** What makes a node in maintenance unfit, in the operator's words. */
export const IN_MAINTENANCE = 'in maintenance';
