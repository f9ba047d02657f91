/** conntrackd on both nodes beside keepalived, set up as its own documentation does. */
import { rmSync } from 'node:fs';
import type { Result } from '../../base/result.js';
import { done, fail } from '../../base/result.js';
import { millis } from '../../base/time.js';
import type { LabFailure } from '../failure.js';
import { from } from '../failure.js';
import type { LabPorts } from '../lab.js';
import { tailOf } from '../log-tail.js';
import { inNamespace } from '../network.js';
import { eventually } from '../pause.js';
import { labDirectory, nodeFiles } from '../state-directory.js';
import type { LabName, NodeName } from '../topology.js';
import {
  BACK_ADDRESSES,
  HOST_ADDRESSES,
  HOST_ADDRESSES_IPV6,
  LINK_ADDRESSES,
  LINK_INTERFACE,
  NODE_NAMES,
  namespaceOf,
  otherNode,
} from '../topology.js';

/** `external`: kept beside the kernel's table until a take-over, as its documentation advises; `none`: put there at once. */
export type ExternalCache = 'external' | 'none';

const PORT = 3_780;
const STARTS_WITHIN = millis(5_000);
const LOOK_EVERY = millis(20);
/** Twice what the kernel's table may hold, says its documentation. */
const HASH_LIMIT = 1_048_576;
const LOG = 'conntrackd.log';
const NODE_PATH = 'conntrackd.conf';
const NOTIFY_PATH = 'primary-backup.sh';

/** For keepalived's instance. */
export function notifyLines(lab: LabName, node: NodeName): readonly string[] {
  const call = (role: string): string =>
    `"/bin/sh ${labDirectory(lab)}/${NOTIFY_PATH} ${role} ${configFile(lab, node)}"`;
  return [
    `notify_master ${call('primary')}`,
    `notify_backup ${call('backup')}`,
    `notify_fault ${call('fault')}`,
  ];
}

/** Those that a lab is given beside its usual files, by their paths below its directory. */
export function conntrackdFiles(
  lab: LabName,
  cache: ExternalCache,
): Readonly<Record<string, string>> {
  return {
    [`lb1/${NODE_PATH}`]: conntrackdConfig(lab, 'lb1', cache),
    [`lb2/${NODE_PATH}`]: conntrackdConfig(lab, 'lb2', cache),
    [NOTIFY_PATH]: NOTIFY,
  };
}

/** Resolves when both answer, or those that are named. */
export async function startConntrackd(
  lab: LabName,
  { processes, clock }: LabPorts,
  nodes: readonly NodeName[] = NODE_NAMES,
): Promise<Result<undefined, LabFailure>> {
  for (const node of nodes) {
    // One that was killed has left it, and the next one believes that it still runs.
    rmSync(lockFile(lab, node), { force: true });
    const log = `${nodeFiles(lab, node).directory}/${LOG}`;
    const launched = from(
      'conntrackd',
      await processes.launch(
        'ip',
        [
          ...['netns', 'exec', namespaceOf(lab, node)],
          ...['conntrackd', '-C', configFile(lab, node)],
        ],
        { logFile: log },
      ),
    );
    if (!launched.ok) {
      return launched;
    }
    const answers = async (): Promise<boolean> =>
      (
        await inNamespace(processes, namespaceOf(lab, node), [
          ...['conntrackd', '-C', configFile(lab, node), '-s'],
        ])
      ).ok;
    if (!(await eventually(clock, { within: STARTS_WITHIN, every: LOOK_EVERY }, answers))) {
      return fail({ code: 'not-ready', detail: `conntrackd on ${node}: ${tailOf(log)}` });
    }
  }
  return done;
}

/** Its script for pairs, without the words for the system's log. */
const NOTIFY = `#!/bin/sh
# As /usr/share/doc/conntrackd/examples/sync/primary-backup.sh does it.
case "$1" in
  primary) for each in -c -f -R -B; do conntrackd -C "$2" "$each"; done ;;
  backup) for each in -t -n; do conntrackd -C "$2" "$each"; done ;;
  fault) conntrackd -C "$2" -t ;;
esac
exit 0
`;

function configFile(lab: LabName, node: NodeName): string {
  return `${nodeFiles(lab, node).directory}/${NODE_PATH}`;
}

function lockFile(lab: LabName, node: NodeName): string {
  return `${nodeFiles(lab, node).directory}/conntrackd.lock`;
}

/** The values are those of its example for FTFW, but for room: labs and benchmarks have more flows than that. */
function conntrackdConfig(lab: LabName, node: NodeName, cache: ExternalCache): string {
  const { directory } = nodeFiles(lab, node);
  const own = [
    ...['127.0.0.1', LINK_ADDRESSES[node], HOST_ADDRESSES[node], BACK_ADDRESSES.ipv4[node]].map(
      (each) => `      IPv4_address ${each}`,
    ),
    ...['::1', HOST_ADDRESSES_IPV6[node], BACK_ADDRESSES.ipv6[node]].map(
      (each) => `      IPv6_address ${each}`,
    ),
  ];
  return [
    'Sync {',
    '  Mode FTFW {',
    ...(cache === 'none' ? ['    DisableExternalCache yes'] : []),
    '    StartupResync yes',
    '  }',
    '  UDP {',
    `    IPv4_address ${LINK_ADDRESSES[node]}`,
    `    IPv4_Destination_Address ${LINK_ADDRESSES[otherNode(node)]}`,
    `    Port ${String(PORT)}`,
    `    Interface ${LINK_INTERFACE}`,
    '    SndSocketBuffer 1249280',
    '    RcvSocketBuffer 1249280',
    '    Checksum yes',
    '  }',
    '}',
    'General {',
    '  Systemd no',
    '  HashSize 32768',
    `  HashLimit ${String(HASH_LIMIT)}`,
    '  LogFile no',
    '  Syslog no',
    `  LockFile ${lockFile(lab, node)}`,
    `  UNIX { Path ${directory}/conntrackd.ctl }`,
    '  NetlinkBufferSize 2097152',
    '  NetlinkBufferSizeMaxGrowth 8388608',
    '  Filter From Kernelspace {',
    '    Protocol Accept {',
    '      TCP',
    '      UDP',
    '    }',
    '    Address Ignore {',
    ...own,
    '    }',
    '  }',
    '}',
    '',
  ].join('\n');
}
