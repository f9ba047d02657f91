import { describe, expect, it } from 'vitest';
import { millis } from '../../../src/base/time.js';
import type { DrillEvidence } from '../../../src/drill/evidence.js';
import { ON_THIS_NODE } from '../../../src/drill/evidence.js';
import { reportOf } from '../../../src/drill/verdict.js';
import {
  BEFORE,
  FAULT,
  givenClients,
  givenEvidence,
  givenHand,
  givenHistory,
  givenPlan,
  givenReport,
  givenTransition,
} from './given-drill.js';

describe('a drill that went well', () => {
  const report = reportOf(givenEvidence());

  it('has passed, with every audit', () => {
    expect(report.why).toEqual([]);
    expect(report.verdict).toBe('passed');
    expect(report.audits.filter(({ outcome }) => outcome !== 'passed')).toEqual([]);
  });

  it('has its figures', () => {
    expect(report.figures).toEqual({
      requests: 500,
      failed: 3,
      gapMs: 30,
      silenceMs: 40,
      slowestMs: 2,
      streams: 2,
      streamsBroken: 0,
      twoOwnersMs: 0,
      noOwnerMs: 12,
      moves: 1,
    });
  });

  it('tells what happened, from the fault on', () => {
    expect(report.timeline.map(({ atMs, phase, node }) => [atMs, phase, node])).toEqual([
      [0, 'fault', 'lb1'],
      [15, 'noticed', 'lb2'],
      [20, 'decided', 'lb2'],
      [21, 'claimed', 'lb2'],
      [23, 'announced', 'lb2'],
      [32, 'answered', 'lb2'],
      [3010, undefined, 'lb1'],
    ]);
  });

  it('is drawn in stretches that begin before the fault', () => {
    expect(report.plot[0]).toEqual({
      atMs: -2000,
      requests: 5,
      failed: 0,
      medianMs: 2,
      slowestMs: 2,
      node: 'lb1',
    });
    expect(report.plot.reduce((all, { requests }) => all + requests, 0)).toBe(500);
    expect(report.plot.reduce((all, { failed }) => all + failed, 0)).toBe(3);
  });
});

const failing: readonly (readonly [string, Partial<DrillEvidence>, RegExp])[] = [
  [
    'clients waited for too long, and who took over when is said',
    { clients: givenClients({ from: FAULT, to: FAULT + 900 }) },
    /^clients got no answer for 900 ms, and 500 ms are allowed: lb2 took over, the peer’s proxy died$/u,
  ],
  [
    'announcements were lost',
    {
      clients: givenClients({ from: FAULT, to: FAULT + 900 }, { neighbour: '02:77:00:00:00:02' }),
    },
    /no answer for 900 ms.*announcements have not reached them, clients have 02:77:00:00:00:02, and the owner lb2 has 02:77:00:00:00:03$/u,
  ],
  [
    'both answered',
    {
      clients: givenClients(undefined, { owners: { twoOwnersMs: 800, noOwnerMs: 0 } }),
    },
    /^both nodes answered for 800 ms, and 50 ms are allowed: lb1 went on answering/u,
  ],
  [
    'nobody answered',
    { clients: givenClients(undefined, { owners: { twoOwnersMs: 0, noOwnerMs: 700 } }) },
    /^no node answered for 700 ms, and 500 ms are allowed/u,
  ],
  [
    'it moved more than once',
    {
      history: givenHistory(
        givenTransition({}),
        givenTransition({ node: 'lb1', number: 9, cause: 'back' }),
      ),
    },
    /^the group moved 2 times, and 1 are allowed: lb2 backup → master \(the peer’s proxy died\), lb1 backup → master \(back\)$/u,
  ],
  [
    'nobody took over',
    { history: givenHistory(), after: BEFORE },
    /^nobody took over: web stayed where it was$/u,
  ],
  [
    'the fault came to nothing',
    { faultAt: undefined, hands: [givenHand('lb1', { fired: undefined }), givenHand('lb2')] },
    /^the fault could not be made$/u,
  ],
  [
    'the fault was undone before its time',
    {
      hands: [
        givenHand('lb1', { undone: { from: FAULT, to: FAULT, why: 'its hand was gone' } }),
        givenHand('lb2'),
      ],
    },
    /^the fault was undone on lb1 before its time: its hand was gone$/u,
  ],
  [
    'the fault was made on one of two nodes',
    {
      plan: {
        ...givenPlan('proxy-crash'),
        faults: ['lb1', 'lb2'].map((node) => ({
          node,
          faults: [{ kind: 'signal', to: 'proxy', signal: 'kill' }],
        })),
      },
      hands: [givenHand('lb1'), givenHand('lb2', { fired: undefined, phase: 'expired' })],
    },
    /^the fault was not made on lb2$/u,
  ],
  [
    'the prober was lost on the way',
    { clients: undefined, prober: { command: 'ssh ops1', problem: 'the connection broke' } },
    /^what clients saw is not known: the connection broke$/u,
  ],
  [
    'the prober asked nothing',
    {
      clients: givenClients(undefined, {
        report: { ...givenClients(undefined).report, samples: [] },
      }),
    },
    /^what clients saw is not known: the prober asked nothing$/u,
  ],
  [
    'nobody gives a history',
    { history: undefined },
    /^whether the group moved is not known: no history was given$/u,
  ],
  [
    'a node does not give its history',
    {
      history: {
        ...givenHistory(givenTransition({})),
        parts: [{ node: 'lb1', kept: 'on disk', problem: 'it does not answer' }],
      },
    },
    /^whether the group moved is not known: the history of lb1: it does not answer$/u,
  ],
  [
    'both are master in the end',
    { after: givenReport({ lb1: 'master', lb2: 'master' }) },
    /^one owner: it is not so: lb2 and lb1$/u,
  ],
  [
    'nobody is master in the end',
    { after: givenReport({ lb1: 'backup', lb2: 'backup' }) },
    /^one owner: it is not so: no node is master$/u,
  ],
  [
    'the pair is not redundant again',
    { unsettled: ['lb1 is fault'] },
    /^both nodes fit again: it is not so: lb1 is fault$/u,
  ],
  [
    'something is left behind',
    { hands: [givenHand('lb1', { left: ['the table vipair_drill'] }), givenHand('lb2')] },
    /^nothing is left behind: it is not so: lb1: the table vipair_drill$/u,
  ],
  [
    'it could not be undone',
    {
      hands: [
        givenHand('lb1', { phase: 'failed', problems: ['eth0 could not be set up'] }),
        givenHand('lb2'),
      ],
    },
    /^the fault is undone: it is not so: lb1 is failed still; lb1: eth0 could not be set up$/u,
  ],
  [
    'a node could not be asked what became of it',
    { hands: [givenHand('lb1')] },
    /^the fault is undone: it is not so: lb2 could not be asked$/u,
  ],
  [
    'the nodes differ',
    {
      after: givenReport(
        { lb1: 'backup', lb2: 'master' },
        {
          generation: {
            peer: 'lb1',
            state: 'differs',
            why: undefined,
            differences: [
              { item: 'haproxy.cfg', here: undefined, there: undefined, lines: [], more: 0 },
            ],
            file: 'runs',
          },
        },
      ),
    },
    /^same configuration on both nodes: it is not so: haproxy.cfg$/u,
  ],
];

