/** The shape of the configuration file as a whole, and how it is read. */
import { z } from 'zod';
import { millis } from '../../base/time.js';
import type { Config } from '../config.js';
import type { Draft } from '../draft.js';
import { readDraft } from '../draft.js';
import type { Finding } from '../problem.js';
import { findingsOf } from '../shape-findings.js';
import {
  advertInterval,
  burstAgainAfter,
  completeGroup,
  group,
  refreshEvery,
  version,
  vrid,
} from './group.js';
import { drills } from './drills.js';
import { hook } from './hook.js';
import {
  absolutePath,
  address,
  cidr,
  interfaceName,
  listOf,
  mapping,
  name,
  durationBetween,
  PATH_BYTES,
  reader,
  SOCKET_PATH_BYTES,
  wholeNumber,
} from './kinds.js';
import { haproxy, probeEvery, probeTimeout } from './proxy.js';
import { push } from './push.js';
import type { RawReplicate } from './replicate.js';
import { flowsPort, PEERS_SOCKET, replicate, replicatePort } from './replicate.js';
import { serverName, serverWeight, service, servicePort, serviceProtocol } from './service.js';

/** The configuration, or else why there is none. Either way, what could be read of it. */
export interface Reading {
  /** Undefined when there are findings. */
  readonly config: Config | undefined;
  readonly findings: readonly Finding[];
  readonly draft: Draft;
}

/** Reads the plain value of a whole file. */
export function readShape(value: unknown): Reading {
  const parsed = file.safeParse(value);
  return {
    config: parsed.success ? parsed.data : undefined,
    findings: parsed.success ? [] : findingsOf(parsed.error.issues, value),
    draft: readDraft(value, {
      name: reader(name),
      interface: reader(interfaceName),
      vrid: reader(vrid),
      address: reader(address),
      cidr: reader(cidr),
      version: reader(version),
      advertInterval: reader(advertInterval),
      burstAgainAfter: reader(burstAgainAfter),
      refreshEvery: reader(refreshEvery),
      probeEvery: reader(probeEvery),
      probeTimeout: reader(probeTimeout),
      pairPort: reader(pairPort),
      replicatePort: reader(replicatePort),
      flowsPort: reader(flowsPort),
      servicePort: reader(servicePort),
      serviceProtocol: reader(serviceProtocol),
      serverName: reader(serverName),
      serverWeight: reader(serverWeight),
    }),
  };
}

/** The same shape as a JSON schema. */
export function editorSchema(): Readonly<Record<string, unknown>> {
  return z.toJSONSchema(file, { io: 'input' });
}

const CONTROL_SOCKET = '/control.sock';

// The keys, in the order of the file.

const keyFile = absolutePath({ atMost: PATH_BYTES });

const node = mapping({
  address: address.describe(
    "The node's own address: on a dedicated link where there is one, or else on the LAN. It tells a node who it is.",
  ),
  fallback: address
    .optional()
    .describe(
      'A second address of the node, on another link: the pair channel goes over it while the first does not work. On both nodes, or on neither.',
    ),
});

const pairPort: z.ZodType<number> = wholeNumber('a port', { from: 1, to: 65_535 }).prefault(5112);

const pair = mapping({
  nodes: z
    .record(name, node, { error: 'a mapping of two nodes, name to address' })
    // How many there are is checked with the cross-field rules: zod counts only the keys that are names.
    .meta({ minProperties: 2, maxProperties: 2 })
    .transform((nodes) => Object.entries(nodes).map(([key, each]) => ({ name: key, ...each })))
    .describe('The two nodes by name. The same file goes on both.'),
  key_file: z
    .union(
      [keyFile.transform((path) => [path]), listOf(keyFile, { from: 1, to: 4, of: 'paths' })],
      {
        error: 'an absolute path, or a list of 1 to 4',
      },
    )
    .optional()
    .describe(
      'The key of the pair channel, which `vipair keygen` makes: the same on both nodes, mode 0600. A list while it is changed. None: no channel.',
    ),
  port: pairPort.describe('The TCP port of the pair channel, on the second node.'),
  heartbeat: durationBetween({ from: millis(10), to: millis(10_000) })
    // Late after 250 ms, gone after 500 ms: sooner than three adverts at 1 s, later than any pause of a process that is well.
    .prefault('100ms')
    .describe(
      'How often each daemon tells the other how it is; never slower than the adverts of its fastest group.',
    ),
}).transform((each) => ({
  nodes: each.nodes,
  keyFiles: each.key_file ?? [],
  port: each.port,
  heartbeat: each.heartbeat,
}));

