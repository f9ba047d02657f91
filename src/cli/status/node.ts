/** What belongs to the node that was asked, and to no group. */
import type {
  HistoryEntry,
  LatenessStatus,
  PairStatus,
  ProxyStatus,
} from '../../telemetry/status.js';
import { bad, doubtful, good } from '../paint.js';
import { lasting, time } from './time.js';

const MOVES_SHOWN = 8;

export function proxyLine(proxy: ProxyStatus | undefined): string {
  if (proxy === undefined) {
    return 'proxy: none configured';
  }
  const { state, pid, cause } = proxy;
  return [
    `proxy: ${state}${pid === undefined ? '' : `, pid ${String(pid)}`}${cause === undefined ? '' : `, ${cause}`}`,
    ...formerLines(proxy),
    ...reloadLines(proxy),
  ].join('\n');
}

function formerLines({ state, former }: ProxyStatus): readonly string[] {
  const { workers = [], problem } = former ?? {};
  const [oldest] = workers;
  if (oldest === undefined) {
    // Of one that does not serve, the line above says why.
    return problem === undefined || state !== 'serving'
      ? []
      : [doubtful(`  former workers: not known: ${problem}`)];
  }
  const open = workers.flatMap(({ connections }) => connections ?? []);
  const connections = open.reduce((all, each) => all + each, 0);
  const known = open.length === workers.length ? '' : `, as far as ${String(open.length)} say`;
  const age = lasting(oldest.ageMs);
  return [
    `  former workers: ${String(workers.length)}, the oldest for ${age}, ${String(connections)} open connections${known}`,
  ];
}

function reloadLines({ failedReload, former }: ProxyStatus): readonly string[] {
  const inARow = former?.failedReloads ?? 0;
  return [
    ...(failedReload === undefined
      ? []
      : [bad(`  the last reload failed, at ${time(failedReload.at)}: ${failedReload.why}`)]),
    ...(inARow === 0
      ? []
      : [
          bad(
            `  HAProxy's master: ${String(inARow)} reloads in a row have failed, its log says why`,
          ),
        ]),
  ];
}

export function pairLine(pair: PairStatus | undefined): string {
  if (pair === undefined) {
    return 'pair channel: none configured, so VRRP decides alone';
  }
  const { peer, state, release, protocol, problem, path } = pair;
  const over = path === 'fallback' ? ', over the second addresses' : '';
  return state === 'up'
    ? `pair channel: ${good('up')}, ${peer} runs vipair ${String(release)}, version ${String(protocol)} of the channel${over}`
    : `pair channel: ${bad('down')}, ${peer}${problem === undefined ? '' : `: ${problem}`}`;
}

export function loopLine(loop: LatenessStatus): string {
  return `loop: alarms late by p50 ${String(loop.p50Ms)} ms, p99 ${String(loop.p99Ms)} ms, max ${String(loop.maxMs)} ms (last ${String(loop.samples)})`;
}

/** The last of them. */
export function moves(entries: readonly HistoryEntry[]): string {
  const shown = entries.slice(-MOVES_SHOWN).map(({ at, text }) => `  ${time(at)}  ${text}`);
  return shown.length === 0 ? '' : ['history:', ...shown].join('\n');
}
