/** The pair as a drill is planned from it: what its daemons say, what its file says, what haproxy.cfg says. */
import { parseIp } from '../base/ip.js';
import type { Millis } from '../base/time.js';
import { centisToMillis, longer, millis, scale, sum } from '../base/time.js';
import type { Config, GroupConfig } from '../config/config.js';
import { MOST_SERVERS } from '../core/drill-drops.js';
import { isAsBefore } from '../core/drill-hand.js';
import type { DrillNeed, DrillScene } from '../core/drill-scene.js';
import type { DrillFacts } from '../core/drill-preflight.js';
import { sectionsOf } from '../core/haproxy-sections.js';
import { haproxyLines } from '../core/haproxy-text.js';
import type { DrillReport, DrillState } from '../telemetry/drill.js';
import { handsIn } from '../telemetry/drill.js';
import { differencesInWords } from '../telemetry/generation.js';
import type { PairReport } from '../telemetry/status.js';
import type { NodeTables } from '../telemetry/tables.js';
import { mastersOf } from './audits.js';
import { troublesOf } from './table-troubles.js';

/** What was gathered before anything is done. */
export interface Gathered {
  readonly config: Config;
  readonly group: GroupConfig;
  readonly report: PairReport;
  /** The text of haproxy.cfg; undefined where there is none, or it cannot be read. */
  readonly haproxy: string | undefined;
  /** Undefined where no tables are replicated. */
  readonly tables: readonly NodeTables[] | undefined;
  readonly drills: DrillState;
  /** Earlier ones, for what they have cost. */
  readonly kept: readonly DrillReport[];
  readonly processors: number;
  /** Of the node that was asked: whether its state directory is a file system of its own. */
  readonly stateDisk: 'own' | 'shared';
  /** Local time. */
  readonly now: Date;
}

/** Where no master is known, whoever was asked stands for it: the objections say so. */
export function sceneOf(gathered: Gathered): DrillScene {
  const { config, group, report, processors } = gathered;
  const names = config.pair.nodes.map(({ name }) => name);
  const master = mastersOf(report, group.name)[0] ?? report.node;
  const interval = centisToMillis(group.advertInterval);
  const { servers, byName } = serversIn(gathered.haproxy ?? '');
  return {
    here: report.node,
    group: group.name,
    master,
    backup: names.find((name) => name !== master) ?? master,
    interfaces: [...new Set(group.instances.map((each) => each.interface))],
    addresses: group.instances.flatMap((each) =>
      each.addresses.map((address) => ({ address, interface: each.interface })),
    ),
    advertInterval: interval,
    failback: group.failback.kind === 'after' ? 'by itself' : 'when asked',
    // The skew is that of the least priority there is: a whole interval (RFC 9568 §6.1).
    masterDown: scale(interval, ADVERTS_MISSED),
    channelPorts: [
      config.pair.port,
      ...(config.replicate === undefined ? [] : [config.replicate.port]),
    ],
    proxySilence:
      config.proxy === undefined
        ? millis(0)
        : sum(config.proxy.probeEvery, config.proxy.probeTimeout),
    servers,
    serversByName: byName,
    backendsLook: backendsLook(group),
    processors,
    has: needsMet(gathered, { servers, byName }),
  };
}

function needsMet(
  { config, group, report, tables, stateDisk }: Gathered,
  { servers, byName }: ServersIn,
): ReadonlySet<DrillNeed> {
  const backup = mastersOf(report, group.name)[0] === report.node ? report.peer : report;
  const standby = backup?.groups.find(({ name }) => name === group.name);
  const ready = standby?.role === 'backup' && standby.health.score !== 0;
  const met: readonly (readonly [DrillNeed, boolean])[] = [
    ['ready-backup', ready],
    ['channel', report.pair?.state === 'up'],
    ['reachability', group.track.some(isReachability)],
    ['proxy', report.proxy !== undefined],
    ['supervised-proxy', config.proxy?.run === 'supervised'],
    ['servers', servers.length > 0],
    ['all-servers', byName.length === 0 && servers.length <= MOST_SERVERS],
    ['tracked-backends', backendsLook(group) > 0],
    ['tables', tables?.flatMap(troublesOf).length === 0],
    ['state-disk', stateDisk === 'own'],
    ['power-commands', config.drills?.power !== undefined],
  ];
  return new Set(met.flatMap(([need, is]) => (is ? [need] : [])));
}

export interface ServersIn {
  readonly servers: DrillScene['servers'];
  readonly byName: DrillScene['serversByName'];
}

