import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Instant } from '../../../src/base/time.js';
import { later, longer, millis, between, instant } from '../../../src/base/time.js';
import type { NodeEvent, NodeParams, NodeState, StopMode } from '../../../src/core/node.js';
import { newNode, nodeDeadline, stepNode } from '../../../src/core/node.js';
import { at, backup, HIGHER, lastWord, master, NOW, resigning } from './given.js';
import { arrived } from './given-group.js';
import {
  after,
  anyFound,
  anyNodeEvent,
  BARE,
  BUSY,
  node,
  taking,
  WITH_PROXY,
} from './given-node.js';

const RELEASE: NodeEvent = { kind: 'stop', mode: 'release' };
const HAND_OVER: NodeEvent = { kind: 'stop', mode: 'hand-over' };
const ALARM: NodeEvent = { kind: 'alarm' };
const OUT = { name: 'initialize' } as const;

describe('a node stops', () => {
  it.each<[string, NodeState, StopMode, readonly string[]]>([
    ['that only listens, at once', node(backup()), 'release', ['web: backup → stopped: stopping']],
    [
      'that only listens, for its next daemon',
      node(backup()),
      'hand-over',
      ['web: backup → stopped: handing over'],
    ],
    ['that takes no part', node(OUT), 'release', []],
    [
      'whose lease a former life left: it is left to the next',
      node(OUT, { groups: [taking(OUT, { adoptBy: at(9) }), taking(OUT)] }),
      'hand-over',
      [],
    ],
    [
      'that resigned: there is nothing to hand over any more',
      node(resigning()),
      'hand-over',
      [
        'web: release',
        'web: resigning → stopped: hand-over',
        'web: switchover undone: this node left the group',
      ],
    ],
  ])('%s', (_why, state, mode, effects) => {
    const next = after(WITH_PROXY, state, [{ kind: 'stop', mode }], NOW);
    expect(next.state.phase).toBe('stopped');
    expect(next.does).toEqual([...effects, 'stopped']);
    for (const group of next.state.groups) {
      expect(group).toMatchObject({ adoptBy: undefined, rest: undefined });
    }
  });

  it.each<[string, NodeState, StopMode, readonly string[], string]>([
    [
      'whose lease a former life left: it is given up as a master would',
      node(OUT, { groups: [taking(OUT, { adoptBy: at(9) }), taking(OUT)] }),
      'release',
      ['web: release', 'web: advert 0 every 1000', 'web: tell address.left-over'],
      'web: advert 0 every 1000',
    ],
    [
      'that is master, for its next daemon: everything stays',
      node(master()),
      'hand-over',
      [
        'web: hold 2945, confirmation needless',
        'web: advert 200 every 1000',
        'web: master → stopped: handing over to the next daemon',
      ],
      'web: advert 200 every 1000',
    ],
    [
      'that left a moment ago, and is still saying so',
      node(OUT, { groups: [taking(OUT, { lastWord: lastWord() }), taking(OUT)] }),
      'hand-over',
      [],
      'web: advert 0 every 1000',
    ],
  ])('%s; it is done when that was said three times', (_why, state, mode, effects, copy) => {
    const first = after(WITH_PROXY, state, [{ kind: 'stop', mode }], NOW);
    expect(first.does).toEqual(effects);
    expect(nodeDeadline(WITH_PROXY, first.state)).toBe(at(10));
    const second = after(WITH_PROXY, first.state, [ALARM], at(10));
    expect([first.state.phase, second.state.phase]).toEqual(['stopping', 'stopping']);
    expect(second.does).toEqual([copy]);
    expect(nodeDeadline(WITH_PROXY, second.state)).toBe(at(20));
    const third = after(WITH_PROXY, second.state, [ALARM], at(20));
    expect(third.state.phase).toBe('stopped');
    expect(third.does).toEqual([copy, 'stopped']);
    expect(third.state.groups[0]).toMatchObject({ adoptBy: undefined, lastWord: undefined });
  });

  it('that is master: it resigns, and is done when its successor is heard', () => {
    const resigned = after(WITH_PROXY, node(master()), [RELEASE], NOW);
    expect(resigned.state.phase).toBe('stopping');
    expect(resigned.does).toEqual([
      'web: hold 1100, confirmation needless',
      'web: advert 0 every 1000',
      'web: master → resigning: stop',
    ]);
    const successor = { kind: 'advert', group: 0, ...arrived(254) } as const;
    const said = after(WITH_PROXY, resigned.state, [ALARM], at(10));
    const again = after(WITH_PROXY, said.state, [ALARM], at(20));
    expect([...said.does, ...again.does]).toEqual(Array(2).fill('web: advert 0 every 1000'));
    const next = after(WITH_PROXY, again.state, [successor], at(30));
    expect(next.does).toEqual([
      'web: release',
      `web: resigning → stopped: ${HIGHER} took over`,
      'stopped',
    ]);
  });

  it('that is master of several: the last one ends the stop', () => {
    const state = node(master(), { groups: [taking(master()), taking(master())] });
    const resigned = after(WITH_PROXY, state, [RELEASE], NOW).state;
    // The second group's interval, and so its grace, is shorter.
    const said = after(WITH_PROXY, resigned, [ALARM], at(10)).state;
    const one = after(WITH_PROXY, said, [ALARM], at(150));
    expect(one.does).toContain('mail: resigning → stopped: nobody took over');
    expect(one.state.phase).toBe('stopping');
    expect(after(WITH_PROXY, one.state, [ALARM], at(1050)).does.at(-1)).toBe('stopped');
  });

  it('that is asked again to stop, harder: it does not wait for a successor', () => {
    const { state } = after(WITH_PROXY, node(master()), [RELEASE], NOW);
    const next = after(WITH_PROXY, state, [HAND_OVER], NOW);
    expect(next.does).toEqual(['web: release', 'web: resigning → stopped: hand-over']);
    const word = 'web: advert 0 every 1000';
    const said = after(WITH_PROXY, next.state, [ALARM], at(10));
    const again = after(WITH_PROXY, said.state, [ALARM], at(20));
    expect([...said.does, ...again.does]).toEqual([word, word, 'stopped']);
  });

  it('that has stopped says so only once', () => {
    const { state } = after(WITH_PROXY, node(backup()), [RELEASE], NOW);
    expect(after(WITH_PROXY, state, [RELEASE, HAND_OVER, ALARM], NOW).does).toEqual([]);
  });

  it('joins nothing any more, whatever gets well', () => {
    const state = node(resigning({ purpose: 'stop' }), { phase: 'stopping' });
    const mended: NodeEvent = { kind: 'link', group: 1, instance: 0, state: 'up' };
    const next = after(WITH_PROXY, state, [mended], NOW);
    expect(next.does).toEqual(['mail: tell link.state']);
    expect(next.state.groups[1]?.vrrp).toEqual(OUT);
  });

  it('goes on stopping when a switchover is asked for meanwhile', () => {
    const state = node(resigning({ purpose: 'stop', until: at(10) }), { phase: 'stopping' });
    const meanwhile = after(WITH_PROXY, state, [{ kind: 'switchover', group: 0 }], NOW);
    expect(after(WITH_PROXY, meanwhile.state, [ALARM], at(10)).state.phase).toBe('stopped');
  });
});

