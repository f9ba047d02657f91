import { describe, expect, it } from 'vitest';
import type { UpgradeFacts } from '../../../src/operator/upgrade-check.js';
import { checkUpgrade } from '../../../src/operator/upgrade-check.js';
import type { HandState } from '../../../src/telemetry/drill.js';
import type { FlowReplicationStatus, FlowsReport } from '../../../src/telemetry/flows.js';
import type { GenerationStatus } from '../../../src/telemetry/generation.js';
import type {
  DrainStatus,
  GroupStatus,
  PairReport,
  PairStatus,
  PeerGroupStatus,
  PeerStatus,
} from '../../../src/telemetry/status.js';
import type {
  ReplicationStatus,
  TableReport,
  TablesReport,
} from '../../../src/telemetry/tables.js';
import type { UnderWay } from '../../../src/telemetry/under-way.js';
import { GROUP } from '../doctor/given-observations.js';
import { FLOWS_REPORT } from '../replication/given-flows-report.js';

const NOW = 1_700_000_000_000;
const MASTER: GroupStatus = { ...GROUP, role: 'master' };
const THERE: PeerGroupStatus = {
  ...{ name: 'web', role: 'backup', fault: undefined, kept: undefined, priority: 253 },
  ...{ priorityWhy: undefined, health: { score: 100, parts: [] }, master: undefined },
  ...{ outlook: undefined, drain: undefined },
};
const PEER: PeerStatus = {
  ...{ node: 'lb2', word: 'answer', problem: undefined, life: 'fresh', release: '0.2.0' },
  ...{ proxy: 'serving', clock: undefined, groups: [THERE], underWay: [] },
  orders: { paused: 'no', maintenance: [], schedules: [] },
};
const GENERATION: GenerationStatus = {
  ...{ peer: 'lb2', state: 'in sync', why: undefined, differences: [], file: 'runs' },
};
const DRAIN: DrainStatus = {
  ...{ state: 'serving on', open: 3, first: 7, reset: 0, sinceMs: 1, leftMs: 7_100 },
  problem: undefined,
};
const TABLES: TablesReport = {
  proxy: { state: 'up', since: 0 },
  link: { state: 'up', since: 0 },
  ...{ complete: true, tables: [], ignored: [], refused: [], memoryBytes: 0 },
};
const RUNNING: ReplicationStatus = {
  ...{ state: 'running', pid: 9, problem: undefined, restarts: 0, report: TABLES },
};
/** All that was told is in the other kernel, as was compared a moment ago. */
const FLOWS: FlowsReport = {
  ...FLOWS_REPORT,
  sent: { ...FLOWS_REPORT.sent, verified: { verdict: 'equal', at: NOW - 3_000 } },
};
const COPIED: FlowReplicationStatus = {
  ...{ state: 'running', pid: 10, problem: undefined, restarts: 0, report: FLOWS },
};
const PAIR: PairStatus = {
  ...{ peer: 'lb2', state: 'up', path: 'preferred', protocol: 3, release: '0.2.0' },
  ...{ problem: undefined, refused: 0 },
};
const REPORT: PairReport = {
  ...{ node: 'lb1', version: '0.1.0', pid: 1, startedAt: 0, groups: [MASTER] },
  proxy: { state: 'serving', pid: 7, cause: undefined, recentDeaths: 0 },
  intents: { kept: 'on disk', stated: 0, amiss: [] } as unknown as PairReport['intents'],
  orders: { known: 'yes', paused: undefined, maintenance: [] },
  schedules: [],
  pair: PAIR,
  generation: GENERATION,
  replication: RUNNING,
  loop: { samples: 1, p50Ms: 0, p99Ms: 0, maxMs: 0 },
  ...{ drill: undefined, history: [], peer: PEER, prospects: [], servers: undefined },
  ...{ flows: COPIED, underWay: [] },
};
const FACTS: UpgradeFacts = {
  program: { version: '0.2.0', protocol: { oldest: 1, newest: 3 }, bootMs: 150 },
  report: REPORT,
  now: NOW,
  startedInMs: 120,
  problems: [],
  proxyRun: 'supervised',
  unit: { name: 'vipair.service', killMode: 'process', restartSignal: '12' },
  files: [{ name: 'history', damaged: 0, unknown: 0, failure: undefined }],
};

