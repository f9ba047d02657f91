import { describe, expect, it } from 'vitest';
import { BrokenAssumption } from '../../../src/base/unreachable.js';
import type { ProxyEvent, ProxyState } from '../../../src/core/proxy-state.js';
import { SEEKING as UNBEGUN, stepProxy } from '../../../src/core/proxy-life.js';
import { proxyDeadline } from '../../../src/core/proxy-probe.js';
import { at, NOW } from './given.js';
import {
  ASKED,
  CHECKING,
  CLEARING,
  deaths,
  died,
  ENDING,
  EVENTS,
  HOLDING,
  KILLED,
  PARAMS,
  SEEKING,
  SERVING,
  STARTING,
  STATES,
  told,
  WAITING,
} from './given-proxy.js';

type Row = readonly [string, ProxyState, ProxyEvent['kind'], object, readonly string[]];

const served = { name: 'serving', deaths, pid: 8, since: NOW, probe: { kind: 'due', at: at(250) } };
const refusedLine3 = { name: 'waiting', deaths, cause: 'line 3', retryAt: at(5000) };
const refusedProgram = { ...refusedLine3, cause: 'no program' };
const gone = { ...died, cause: 'the process is gone' };

/** Every pair of state and event that brings something about at {@link NOW}, and what. */
const ROWS: readonly Row[] = [
  ['looks for one at start', UNBEGUN, 'begin', { ...SEEKING, deaths: [] }, ['proxy-connect']],
  ['finds one that runs', SEEKING, 'connected', served, ['seeking → serving: found running']],
  [
    'finds none that answers: whatever is left must not hold the ports',
    SEEKING,
    'connect-refused',
    { name: 'ending', deaths, cause: 'nobody there', then: 'check' },
    ['proxy-kill', 'seeking → ending: nobody there'],
  ],
  [
    'checks the configuration once nothing is left',
    CLEARING,
    'killed',
    CHECKING,
    ['proxy-check', 'ending → checking: nothing runs'],
  ],
  [
    'starts it when its configuration is valid',
    CHECKING,
    'check-passed',
    { ...STARTING, giveUpAt: at(5000) },
    ['proxy-start', 'checking → starting: its configuration is valid'],
  ],
  [
    'starts it when the replicator listens',
    HOLDING,
    'replicator-ready',
    { ...STARTING, giveUpAt: at(5000) },
    ['proxy-start', 'holding → starting: the replicator listens'],
  ],
  [
    'waits when its configuration is not valid',
    CHECKING,
    'check-refused',
    refusedLine3,
    ['tell proxy.refused', 'checking → waiting: refused'],
  ],
  [
    'waits when it cannot even be checked',
    CHECKING,
    'start-refused',
    refusedProgram,
    ['tell proxy.refused', 'checking → waiting: refused'],
  ],
  ['connects soon after the start', STARTING, 'started', { ...STARTING, connectAt: at(20) }, []],
  [
    'waits when it cannot be started',
    STARTING,
    'start-refused',
    refusedProgram,
    ['tell proxy.refused', 'starting → waiting: refused'],
  ],
  [
    'waits when its configuration is refused late',
    STARTING,
    'check-refused',
    refusedLine3,
    ['tell proxy.refused', 'starting → waiting: refused'],
  ],
  [
    'connects again while it is starting',
    STARTING,
    'connect-refused',
    { ...STARTING, connectAt: at(20) },
    [],
  ],
  ['serves once it answers', STARTING, 'connected', served, ['starting → serving: started']],
  ['dies at its start', STARTING, 'exited', died, [...KILLED, 'starting → ending: signal 11']],
  [
    'is lost at its start',
    STARTING,
    'connection-ended',
    gone,
    [...KILLED, 'starting → ending: the process is gone'],
  ],
  [
    'answers: the next question is due a period later',
    ASKED,
    'answered',
    { ...SERVING, probe: { kind: 'due', at: at(250) } },
    [],
  ],
  ['dies', SERVING, 'exited', died, [...KILLED, 'serving → ending: signal 11']],
  [
    'ends the conversation',
    ASKED,
    'connection-ended',
    gone,
    [...KILLED, 'serving → ending: the process is gone'],
  ],
  [
    'is started again after a pause',
    ENDING,
    'killed',
    { ...WAITING, retryAt: at(100) },
    ['ending → waiting: it hung'],
  ],
];

const eventOf = (kind: ProxyEvent['kind']): ProxyEvent =>
  EVENTS.find((event) => event.kind === kind)!;

describe('the life of a proxy', () => {
  it('is reloaded: that is told, and the new worker is asked a period later', () => {
    const step = stepProxy(PARAMS, ASKED, { kind: 'answered', by: 'successor' }, NOW);
    expect(step.state).toEqual({ ...SERVING, probe: { kind: 'due', at: at(250) } });
    expect(told(step.effects)).toEqual(['tell proxy.reloaded']);
  });

  it('is not started before the replicator listens: it dials once, and then every five seconds', () => {
    const step = stepProxy(PARAMS, CHECKING, { kind: 'check-passed', replicator: 'awaited' }, NOW);
    expect(step.state).toEqual(HOLDING);
    expect(told(step.effects)).toEqual(['checking → holding: replicator awaited']);
  });

  it.each(ROWS)('%s', (_why, state, kind, next, effects) => {
    const step = stepProxy(PARAMS, state, eventOf(kind), NOW);
    expect(step.state).toEqual(next);
    expect(told(step.effects)).toEqual(effects);
  });
});

describe('an event that comes too late for the state', () => {
  const pairs = STATES.flatMap((state) => EVENTS.map((event) => ({ state, event })));
  const nothing = pairs.filter(
    ({ state, event }) =>
      !ROWS.some(([, from, kind]) => from.name === state.name && kind === event.kind),
  );
  const reconnected = nothing.filter(({ event }) => event.kind === 'connected');
  const ignored = nothing.filter((pair) => !reconnected.includes(pair));

  it.each(ignored)('changes nothing: $state.name, $event.kind', ({ state, event }) => {
    expect(stepProxy(PARAMS, state, event, NOW)).toEqual({ state, effects: [] });
  });

  it.each(reconnected)('ends a connection nobody waits for: $state.name', ({ state, event }) => {
    expect(stepProxy(PARAMS, state, event, NOW)).toEqual({
      state,
      effects: [{ kind: 'proxy-disconnect' }],
    });
  });
});

it('states and events nobody thought of are our mistake', () => {
  const state = { name: 'new' } as unknown as ProxyState;
  const event = { kind: 'new' } as unknown as ProxyEvent;
  expect(() => proxyDeadline(state)).toThrow(BrokenAssumption);
  expect(() => stepProxy(PARAMS, SERVING, event, NOW)).toThrow(BrokenAssumption);
});