describe('a drill that failed says why', () => {
  it.each(failing)('%s', (_what, change, why) => {
    const report = reportOf(givenEvidence(change));
    expect(report.verdict).toBe('failed');
    expect(report.why.some((each) => why.test(each))).toBe(true);
  });

  it('where no request may fail, and streams break', () => {
    const clients = givenClients({ from: FAULT, to: FAULT + 30 });
    const report = reportOf(
      givenEvidence({
        plan: givenPlan('daemon-restart'),
        history: givenHistory(),
        after: BEFORE,
        clients: {
          ...clients,
          neighbour: '02:77:00:00:00:02',
          report: {
            ...clients.report,
            streamBreaks: [{}, {}] as unknown as (typeof clients.report)['streamBreaks'],
          },
        },
      }),
    );
    expect(report.why).toEqual(['3 requests failed, and 0 may', '2 streams broke, and 0 may']);
  });
});

describe('a drill that was not measured', () => {
  it('says so, and is judged by the rest', () => {
    const report = reportOf(givenEvidence({ clients: undefined, prober: undefined }));
    expect(report.verdict).toBe('passed');
    expect(report.notes).toEqual(['Nobody measured: no prober was asked for.']);
    expect(report.prober).toBeUndefined();
    expect(report.plot).toEqual([]);
    expect(report.figures).toMatchObject({ requests: undefined, gapMs: undefined, moves: 1 });
  });

  it('from the node itself says what that hides', () => {
    const prober = { command: ON_THIS_NODE, problem: undefined };
    expect(reportOf(givenEvidence({ prober })).prober?.hides).toMatch(/^It ran on lb2 itself/u);
  });

  it('from the node that has the address afterwards leaves the cache of that node alone', () => {
    const neighbour = '02:77:00:00:00:02';
    const clients = givenClients(undefined, { neighbour });
    const seen = (command: string): string | undefined =>
      reportOf(givenEvidence({ clients, prober: { command, problem: undefined } })).audits.find(
        ({ name }) => name.startsWith('clients’ ARP'),
      )?.outcome;
    expect([seen(ON_THIS_NODE), seen('ssh ops1 vipair probe')]).toEqual(['unknown', 'failed']);
  });

  it('and never began is not missed in the history', () => {
    const report = reportOf(
      givenEvidence({ faultAt: undefined, stopped: 'nothing was done', history: givenHistory() }),
    );
    expect(report.audits.filter(({ outcome }) => outcome === 'failed')).toEqual([]);
  });

  it('was stopped, and is neither passed nor failed', () => {
    const report = reportOf(givenEvidence({ stopped: 'the operator has ended it' }));
    expect(report.verdict).toBe('stopped');
    expect(report.why[0]).toBe('the operator has ended it');
  });

  it('has an audit that nobody could make from there: unknown is not failed', () => {
    const report = reportOf(
      givenEvidence({ clients: givenClients(undefined, { neighbour: undefined }) }),
    );
    expect(report.verdict).toBe('passed');
    expect(report.audits.filter(({ outcome }) => outcome === 'unknown')).toHaveLength(1);
  });

  it('has not passed where nobody can say how the pair is', () => {
    const report = reportOf(givenEvidence({ after: undefined, history: undefined }));
    expect(report.verdict).toBe('failed');
    expect(report.why).toEqual([
      'how the pair is now is not known: the daemon gives no answer any more',
      'whether the group moved is not known: no history was given',
    ]);
    expect(report.figures.moves).toBeUndefined();
    expect(report.audits.filter(({ outcome }) => outcome === 'unknown').length).toBeGreaterThan(3);
  });

  it('counts what moved since it began, whatever the clocks say', () => {
    const earlier = givenTransition({ node: 'lb1', number: 7, at: FAULT, cause: 'earlier' });
    // The wall clock was set an hour back meanwhile.
    const moved = givenTransition({ number: 8, at: FAULT - 3_600_000 });
    const historyBefore = givenHistory(earlier);
    const history = givenHistory(moved, earlier);
    const report = reportOf(givenEvidence({ history, historyBefore }));
    expect([report.verdict, report.figures.moves]).toEqual(['passed', 1]);
    const staying = reportOf(
      givenEvidence({ plan: givenPlan('daemon-restart'), history, historyBefore }),
    );
    expect(staying.why).toContain(
      'the group moved 1 times, and 0 are allowed: lb2 backup → master (the peer’s proxy died)',
    );
    // Where nobody said what was known before, the clocks have to do.
    const unknown = reportOf(givenEvidence({ historyBefore: undefined }));
    expect([unknown.verdict, unknown.figures.moves]).toEqual(['passed', 1]);
  });

  it('has one time line by the clock of the node that was asked, however far the other one is ahead', () => {
    const ahead = 250;
    const peer = { ...BEFORE.peer!, clock: { aheadMs: ahead, withinMs: 1 } };
    const gone = givenTransition({
      ...{ node: 'lb1', number: 7, at: FAULT + 5 + ahead, pairTime: FAULT + 5 + ahead },
      ...{ from: 'master', to: 'fault', cause: 'the proxy died' },
    });
    // The clock that both have in common follows the one that is ahead.
    const taken = givenTransition({ at: FAULT + 20, pairTime: FAULT + 20 + ahead });
    const { timeline } = reportOf(
      givenEvidence({
        before: { ...BEFORE, peer },
        history: givenHistory(gone, taken),
        hands: [
          givenHand('lb1', {
            fired: { from: FAULT + ahead, to: FAULT + 2 + ahead },
            undone: { from: FAULT + 3000 + ahead, to: FAULT + 3010 + ahead, why: 'asked' },
          }),
          givenHand('lb2', { fired: undefined }),
        ],
      }),
    );
    expect(timeline.map(({ atMs, source, node }) => [atMs, source, node])).toEqual([
      [0, 'hand', 'lb1'],
      [5, 'history', 'lb1'],
      [15, 'history', 'lb2'],
      [20, 'history', 'lb2'],
      [21, 'history', 'lb2'],
      [23, 'history', 'lb2'],
      [32, 'clients', 'lb2'],
      [3010, 'hand', 'lb1'],
    ]);
  });

  it('says where the prober and the hand were slow', () => {
    const clients = givenClients({ from: FAULT, to: FAULT + 30 }, { owners: undefined });
    const report = reportOf(
      givenEvidence({
        clients: { ...clients, report: { ...clients.report, worstLateness: millis(80) } },
        hands: [
          givenHand('lb1', { fired: { from: FAULT, to: FAULT + 300 } }),
          givenHand('lb2', { fired: undefined }),
        ],
        prober: { command: 'ssh', problem: 'it was slow' },
      }),
    );
    expect(report.notes).toEqual([
      'The prober: it was slow',
      'Nobody watched on the wire who answers: two owners and none were not measured.',
      'The prober itself was late by 80 ms once: shorter gaps may be its own.',
      'The hand of lb1 needed 300 ms to make the fault.',
    ]);
  });
});
