/** How fast the counters of a daemon grow, from what it said at several moments. */
import type { PairReport } from '../../telemetry/status.js';
import type { TopSample } from './sample.js';

/** A second. Undefined: not known yet. */
export interface Flow {
  readonly sent: number | undefined;
  readonly received: number | undefined;
}

export interface TopRates {
  /** Adverts, by group. */
  readonly adverts: Readonly<Record<string, Flow>>;
  /** Updates of rows, by stick table. */
  readonly tables: Readonly<Record<string, Flow>>;
  /** Changes of flows; undefined where none are copied. */
  readonly flows?: Flow | undefined;
  /** HTTP requests of the proxies, by node. */
  readonly requests: Readonly<Record<string, number | undefined>>;
}

/** Between the first and the last sample of the same daemon; another one counts anew. */
export function ratesOf(samples: readonly TopSample[]): TopRates {
  const last = samples.at(-1);
  const first = samples.find(
    ({ report }) =>
      report?.startedAt === last?.report?.startedAt && report?.node === last?.report?.node,
  );
  if (last?.report === undefined) {
    return { adverts: {}, tables: {}, requests: {} };
  }
  const seconds = (last.at - (first?.at ?? last.at)) / 1000;
  const between = (
    before: Readonly<Record<string, Counts>>,
    after: Readonly<Record<string, Counts>>,
  ): Readonly<Record<string, Flow>> =>
    Object.fromEntries(
      Object.entries(after).map(([name, counts]) => [name, flow(before[name], counts, seconds)]),
    );
  const before = first?.report ?? last.report;
  return {
    adverts: between(advertsOf(before), advertsOf(last.report)),
    tables: between(updatesOf(before), updatesOf(last.report)),
    ...flowsBetween(before, last.report, seconds),
    requests: Object.fromEntries(
      [...requestsOf(last.report)].map(([node, count]) => [
        node,
        perSecond(requestsOf(before).get(node), count, seconds),
      ]),
    ),
  };
}

interface Counts {
  readonly sent: number;
  readonly received: number;
}

function flow(before: Counts | undefined, after: Counts, seconds: number): Flow {
  return {
    sent: perSecond(before?.sent, after.sent, seconds),
    received: perSecond(before?.received, after.received, seconds),
  };
}

function flowsBetween(
  before: PairReport,
  { flows }: PairReport,
  seconds: number,
): Pick<TopRates, 'flows'> {
  const { report } = flows ?? {};
  const earlier = before.flows?.report;
  return report === undefined
    ? {}
    : {
        flows: {
          sent: perSecond(earlier?.sent.flows, report.sent.flows, seconds),
          received: perSecond(earlier?.received.flows, report.received.flows, seconds),
        },
      };
}

/** A counter that has become less began anew. */
function perSecond(before: number | undefined, after: number, seconds: number): number | undefined {
  return before === undefined || after < before || seconds <= 0
    ? undefined
    : (after - before) / seconds;
}

function advertsOf({ groups }: PairReport): Readonly<Record<string, Counts>> {
  return Object.fromEntries(
    groups.map(({ name, counters }) => [
      name,
      { sent: counters.advertsSent, received: counters.advertsReceived },
    ]),
  );
}

/** Of nodes whose proxies say how many they have had. */
function requestsOf({ node, proxy, peer }: PairReport): ReadonlyMap<string, number> {
  const counts = [
    [node, proxy?.requests],
    [peer?.node ?? '', peer?.requests],
  ] as const;
  return new Map(counts.flatMap(([of, count]) => (count === undefined ? [] : [[of, count]])));
}

function updatesOf({ replication }: PairReport): Readonly<Record<string, Counts>> {
  return Object.fromEntries(
    (replication?.report?.tables ?? []).map(({ name, sent, received }) => [
      name,
      { sent: sent.updates, received: received.updates },
    ]),
  );
}