/** Those with an address that haproxy.cfg itself has, and the others: a name may mean anything by now. */
export function serversIn(haproxy: string): ServersIn {
  const servers: DrillScene['servers'][number][] = [];
  const byName: string[] = [];
  for (const { kind, name: backend, lines } of sectionsOf(haproxyLines(haproxy))) {
    for (const { words } of kind === 'backend' || kind === 'listen' ? lines : []) {
      const [keyword = '', own = '', ...rest] = words;
      const name = `${backend}/${own}`;
      // A template has a number, or a range of them, between its prefix and where they are.
      const where = rest[keyword === 'server' ? 0 : 1] ?? '';
      const known = keyword === 'server' ? addressIn(where) : undefined;
      if (known !== undefined) {
        servers.push({ name, ...known });
      } else if (SERVERS.has(keyword)) {
        byName.push(`${name}, which is ${where}`);
      }
    }
  }
  return { servers, byName };
}

function addressIn(
  where: string,
): Pick<DrillScene['servers'][number], 'address' | 'port'> | undefined {
  const [, host = '', port] = /^(?:ipv[46]@)?\[?([^\]]*)\]?:(\d+)$/u.exec(where) ?? [];
  const address = parseIp(host);
  return address.ok ? { address: address.value, port: Number(port) } : undefined;
}

const SERVERS: ReadonlySet<string> = new Set(['server', 'server-template']);

function isReachability({ thing, consequence }: GroupConfig['track'][number]): boolean {
  return thing.kind === 'neighbours' && consequence.kind === 'fault';
}

function backendsLook({ track }: GroupConfig): Millis {
  return track.reduce<Millis>(
    (longest, { thing }) =>
      thing.kind === 'backends'
        ? longer(longest, scale(thing.every, Math.max(thing.fall, thing.rise) + 1))
        : longest,
    millis(0),
  );
}

/** What may speak against a drill. */
export function factsOf(gathered: Gathered): DrillFacts {
  const { config, group, report } = gathered;
  const { peer, orders } = report;
  return {
    peer: peer?.word === 'answer' ? peer.node : undefined,
    masters: mastersOf(report, group.name),
    faults: faultsIn(gathered),
    paused: orders.paused !== undefined,
    maintenance: orders.maintenance.map(({ node }) => node),
    differing: differingIn(report),
    intents: report.intents.differing.length === 0 ? 'equal' : 'differ',
    tables: gathered.tables?.flatMap(troublesOf)[0],
    planned: report.schedules.flatMap(plannedSoon(gathered.now)),
    drills: underWay(gathered.drills),
    forbidden: config.drills?.enabled === false ? [report.node] : [],
    ...siteFacts(gathered),
  };
}

function siteFacts({
  config,
  kept,
  now,
}: Gathered): Pick<DrillFacts, 'budget' | 'time' | 'windows'> {
  const budget = config.drills?.budget;
  return {
    budget:
      budget === undefined ? undefined : { ...budget, spent: spentIn(kept, budget.days, now) },
    time: { day: now.getDay(), minute: now.getHours() * 60 + now.getMinutes() },
    windows: config.drills?.windows ?? [],
  };
}

function faultsIn({ report, group }: Gathered): DrillFacts['faults'] {
  const { peer, proxy, node } = report;
  return [
    ...faultsOf(node, report.groups, group.name),
    ...faultsOf(peer?.node ?? '', peer?.groups ?? [], group.name),
    ...(proxy === undefined || proxy.state === 'serving'
      ? []
      : [{ node, why: `its proxy is ${proxy.state}` }]),
  ];
}

function differingIn({ generation }: PairReport): readonly string[] {
  return generation?.state === 'differs'
    ? differencesInWords(generation.differences, generation.peer).map(
        (each) => `the nodes differ: ${each}`,
      )
    : [];
}

/** While one of these is, another has to wait. */
function underWay(state: DrillState): DrillFacts['drills'] {
  return handsIn(state)
    .filter(({ phase }) => !isAsBefore(phase))
    .map(({ node, drill, phase }) => ({ node, name: drill, phase }));
}

/** Of every group: what is done to a node's daemon, proxy or link, others that share it suffer as well. */
function faultsOf(
  node: string,
  groups: readonly {
    readonly name: string;
    readonly role: string;
    readonly fault: string | undefined;
  }[],
  name: string,
): DrillFacts['faults'] {
  return groups
    .filter(({ role }) => role === 'fault')
    .map((each) => ({
      node,
      why: `${each.name === name ? '' : `${each.name}: `}${each.fault ?? 'it is in fault'}`,
    }));
}

function plannedSoon(now: Date): (each: PairReport['schedules'][number]) => readonly string[] {
  return ({ group, at, state }) =>
    state === 'planned' && at - now.getTime() < SOON
      ? [`${group} at ${new Date(at).toISOString()}`]
      : [];
}

/** Failed requests of the drills of these days. */
export function spentIn(kept: readonly DrillReport[], days: number, now: Date): number {
  const since = now.getTime() - days * DAY;
  return kept
    .filter(({ startedAt }) => startedAt >= since)
    .reduce((all, { figures }) => all + (figures.failed ?? 0), 0);
}

const ADVERTS_MISSED = 4;
/** In milliseconds: no drill should still be clearing up when a planned switchover comes. */
const SOON = 600_000;
const DAY = 86_400_000;
