/** The Ethernet address of a virtual router (RFC 9568 §7.3), and what the interface that has it is called. */
import type { Family } from '../base/ip.js';
import type { MacAddress } from '../base/mac.js';
import { macFromBytes } from '../base/mac.js';

/** 00-00-5E-00-01-{VRID} for IPv4, 00-00-5E-00-02-{VRID} for IPv6. */
export function virtualMac(family: Family, vrid: number): MacAddress {
  return macFromBytes(Uint8Array.of(0, 0, 0x5e, 0, family === 'ipv4' ? 1 : 2, vrid), 0);
}

/**
 * Such as `vip51.eth0`, or `vip51v6.eth0`. A parent whose name is too long for that stands there as a digest: its
 * beginning alone is often that of its neighbours on the same card.
 */
export function virtualInterfaceName(parent: string, family: Family, vrid: number): string {
  const stem = `vip${String(vrid)}${family === 'ipv4' ? '' : 'v6'}.`;
  return `${stem}${stem.length + parent.length <= NAME_CHARACTERS ? parent : digest(parent)}`;
}

/** IFNAMSIZ without the terminating zero. */
const NAME_CHARACTERS = 15;
/** What the longest stem, `vip255v6.`, leaves room for. */
const DIGEST_CHARACTERS = 6;

/** FNV-1a: names that differ in one character have nothing in common. */
function digest(text: string): string {
  let hash = 0x811c9dc5;
  for (const character of text) {
    hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193) >>> 0;
  }
  return hash.toString(16).padStart(8, '0').slice(-DIGEST_CHARACTERS);
}
