import { expect, it } from 'vitest';
import { millis } from '../../../src/base/time.js';
import {
  advertise,
  becomeBackup,
  becomeMaster,
  LATE,
  listening,
  LOOK_AGAIN,
  stay,
  tell,
  tellState,
} from '../../../src/core/vrrp-transitions.js';
import { at, master, NOW, PARAMS, told } from './given.js';

const REASON = { from: 'backup', cause: 'the cause' } as const;

it('to stay is to change nothing and do nothing', () => {
  const state = master();
  expect(stay(state)).toEqual({ state, effects: [] });
  expect(stay(state).state).toBe(state);
});

it('RFC 9568 §6.4.1 a new master holds the addresses; it speaks once the kernel has confirmed', () => {
  const step = becomeMaster(PARAMS, REASON, NOW);
  expect(step.state).toEqual({
    name: 'master',
    lastAdvertAt: NOW,
    nextAdvertAt: at(1000),
    leaseUntil: at(2945),
    announcements: undefined,
    contest: undefined,
  });
  expect(told(step.effects)).toEqual([
    'hold 2945, confirmation wanted',
    'backup → master: the cause',
  ]);
});

it('RFC 9568 §6.4.1 a new backup listens for a whole Active_Down_Interval', () => {
  const step = becomeBackup(PARAMS, { ...REASON, from: 'starting' }, millis(0), NOW);
  expect(step.state).toEqual(listening(PARAMS, PARAMS.interval, NOW));
  expect(step.state).toMatchObject({ masterDownAt: at(3218.75), master: undefined });
  expect(told(step.effects)).toEqual(['starting → backup: the cause']);
});

it('RFC 9568 §6.1 it listens for as long as the interval it is given', () => {
  expect(listening(PARAMS, millis(100), NOW)).toMatchObject({
    masterDownAt: at(321.875),
    masterInterval: 100,
  });
});

it('RFC 3768 §6.1 of version 2: with the skew of a second', () => {
  const v2 = { ...PARAMS, version: 2 } as const;
  expect(listening(v2, millis(4000), NOW)).toMatchObject({ masterDownAt: at(12_218.75) });
});

it('beyond RFC 9568: a new backup listens for longer where it is told to', () => {
  const step = becomeBackup(PARAMS, REASON, millis(3219), NOW);
  expect(step.state).toEqual({
    ...listening(PARAMS, PARAMS.interval, NOW),
    masterDownAt: at(3219),
  });
});

it('an advert carries the priority and interval of the group', () => {
  expect(advertise(PARAMS)).toEqual({ kind: 'send-advert', priority: 200, interval: 1000 });
});

it('a notice names the group, both roles and the cause', () => {
  const notice = { event: 'vrrp.state', group: 'web', to: 'fault', ...REASON } as const;
  expect(tellState(PARAMS, REASON, 'fault')).toEqual(tell(notice));
});

it('a late alarm looks again sooner than it counts as late: twice is not forever', () => {
  expect(LOOK_AGAIN).toBeLessThan(LATE);
});
