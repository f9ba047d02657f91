import { NO_PEER } from '../../../src/core/node-peer.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { millis } from '../../../src/base/time.js';
import type { NodeEvent, NodeParams, NodeState } from '../../../src/core/node.js';
import { newNode, nodeDeadline, stepNode } from '../../../src/core/node.js';
import { alarmsText, explain, explanationText } from '../../../src/explain/explain.js';
import { alarmsOf } from '../../../src/explain/timer-text.js';
import { at, backup, LOWER, master, NOW, resigning, STRANGER, VIP } from '../core/given.js';
import { arrived, GROUP, group, INITIALIZE } from '../core/given-group.js';
import { anyFound, anyNodeEvent, BUSY, WITH_PROXY } from '../core/given-node.js';
import * as proxy from '../core/given-proxy.js';
import { happened, nodeOf, sceneOf, toldOf, toldOfProxy } from './given-scene.js';

const ALARM: NodeEvent = { kind: 'alarm' };
const heard = (priority: number): NodeEvent => ({
  kind: 'advert',
  group: 0,
  ...arrived(priority, LOWER),
});
const ASKED: NodeEvent = { kind: 'failback', group: 0 };

describe('a block of text', () => {
  it('aligns time, labels and alarms', () => {
    const told = toldOf(group({ vrrp: backup({ masterDownAt: NOW }) }), ALARM);
    expect(explanationText([told])).toBe(
      `
0.000 s  alarm: master down
         decided  backup → master: master 198.51.100.11 is silent
                  heard nothing of it for 3 × 1 s and a skew of 218.8 ms
                  the neighbours are told, and the first advert sent, when the kernel confirms the claim
         effects  1. claim 192.0.2.100, lease until 2.945 s (2.945 s)
                  2. log vrrp.state: from backup, to master, cause master 198.51.100.11 is silent
         alarms   1.000 s  in 1 s  advertise`.trim(),
    );
  });

  it('pads times of different lengths', () => {
    const events = [at(9000), at(10_000)].map((now) =>
      toldOf(group({ vrrp: INITIALIZE, fault: 'link eth0 down', links: ['down'] }), ALARM, { now }),
    );
    expect(explanationText(events)).toBe(
      [
        ' 9.000 s  alarm, although nothing is due\n          decided  nothing changes',
        '10.000 s  alarm, although nothing is due\n          decided  nothing changes',
      ].join('\n\n'),
    );
  });

  it('of nothing is empty', () => {
    expect(explanationText([])).toBe('');
    expect(alarmsText(sceneOf(WITH_PROXY), newNode(WITH_PROXY), NOW)).toEqual([]);
  });

  it('tells alarms that are overdue', () => {
    const node: NodeParams = { groups: [GROUP], proxy: undefined };
    expect(alarmsText(sceneOf(node), nodeOf(), at(2000))).toEqual(['2.000 s  now  master down']);
  });
});

/** Event, state, and what has to be among the decisions. */
it.each<[string, ReturnType<typeof group>, NodeEvent, string]>([
  [
    'a flooding rival',
    group({ vrrp: master({ lastAdvertAt: at(-5) }) }),
    heard(0),
    'answered 5 ms ago, which is enough',
  ],
  [
    'a resignation while resigning',
    group({ vrrp: resigning() }),
    heard(0),
    'whoever resigns is no successor, so it goes on waiting for one',
  ],
  [
    'the successor of a daemon that stops',
    group({ vrrp: resigning({ purpose: 'stop' }) }),
    heard(100),
    'resigning → stopped: 198.51.100.9 took over',
  ],
  [
    'a claim that is nobody’s business',
    group(),
    { kind: 'address-claimed', group: 0, claim: { address: VIP, mac: STRANGER } },
    'nothing changes',
  ],
  [
    'a refusal after the fact',
    group(),
    { kind: 'address-refused', group: 0, detail: 'no' },
    'nothing changes',
  ],
  [
    'a lost advert of an instant ago',
    group({ sendFailures: [NOW] }),
    { kind: 'send-failed', group: 0, detail: 'no' },
    'nothing changes',
  ],
  [
    'a claim confirmed again',
    group({ vrrp: master() }),
    { kind: 'addresses-held', group: 0 },
    'nothing changes',
  ],
  ['failback, where it is never', group(), ASKED, 'this node never fails back'],
])('%s is explained', (_what, state, event, decided) => {
  expect(toldOf(state, event).decided).toContain(decided);
});

