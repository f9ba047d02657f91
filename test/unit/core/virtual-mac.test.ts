import { describe, expect, it } from 'vitest';
import { virtualInterfaceName, virtualMac } from '../../../src/core/virtual-mac.js';

describe('the Ethernet address of a virtual router', () => {
  it.each([
    ['ipv4', 1, '00:00:5e:00:01:01'],
    ['ipv4', 255, '00:00:5e:00:01:ff'],
    ['ipv6', 51, '00:00:5e:00:02:33'],
  ] as const)('RFC 9568 §7.3 %s, VRID %i: %s', (family, vrid, mac) => {
    expect(virtualMac(family, vrid)).toBe(mac);
  });
});

describe('its interface', () => {
  it.each([
    ['eth0', 'ipv4', 51, 'vip51.eth0'],
    ['eth0', 'ipv6', 51, 'vip51v6.eth0'],
    ['bond0.100', 'ipv4', 5, 'vip5.bond0.100'],
    ['enp216s0', 'ipv4', 255, 'vip255.enp216s0'],
  ] as const)('on %s for %s, VRID %i, is called %s', (parent, family, vrid, name) => {
    expect(virtualInterfaceName(parent, family, vrid)).toBe(name);
  });

  it('has a name of at most 15 characters, another for every parent', () => {
    const parents = ['enp216s0f0np0', 'enp216s0f1np1', 'fifteen-letters'];
    const names = parents.map((parent) => virtualInterfaceName(parent, 'ipv6', 255));
    expect(names.map((name) => name.length)).toEqual([15, 15, 15]);
    expect(new Set(names).size).toBe(3);
    expect(virtualInterfaceName('enp216s0f0np0', 'ipv6', 255)).toBe(names[0]);
  });
});
