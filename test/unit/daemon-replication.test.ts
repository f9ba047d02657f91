import { describe, expect, it } from 'vitest';
import { configOf, EXAMPLE } from './config/example.js';
import { FakeMachine, settled } from './engine/fakes.js';
import { done } from '../../src/base/result.js';
import type { Config } from '../../src/config/config.js';
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

describe('flows', () => {
  function given(config: Config) {
    const machine = new FakeMachine();
    const did: string[] = [];
    const now = { config };
    const from = {
      options: { node: 'lb1', orders: undefined, pairKeys: [new Uint8Array(32)] },
      ...{ running: () => ({ config: now.config, plans: [] }), groups: () => [] },
      reported: () => did.push('reported'),
    } as unknown as ReplicationFrom;
    const replicator = { ...{ pid: 7, tell: () => undefined }, end: () => did.push('ended') };
    const does = (what: string) => (): Promise<typeof done> => {
      did.push(what);
      return Promise.resolve(done);
    };
    const replication = new Replication(from, {
      ...{ clock: machine.clock, log: { tell: () => undefined } },
      ...{ sysctls: machine.sysctls, foundSettings: machine.foundSettings },
      replication: {
        flowReplicators: { start: () => (did.push('started'), replicator) },
        flowEvents: { select: does('select'), dismantle: does('dismantle') },
        passOn: () => undefined,
      },
    } as unknown as DaemonPorts);
    const become = async (next: Config): Promise<readonly string[]> => {
      now.config = next;
      replication.refresh();
      replication.refresh();
      await settled();
      return did.splice(0);
    };
    return { replication, machine, did, become };
  }
  const NONE = configOf(EXAMPLE);
  const service = { replicateFlows: true, address: '10.77.0.100', protocol: 'tcp', port: 25 };
  const SERVED = { ...NONE, services: [service] } as unknown as Config;

  it('are copied from the first service that wants it on, and until the last one goes', async () => {
    const { replication, machine, did, become } = given(NONE);
    machine.settings.set('net.netfilter.nf_conntrack_events', '2');
    replication.begin();
    await settled();
    // What a former daemon may have left.
    expect([did.splice(0), replication.flows]).toEqual([['dismantle'], undefined]);
    expect(await become(NONE)).toEqual([]);
    expect(await become(SERVED)).toEqual(['started', 'select']);
    expect(replication.flows?.status().state).toBe('running');
    expect(machine.found).toEqual([
      { name: 'net.netfilter.nf_conntrack_events', found: '2', changedTo: '1' },
    ]);
    expect(await become(NONE)).toEqual(['ended', 'dismantle', 'reported']);
    expect([replication.flows, machine.found]).toEqual([undefined, []]);
    expect(await become(SERVED)).toEqual(['started', 'select']);
  });

  it.each([
    ['release', ['ended', 'dismantle']],
    ['hand-over', ['ended']],
  ] as const)('are not copied any more at an end by %s', async (mode, expected) => {
    const { replication, did } = given(SERVED);
    replication.begin();
    await settled();
    expect(did.splice(0)).toEqual(['started', 'select']);
    replication.stop();
    await replication.end(mode);
    replication.refresh();
    expect(did).toEqual(expected);
  });
});
