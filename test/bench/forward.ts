/** `npm run bench -- forward`: requests a second through the kernel and through HAProxy, with vipair, without it, and with conntrackd. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { formatCidr, withPort } from '../../src/base/ip.js';
import { centis } from '../../src/base/time.js';
import { from } from '../../src/lab/failure.js';
import { conntrackdFiles, startConntrackd } from '../../src/lab/flows/conntrackd.js';
import type { Lab } from '../../src/lab/lab.js';
import { pidsIn, signalAll } from '../../src/lab/namespace-processes.js';
import { inNamespace, ipBatch } from '../../src/lab/network.js';
import type { LabNode } from '../../src/lab/node.js';
import type { LabSettings } from '../../src/lab/settings.js';
import { defaultSettings } from '../../src/lab/settings.js';
import { logFile } from '../../src/lab/state-directory.js';
import {
  BACK_ADDRESSES,
  BACK_INTERFACE,
  BACK_SERVER_NAMES,
  BACK_VIRTUAL_CIDRS,
  LAN_INTERFACE,
  namespaceOf,
  NODE_NAMES,
  otherNode,
  VIRTUAL_ADDRESS,
  VIRTUAL_CIDRS,
  WEB_SERVER_PORT,
} from '../../src/lab/topology.js';
import type { LabName } from '../../src/lab/topology.js';
import type { Progress } from './failover.js';
import { whole } from './fitness.js';
import type { LoadAnswer, LoadAsked } from './forward-load.js';
import { InsideProgram } from './inside-program.js';
import type { Labs } from './labs.js';
import { must } from './labs.js';
import { argumentsOf, cpuOf } from './process-cost.js';

export const FORWARDERS = ['kernel', 'haproxy-tcp', 'haproxy-http'] as const;
export type Forwarder = (typeof FORWARDERS)[number];

export const MANNERS = ['keep-alive', 'new'] as const;

export interface ForwardRound {
  readonly round: number;
  readonly by: Forwarder;
  readonly manner: LoadAsked['manner'];
  readonly beside: Beside;
  readonly perSecond: number;
  readonly failed: number;
  /** Of the whole machine: client, node, servers and all else on it, for a thousand requests. */
  readonly machineMs: number;
  /** Of one processor: on both nodes what runs beside, and what that has started, HAProxy left out. */
  readonly daemonShare: number;
}

/** What runs on the nodes. Each differs from its neighbours in one thing. */
const BESIDES = ['vipair', 'nothing', 'conntrackd'] as const;
export type Beside = (typeof BESIDES)[number];

export interface ForwardPlan {
  readonly by: readonly Forwarder[];
  readonly rounds: number;
}

const PORTS: Readonly<Record<Forwarder, number>> = {
  kernel: 8_083,
  'haproxy-tcp': 8_081,
  'haproxy-http': 8_082,
};
/** As they are where nobody has said otherwise. */
const ADVERTS = centis(100);
const CONNECTIONS = 64;
const LASTS_MS = 2_500;
/** Client and servers are twice as fast once their programs are compiled: whoever is measured first must not pay for it. */
const WARM_UP_MS = 2_500;
const LEAST_WARM_UPS = 3;
const MOST_WARM_UPS = 10;
/**
 * After daemons have been started or stopped, until what that set off is over: rules are adopted, and V8 has tidied up what
 * loading left, 16 to 18 s after a daemon's start.
 */
const CALMS_MS = 25_000;
/** Until all have been told that the flows before are gone. */
const FORGETS_MS = 1_500;
/** Until a daemon that takes the addresses over has them. */
const ADOPTS_MS = 2_000;

/**
 * One lab, in which the daemons are stopped and started again: rules and proxies stay. Rounds go there and back, so that
 * what changes on the machine meanwhile favours neither.
 */
