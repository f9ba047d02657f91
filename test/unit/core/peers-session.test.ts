import { describe, expect, it } from 'vitest';
import { instant, later, millis } from '../../../src/base/time.js';
import { BrokenAssumption } from '../../../src/base/unreachable.js';
import type {
  OpenPeersSession,
  PeersSession,
  PeersSessionEvent,
} from '../../../src/core/peers-session.js';
import {
  newPeersSession,
  objectionTo,
  pauseAfterFaults,
  peersSessionDeadline,
  stepPeersSession,
} from '../../../src/core/peers-session.js';

const START = instant(1000);
const at = (ms: number) => later(START, millis(ms));

/** What a session does of events at these milliseconds, as words. */
function run(...events: readonly (readonly [number, PeersSessionEvent])[]) {
  let state = newPeersSession(START);
  const effects: string[] = [];
  for (const [ms, event] of [[0, { kind: 'greeted' }] as const, ...events]) {
    const step = stepPeersSession(state, event, at(ms));
    ({ state } = step);
    effects.push(
      ...step.effects.map((effect) => `${String(ms)} ${Object.values(effect).join(' ')}`),
    );
  }
  return { state, effects, deadline: peersSessionDeadline(state) };
}

function open(state: PeersSession): OpenPeersSession {
  expect(state.name).toBe('open');
  return state as OpenPeersSession;
}

const ALARM: PeersSessionEvent = { kind: 'alarm' };
const heard = (rows: number): PeersSessionEvent => ({ kind: 'heard', rows });
const control = (said: Extract<PeersSessionEvent, { kind: 'control' }>['control']) =>
  ({ kind: 'control', control: said }) as const;
/** It has been asked to teach. */
const TEACHING = [[50, ALARM]] as const;
const TAUGHT = [...TEACHING, [60, control('resync-finished')]] as const;

