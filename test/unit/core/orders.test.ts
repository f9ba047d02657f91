import { expect, it } from 'vitest';
import {
  isOn,
  maintenanceKey,
  movesByItself,
  NO_ORDERS,
  ordersIn,
  tellOrders,
} from '../../../src/core/orders.js';
import type { Registers } from '../../../src/core/registers.js';
import { merge, NO_REGISTERS } from '../../../src/core/registers.js';
import { AWAITED, PAUSED } from './given-group.js';

const NAMES = { own: 'lb1', peer: 'lb2' };

function saying(key: string, value: string): Registers {
  const register = { key, value, stamp: { counter: 3, node: 'lb2' }, at: 42 };
  return merge(NO_REGISTERS, [register]).registers;
}

it.each([
  ['on', 'on'],
  ['off', 'off'],
  ['as a version to come has it', 'off'],
])('a pause that is %s is %s', (value, state) => {
  const orders = ordersIn(saying('pause', value), 'yes', NAMES);
  expect(orders.pause).toEqual({ state, by: 'lb2', at: 42 });
  expect(isOn(orders.pause)).toBe(state === 'on');
});

it('where nobody has ever said anything, nothing is ordered', () => {
  expect(ordersIn(NO_REGISTERS, 'yes', NAMES)).toEqual(NO_ORDERS);
  expect(ordersIn(saying('server/web/web1/admin', 'on'), 'yes', NAMES)).toEqual(NO_ORDERS);
});

it.each([
  [NO_ORDERS, true],
  [PAUSED, false],
  [AWAITED, false],
])('with %j a node moves by itself: %s', (orders, moves) => {
  expect(movesByItself(orders)).toBe(moves);
});

it('a node is in maintenance by its name, and a third one is none of the pair', () => {
  const of = (node: string) => ordersIn(saying(maintenanceKey(node), 'on'), 'yes', NAMES);
  expect([isOn(of('lb1').own), isOn(of('lb1').peer)]).toEqual([true, false]);
  expect([isOn(of('lb2').own), isOn(of('lb2').peer)]).toEqual([false, true]);
  expect(of('lb3')).toEqual(NO_ORDERS);
});

it('what has changed is told, and nothing else', () => {
  expect(tellOrders(NO_ORDERS, PAUSED)).toEqual([{ event: 'orders.paused', by: 'lb1' }]);
  expect(tellOrders(PAUSED, { ...PAUSED, known: 'awaited' })).toEqual([]);
  const both = { ...PAUSED, own: PAUSED.pause, peer: PAUSED.pause };
  expect(tellOrders(PAUSED, both)).toEqual([
    { event: 'orders.maintenance', of: 'this node', state: 'on', by: 'lb1' },
    { event: 'orders.maintenance', of: 'the other node', state: 'on', by: 'lb1' },
  ]);
  expect(tellOrders(PAUSED, NO_ORDERS)).toEqual([{ event: 'orders.resumed', by: '' }]);
});
