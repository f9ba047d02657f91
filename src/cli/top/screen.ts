/** The screen of `vipair top`: the whole pair on as many lines and columns as there are. */
import type { NodeLoads } from '../../telemetry/servers.js';
import type { PairReport, PeerStatus } from '../../telemetry/status.js';
import type { TableReport } from '../../telemetry/tables.js';
import { renderEvent } from '../events.js';
import { bad, doubtful, good, strong } from '../paint.js';
import { drillLines } from '../status/drill.js';
import { paintRole } from '../status/groups.js';
import { loopLine, pairLine, proxyLine } from '../status/node.js';
import { ordersLines } from '../status/orders.js';
import { serversSection } from '../status/servers.js';
import { tablesLines } from '../status/tables.js';
import { time } from '../status/time.js';
import { underWayLines } from '../status/under-way.js';
import { renderTable } from '../table.js';
import { fitted } from './fitted.js';
import { flowCells, rateText, verdictWord } from './cells.js';
import { flowsSection } from './flows.js';
import type { TopRates } from './rates.js';
import { ratesOf } from './rates.js';
import type { TopSample } from './sample.js';
import { lastAnswer } from './sample.js';
import { servicesLines } from './services.js';

export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

export type TopMode = 'live' | 'paused' | 'once';

/** Never more lines than rows, nor longer ones than columns. */
export function renderTop(
  samples: readonly TopSample[],
  { columns, rows }: ScreenSize,
  mode: TopMode,
): readonly string[] {
  const known = lastAnswer(samples);
  const now = samples.at(-1);
  const head = headLines(samples, mode);
  if (known === undefined || now === undefined) {
    return bounded(head, { columns, rows });
  }
  const body = [
    ...head,
    '',
    ...sections(known.report, known.sample.loads, ratesOf(samples)).flatMap((each) =>
      each === '' ? [] : each.split('\n'),
    ),
  ];
  const room = rows - body.length - EVENTS_HEAD.length;
  const events = room > 0 ? known.sample.events.slice(-room) : [];
  const told = events.map((each) => renderEvent(each, 'text'));
  return bounded(told.length === 0 ? body : [...body, ...EVENTS_HEAD, ...told], { columns, rows });
}

const EVENTS_HEAD = ['', 'last events:'];

function headLines(samples: readonly TopSample[], mode: TopMode): readonly string[] {
  const known = lastAnswer(samples);
  const now = samples.at(-1);
  const hints: Readonly<Record<TopMode, string>> = {
    live: '  q quits, p pauses',
    paused: `  ${doubtful('paused')}: p goes on, q quits`,
    once: '',
  };
  const named =
    known === undefined
      ? strong('vipair top')
      : `${strong(known.report.node)}  vipair ${known.report.version}`;
  const at = now === undefined ? '' : `  ${time(now.at)}`;
  return [
    `${named}${at}${hints[mode]}`,
    ...(now?.problem === undefined ? [] : [bad(`no answer: ${now.problem}; asked again`)]),
    ...(now?.problem === undefined || known === undefined
      ? []
      : [doubtful(`what follows it said at ${time(known.at)}`)]),
  ];
}

function sections(
  report: PairReport,
  loads: readonly NodeLoads[],
  rates: TopRates,
): readonly string[] {
  const { peer } = report;
  return [
    groupsTable(report, rates),
    ordersLines(report, peer),
    drillLines(report),
    underWayLines(report),
    pairLine(report.pair),
    ...(peer === undefined ? [] : [heartbeatLine(peer)]),
    proxyLine(report.proxy),
    serversSection(report.servers, peer?.node),
    sessionsLine(loads),
    requestsLine(rates),
    tablesLines(report.replication),
    updatesTable(report.replication?.report?.tables ?? [], rates),
    flowsSection(report.flows, rates),
    servicesLines(report.services),
    loopLine(report.loop),
  ];
}

function groupsTable(report: PairReport, { adverts }: TopRates): string {
  const { node, peer, groups } = report;
  const head = ['GROUP', node, 'HEALTH', ...(peer === undefined ? [] : [peer.node, 'HEALTH'])];
  const rows = groups.map((group) => {
    const there = peer?.groups.find(({ name }) => name === group.name);
    const theirs = there === undefined ? '?' : paintRole(there.role);
    const { name, role, health, addresses, lease } = group;
    return [
      ...[name, paintRole(role), scoreText(health.score)],
      ...(peer === undefined ? [] : [theirs, scoreText(there?.health.score)]),
      ...flowCells(adverts[name]),
      lease.leftMs === undefined ? '–' : `${String(Math.round(lease.leftMs))} ms`,
      addresses.join(', '),
    ];
  });
  return renderTable([...head, 'ADVERTS OUT/S', 'IN/S', 'LEASE LEFT', 'ADDRESSES'], rows);
}

function scoreText(score: number | undefined): string {
  if (score === undefined) {
    return '?';
  }
  return score === FULL ? good(String(score)) : doubtful(String(score));
}

const FULL = 100;

function heartbeatLine({ node, life, proxy, clock }: PeerStatus): string {
  const ahead =
    clock === undefined
      ? ''
      : `; its clock is ${String(Math.abs(clock.aheadMs))} ms ${clock.aheadMs < 0 ? 'behind' : 'ahead'}, give or take ${String(clock.withinMs)} ms`;
  const heartbeat = life === 'fresh' ? good(life) : doubtful(life);
  return `${node}: heartbeat ${heartbeat}, proxy ${proxy ?? 'not known'}${ahead}`;
}

/** Open now, on all servers. */
function sessionsLine(loads: readonly NodeLoads[]): string {
  const texts = loads.map(({ node, problem, servers }) => {
    const sessions = servers.reduce((all, each) => all + each.sessions, 0);
    return `${problem === undefined ? String(sessions) : doubtful('not known')} on ${node}`;
  });
  return texts.length === 0 ? '' : `sessions: ${texts.join(', ')}`;
}

/** Of proxies that speak HTTP, as far as they tell. */
function requestsLine({ requests }: TopRates): string {
  const texts = Object.entries(requests).map(([node, rate]) => `${rateText(rate)} on ${node}`);
  return texts.length === 0 ? '' : `HTTP requests/s: ${texts.join(', ')}`;
}

function updatesTable(tables: readonly TableReport[], rates: TopRates): string {
  const rows = tables
    .slice(0, MOST_TABLES)
    .map(({ name, rows: held, sent, verified }) => [
      ...[`  ${name}`, String(held)],
      ...flowCells(rates.tables[name]),
      ...[String(sent.unacknowledged), `${String(Math.round(sent.lagMs))} ms`],
      verdictWord(verified.verdict),
    ]);
  const more = tables.length - rows.length;
  return rows.length === 0
    ? ''
    : [
        renderTable(['  TABLE', 'ROWS', 'OUT/S', 'IN/S', 'ON THE WAY', 'LAG', 'VERIFIED'], rows),
        ...(more > 0 ? [`  … and ${String(more)} tables more: vipair tables`] : []),
      ].join('\n');
}

const MOST_TABLES = 8;

function bounded(lines: readonly string[], { columns, rows }: ScreenSize): readonly string[] {
  const more = lines.length - rows;
  const shown =
    more <= 0 ? lines : [...lines.slice(0, rows - 1), `… ${String(more + 1)} lines more`];
  return shown.map((line) => fitted(line, columns));
}
