import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Instant } from '../../../src/base/time.js';
import { between, instant, millis } from '../../../src/base/time.js';
import { BrokenAssumption } from '../../../src/base/unreachable.js';
import { leaseFor } from '../../../src/core/lease.js';
import { deadline, step } from '../../../src/core/vrrp-machine.js';
import type { VrrpEvent, VrrpParams, VrrpState, VrrpStep } from '../../../src/core/vrrp-state.js';
import {
  anyBackup,
  anyInstant,
  anyMasterOf,
  anyParams,
  anyResigningOf,
  anyVrrpEvent,
  at,
  backup,
  heard,
  master,
  NOW,
  PARAMS,
  PLAIN_EVENTS,
  resigning,
  told,
} from './given.js';

const INITIALIZE: VrrpState = { name: 'initialize' };
const STARTUP: VrrpEvent = { kind: 'startup', from: 'starting', listenFor: millis(0) };

describe('RFC 9568 §6.4.1 initialize', () => {
  it('startup: a router that does not own the addresses listens first', () => {
    const next = step(PARAMS, INITIALIZE, STARTUP, NOW);
    expect(next.state).toMatchObject({ name: 'backup', masterDownAt: at(3218.75) });
    expect(told(next.effects)).toEqual(['starting → backup: listening first']);
  });

  it.each([
    ['no longer than it has to', 0, 3218.75],
    ['nor where that is long enough', 3218.75, 3218.75],
    ['as long as it is told', 5000, 5000],
  ])('beyond RFC 9568: it listens %s: %d ms asked for, %d ms', (_why, asked, listens) => {
    const startup: VrrpEvent = { kind: 'startup', from: 'starting', listenFor: millis(asked) };
    const next = step(PARAMS, INITIALIZE, startup, NOW);
    expect(next.state).toMatchObject({ name: 'backup', masterDownAt: at(listens) });
  });

  it('beyond RFC 9568: a lease of a former life still runs, so it goes on as master', () => {
    const next = step(PARAMS, INITIALIZE, { kind: 'adopt' }, NOW);
    expect(next.state).toMatchObject({ name: 'master', leaseUntil: at(2945) });
    expect(told(next.effects)).toEqual([
      'hold 2945, confirmation wanted',
      'starting → master: adopted a running lease',
    ]);
  });

  const others = PLAIN_EVENTS.filter(({ kind }) => kind !== 'startup' && kind !== 'adopt');
  it.each([heard(0), heard(254), ...others])('%j changes nothing', (event) => {
    expect(step(PARAMS, INITIALIZE, event, NOW)).toEqual({ state: INITIALIZE, effects: [] });
  });
});

it.each<[string, VrrpState, Instant | undefined]>([
  ['initialize waits for nothing', INITIALIZE, undefined],
  ['a backup waits for its master-down timer', backup(), at(2000)],
  ['a master waits for its next advert', master(), at(400)],
  ['a master that announces nothing yet likewise', master({ announcements: undefined }), at(400)],
  [
    'a master waits for its next announcement',
    master({ announcements: { phase: 'first-burst', sent: 1, nextAt: at(10) } }),
    at(10),
  ],
  ['a master that resigned waits for its grace', resigning(), at(1010)],
])('%s', (_why, state, expected) => {
  expect(deadline(state)).toBe(expected);
});

it('states and events nobody thought of are our mistake', () => {
  const state = { name: 'new' } as unknown as VrrpState;
  const event = { kind: 'new' } as unknown as VrrpEvent;
  expect(() => step(PARAMS, state, { kind: 'alarm' }, NOW)).toThrow(BrokenAssumption);
  expect(() => deadline(state)).toThrow(BrokenAssumption);
  expect(() => step(PARAMS, INITIALIZE, event, NOW)).toThrow(BrokenAssumption);
});

interface Situation {
  readonly params: VrrpParams;
  readonly state: VrrpState;
  readonly event: VrrpEvent;
  readonly now: Instant;
}

/** Any state a router may be found in, however late, and anything that may happen to it. */
const anySituation: fc.Arbitrary<Situation> = anyParams.chain((params) =>
  fc.record({
    params: fc.constant(params),
    state: fc.oneof(
      fc.constant(INITIALIZE),
      anyBackup,
      anyMasterOf(params),
      anyResigningOf(params),
    ),
    event: anyVrrpEvent,
    now: anyInstant,
  }),
);

function always(claim: (situation: Situation, next: VrrpStep) => void): void {
  const property = fc.property(anySituation, (situation) => {
    const { params, state, event, now } = situation;
    claim(situation, step(params, state, event, now));
  });
  fc.assert(property, { numRuns: 2000 });
}