const runtime = mapping({
  directory: absolutePath({ atMost: SOCKET_PATH_BYTES - CONTROL_SOCKET.length })
    // A memory file system on every distribution, empty after a boot, and what systemd's RuntimeDirectory= makes.
    .prefault('/run/vipair')
    .describe('Where a running daemon keeps its state, on a memory file system.'),
  state_directory: absolutePath({ atMost: PATH_BYTES })
    // It outlives a boot, and is what systemd's StateDirectory= makes.
    .prefault('/var/lib/vipair')
    .describe('Where the daemon keeps what outlives it: the history of its transitions.'),
  control_socket: absolutePath({ atMost: SOCKET_PATH_BYTES })
    .optional()
    .describe(
      'Where the daemon listens for commands: control.sock in the directory, if not given.',
    ),
}).transform((each) => ({
  directory: each.directory,
  stateDirectory: each.state_directory,
  // Beside the state, so that two daemons with two directories never meet.
  controlSocket: each.control_socket ?? `${each.directory}${CONTROL_SOCKET}`,
}));

const file = mapping({
  pair: pair.describe('The two nodes.'),
  groups: listOf(group, { from: 1, to: 16, of: 'groups' }).describe(
    'Groups of virtual addresses; each moves on its own.',
  ),
  proxy: mapping({ haproxy: haproxy.describe('HAProxy, on both nodes.') })
    .transform((each) => each.haproxy)
    .optional()
    .describe('The proxy behind the addresses. None, if not given: the addresses move alone.'),
  replicate: replicate
    .optional()
    .describe(
      "What both nodes have in common while they run: HAProxy's stick tables, connections through the kernel. Nothing, if not given.",
    ),
  hooks: listOf(hook, { from: 0, to: 16, of: 'hooks' })
    .prefault([])
    .describe('Scripts that are told when a group has moved; none, if not given.'),
  push: push
    .optional()
    .describe(
      'Files of HAProxy that `vipair push` sends to the other node. None are taken from it, if not given.',
    ),
  drills: drills
    .optional()
    .describe('How `vipair drill` rehearses failover on the running pair; as usual, if not given.'),
  services: listOf(service, { from: 1, to: 32, of: 'services' })
    .optional()
    .describe(
      'Ports of virtual addresses whose connections the kernel passes on to servers, without a proxy. None, if not given.',
    ),
  runtime: runtime.prefault({}).describe('Where a running daemon keeps its own files.'),
}).transform((each) => ({
  pair: each.pair,
  groups: each.groups.map((raw) => completeGroup(raw, each.pair.nodes)),
  proxy: each.proxy,
  replicate: each.proxy === undefined ? undefined : tablesOf(each.replicate, each.runtime),
  ...(each.replicate?.flows === undefined ? {} : { flows: each.replicate.flows }),
  hooks: each.hooks,
  ...(each.push === undefined ? {} : { push: each.push }),
  ...(each.drills === undefined ? {} : { drills: each.drills }),
  ...(each.services === undefined ? {} : { services: each.services }),
  runtime: each.runtime,
}));

/** Undefined where none are to be replicated. */
function tablesOf(
  raw: RawReplicate | undefined,
  { directory }: Config['runtime'],
): Config['replicate'] {
  if (raw === undefined || raw.stickTables === 'none') {
    return undefined;
  }
  const { stickTables, port, peersSocket, snapshotEvery } = raw;
  return {
    ...{ stickTables, port, snapshotEvery },
    peersSocket: peersSocket ?? `${directory}${PEERS_SOCKET}`,
  };
}
