/** Facts about this machine that are read once, at the start. */
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** What the daemon cannot work without: addresses and nftables; raw and packet sockets. */
export type Capability = 'CAP_NET_ADMIN' | 'CAP_NET_RAW';

/** Bits of a capability set (linux/capability.h). */
const CAPABILITIES: Readonly<Record<Capability, bigint>> = {
  CAP_NET_ADMIN: 1n << 12n,
  CAP_NET_RAW: 1n << 13n,
};

export function ownHostname(): string {
  return hostname();
}

/** Those of the needed capabilities that this process does not have. */
export function missingCapabilities(): readonly Capability[] {
  const effective = /^CapEff:\s*([0-9a-f]+)$/mu.exec(readFileSync('/proc/self/status', 'utf8'));
  const held = BigInt(`0x${effective?.[1] ?? '0'}`);
  return (Object.keys(CAPABILITIES) as Capability[]).filter(
    (capability) => (held & CAPABILITIES[capability]) === 0n,
  );
}