describe('a session with HAProxy', () => {
  it('waits for a hello, but not for ever', () => {
    const greeting = newPeersSession(START);
    expect(peersSessionDeadline(greeting)).toBe(at(3000));
    expect(stepPeersSession(greeting, ALARM, at(2999)).state).toBe(greeting);
    expect(stepPeersSession(greeting, heard(0), at(1)).state).toBe(greeting);
    const end = stepPeersSession(greeting, ALARM, at(3000));
    expect(end).toEqual({
      state: { name: 'closed' },
      effects: [{ kind: 'close', why: 'no hello' }],
    });
    expect(peersSessionDeadline(end.state)).toBeUndefined();
    expect(stepPeersSession(end.state, ALARM, at(9999))).toEqual({ state: end.state, effects: [] });
  });

  it('has HAProxy tell everything once it has pushed what it had kept', () => {
    expect(run().deadline).toBe(at(50));
    const pushing = run([40, heard(3)], [50, ALARM], [89, heard(1)], [120, heard(0)], [138, ALARM]);
    expect(pushing.effects).toEqual([]);
    expect(pushing.deadline).toBe(at(139));
    expect(run([40, heard(3)], [90, ALARM]).effects).toEqual([
      '90 send resync-request',
      '90 teaching-began',
    ]);
  });

  it('does not wait for a quiet moment for ever', () => {
    const pushing = Array.from({ length: 52 }, (_each, index) => [20 * index, heard(9)] as const);
    expect(run(...pushing, [1049, ALARM]).effects).toEqual([]);
    expect(run(...pushing, [1050, ALARM]).effects).toHaveLength(2);
  });

  it('confirms what it was told, and rests', () => {
    const { state, effects } = run(...TAUGHT);
    expect(effects.slice(2)).toEqual(['60 send resync-confirm', '60 teaching-ended complete']);
    expect(open(state).teaching).toEqual({ name: 'no' });
    expect(run(...TAUGHT, [70, control('resync-finished')]).effects).toHaveLength(4);
    expect(run(...TAUGHT, [70, heard(3)]).effects).toHaveLength(4);
  });

  it('asks again, a while later, where HAProxy did not know whether that was all', () => {
    const { state, effects } = run(...TEACHING, [60, control('resync-partial')], [1060, ALARM]);
    expect(effects.slice(3)).toEqual([
      '60 teaching-ended partial',
      '1060 send resync-request',
      '1060 teaching-began',
    ]);
    expect(open(state).teaching.name).toBe('running');
  });

  it('asks once more where it was wanted meanwhile, and once where it was wanted twice', () => {
    const teach: PeersSessionEvent = { kind: 'teach' };
    expect(run(...TAUGHT, [70, teach], [80, teach], [120, ALARM]).effects.slice(4)).toEqual([
      '120 send resync-request',
      '120 teaching-began',
    ]);
    const twice = run(...TEACHING, [55, teach], [56, teach], [60, control('resync-finished')]);
    expect(open(twice.state).teaching).toMatchObject({ name: 'wanted', first: 'again' });
    expect(open(run([10, teach]).state).teaching).toMatchObject({ name: 'wanted', first: 'first' });
  });

  it('asks at once where no rows have come for long enough, and waits as long as they come', () => {
    const teach: PeersSessionEvent = { kind: 'teach' };
    expect(run(...TAUGHT, [400, heard(0)], [410, teach]).deadline).toBe(at(50));
    expect(run(...TAUGHT, [410, teach], [410, ALARM]).effects.slice(4)).toEqual([
      '410 send resync-request',
      '410 teaching-began',
    ]);
    const pushing = run(...TAUGHT, [400, heard(2)], [410, teach], [420, heard(1)], [450, ALARM]);
    expect(pushing.effects).toHaveLength(4);
    expect(pushing.deadline).toBe(at(470));
  });

  it('ends where HAProxy does not tell, but not while nobody reads it', () => {
    const alive = [
      [4000, heard(0)],
      [8000, heard(0)],
    ] as const;
    expect(run(...TEACHING, ...alive, [10_050, ALARM]).effects.at(-1)).toBe(
      '10050 close it does not teach',
    );
    expect(run(...TEACHING, ...alive, [9000, heard(1)], [10_050, ALARM]).state.name).toBe('open');
    const paused = run(...TEACHING, [100, { kind: 'paused' }], [60_000, ALARM]);
    expect(paused.effects.at(-1)).toBe('60000 send heartbeat');
    const resumed = run(...TEACHING, [100, { kind: 'paused' }], [60_000, { kind: 'resumed' }]);
    expect(open(resumed.state)).toMatchObject({
      heardAt: at(60_000),
      teaching: { until: at(70_000) },
    });
    const idle = run(...TAUGHT, [100, { kind: 'paused' }], [200, { kind: 'resumed' }]);
    expect(open(idle.state).teaching).toEqual({ name: 'no' });
  });

  it('gives HAProxy what it asks for, and is not told anything before that', () => {
    const asked = run([1, control('resync-request')], [60, ALARM], [2000, ALARM]);
    expect(asked.effects).toEqual(['1 asked-for-rows']);
    const taught = run([1, control('resync-request')], [70, { kind: 'taught' }], [120, ALARM]);
    expect(taught.effects.slice(1)).toEqual([
      '70 send resync-finished',
      '120 send resync-request',
      '120 teaching-began',
    ]);
    expect(run([1, { kind: 'taught' }]).effects).toEqual([]);
  });

  it('says that this was all when no rows come, and goes on as long as they come', () => {
    const request = [1, control('resync-request')] as const;
    const alive = [4000, heard(0)] as const;
    expect(run(request, alive, [5001, ALARM]).effects.at(-1)).toBe('5001 send resync-finished');
    const handed = run(request, alive, [4000, { kind: 'handed' }], [5001, ALARM]);
    expect(open(handed.state).learning).toEqual({ name: 'yes', until: at(9000) });
    expect(open(run([5, { kind: 'handed' }]).state).learning).toEqual({ name: 'no' });
    const both = run(...TEACHING, [60, control('resync-request')], [70, { kind: 'taught' }]);
    expect(open(both.state).teaching.name).toBe('running');
  });

  it('says something when nothing else was said, and ends in silence', () => {
    expect(run(...TAUGHT, [2499, ALARM]).effects).toHaveLength(4);
    expect(run(...TAUGHT, [2500, ALARM]).effects.at(-1)).toBe('2500 send heartbeat');
    expect(run(...TAUGHT, [2500, { kind: 'said' }], [2600, ALARM]).effects).toHaveLength(4);
    expect(run(...TAUGHT, [5000, ALARM]).effects.at(-1)).toBe('5000 close silence');
    expect(run(...TAUGHT, [3000, heard(0)], [5000, ALARM]).state.name).toBe('open');
  });

  it('takes the rest as a sign of life, and an error as the end', () => {
    const { state, effects } = run(
      [1, { kind: 'greeted' }],
      [2, control('heartbeat')],
      [3, control('resync-confirm')],
    );
    expect([open(state).teaching.name, effects]).toEqual(['wanted', []]);
    expect(run([1, { kind: 'error' }]).effects).toEqual(['1 close its own error']);
  });

  it('throws for what it cannot be', () => {
    expect(() => peersSessionDeadline({ name: 'ajar' } as never)).toThrow(BrokenAssumption);
    expect(() => run([1, { kind: 'waved' } as never])).toThrow(BrokenAssumption);
    expect(() => run([1, control('resync-never' as never)])).toThrow(BrokenAssumption);
  });

  it('has deadlines of what it waits for', () => {
    expect(run(...TAUGHT).deadline).toBe(at(2500));
    expect(run([1, control('resync-request')]).deadline).toBe(at(2500));
    const paused = run(...TAUGHT, [2400, { kind: 'paused' }], [2500, { kind: 'said' }]);
    expect(paused.deadline).toBe(at(5000));
  });
});

describe('a hello', () => {
  const hello = { minor: 1, called: 'lb2', caller: 'lb1', pid: 7 } as const;
  const names = { own: 'lb1', peer: 'lb2' };

  it('is right where HAProxy is this node and calls the other', () => {
    expect(objectionTo(hello, names)).toBeUndefined();
    expect(objectionTo({ ...hello, called: 'lb3' }, names)).toMatch(/has to be named lb2/u);
    expect(objectionTo({ ...hello, caller: 'web' }, names)).toMatch(/localpeer has to be lb1/u);
    expect(objectionTo({ ...hello, minor: 0 }, names)).toMatch(/2\.1 is needed/u);
  });
});

describe('faults', () => {
  it('make HAProxy wait longer and longer, up to half a minute', () => {
    expect([0, 1, 2, 3, 9, 5000].map(pauseAfterFaults)).toEqual([
      0, 1000, 2000, 4000, 30_000, 30_000,
    ]);
  });
});
