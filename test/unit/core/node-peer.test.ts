import { describe, expect, it } from 'vitest';
import { BrokenAssumption } from '../../../src/base/unreachable.js';
import { millis } from '../../../src/base/time.js';
import {
  hearPeer,
  isHeard,
  NO_PEER,
  settlePeer,
  tellPeer,
  wordOf,
} from '../../../src/core/node-peer.js';
import type { GroupView } from '../../../src/core/peer-view.js';
import { at, HIGHER, NOW } from './given.js';

const VIEW: GroupView = {
  group: 'web',
  role: 'master',
  priority: 254,
  interval: millis(1000),
  address: HIGHER,
  lan: 'unknown',
};
const EVERY = millis(100);
const NO_AGE = millis(0);
const HEARD = hearPeer(
  NO_PEER,
  { kind: 'peer-heartbeat', interval: EVERY, age: NO_AGE, views: [VIEW] },
  NOW,
);

describe('what is known of the peer', () => {
  it('is that it lives, until it is silent or says goodbye', () => {
    const late = settlePeer(HEARD, at(250));
    const gone = { ...HEARD, life: { name: 'gone' } as const };
    const left = hearPeer(HEARD, { kind: 'peer-goodbye', why: 'stopping' }, NOW);
    expect([HEARD, late].map(isHeard)).toEqual(['heard', 'heard']);
    expect([NO_PEER, gone, left].map(isHeard)).toEqual(['not heard', 'not heard', 'not heard']);
  });

  it('is its last word of each group, and the one before', () => {
    const fault = { ...VIEW, role: 'fault' } as const;
    const next = hearPeer(
      HEARD,
      { kind: 'peer-heartbeat', interval: EVERY, age: NO_AGE, views: [fault] },
      at(9),
    );
    expect(wordOf(next, 'web')).toEqual({
      life: { name: 'fresh', interval: EVERY, lateAt: at(259) },
      view: fault,
      before: VIEW,
      roleSince: at(9),
    });
    const same = hearPeer(
      next,
      { kind: 'peer-heartbeat', interval: EVERY, age: NO_AGE, views: [fault] },
      at(20),
    );
    expect(wordOf(same, 'web').roleSince).toBe(at(9));
    expect(wordOf(next, 'mail')).toMatchObject({ view: undefined, before: undefined });
  });

  it('is not what a heartbeat says that was long under way', () => {
    const old = { kind: 'peer-heartbeat', interval: EVERY, views: [] } as const;
    expect(hearPeer(HEARD, { ...old, age: millis(251) }, at(9))).toBe(HEARD);
    expect(hearPeer(HEARD, { ...old, age: millis(250) }, at(9))).not.toBe(HEARD);
  });

  it('stays what it was when it says goodbye', () => {
    const next = hearPeer(HEARD, { kind: 'peer-goodbye', why: 'stopping' }, at(9));
    expect(wordOf(next, 'web')).toMatchObject({ life: { name: 'goodbye' }, view: VIEW });
  });

  it('changes with its silence, and with nothing else', () => {
    expect(settlePeer(HEARD, at(249))).toBe(HEARD);
    const late = settlePeer(HEARD, at(250));
    expect(late.life.name).toBe('late');
    expect(settlePeer(late, at(500)).life.name).toBe('gone');
  });

  it('is told when it is heard, gone, or leaves; not when it is late', () => {
    const late = settlePeer(HEARD, at(250));
    const gone = settlePeer(late, at(500));
    const bye = hearPeer(HEARD, { kind: 'peer-goodbye', why: 'handing over' }, at(9));
    expect(tellPeer(NO_PEER, HEARD)).toEqual([
      { event: 'pair.peer', from: 'unheard', to: 'fresh' },
    ]);
    expect(tellPeer(HEARD, late)).toEqual([]);
    expect(tellPeer(late, gone)).toEqual([{ event: 'pair.peer', from: 'fresh', to: 'gone' }]);
    expect(tellPeer(HEARD, bye)).toEqual([
      { event: 'pair.peer', from: 'fresh', to: 'handing over' },
    ]);
  });
});

it('a life of no known name is our mistake', () => {
  const none = { ...NO_PEER, life: { name: 'undead' } as never };
  expect(() => tellPeer(NO_PEER, none)).toThrow(BrokenAssumption);
});
