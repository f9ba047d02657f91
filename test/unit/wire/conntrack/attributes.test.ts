import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as attributes from '../../../../src/wire/conntrack/attributes.js';

/** As a C compiler reads them in linux/netfilter/{nfnetlink_conntrack,nf_conntrack_common,nf_conntrack_tcp}.h. */
const HEADERS = readFileSync(new URL('./conntrack-numbers.txt', import.meta.url), 'utf8');

const NAMES: readonly (readonly [string, Readonly<Record<string, number>>, readonly string[]])[] = [
  [
    'CTA',
    attributes.CTA,
    [
      'CTA_TUPLE_ORIG',
      'CTA_TUPLE_REPLY',
      'CTA_STATUS',
      'CTA_PROTOINFO',
      'CTA_NAT_SRC',
      'CTA_TIMEOUT',
      'CTA_MARK',
      'CTA_NAT_DST',
      'CTA_ZONE',
    ],
  ],
  ['CTA_TUPLE', attributes.CTA_TUPLE, ['CTA_TUPLE_IP', 'CTA_TUPLE_PROTO', 'CTA_TUPLE_ZONE']],
  [
    'CTA_IP',
    attributes.CTA_IP,
    ['CTA_IP_V4_SRC', 'CTA_IP_V4_DST', 'CTA_IP_V6_SRC', 'CTA_IP_V6_DST'],
  ],
  [
    'CTA_PROTO',
    attributes.CTA_PROTO,
    [
      'CTA_PROTO_NUM',
      'CTA_PROTO_SRC_PORT',
      'CTA_PROTO_DST_PORT',
      'CTA_PROTO_ICMP_ID',
      'CTA_PROTO_ICMP_TYPE',
      'CTA_PROTO_ICMP_CODE',
      'CTA_PROTO_ICMPV6_ID',
      'CTA_PROTO_ICMPV6_TYPE',
      'CTA_PROTO_ICMPV6_CODE',
    ],
  ],
  ['CTA_PROGRESS', attributes.CTA_PROGRESS, ['CTA_PROTOINFO_TCP', 'CTA_PROTOINFO_SCTP']],
  [
    'CTA_TCP',
    attributes.CTA_TCP,
    [
      'CTA_PROTOINFO_TCP_STATE',
      'CTA_PROTOINFO_TCP_WSCALE_ORIGINAL',
      'CTA_PROTOINFO_TCP_WSCALE_REPLY',
      'CTA_PROTOINFO_TCP_FLAGS_ORIGINAL',
      'CTA_PROTOINFO_TCP_FLAGS_REPLY',
    ],
  ],
  [
    'CTA_SCTP',
    attributes.CTA_SCTP,
    [
      'CTA_PROTOINFO_SCTP_STATE',
      'CTA_PROTOINFO_SCTP_VTAG_ORIGINAL',
      'CTA_PROTOINFO_SCTP_VTAG_REPLY',
    ],
  ],
  [
    'CTA_NAT',
    attributes.CTA_NAT,
    [
      'CTA_NAT_V4_MINIP',
      'CTA_NAT_V4_MAXIP',
      'CTA_NAT_PROTO',
      'CTA_NAT_V6_MINIP',
      'CTA_NAT_V6_MAXIP',
    ],
  ],
  ['CTA_NAT_PORT', attributes.CTA_NAT_PORT, ['CTA_PROTONAT_PORT_MIN', 'CTA_PROTONAT_PORT_MAX']],
  [
    'STATUS',
    attributes.STATUS,
    [
      'IPS_EXPECTED',
      'IPS_SEEN_REPLY',
      'IPS_ASSURED',
      'IPS_CONFIRMED',
      'IPS_DYING',
      'IPS_FIXED_TIMEOUT',
    ],
  ],
  [
    'TCP_FLAG',
    attributes.TCP_FLAG,
    [
      'IP_CT_TCP_FLAG_WINDOW_SCALE',
      'IP_CT_TCP_FLAG_SACK_PERM',
      'IP_CT_TCP_FLAG_CLOSE_INIT',
      'IP_CT_TCP_FLAG_BE_LIBERAL',
    ],
  ],
];

describe("the kernel's numbers", () => {
  it.each(NAMES)('%s are those of its headers', (_what, numbers, names) => {
    const known = new Map(
      HEADERS.split('\n').map((line) => {
        const [name = '', number = ''] = line.split(' ');
        return [name, Number(number)] as const;
      }),
    );
    expect(Object.values(numbers)).toEqual(names.map((name) => known.get(name)));
  });
});
