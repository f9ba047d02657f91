/** Flows as numbers: what two nodes compare. Both have to hash alike, so nothing here changes without the protocol's version. */
import type { Flow } from '../conntrack/flow.js';
import type { FlowId } from '../conntrack/flow-id.js';

/** How many parts all flows are divided into, by their ids, to be compared part by part. */
export const BUCKETS = 256;

/** From 0 to {@link BUCKETS}, and not including that. */
export function bucketOf(id: FlowId): number {
  return hashText(id) % BUCKETS;
}

/**
 * Of what both nodes are to have of it: not its timeout, which passes, nor its progress, which is told as far as the kernel
 * tells it, nor bits that mean something to one kernel only. `reply`: the id that the answers would have.
 */
export function flowHash(
  { id, reply }: { readonly id: FlowId; readonly reply: FlowId },
  { status, mark }: Flow,
): number {
  return hashText(`${reply}${String(status & COMMON)} ${String(mark)}`, hashText(id));
}

/** Of thirty-two bits. */
export function hashText(text: string, seed: number = FNV_BASIS): number {
  let hash = seed;
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), FNV_PRIME);
  }
  return mixed(hash);
}

/** IPS_SEEN_REPLY, IPS_ASSURED, IPS_SRC_NAT and IPS_DST_NAT (linux/netfilter/nf_conntrack_common.h). */
const COMMON = 0b11_0110;

/** FNV-1a (Fowler, Noll, Vo), over characters of two bytes. */
const FNV_BASIS = 0x811c_9dc5;
const FNV_PRIME = 0x0100_0193;

/** The last step of MurmurHash3 (Appleby), so that each bit of the text reaches each bit of the hash. */
function mixed(hash: number): number {
  let mix = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  mix = Math.imul(mix ^ (mix >>> 13), 0xc2b2_ae35);
  return (mix ^ (mix >>> 16)) >>> 0;
}