describe('whatever the state and whatever happens', () => {
  it('the next state is well-formed', () => {
    always(({ now }, { state }) => {
      for (const value of Object.values(state)) {
        expect(value).not.toBeNaN();
      }
      if (state.name === 'backup') {
        expect(state.masterInterval).toBeGreaterThan(0);
      } else if (state.name === 'master') {
        expect(state.leaseUntil).toBeGreaterThan(now);
      }
    });
  });

  it('RFC 9568 §6.1 a master’s lease ends before a peer that heard its last advert takes over', () => {
    always(({ params, now }, { state, effects }) => {
      if (state.name === 'master') {
        const patience = state.lastAdvertAt + 3 * params.interval;
        expect(state.leaseUntil).toBeLessThan(patience);
        for (const effect of effects) {
          expect(effect.kind !== 'hold' || now + effect.lease < patience).toBe(true);
        }
      }
    });
  });

  it('what is held is held as long as the state says, and a resignation a little longer', () => {
    always(({ now }, { state, effects }) => {
      const until = { initialize: 0, backup: 0, master: 0, resigning: 0, ...ending(state) };
      for (const effect of effects) {
        if (effect.kind === 'hold' && state.name !== 'initialize') {
          const overlap = now + effect.lease - until[state.name];
          expect(overlap).toBeGreaterThan(-1e-6);
          expect(overlap).toBeLessThan(state.name === 'resigning' ? 50 + 1e-6 : 1e-6);
        }
      }
    });
  });

  it('after a release nobody is told otherwise, but for the last word of a master that yields', () => {
    always(({ params, state: from, event }, { state, effects }) => {
      const released = effects.findIndex((effect) => effect.kind === 'release');
      const after = released === -1 ? [] : effects.slice(released);
      const claims = after.filter(
        (effect) =>
          effect.kind === 'announce' ||
          effect.kind === 'hold' ||
          (effect.kind === 'send-advert' && effect.priority !== 0),
      );
      const yields = from.name === 'master' && state.name === 'backup' && event.kind === 'advert';
      const lastWord = {
        kind: 'send-advert',
        priority: params.priority,
        interval: params.interval,
      };
      expect(claims.length === 0 || (yields && claims.length === 1)).toBe(true);
      expect(claims).toEqual(claims.map(() => lastWord));
    });
  });

  it('who stops answering releases, but for a master that hands over before its lease ends', () => {
    const holds = (state: VrrpState) => state.name === 'master' || state.name === 'resigning';
    always(({ state: from, event, now }, { state, effects }) => {
      const handsOver =
        event.kind === 'hand-over' && from.name === 'master' && now < from.leaseUntil;
      const released = effects.some((effect) => effect.kind === 'release');
      expect(released).toBe(holds(from) && !holds(state) && !handsOver);
    });
  });

  it('a change of role is told once, and nothing is told of a role that stays', () => {
    always(({ state: from }, { state, effects }) => {
      const news = effects.flatMap((effect) =>
        effect.kind === 'tell' && effect.notice.event === 'vrrp.state' ? [effect.notice.to] : [],
      );
      const role = state.name === 'initialize' ? 'stopped' : state.name;
      expect(news.at(-1) ?? from.name).toBe(news.length === 0 ? state.name : role);
    });
  });

  it('an alarm at the deadline, or later, leaves no deadline behind it: no busy loop', () => {
    const lateness = fc.oneof(
      fc.constant(0),
      fc.integer({ min: 0, max: 80_000 }).map((eighths) => eighths / 8),
    );
    const property = fc.property(anySituation, lateness, ({ params, state }, late) => {
      const due = deadline(state);
      if (due !== undefined) {
        const now = instant(due + late);
        const next = deadline(step(params, state, { kind: 'alarm' }, now).state);
        expect(next === undefined || between(now, next) > 0).toBe(true);
      }
    });
    fc.assert(property, { numRuns: 2000 });
  });

  it('an alarm before the deadline does nothing', () => {
    const earliness = fc.integer({ min: 1, max: 8000 }).map((eighths) => eighths / 8);
    const property = fc.property(anySituation, earliness, ({ params, state }, early) => {
      const due = deadline(state);
      const now = instant((due ?? NOW) - early);
      fc.pre(state.name !== 'master' || now < state.leaseUntil);
      expect(step(params, state, { kind: 'alarm' }, now)).toEqual({ state, effects: [] });
    });
    fc.assert(property, { numRuns: 1000 });
  });
});

/** When each kind of state that holds addresses lets the kernel stop. */
function ending(state: VrrpState): Partial<Record<VrrpState['name'], Instant>> {
  if (state.name === 'master') {
    return { master: state.leaseUntil };
  }
  return state.name === 'resigning' ? { resigning: state.until } : {};
}

it('the lease of a new master is the one its group’s interval allows', () => {
  const next = step(PARAMS, INITIALIZE, { kind: 'adopt' }, NOW);
  expect(next.effects[0]).toMatchObject({ lease: leaseFor(PARAMS.interval) });
});
