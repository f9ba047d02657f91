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

/**
 * Whether this process has real-time scheduling (SCHED_FIFO or SCHED_RR) but lets V8 use helper threads, which do not have
 * it: where they are put aside with a lock in their hands, its main thread waits, 0.9 s at worst as measured.
 */
export function waitsForHelpers(): boolean {
  // Field 41 of proc(5); the second one is in brackets and may contain blanks.
  const fields = readFileSync('/proc/self/stat', 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  const policy = Number(fields[POLICY_FIELD]);
  return (policy === SCHED_FIFO || policy === SCHED_RR) && !process.execArgv.includes(ALONE_FLAG);
}

const POLICY_FIELD = 41 - 3;
const SCHED_FIFO = 1;
const SCHED_RR = 2;
const ALONE_FLAG = '--single-threaded';

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
