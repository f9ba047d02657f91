/** The shape of what the two nodes have of each other's proxy. */
import { z } from 'zod';
import type { Millis } from '../../base/time.js';
import { millis } from '../../base/time.js';
import { FLOW_PROTOCOLS } from '../../core/flow-selection.js';
import type { FlowsConfig } from '../config.js';
import { FLOWS_PORT } from '../config.js';
import {
  absolutePath,
  cidr,
  durationBetween,
  listOf,
  mapping,
  matching,
  oneOf,
  SOCKET_PATH_BYTES,
  wholeNumber,
} from './kinds.js';

/** As HAProxy calls a table to its peers: a proxy's name, or that of a table of a `peers` section with a slash before it. */
const tableName = matching(
  /^\/?[-A-Za-z0-9_.:]{1,128}$/u,
  'the name of a proxy with a stick-table, or a slash and the name of a table of a peers section',
);

/** One that needs no rights to listen on: a replicator gives them up first, and listens anew whenever the address comes back. */
const unprivilegedPort = wholeNumber('a port', { from: 1024, to: 65_535 });

export const replicatePort: z.ZodType<number> = unprivilegedPort
  // Beside the pair channel's, so that one rule of a firewall covers both.
  .prefault(5113);

export const flowsPort: z.ZodType<number> = unprivilegedPort
  // Behind the one of stick tables.
  .prefault(FLOWS_PORT);

const portNumber = wholeNumber('a port', { from: 1, to: 65_535 });
const zone = wholeNumber('a zone of conntrack', { from: 0, to: 65_535 });

const flows: z.ZodType<FlowsConfig> = mapping({
  port: flowsPort.describe(
    'The TCP port of the connection that flows go over, on the second node.',
  ),
  protocols: listOf(oneOf(['tcp', 'udp', 'sctp']), { from: 1, to: 3, of: 'protocols' })
    .optional()
    .describe('Of which protocols: tcp, udp, sctp. All that the kernel follows, if not given.'),
  ports: listOf(portNumber, { from: 1, to: 64, of: 'ports' })
    .optional()
    .describe('To which ports the first packet goes; all, if not given.'),
  zones: listOf(zone, { from: 1, to: 64, of: 'zones' })
    .optional()
    .describe('Of which conntrack zones; all, if not given.'),
  networks: listOf(cidr, { from: 0, to: 64, of: 'networks' })
    // A gateway that routes without translating has no address of its own in a flow: only the site says which are meant.
    .prefault([])
    .describe(
      'Networks whose flows are routed through the nodes: these too, though they have no address of a group.',
    ),
}).transform(({ port, protocols, ports, zones, networks }) => ({
  ...{ port, ports, zones, networks },
  protocols: protocols?.map((name) => FLOW_PROTOCOLS[name]),
}));

/** Where HAProxy finds vipair depends on the rest of the file, where it is not said. */
export interface RawReplicate {
  readonly stickTables: 'all' | 'none' | readonly string[];
  readonly port: number;
  readonly peersSocket: string | undefined;
  readonly snapshotEvery: Millis | undefined;
  /** Undefined: those of services alone. */
  readonly flows: FlowsConfig | undefined;
}

export const replicate: z.ZodType<RawReplicate> = mapping({
  stick_tables: z
    .union(
      [
        z.literal('all'),
        z.literal('none'),
        listOf(tableName, { from: 1, to: 64, of: 'names of stick tables' }),
      ],
      { error: 'all, none, or a list of 1 to 64 names of stick tables' },
    )
    // Only those that HAProxy tells its peers of: the operator has named each once already.
    .prefault('all')
    .describe(
      'Which of the stick tables that have `peers` in haproxy.cfg: all, none, or the names of their proxies. None where there is no proxy.',
    ),
  port: replicatePort.describe(
    'The TCP port of the connection that tables go over, on the second node.',
  ),
  peers_socket: absolutePath({ atMost: SOCKET_PATH_BYTES })
    .optional()
    .describe(
      'Where HAProxy finds vipair as its peer: peers.sock in the runtime directory, if not given. Inside its chroot, where it has one.',
    ),
  // To tell a million rows keeps HAProxy from passing others on for seconds: not more often than that.
  snapshot_every: durationBetween({ from: millis(10_000), to: millis(3_600_000) })
    .optional()
    .describe(
      'How often all rows are written to the state directory, to be there after both nodes have lost their power: such as 1m. Never, if not given.',
    ),
  flows: flows
    .optional()
    .describe(
      "Connections that the kernel passes on through the nodes, in both nodes' kernels: `{}` is all that have an address of a group. Those of services alone, if not given.",
    ),
}).transform((each) => ({
  flows: each.flows,
  stickTables: each.stick_tables,
  port: each.port,
  peersSocket: each.peers_socket,
  snapshotEvery: each.snapshot_every,
}));

export const PEERS_SOCKET = '/peers.sock';