export async function measureForward(
  { by, rounds }: ForwardPlan,
  labs: Labs,
  progress: Progress,
): Promise<readonly ForwardRound[]> {
  const lab = await labs.raiseAs(settingsOf(labs));
  const { processes, clock } = labs.ports;
  await startServers(lab, labs);
  // A thousand connections a second would fill the table of flows within minutes.
  for (const node of NODE_NAMES) {
    must(await inNamespace(processes, lab.nodes[node].namespace, BRIEF_TIME_WAIT));
  }
  const owner = await whole(lab, clock);
  const client = await InsideProgram.start<LoadAsked, LoadAnswer>(
    namespaceOf(lab.settings.name, 'client'),
    'forward-load.ts',
  );
  const scene: Scene = { lab, labs, owner, client };
  const measured: ForwardRound[] = [];
  let beside: Beside = 'vipair';
  try {
    for (const each of by) {
      await warmUp(each, client);
    }
    for (let round = 1; round <= rounds; round += 1) {
      for (const next of round % 2 === 1 ? BESIDES : BESIDES.toReversed()) {
        await change(beside, next, scene);
        beside = next;
        progress(`round ${String(round)} of ${String(rounds)}, beside: ${beside}`);
        for (const each of by) {
          for (const manner of MANNERS) {
            measured.push({ round, ...(await measureOne(each, manner, beside, scene)) });
          }
        }
      }
    }
  } finally {
    client.close();
  }
  await labs.clear();
  return measured;
}

interface Scene {
  readonly lab: Lab;
  readonly labs: Labs;
  readonly owner: LabNode;
  readonly client: InsideProgram<LoadAsked, LoadAnswer>;
}

/** Also until the servers of a service have been found to be up. */
async function warmUp(by: Forwarder, client: Scene['client']): Promise<void> {
  for (let warmUps = 1; warmUps <= MOST_WARM_UPS; warmUps += 1) {
    let failures = 0;
    for (const manner of MANNERS) {
      failures += (await client.ask(loadOf(by, manner, WARM_UP_MS))).failed ?? 0;
    }
    if (failures === 0 && warmUps >= LEAST_WARM_UPS) {
      return;
    }
  }
  throw new Error(`requests still fail through ${by}`);
}

async function measureOne(
  by: Forwarder,
  manner: LoadAsked['manner'],
  beside: Beside,
  { lab, labs, client }: Scene,
): Promise<Omit<ForwardRound, 'round'>> {
  await forgetFlows(lab, labs);
  const pids = NODE_NAMES.flatMap((name) =>
    beside === 'conntrackd' ? conntrackdPids(lab.nodes[name]) : vipairPids(lab.nodes[name]),
  );
  const before = { machine: machineSeconds(), daemons: cpuOf(pids).usedSeconds };
  const {
    answered = 0,
    failed = 0,
    seconds = NaN,
  } = await client.ask(loadOf(by, manner, LASTS_MS));
  const machine = machineSeconds() - before.machine;
  return {
    ...{ by, manner, beside, failed },
    perSecond: answered / seconds,
    machineMs: (machine * 1e6) / answered,
    daemonShare: (cpuOf(pids).usedSeconds - before.daemons) / seconds,
  };
}

/**
 * The kernel keeps flows that are over until it comes across them, such as when others begin: what is measured next would
 * pay for what was measured before.
 */
async function forgetFlows(lab: Lab, { ports: { processes } }: Labs): Promise<void> {
  for (const name of NODE_NAMES) {
    must(await inNamespace(processes, lab.nodes[name].namespace, ['conntrack', '--flush']));
  }
  await sleep(FORGETS_MS);
}

function loadOf(by: Forwarder, manner: LoadAsked['manner'], lastingMs: number): LoadAsked {
  const target = { host: VIRTUAL_ADDRESS, port: PORTS[by] };
  return { ...target, manner, connections: CONNECTIONS, lastingMs };
}

async function change(from: Beside, to: Beside, scene: Scene): Promise<void> {
  if (from === to) {
    return;
  }
  const { lab, labs } = scene;
  if (to === 'vipair') {
    await withVipair(scene);
  } else if (to === 'conntrackd') {
    must(await startConntrackd(lab.settings.name, labs.ports));
  } else if (from === 'vipair') {
    await withoutVipair(scene);
  } else {
    signalAll(
      NODE_NAMES.flatMap((name) => conntrackdPids(lab.nodes[name])),
      'SIGKILL',
    );
  }
  await sleep(CALMS_MS);
}

/** Daemon and replicators; without the nft program, which may be gone a moment later. */
function vipairPids(node: LabNode): readonly number[] {
  return node
    .processes()
    .enginePids.filter((pid) => argumentsOf(pid)[0]?.endsWith('node') === true);
}

function conntrackdPids({ namespace }: LabNode): readonly number[] {
  return pidsIn(namespace).filter((pid) => argumentsOf(pid)[0]?.endsWith('conntrackd') === true);
}

