/** Which addresses lie in a network. */
import { expect, it } from 'vitest';
import type { Cidr, Ip } from '../../../src/base/ip.js';
import { parseCidr } from '../../../src/base/ip.js';
import { networkHolds } from '../../../src/base/network.js';

const cidr = (text: string): Cidr => {
  const parsed = parseCidr(text);
  if (!parsed.ok) {
    throw new Error(text);
  }
  return parsed.value;
};

it.each([
  ['10.77.0.0/16', '10.77.255.255', true],
  ['10.77.0.9/16', '10.77.0.1', true],
  ['10.77.0.0/16', '10.78.0.0', false],
  ['128.0.0.0/1', '255.255.255.255', true],
  ['10.77.0.1', '10.77.0.1', true],
  ['10.77.0.1', '10.77.0.2', false],
  ['fd77::/64', 'fd77::1:2:3:4', true],
  ['fd77::/64', 'fd77:0:0:1::', false],
  ['fd77::/64', '10.77.0.1', false],
  ['10.77.0.0/16', 'fd77::1', false],
])('%s holds %s: %s', (network, address, is) => {
  expect(networkHolds(cidr(network), address as Ip)).toBe(is);
});