const seen = (changed: Partial<PairReport>): Partial<UpgradeFacts> => ({
  report: { ...REPORT, ...changed },
});
const group = (changed: Partial<GroupStatus>): Partial<UpgradeFacts> =>
  seen({ groups: [{ ...MASTER, ...changed }] });
const peer = (changed: Partial<PeerStatus>): Partial<UpgradeFacts> =>
  seen({ peer: { ...PEER, ...changed } });
const there = (changed: Partial<PeerGroupStatus>): Partial<UpgradeFacts> =>
  peer({ groups: [{ ...THERE, ...changed }] });
const generation = (changed: Partial<GenerationStatus>): Partial<UpgradeFacts> =>
  seen({ generation: { ...GENERATION, ...changed } });
const pair = (changed: Partial<PairStatus>): Partial<UpgradeFacts> =>
  seen({ pair: { ...PAIR, ...changed } });
const given = { by: 'lb1', at: 0 };
const drain = (here?: DrainStatus): Partial<UpgradeFacts> =>
  group({ connections: { keptMs: 10_000, cutBecause: undefined, drain: here } });
/** As a daemon has it that says nothing else of what is under way. */
const hand = (phase: HandState['phase']): Partial<UpgradeFacts> =>
  seen({ drill: { drill: 'proxy-crash', phase } as unknown as HandState, underWay: undefined });
const flowing = (changed: Partial<FlowsReport>): Partial<UpgradeFacts> =>
  seen({ flows: { ...COPIED, report: { ...FLOWS, ...changed } } });
const sent = (changed: Partial<FlowsReport['sent']>): Partial<UpgradeFacts> =>
  flowing({ sent: { ...FLOWS.sent, ...changed } });
const table = (name: string, verdict: 'equal' | 'differs' | 'unknown'): TableReport => ({
  ...{ name, type: 'ip', keyLength: 4, expireMs: 1, columns: [], rows: 0, examples: [] },
  sent: { updates: 0, unacknowledged: 0, lagMs: 0, dropped: 0 },
  received: { updates: 0, unacknowledged: 0, lagMs: 0, dropped: 0 },
  verified: { verdict },
});
const tabled = (changed: Partial<TablesReport>): Partial<UpgradeFacts> =>
  seen({ replication: { ...RUNNING, report: { ...TABLES, ...changed } } });
const PUSHING: UnderWay = { what: 'push', says: 'pushes its files to the other node' };
const file = (changed: Partial<UpgradeFacts['files'][number]>): Partial<UpgradeFacts> => ({
  files: [{ name: 'history', damaged: 0, unknown: 0, failure: undefined, ...changed }],
});

/** What is not well, a line each. */
function amiss(changed: Partial<UpgradeFacts>): readonly string[] {
  return checkUpgrade({ ...FACTS, ...changed })
    .filter(({ verdict }) => verdict !== 'ok')
    .map(({ about, verdict, says }) => `${verdict} ${about}: ${says}`);
}