it('a resigning node that woke late looks once more', () => {
  const state = group({ vrrp: resigning({ until: NOW }) });
  expect(toldOf(state, ALARM, { now: at(40) }).decided).toContain(
    'the alarm rang 40 ms late, so an advert may lie unread: it looks once more',
  );
});

it('a last word that is too late is not said', () => {
  const advert = { kind: 'send-advert', priority: 0, interval: millis(1000) } as const;
  const state = group({ lastWord: { advert, copiesLeft: 2, nextAt: NOW } });
  expect(toldOf(state, ALARM, { now: at(100) }).decided).toEqual([
    'stays backup',
    'too late to say its last word again: a hand-over could depose a living master',
  ]);
});

it('a stop that is under way tells of the group that has left already', () => {
  const node: NodeParams = { groups: [GROUP], proxy: undefined };
  const gone = nodeOf(group({ vrrp: INITIALIZE, fault: 'link eth0 down' }));
  const told = explain(sceneOf(node), happened(node, gone, { kind: 'stop', mode: 'release' }));
  expect(told).toMatchObject({ event: 'the daemon is told to stop', effects: ['end the daemon'] });
});

it.each<[NodeEvent, string]>([
  [{ kind: 'proxy', event: { kind: 'begin' } }, 'proxy: it is looked for'],
  [{ kind: 'proxy', event: { kind: 'alarm' } }, 'proxy: its time is up'],
  [
    { kind: 'proxy', event: { kind: 'connect-refused', found: 'nothing', detail: 'no socket' } },
    'proxy: nothing is there: no socket',
  ],
  [
    { kind: 'proxy', event: { kind: 'connect-refused', found: 'silent', detail: 'timeout' } },
    'proxy: something is there and does not answer: timeout',
  ],
  [
    { kind: 'proxy', event: { kind: 'check-refused', detail: 'line 3' } },
    'proxy: its configuration is refused: line 3',
  ],
  [
    { kind: 'proxy', event: { kind: 'start-refused', detail: 'no program' } },
    'proxy: its start is refused: no program',
  ],
  [{ kind: 'proxy', event: { kind: 'answered' } }, 'proxy: it answers'],
])('%j is told as %s', (event, text) => {
  expect(toldOfProxy(proxy.CHECKING, event).event).toBe(text);
});

it.each([
  [proxy.SERVING, { kind: 'alarm' }, at(250), ['ask the proxy whether it answers']],
  [
    proxy.ASKED,
    { kind: 'alarm' },
    at(1000),
    [
      'disconnect from the proxy',
      'end whatever is left of the proxy',
      'log proxy.state: from serving, to ending, cause no answer within 1000 ms',
    ],
  ],
] as const)('the proxy %j is asked, or ended', (state, event, now, effects) => {
  const node: NodeParams = { groups: [], proxy: proxy.PARAMS };
  const before: NodeState = { phase: 'running', peer: NO_PEER, groups: [], proxy: state };
  expect(explain(sceneOf(node), happened(node, before, event, now)).effects).toEqual(effects);
});

/** Whatever happens can be told, and the alarms that are told are those that were asked for. */
it.each([
  ['two groups and a proxy', WITH_PROXY],
  ['groups that track, probe and fail back', BUSY],
])('%s: every step has words, and its first alarm is the node’s deadline', (_what, params) => {
  const scene = sceneOf(params);
  const found = fc.tuple(...params.groups.map(({ instances }) => anyFound(instances.length)));
  const pauses = fc.integer({ min: 0, max: 3000 });
  const steps = fc.array(fc.tuple(anyNodeEvent(params), pauses), { maxLength: 40 });
  fc.assert(
    fc.property(found, steps, (here, events) => {
      let state = newNode(params);
      let now = NOW;
      const all: readonly (readonly [NodeEvent, number])[] = [
        [{ kind: 'started', found: here }, 0],
        ...events,
        [{ kind: 'stop', mode: 'release' }, 0],
        [ALARM, 5000],
      ];
      for (const [event, pause] of all) {
        now = at(now - NOW + pause);
        const next = stepNode(params, state, event, now);
        const step = { before: state, event, now, after: next.state, effects: next.effects };
        const { event: what, decided } = explain(scene, step);
        expect([what, ...decided].join()).not.toMatch(/undefined|NaN|\[object/u);
        expect(alarmsOf(scene, next.state)[0]?.at).toBe(nodeDeadline(params, next.state));
        state = next.state;
      }
    }),
    { numRuns: 200 },
  );
});
