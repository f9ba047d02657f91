import { describe, expect, it } from 'vitest';
import type { Result } from '../../../src/base/result.js';
import { fail } from '../../../src/base/result.js';
import type { DrillFault } from '../../../src/core/drill-fault.js';
import { readDrillAsked } from '../../../src/operator/drill-asked.js';
import { DrillDesk } from '../../../src/operator/drill-desk.js';
import type { Peer } from '../../../src/operator/ports.js';
import type { HandOrder } from '../../../src/telemetry/drill.js';
import { code, value } from '../../contract/expected.js';
import { SimDrillHands } from '../../sim/drill-hands.js';
import { SimProcess } from '../../sim/process.js';
import { Scheduler } from '../../sim/scheduler.js';

const FAULT: DrillFault = { kind: 'link-down', interface: 'eth0' };
const order = (id: string): HandOrder => ({
  ...{ id, drill: 'link-down', by: 'lb1', faults: [FAULT] },
  ...{ lastsMs: 30_000, armedForMs: 60_000 },
});

type Answer = Result<string, { readonly code: string; readonly detail: string }>;

function pair(
  reach: () => Answer | undefined = () => undefined,
  allowed: (node: string) => boolean = () => true,
) {
  const scheduler = new Scheduler();
  const inflicted: string[] = [];
  const desks = new Map<string, DrillDesk>();
  const deskOf = (node: string, other: string): DrillDesk => {
    const clock = new SimProcess(scheduler);
    const hands = new SimDrillHands(node, clock, {
      obstacle: ({ kind }) => (kind === 'fill-disk' ? `${node} has no disk` : undefined),
      inflict: ({ kind }) => inflicted.push(`${node} ${kind}`),
      undo: () => inflicted.pop(),
    });
    const host = hands.host();
    const peer: Peer = {
      name: other,
      ask: async (ask, body) => {
        const fixed = reach();
        if (fixed !== undefined) {
          return fixed;
        }
        const answered = await desks.get(other)?.answers()[ask]?.(body);
        return !answered?.ok
          ? fail({ code: 'refused', detail: answered?.error ?? 'nothing' })
          : answered;
      },
    };
    const watch = { look: () => host.state() };
    return new DrillDesk(
      { node, names: ['lb1', 'lb2'] },
      { host, watch, peer, allowed: () => allowed(node), power: () => undefined },
    );
  };
  desks.set('lb1', deskOf('lb1', 'lb2'));
  desks.set('lb2', deskOf('lb2', 'lb1'));
  return { lb1: desks.get('lb1')!, lb2: desks.get('lb2')!, inflicted };
}

