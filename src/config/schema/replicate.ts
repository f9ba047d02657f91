/** The shape of what the two nodes have of each other's proxy. */
import { z } from 'zod';
import type { Millis } from '../../base/time.js';
import { millis } from '../../base/time.js';
import {
  absolutePath,
  durationBetween,
  listOf,
  mapping,
  matching,
  SOCKET_PATH_BYTES,
  wholeNumber,
} from './kinds.js';

/** As HAProxy calls a table to its peers: a proxy's name, or that of a table of a `peers` section with a slash before it. */
const tableName = matching(
  /^\/?[-A-Za-z0-9_.:]{1,128}$/u,
  'the name of a proxy with a stick-table, or a slash and the name of a table of a peers section',
);

/** One that needs no rights to listen on: the replicator gives them up first, and listens anew whenever the address comes back. */
export const replicatePort: z.ZodType<number> = wholeNumber('a port', { from: 1024, to: 65_535 })
  // Beside the pair channel's, so that one rule of a firewall covers both.
  .prefault(5113);

/** Where HAProxy finds vipair depends on the rest of the file, where it is not said. */
export interface RawReplicate {
  readonly stickTables: 'all' | readonly string[];
  readonly port: number;
  readonly peersSocket: string | undefined;
  readonly snapshotEvery: Millis | undefined;
}

export const replicate: z.ZodType<RawReplicate> = mapping({
  stick_tables: z
    .union(
      [z.literal('all'), listOf(tableName, { from: 1, to: 64, of: 'names of stick tables' })],
      { error: 'all, or a list of 1 to 64 names of stick tables' },
    )
    // Only those that HAProxy tells its peers of: the operator has named each once already.
    .prefault('all')
    .describe(
      'Which of the stick tables that have `peers` in haproxy.cfg: all, or the names of their proxies.',
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
}).transform((each) => ({
  stickTables: each.stick_tables,
  port: each.port,
  peersSocket: each.peers_socket,
  snapshotEvery: each.snapshot_every,
}));

export const PEERS_SOCKET = '/peers.sock';
