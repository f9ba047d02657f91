/** Numbers of nfnetlink's messages about flows (linux/netfilter/nfnetlink_conntrack.h, nf_conntrack_common.h). */

/** Types of messages: the subsystem in the upper byte. */
export const CT_MESSAGE = { create: 0x100, get: 0x101, delete: 0x102 } as const;

/** struct nfgenmsg: family, version, resource. */
export const GENERAL_HEAD_BYTES = 4;
export const NFPROTO = { unspecified: 0, ipv4: 2, ipv6: 10 } as const;

/** The head of an attribute: length, and type with two flags above it. */
export const ATTRIBUTE_HEAD_BYTES = 4;
export const NESTED = 0x8000;
export const TYPE_MASK = 0x3fff;

/** CTA_*: of a flow. */
export const CTA = {
  original: 1,
  reply: 2,
  status: 3,
  progress: 4,
  natSource: 6,
  timeout: 7,
  mark: 8,
  natDestination: 13,
  zone: 18,
} as const;

/** CTA_TUPLE_*: of a tuple. */
export const CTA_TUPLE = { addresses: 1, protocol: 2, zone: 3 } as const;

/** CTA_IP_*: of a tuple's addresses. */
export const CTA_IP = {
  ipv4Source: 1,
  ipv4Destination: 2,
  ipv6Source: 3,
  ipv6Destination: 4,
} as const;

/** CTA_PROTO_*: of a tuple's protocol. */
export const CTA_PROTO = {
  number: 1,
  sourcePort: 2,
  destinationPort: 3,
  icmpId: 4,
  icmpType: 5,
  icmpCode: 6,
  icmpv6Id: 7,
  icmpv6Type: 8,
  icmpv6Code: 9,
} as const;

/** CTA_PROTOINFO_*: how far the connection is. */
export const CTA_PROGRESS = { tcp: 1, sctp: 3 } as const;
export const CTA_TCP = {
  state: 1,
  originalScale: 2,
  replyScale: 3,
  originalFlags: 4,
  replyFlags: 5,
} as const;
export const CTA_SCTP = { state: 1, originalTag: 2, replyTag: 3 } as const;

/** CTA_NAT_* and CTA_PROTONAT_*: to which addresses and ports, from the least to the most. */
export const CTA_NAT = {
  ipv4Least: 1,
  ipv4Most: 2,
  ports: 3,
  ipv6Least: 4,
  ipv6Most: 5,
} as const;
export const CTA_NAT_PORT = { least: 1, most: 2 } as const;

/** IPS_*: bits of a flow's status. */
export const STATUS = {
  expected: 0x1,
  seenReply: 0x2,
  assured: 0x4,
  confirmed: 0x8,
  dying: 0x200,
  fixedTimeout: 0x400,
} as const;

/** IP_CT_TCP_FLAG_*: of one direction of a TCP connection. */
export const TCP_FLAG = {
  windowScale: 0x01,
  selectiveAck: 0x02,
  closeBegun: 0x04,
  liberal: 0x08,
} as const;
