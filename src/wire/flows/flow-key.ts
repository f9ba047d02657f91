/** Flows by name and by number: what two nodes compare, and keep them by. */
import type { Flow, FlowKey } from '../conntrack/flow.js';

/** How many parts all flows are divided into, by their keys, to be compared part by part. */
export const BUCKETS = 256;

/** One text for each key: what a map knows it by. */
export function flowKeyText({ protocol, zone, original }: FlowKey): string {
  const { source, destination, sourcePort, destinationPort } = original;
  return `${String(protocol)} ${String(zone)} ${source} ${destination} ${String(sourcePort)} ${String(destinationPort)}`;
}

/** Of thirty-two bits. Both nodes have to hash alike, so it is never changed without the protocol's version. */
export function hashText(text: string, seed: number = FNV_BASIS): number {
  let hash = seed;
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), FNV_PRIME);
  }
  return mixed(hash);
}

/** From 0 to {@link BUCKETS}, and not including that. */
export function bucketOf(key: string): number {
  return hashText(key) % BUCKETS;
}

/** Of all that both nodes are to have of it: not its timeout, which passes, nor bits that mean something to one kernel only. */
export function flowHash(key: string, { reply, status, mark, tcp, sctp }: Flow): number {
  const { source, destination, sourcePort, destinationPort } = reply;
  const progress = tcp?.state ?? sctp?.state ?? 0;
  const text = `${source} ${destination} ${String(sourcePort)} ${String(destinationPort)} ${String(status & COMMON)} ${String(mark)} ${String(progress)}`;
  return hashText(text, hashText(key));
}

/** IPS_SEEN_REPLY, IPS_ASSURED, IPS_SRC_NAT and IPS_DST_NAT (linux/netfilter/nf_conntrack_common.h). */
const COMMON = 0b11_0110;

/** FNV-1a (Fowler, Noll, Vo). */
const FNV_BASIS = 0x811c_9dc5;
const FNV_PRIME = 0x0100_0193;

/** The last step of MurmurHash3 (Appleby), so that each bit of the text reaches each bit of the hash. */
function mixed(hash: number): number {
  let mix = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  mix = Math.imul(mix ^ (mix >>> 13), 0xc2b2_ae35);
  return (mix ^ (mix >>> 16)) >>> 0;
}
