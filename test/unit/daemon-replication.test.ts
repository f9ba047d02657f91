import { describe, expect, it } from 'vitest';
import { configOf, EXAMPLE } from './config/example.js';
import { HandClock } from './engine/fakes.js';
import type { NodeEvent } from '../../src/core/node.js';
import type { DaemonPorts } from '../../src/daemon-ports.js';
import type { ReplicationFrom } from '../../src/daemon-replication.js';
import { Replication, replicatorAwaited, ReplicatorNews } from '../../src/daemon-replication.js';
import type { ReplicationStatus } from '../../src/telemetry/tables.js';
import { CHECKING, HOLDING, SERVING } from './core/given-proxy.js';
import { REPORT } from './replication/given-report.js';

const LOADING: ReplicationStatus = {
  ...{ state: 'running', pid: 7, problem: undefined, restarts: 0, report: undefined },
};
const ENDED: ReplicationStatus = { ...LOADING, state: 'waiting' };
const PARTLY: ReplicationStatus = { ...LOADING, report: { ...REPORT, complete: false } };
const COMPLETE: ReplicationStatus = { ...LOADING, report: { ...REPORT, complete: true } };
const READY: NodeEvent = { kind: 'proxy', event: { kind: 'replicator-ready' } };
const AWAITED: NodeEvent = { kind: 'tables', word: 'awaited' };
const IN: NodeEvent = { kind: 'tables', word: 'in' };

describe('a proxy that is about to be started', () => {
  it.each([
    ['nothing is replicated', undefined, 'not awaited'],
    ['the replicator loads', LOADING, 'awaited'],
    ['the replicator listens, or has said why not', PARTLY, 'not awaited'],
    ['the replicator has ended: it is none too soon there', ENDED, 'not awaited'],
  ] as const)('%s', (_why, status, is) => {
    expect(replicatorAwaited(status)).toBe(is);
  });
});

describe('what the replicator’s state means is told once', () => {
  it('where nothing is replicated, nothing', () => {
    expect(new ReplicatorNews().of(undefined, { phase: 'running', proxy: HOLDING })).toEqual([]);
  });

  it('from its start to the last table', () => {
    const news = new ReplicatorNews();
    expect(news.of(LOADING, { phase: 'looking-around', proxy: CHECKING })).toEqual([]);
    expect(news.of(LOADING, { phase: 'running', proxy: HOLDING })).toEqual([AWAITED]);
    expect(news.of(ENDED, { phase: 'running', proxy: HOLDING })).toEqual([]);
    expect(news.of(PARTLY, { phase: 'running', proxy: HOLDING })).toEqual([READY]);
    expect(news.of(PARTLY, { phase: 'running', proxy: SERVING })).toEqual([]);
    expect(news.of(COMPLETE, { phase: 'running', proxy: SERVING })).toEqual([IN]);
    expect(news.of(COMPLETE, { phase: 'running', proxy: SERVING })).toEqual([]);
  });
});

it('begins to copy flows where a reload brings the first service that wants it', () => {
  const started: string[] = [];
  let config = configOf(EXAMPLE);
  const from = {
    options: { ...{ config, node: 'lb1', orders: undefined }, pairKeys: [new Uint8Array(32)] },
    ...{ running: () => ({ config, plans: [] }), groups: () => [], reported: () => undefined },
  } as unknown as ReplicationFrom;
  const replicator = { ...{ pid: 7, tell: () => undefined }, end: () => started.push('ended') };
  const replication = new Replication(from, {
    clock: new HandClock(),
    log: { tell: () => undefined },
    replication: {
      flowReplicators: { start: () => (started.push('started'), replicator) },
      passOn: () => undefined,
    },
  } as unknown as DaemonPorts);
  replication.begin();
  replication.refresh();
  expect([started, replication.flows]).toEqual([[], undefined]);
  const service = { replicateFlows: true, address: '10.77.0.100', protocol: 'tcp', port: 25 };
  config = { ...config, services: [service] } as unknown as typeof config;
  replication.refresh();
  replication.refresh();
  expect([started, replication.flows?.status().state]).toEqual([['started'], 'running']);
  replication.stop();
  expect(started).toEqual(['started', 'ended']);
});