/** The addresses stay where they are, for good, and the rules of the lease and of events are gone; all else is as it was. */
async function withoutVipair({ lab, owner, labs }: Scene): Promise<void> {
  const { processes } = labs.ports;
  const other = lab.nodes[otherNode(owner.name)];
  must(await other.stopEngine('hand-over'));
  must(await owner.stopEngine('hand-over'));
  const cidrs = [VIRTUAL_CIDRS.ipv4, BACK_VIRTUAL_CIDRS.ipv4].map(formatCidr);
  const kept = [LAN_INTERFACE, BACK_INTERFACE].map(
    (link, index) =>
      `address replace ${cidrs[index] ?? ''} dev ${link} valid_lft forever preferred_lft forever`,
  );
  must(await ipBatch(processes, kept, ['-n', owner.namespace]));
  for (const family of ['arp', 'ip', 'ip6']) {
    for (const table of ['vipair', 'vipair_flows']) {
      // One that is not there is as good as removed.
      await inNamespace(processes, owner.namespace, ['nft', 'delete', 'table', family, table]);
    }
  }
}

async function withVipair({ lab, owner, labs }: Scene): Promise<void> {
  must(await owner.startEngine());
  await sleep(ADOPTS_MS);
  must(await lab.nodes[otherNode(owner.name)].startEngine());
  const now = await whole(lab, labs.ports.clock);
  if (now.name !== owner.name) {
    throw new Error(`the address has moved to ${now.name}`);
  }
}

async function startServers(lab: Lab, labs: Labs): Promise<void> {
  const { processes, vipair } = labs.ports;
  const { name } = lab.settings;
  for (const server of BACK_SERVER_NAMES) {
    const listen = withPort(BACK_ADDRESSES.ipv4[server], WEB_SERVER_PORT);
    // Without the flags of the daemon, which keep code slow that is called often.
    const command = [vipair[0] ?? '', vipair.at(-1) ?? '', 'lab-web'];
    const launched = await processes.launch(
      'ip',
      [
        ...['netns', 'exec', namespaceOf(name, server), ...command],
        ...['--name', server, '--listen', listen],
      ],
      { logFile: logFile(name, server) },
    );
    must(from(server, launched));
  }
}

const BRIEF_TIME_WAIT = [
  'sysctl',
  '-qw',
  ...['time_wait', 'close_wait', 'last_ack', 'fin_wait', 'close'].map(
    (state) => `net.netfilter.nf_conntrack_tcp_timeout_${state}=1`,
  ),
];

function settingsOf(labs: Labs): LabSettings {
  const name: LabName = labs.nameOf('forward');
  return {
    ...defaultSettings(name),
    ...{ advertInterval: ADVERTS, pairChannel: 'open', backLan: 'there' },
    furtherHaproxy: [
      ...listenLines('haproxy-tcp', 'tcp'),
      '',
      ...listenLines('haproxy-http', 'http'),
    ].join('\n'),
    furtherVipair: [
      'services:',
      '  - name: bench',
      `    address: ${VIRTUAL_ADDRESS}`,
      `    port: ${String(PORTS.kernel)}`,
      '    servers:',
      ...BACK_SERVER_NAMES.map(
        (server) =>
          `      - { name: ${server}, address: ${BACK_ADDRESSES.ipv4[server]}, port: ${String(WEB_SERVER_PORT)} }`,
      ),
    ].join('\n'),
    furtherFiles: conntrackdFiles(name, 'none'),
  };
}

function listenLines(by: Forwarder, mode: 'tcp' | 'http'): readonly string[] {
  return [
    `listen ${by}`,
    `  mode ${mode}`,
    `  bind ${withPort(VIRTUAL_ADDRESS, PORTS[by])}`,
    ...BACK_SERVER_NAMES.map(
      (server) => `  server ${server} ${withPort(BACK_ADDRESSES.ipv4[server], WEB_SERVER_PORT)}`,
    ),
  ];
}

/** Of all processors: user, nice, system, irq and softirq (proc(5), /proc/stat), in seconds. */
function machineSeconds(): number {
  const [line = ''] = readFileSync('/proc/stat', 'latin1').split('\n');
  const [, ...ticks] = line.trim().split(/\s+/u);
  return BUSY_COLUMNS.reduce((sum, column) => sum + Number(ticks[column]), 0) / TICKS_A_SECOND;
}
const BUSY_COLUMNS = [0, 1, 2, 5, 6];
const TICKS_A_SECOND = 100;