interface Life {
  readonly params: NodeParams;
  readonly events: readonly (readonly [NodeEvent, number])[];
  readonly found: NodeEvent;
}

/** A node's life: what it found, and what happens to it, so many milliseconds apart. */
const anyLife: fc.Arbitrary<Life> = fc.constantFrom(WITH_PROXY, BARE, BUSY).chain((params) =>
  fc.record({
    params: fc.constant(params),
    found: fc
      .tuple(...params.groups.map(({ instances }) => anyFound(instances.length)))
      .map((found): NodeEvent => ({ kind: 'started', found })),
    events: fc.array(
      fc.tuple(
        fc.oneof(
          { weight: 30, arbitrary: anyNodeEvent(params) },
          fc.constantFrom(RELEASE, HAND_OVER),
        ),
        fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 4000 })),
      ),
      { maxLength: 80 },
    ),
  }),
);

/** Lives it, and calls `check` after each event, with how many `stopped` have been said. */
function live(life: Life, check: (state: NodeState, now: Instant, stops: number) => void): void {
  let state = newNode(life.params);
  let now = NOW;
  let stops = 0;
  for (const [event, gap] of [[life.found, 0] as const, ...life.events]) {
    now = later(now, millis(gap));
    const next = stepNode(life.params, state, event, now);
    state = next.state;
    stops += next.effects.filter((effect) => effect.kind === 'stopped').length;
    check(state, now, stops);
  }
}

describe('whatever happens to a node', () => {
  it('a deadline that has come is gone after two alarms: no busy loop', () => {
    fc.assert(
      fc.property(anyLife, (life) => {
        live(life, (state, now) => {
          let current = state;
          for (const alarm of [ALARM, ALARM]) {
            current = stepNode(life.params, current, alarm, now).state;
          }
          const stuck =
            current.phase !== 'stopped' && (nodeDeadline(life.params, current) ?? Infinity) <= now;
          expect(stuck).toBe(false);
        });
      }),
      { numRuns: 200 },
    );
  });

  it('it says that it has stopped exactly once, when it has', () => {
    fc.assert(
      fc.property(anyLife, (life) => {
        live(life, (state, _now, stops) => {
          expect(stops).toBe(state.phase === 'stopped' ? 1 : 0);
        });
      }),
      { numRuns: 200 },
    );
  });

  it('a stop ends within the grace of its slowest group, given its alarms', () => {
    fc.assert(
      fc.property(anyLife, fc.constantFrom(RELEASE, HAND_OVER), (life, stop) => {
        const reached: [NodeState, Instant][] = [];
        live(life, (state, now) => reached.push([state, now]));
        const [lived, began] = reached.at(-1)!;
        let { state } = stepNode(life.params, lived, stop, began);
        let now = began;
        for (let alarms = 0; state.phase !== 'stopped' && alarms < 10; alarms += 1) {
          const due = nodeDeadline(life.params, state) ?? now;
          now = instant(longer(millis(due), millis(now)));
          state = stepNode(life.params, state, ALARM, now).state;
        }
        expect(state.phase).toBe('stopped');
        expect(between(began, now)).toBeLessThanOrEqual(1050);
      }),
      { numRuns: 200 },
    );
  });

  it('a group that takes no part holds nothing, and says why', () => {
    fc.assert(
      fc.property(anyLife, (life) => {
        live(life, (state) => {
          for (const group of state.groups) {
            const out = group.vrrp.name === 'initialize';
            expect(state.phase !== 'running' || out === (group.fault !== undefined)).toBe(true);
            expect(out || group.adoptBy === undefined).toBe(true);
          }
        });
      }),
      { numRuns: 200 },
    );
  });

  it('without its link, or without the proxy, a group takes no part', () => {
    const fit = (state: NodeState) => ['none', 'serving'].includes(state.proxy.name);
    fc.assert(
      fc.property(anyLife, (life) => {
        live(life, (state) => {
          for (const group of state.phase === 'running' ? state.groups : []) {
            const takesPart = group.vrrp.name !== 'initialize';
            expect(!takesPart || (group.links.every((link) => link === 'up') && fit(state))).toBe(
              true,
            );
          }
        });
      }),
      { numRuns: 200 },
    );
  });
});