describe('whether a daemon can be upgraded without moving anything', () => {
  it('says what was looked at, where all is well', () => {
    const lines = checkUpgrade(FACTS);
    expect(lines.map(({ about, says }) => `${about}: ${says}`)).toEqual([
      'versions: this program is 0.2.0, the daemon runs 0.1.0, lb2 runs 0.2.0',
      'pair channel: both daemons speak version 3 of the channel, this program speaks 1 to 3',
      'configuration: this program takes it',
      'both nodes: have the same configuration, haproxy.cfg and certificates',
      'file history: this program reads it',
      'group web: this node is master, and stays it',
      'restart, web: a restart takes about 270 ms (measured), and the lease lasts 2945 ms',
      'HAProxy: serves, survives the daemon, and is adopted (vipair.service)',
      'stick tables: both nodes have them (0 of 0 compared equal); the replicator ends and starts with the daemon',
      'flows: both kernels have them; the flow replicator ends and starts with the daemon',
      'node lb2: could take over if this went wrong',
      'under way: nothing on lb1, nothing on lb2',
    ]);
    expect(lines.every(({ verdict, todo }) => verdict === 'ok' && todo === undefined)).toBe(true);
  });

  it.each<[string, Partial<UpgradeFacts>]>([
    [
      'of a backup, whatever its lease',
      group({ role: 'backup', lease: { ...MASTER.lease, layers: 'backstop only' } }),
    ],
    ['of a node in fault', group({ role: 'fault', fault: 'link eth0 down' })],
    [
      'with a HAProxy that systemd runs',
      { proxyRun: 'systemd', unit: { name: 'v', killMode: 'control-group', restartSignal: '12' } },
    ],
    ['that no unit runs', { unit: undefined }],
    [
      'with what differs while versions do',
      generation({
        state: 'differs',
        differences: [{ item: 'vipair', here: '1', there: '2', lines: [], more: 0 }],
      }),
    ],
    ['with tables that were not compared yet', tabled({ tables: [table('web', 'unknown')] })],
    ['of a node that is alone', seen({ peer: undefined })],
    ['with connections that have drained', drain({ ...DRAIN, state: 'drained' })],
    [
      'of the same version',
      {
        program: { ...FACTS.program, version: '0.1.0' },
        report: { ...REPORT, peer: { ...PEER, release: '0.1.0' } },
      },
    ],
    [
      'of a node that is in maintenance itself',
      seen({
        orders: { known: 'yes', paused: undefined, maintenance: [{ node: 'lb1', ...given }] },
        peer: { ...PEER, orders: { paused: 'no', maintenance: ['lb1'], schedules: [] } },
      }),
    ],
  ])('has nothing against it %s', (_what, changed) => {
    expect(amiss(changed)).toEqual([]);
  });

  it.each<[string, Partial<UpgradeFacts>, string]>([
    [
      'a configuration that it refuses',
      { problems: ['a', 'b'] },
      'no configuration: this program refuses it: a (and 1 more)',
    ],
    [
      'one that it refuses once',
      { problems: ['a'] },
      'no configuration: this program refuses it: a',
    ],
    [
      'a node without a channel, proxy or tables',
      seen({
        pair: undefined,
        peer: undefined,
        generation: undefined,
        proxy: undefined,
        replication: undefined,
        flows: undefined,
      }),
      'warn configuration: this program takes it; not compared with what was loaded, as there is no pair channel: a restart would load what was changed since',
    ],
    [
      'a file that is not loaded',
      generation({ file: 'changed' }),
      'no configuration: the file has been changed since it was loaded: a restart would load it, on this node alone',
    ],
    [
      'a channel that it does not speak',
      pair({ protocol: 4 }),
      'no pair channel: both daemons speak version 4 of the channel, this program speaks 1 to 3',
    ],
    [
      'an unfit master',
      group({ kept: 'proxy died' }),
      'no group web: this node is master although unfit (proxy died): the next daemon would let go',
    ],
    [
      'one that gives way',
      group({ role: 'resigning' }),
      'no group web: this node is resigning just now',
    ],
    [
      'no lease in the kernel',
      group({ lease: { ...MASTER.lease, layers: 'backstop only' } }),
      'no restart, web: the kernel enforces no lease, so nothing is adopted',
    ],
    [
      'a machine that is too slow',
      { startedInMs: 2_900 },
      'no restart, web: a restart takes about 3050 ms (measured), and the lease lasts 2945 ms',
    ],
    [
      'a unit that gives up its duty',
      { unit: { name: 'v', killMode: 'process', restartSignal: '0' } },
      'no restart, web: v restarts with signal 0, which gives the addresses away',
    ],
    [
      'a unit that ends HAProxy',
      { unit: { name: 'v', killMode: 'control-group', restartSignal: '12' } },
      'no HAProxy: serves, and would be ended with the daemon: KillMode=control-group in v',
    ],
    [
      'a HAProxy that does not serve',
      seen({ proxy: { state: 'waiting', pid: undefined, cause: 'invalid', recentDeaths: 1 } }),
      'no HAProxy: it is waiting: invalid: the next daemon would not adopt the addresses',
    ],
    [
      '… and does not say why',
      seen({ proxy: { state: 'starting', pid: undefined, cause: undefined, recentDeaths: 0 } }),
      'no HAProxy: it is starting: the next daemon would not adopt the addresses',
    ],
    [
      'connections that it serves on',
      drain(DRAIN),
      'no connections, web: lb1 serves on 3 connections after a switchover: they would break',
    ],
    [
      'connections that the other one does',
      there({ drain: { ...DRAIN, open: undefined } }),
      'no connections, web: lb2 serves on connections after a switchover: they would break',
    ],
    [
      'a push on this node',
      seen({ underWay: [PUSHING] }),
      'no under way: lb1 pushes its files to the other node',
    ],
    [
      'something on the other one',
      peer({ underWay: [{ what: 'joint change', says: 'is about to change' }] }),
      'no under way: lb2 is about to change',
    ],
    [
      'what it names that nobody knows here',
      peer({ underWay: [{ what: 'other', says: 'juggles' }] }),
      'no under way: lb2 juggles',
    ],
    [
      'something on a node that is alone',
      seen({ peer: undefined, underWay: [PUSHING] }),
      'no under way: lb1 pushes its files to the other node',
    ],
  ])('would not, with %s', (_what, changed, line) => {
    expect(amiss(changed)).toEqual([line]);
  });

  it.each<[string, Partial<UpgradeFacts>, string]>([
    [
      'an older program',
      { program: { ...FACTS.program, version: '0.0.9' } },
      'warn versions: this program is 0.0.9, the daemon runs 0.1.0, lb2 runs 0.2.0: this is a way back',
    ],
    [
      'a master before its standby',
      peer({ release: '0.1.9' }),
      'warn versions: this program is 0.2.0, the daemon runs 0.1.0, lb2 runs 0.1.9, and this node is master',
    ],
    [
      'a channel that is down',
      pair({ state: 'down', protocol: undefined, problem: 'refused' }),
      'warn pair channel: it is down: refused',
    ],
    ['… for no known reason', pair({ state: 'down' }), 'warn pair channel: it is down'],
    [
      'nodes that were not compared',
      generation({ state: 'unknown', why: 'no answer' }),
      'warn both nodes: not compared with lb2: no answer',
    ],
    [
      '… yet',
      generation({ state: 'unknown' }),
      'warn both nodes: not compared with lb2: not asked yet',
    ],
    [
      'nodes that differ',
      generation({
        state: 'differs',
        differences: [
          { item: 'haproxy.cfg', here: undefined, there: undefined, lines: [], more: 0 },
        ],
      }),
      'warn both nodes: do not have the same: haproxy.cfg',
    ],
    [
      'a file that cannot be read',
      file({ failure: 'EIO' }),
      'warn file history: cannot be read: EIO',
    ],
    [
      'one of another version',
      file({ unknown: 2, damaged: 1 }),
      'warn file history: 2 of its lines are of a version that this program does not know: it passes them over and keeps them',
    ],
    [
      'a damaged one',
      file({ damaged: 1 }),
      'warn file history: 1 of its lines are damaged, and are passed over',
    ],
    [
      'a slow machine',
      { startedInMs: undefined, program: { ...FACTS.program, bootMs: 1_400 } },
      'warn restart, web: a restart takes about 1600 ms (and 200 ms as usual), and the lease lasts 2945 ms',
    ],
    [
      'a replicator that does not run',
      seen({ replication: { ...RUNNING, state: 'waiting', problem: 'it was killed' } }),
      'warn stick tables: the replicator is waiting: it was killed',
    ],
    [
      'one that has not reported',
      seen({ replication: { ...RUNNING, report: undefined } }),
      'warn stick tables: the replicator is running',
    ],
    [
      'tables that are on their way',
      seen({ replication: { ...RUNNING, report: { ...TABLES, complete: false } } }),
      'warn stick tables: this node has not all of the other’s yet',
    ],
    [
      'tables that differ',
      tabled({
        tables: [table('web', 'differs'), table('api', 'equal'), table('mail', 'differs')],
      }),
      'warn stick tables: not the same on both nodes: web, mail',
    ],
    [
      'tables without a way to the other node',
      tabled({ link: { state: 'down', since: 0, problem: 'refused' } }),
      'warn stick tables: the other node has no connection for them: refused',
    ],
    [
      '… for no known reason',
      tabled({ link: { state: 'down', since: 0 } }),
      'warn stick tables: the other node has no connection for them',
    ],
    [
      'a flow replicator that does not run',
      seen({ flows: { ...COPIED, state: 'waiting', problem: 'it was killed' } }),
      'warn flows: the flow replicator is waiting: it was killed',
    ],
    [
      'one that has not reported',
      seen({ flows: { ...COPIED, report: undefined } }),
      'warn flows: the flow replicator is running',
    ],
    [
      'flows without a way to the other node',
      flowing({ link: { state: 'down', since: 0, problem: 'refused' } }),
      'warn flows: the other node has no connection for them: refused',
    ],
    [
      '… for no known reason',
      flowing({ link: { state: 'down', since: 0 } }),
      'warn flows: the other node has no connection for them',
    ],
    [
      'flows that are on their way here',
      flowing({ complete: false }),
      'warn flows: this node has not all of the other’s yet',
    ],
    [
      'flows that wait',
      sent({ waiting: 7 }),
      'warn flows: 7 changes wait to be told to the other node',
    ],
    [
      'flows that differ there',
      sent({ verified: { verdict: 'differs', at: NOW } }),
      'warn flows: the other node has not what this one has told',
    ],
    [
      'flows that differ here',
      flowing({ received: { flows: 1, verified: { verdict: 'differs', at: NOW } } }),
      'warn flows: this node has not what the other one has told',
    ],
    [
      'flows that were not compared',
      sent({ verified: { verdict: 'unknown' } }),
      'warn flows: they were not compared yet',
    ],
    [
      '… for long',
      sent({ verified: { verdict: 'equal', at: NOW - 30_600 } }),
      'warn flows: they were compared last 31 s ago',
    ],
    [
      '… as far as a clock tells that was set back',
      sent({ verified: { verdict: 'equal', at: NOW + 3_600_000 } }),
      'warn flows: they were compared last 3600 s ahead of the clock of now',
    ],
    [
      'a kernel that has no room for flows',
      flowing({ table: { flows: 96, most: 100 } }),
      "warn flows: the kernel's table of flows is 96 % full",
    ],
    [
      'a daemon that does not say what is under way',
      seen({ underWay: undefined }),
      'warn under way: the daemon that runs (0.1.0) does not say whether a push, a reload or a run of drills is under way, on neither node',
    ],
    [
      '… after a drill',
      hand('undone'),
      'warn under way: the daemon that runs (0.1.0) does not say whether a push, a reload or a run of drills is under way, on neither node',
    ],
    [
      '… in one',
      hand('fired'),
      'no under way: lb1 takes part in the drill proxy-crash: fired\nwarn under way: the daemon that runs (0.1.0) does not say whether a push, a reload or a run of drills is under way, on neither node',
    ],
    [
      'a peer of a version that does not say',
      peer({ underWay: undefined }),
      'warn under way: not known of lb2: it runs 0.2.0, which does not say',
    ],
    [
      '… nor which it is',
      peer({ underWay: undefined, release: undefined }),
      'warn under way: not known of lb2: it runs an unknown version, which does not say',
    ],
    [
      'a peer that goes by other orders',
      peer({ orders: { paused: 'yes', maintenance: ['lb2', 'lb1'], schedules: [] } }),
      'warn orders: lb2 goes by others: paused, in maintenance: lb1 and lb2 there, not paused here',
    ],
    [
      'a peer that obeys none, while there are none',
      peer({ orders: undefined, release: '0.1.9' }),
      'warn versions: this program is 0.2.0, the daemon runs 0.1.0, lb2 runs 0.1.9, and this node is master',
    ],
    [
      'a pause that the other one does not obey',
      seen({
        orders: { known: 'yes', paused: given, maintenance: [] },
        peer: { ...PEER, orders: undefined },
      }),
      'warn orders: automatic moves are paused: if this went wrong, nobody would take over by themselves\nwarn orders: lb2 runs 0.2.0, which obeys none: paused on this node alone',
    ],
    [
      'a peer that gives no answer',
      peer({ word: 'none', problem: 'timed out' }),
      'warn node lb2: gives no answer (timed out): nobody would take over if this went wrong, and what it serves on is not known\nwarn under way: not known of lb2: it gives no answer',
    ],
    [
      '… for no known reason',
      peer({ word: 'none', life: 'gone' }),
      'warn node lb2: gives no answer (gone): nobody would take over if this went wrong, and what it serves on is not known\nwarn under way: not known of lb2: it gives no answer',
    ],
    [
      'a peer in fault',
      there({ role: 'fault', fault: 'proxy died' }),
      'warn node lb2: could not take over if this went wrong: web: proxy died',
    ],
    [
      'a peer that starts',
      there({ role: 'starting' }),
      'warn node lb2: could not take over if this went wrong: web: starting',
    ],
    [
      'a peer without health',
      there({ health: { score: 0, parts: [] } }),
      'warn node lb2: could not take over if this went wrong: web: its health is 0',
    ],
    [
      'a peer without the group',
      peer({ groups: [] }),
      'warn node lb2: could not take over if this went wrong: web: has no such group',
    ],
    [
      'a pause',
      seen({
        orders: { known: 'yes', paused: given, maintenance: [] },
        peer: { ...PEER, orders: { paused: 'yes', maintenance: [], schedules: [] } },
      }),
      'warn orders: automatic moves are paused: if this went wrong, nobody would take over by themselves',
    ],
    [
      'maintenance there',
      seen({
        orders: { known: 'yes', paused: undefined, maintenance: [{ node: 'lb2', ...given }] },
        peer: { ...PEER, orders: { paused: 'no', maintenance: ['lb2'], schedules: [] } },
      }),
      'warn orders: lb2 is in maintenance: it is the last resort only',
    ],
    [
      'orders that are not known',
      seen({ orders: { known: 'awaited', paused: undefined, maintenance: [] } }),
      'warn orders: this daemon has just been started, and does not know them all',
    ],
    [
      'a plan',
      seen({
        schedules: [{ group: 'web', state: 'planned', at: 0, to: 'lb2', why: '', said: given }],
      }),
      'warn orders: a switchover is planned: web',
    ],
  ])('would, but somebody should look, with %s', (_what, changed, line) => {
    expect(amiss(changed).join('\n')).toBe(line);
  });

  it('says what to do about whatever speaks against it', () => {
    const lines = checkUpgrade({ ...FACTS, ...group({ kept: 'proxy died' }), problems: ['a'] });
    for (const line of lines.filter(({ verdict }) => verdict === 'no')) {
      expect(line.todo).toMatch(/\w/u);
    }
  });
});
