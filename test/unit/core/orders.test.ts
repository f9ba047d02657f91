import { expect, it } from 'vitest';
import { isOn, movesByItself, NEVER_GIVEN, NO_ORDERS, ordersIn } from '../../../src/core/orders.js';
import type { Registers } from '../../../src/core/registers.js';
import { merge, NO_REGISTERS } from '../../../src/core/registers.js';
import { AWAITED, PAUSED } from './given-group.js';

function saying(key: string, value: string): Registers {
  const register = { key, value, stamp: { counter: 3, node: 'lb2' }, at: 42 };
  return merge(NO_REGISTERS, [register]).registers;
}

it.each([
  ['on', 'on'],
  ['off', 'off'],
  ['as a version to come has it', 'off'],
])('a pause that is %s is %s', (value, state) => {
  const orders = ordersIn(saying('pause', value), 'yes');
  expect(orders.pause).toEqual({ state, by: 'lb2', at: 42 });
  expect(isOn(orders.pause)).toBe(state === 'on');
});

it('where nobody has ever said anything, nothing is ordered', () => {
  expect(ordersIn(NO_REGISTERS, 'yes')).toEqual(NO_ORDERS);
  expect(ordersIn(saying('server/web/web1/admin', 'on'), 'yes').pause).toEqual(NEVER_GIVEN);
});

it.each([
  [NO_ORDERS, true],
  [PAUSED, false],
  [AWAITED, false],
])('with %j a node moves by itself: %s', (orders, moves) => {
  expect(movesByItself(orders)).toBe(moves);
});