describe('drills, asked for on one node', () => {
  it('are done on either, and undone', async () => {
    const { lb1, inflicted } = pair();
    expect(await lb1.state()).toEqual({
      ...{ node: 'lb1', here: undefined, there: undefined, problem: undefined },
    });
    value(await lb1.drill({ do: 'arm', node: 'lb1', order: order('a') }));
    const armed = value(await lb1.drill({ do: 'arm', node: 'lb2', order: order('a') }));
    expect([armed.here?.phase, armed.there?.phase]).toEqual(['armed', 'armed']);
    const fired = value(await lb1.drill({ do: 'fire', node: 'lb2', id: 'a' }));
    expect([fired.here?.phase, fired.there?.phase]).toEqual(['armed', 'fired']);
    expect(inflicted).toEqual(['lb2 link-down']);
    value(await lb1.drill({ do: 'undo', node: 'lb2', id: 'a' }));
    const undone = value(await lb1.drill({ do: 'undo', node: 'lb1', id: 'a' }));
    expect([undone.here?.phase, undone.there?.phase]).toEqual(['undone', 'undone']);
    expect(inflicted).toEqual([]);
  });

  it('keep each other away, whichever node they are asked for on', async () => {
    const { lb1, lb2 } = pair();
    value(await lb1.drill({ do: 'arm', node: 'lb1', order: order('a') }));
    const second = await lb2.drill({ do: 'arm', node: 'lb1', order: order('b') });
    expect(code(second)).toBe('drill-under-way');
    expect(JSON.stringify(second)).toContain('link-down (a)');
  });

  it('are refused by the node that cannot do them, in its words', async () => {
    const { lb1 } = pair();
    const faults: DrillFault[] = [{ kind: 'fill-disk' }];
    const refused = await lb1.drill({ do: 'arm', node: 'lb2', order: { ...order('a'), faults } });
    expect(refused).toEqual({
      ok: false,
      error: { code: 'drill-not-feasible', detail: 'lb2 has no disk' },
    });
    expect(code(await lb1.drill({ do: 'fire', node: 'lb2', id: 'a' }))).toBe('no-such-drill');
    expect(code(await lb1.drill({ do: 'fire', node: 'lb1', id: 'a' }))).toBe('no-such-drill');
    expect(code(await lb1.drill({ do: 'undo', node: 'lb9', id: 'a' }))).toBe('unknown-node');
  });

  it('are refused by a node whose configuration lets none be made on it, whoever asks', async () => {
    const forbidding = new Set<string>();
    const { lb1, lb2, inflicted } = pair(undefined, (node) => !forbidding.has(node));
    value(await lb2.drill({ do: 'arm', node: 'lb2', order: order('a') }));
    forbidding.add('lb2');
    value(await lb1.drill({ do: 'fire', node: 'lb2', id: 'a' }));
    expect(inflicted).toEqual(['lb2 link-down']);
    value(await lb1.drill({ do: 'undo', node: 'lb2', id: 'a' }));
    for (const desk of [lb1, lb2]) {
      expect(await desk.drill({ do: 'arm', node: 'lb2', order: order('b') })).toEqual({
        ok: false,
        error: {
          code: 'drill-not-feasible',
          detail: 'lb2 lets no drill make faults on it (drills.enabled: false)',
        },
      });
    }
    expect(inflicted).toEqual([]);
    value(await lb2.drill({ do: 'arm', node: 'lb1', order: order('c') }));
    value(await lb1.drill({ do: 'arm', node: 'lb2', order: { ...order('c'), faults: [] } }));
  });

  it('take no machine’s power that is none of the pair', async () => {
    const { lb1 } = pair();
    const faults: DrillFault[] = [{ kind: 'power-off', node: 'db1' }];
    for (const node of ['lb1', 'lb2']) {
      const refused = await lb1.drill({ do: 'arm', node, order: { ...order('a'), faults } });
      expect(JSON.stringify(refused)).toContain('only the power of a node of this pair');
    }
  });

  it.each<[string, Answer, string, string]>([
    ['says nothing', fail({ code: 'no-answer', detail: 'no answer' }), 'peer-silent', 'no answer'],
    [
      'is older',
      fail({ code: 'refused', detail: 'this version does not know what drill-arm asks' }),
      'peer-refused',
      'a vipair before drills knows none of them',
    ],
    ['says what makes no sense', { ok: true, value: '[]' }, 'peer-refused', 'not understood'],
  ])('end where the other node %s', async (_what, answer, expected, words) => {
    const { lb1 } = pair(() => answer);
    const refused = await lb1.drill({ do: 'arm', node: 'lb2', order: order('a') });
    expect(code(refused)).toBe(expected);
    expect(JSON.stringify(refused)).toContain(words);
    const state = value(await lb1.drill({ do: 'arm', node: 'lb1', order: order('a') }));
    expect(state).toMatchObject({ here: { phase: 'armed' }, there: undefined });
    expect(state.problem).toContain('lb2: ');
  });

  it('know what the other node said last, and why it says nothing now', async () => {
    let silent = false;
    const answer: Answer = fail({ code: 'no-answer', detail: 'cut' });
    const { lb1 } = pair(() => (silent ? answer : undefined));
    value(await lb1.drill({ do: 'arm', node: 'lb2', order: order('a') }));
    silent = true;
    expect(await lb1.state()).toMatchObject({ there: { phase: 'armed' }, problem: 'lb2: cut' });
  });

  it('need a pair channel for the other node', async () => {
    const scheduler = new Scheduler();
    const host = new SimDrillHands('lb1', new SimProcess(scheduler), {
      obstacle: () => undefined,
      inflict: () => undefined,
      undo: () => undefined,
    }).host();
    const watch = { look: () => host.state() };
    const desk = new DrillDesk(
      { node: 'lb1', names: ['lb1', 'lb2'] },
      { host, watch, peer: undefined, allowed: () => true, power: () => undefined },
    );
    const refused = await desk.drill({ do: 'fire', node: 'lb2', id: 'a' });
    expect(code(refused)).toBe('peer-silent');
    expect((await desk.state()).problem).toContain('no pair channel');
  });

  it('read what the other node asks, and refuse what makes no sense', async () => {
    const { lb1 } = pair();
    for (const ask of ['drill-arm', 'drill-fire', 'drill-undo']) {
      expect((await lb1.answers()[ask]!('{}')).ok).toBe(false);
    }
  });
});

describe('what a client asks of a drill', () => {
  it.each([
    { do: 'arm', node: 'lb1', order: order('a') },
    { do: 'fire', node: 'lb1', id: 'a' },
    { do: 'undo', node: 'lb2', id: 'a' },
  ])('is read: $do', (asked) => {
    expect(readDrillAsked(JSON.stringify(asked))).toEqual({ ok: true, value: asked });
  });

  it.each([
    '',
    'null',
    '{}',
    '{"do":"fire","node":"lb1"}',
    '{"do":"burn","node":"lb1","id":"a"}',
    '{"do":"arm","node":"lb1"}',
    '{"do":"arm","node":"lb1","order":{"id":"a"}}',
  ])('is refused: %s', (body) => {
    expect(readDrillAsked(body).ok).toBe(false);
  });
});
