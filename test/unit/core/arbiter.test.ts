import { describe, expect, it } from 'vitest';
import { millis } from '../../../src/base/time.js';
import type { Evidence } from '../../../src/core/arbiter.js';
import { arbitrate } from '../../../src/core/arbiter.js';
import { heartbeat } from '../../../src/core/fault-detector.js';
import type { GroupView } from '../../../src/core/peer-view.js';
import { HIGHER, NOW } from './given.js';

const FRESH = heartbeat(millis(100), NOW);
const LATE = { name: 'late', interval: millis(100), goneAt: NOW } as const;
const GONE = { name: 'gone' } as const;

const MASTER: GroupView = {
  group: 'web',
  role: 'master',
  priority: 254,
  interval: millis(1000),
  address: HIGHER,
  lan: 'reachable',
};
const CUT_OFF: GroupView = { ...MASTER, lan: 'unreachable' };
const FAULT: GroupView = { ...MASTER, role: 'fault' };
const BACKUP: GroupView = { ...MASTER, role: 'backup' };

/** A backup that hears its master on both paths. */
const WELL: Evidence = {
  role: 'backup',
  adverts: 'heard',
  life: FRESH,
  view: MASTER,
  before: MASTER,
  isMaster: true,
  agreement: 'same',
};
const SILENT: Evidence = { ...WELL, adverts: 'silent' };

describe('of two paths', () => {
  it.each<[string, Evidence, ReturnType<typeof arbitrate>]>([
    ['both heard: plain VRRP', WELL, 'vrrp'],
    ['the channel is late: plain VRRP', { ...SILENT, life: LATE }, 'vrrp'],
    ['the channel is gone: plain VRRP', { ...WELL, life: GONE }, 'vrrp'],
    ['both silent: VRRP’s timer decides', { ...SILENT, life: GONE }, 'vrrp'],
    ['nothing was ever said of the group: plain VRRP', { ...SILENT, view: undefined }, 'vrrp'],
    ['adverts silent, the master lives and reaches its LAN: a backup holds', SILENT, 'advert'],
    [
      'the same before the master was ever heard: it holds too',
      { ...SILENT, isMaster: false, before: undefined },
      'advert',
    ],
    [
      'two masters that do not hear each other: the channel decides between them',
      { ...SILENT, role: 'master', isMaster: false },
      'advert',
    ],
    [
      'adverts silent, and the master cannot tell whether it reaches its LAN: VRRP’s timer decides',
      { ...SILENT, view: { ...MASTER, lan: 'unknown' } },
      'vrrp',
    ],
    ...(['heard', 'silent'] as const).flatMap(
      (adverts): [string, Evidence, ReturnType<typeof arbitrate>][] => {
        const differs: Evidence = { ...WELL, adverts, agreement: 'differs', isMaster: false };
        const unknown: GroupView = { ...MASTER, lan: 'unknown' };
        return [
          [
            `configured otherwise, adverts ${adverts}, and the peer says that it is master: believed`,
            { ...differs, view: unknown },
            'advert',
          ],
          [
            `configured otherwise, adverts ${adverts}, two masters: the channel decides between them`,
            { ...differs, role: 'master', view: unknown },
            'advert',
          ],
          [
            `configured otherwise, adverts ${adverts}, the master hands over: its kernel still answers`,
            { ...differs, life: { name: 'goodbye', why: 'handing over' } },
            'advert',
          ],
          [
            `configured otherwise, adverts ${adverts}, the master stops: plain VRRP`,
            { ...differs, life: { name: 'goodbye', why: 'stopping' } },
            'vrrp',
          ],
          [
            `configured otherwise, adverts ${adverts}, a master whose LAN has gone: plain VRRP`,
            { ...differs, view: CUT_OFF },
            'vrrp',
          ],
          [
            `configured otherwise, adverts ${adverts}, the peer is no master: plain VRRP`,
            { ...differs, view: BACKUP },
            'vrrp',
          ],
          [
            `configured otherwise, adverts ${adverts}, the channel is gone: plain VRRP`,
            { ...differs, life: GONE },
            'vrrp',
          ],
        ];
      },
    ),
    [
      'the master says that its LAN has gone: take over',
      { ...SILENT, view: CUT_OFF },
      'resignation',
    ],
    [
      'it says so again: that was done already',
      { ...SILENT, view: CUT_OFF, before: CUT_OFF },
      'vrrp',
    ],
    ['the master says that it has a fault: take over', { ...WELL, view: FAULT }, 'resignation'],
    [
      'a master that resigned is none any more',
      { ...WELL, view: BACKUP, before: { ...MASTER, role: 'resigning' } },
      'resignation',
    ],
    [
      'the same where its last word is the first we hear: VRRP knows better',
      { ...WELL, view: FAULT, before: undefined },
      'vrrp',
    ],
    ['a backup has a fault: nothing', { ...WELL, view: FAULT, before: BACKUP }, 'vrrp'],
    [
      'a fault of a node that is not the master we hear: nothing',
      { ...WELL, view: FAULT, isMaster: false },
      'vrrp',
    ],
    [
      'the master says goodbye: take over',
      { ...WELL, life: { name: 'goodbye', why: 'stopping' } },
      'resignation',
    ],
    [
      'its next daemon takes its place: wait for that',
      { ...WELL, life: { name: 'goodbye', why: 'handing over' } },
      'vrrp',
    ],
    [
      'a backup says goodbye: nothing',
      { ...WELL, view: BACKUP, life: { name: 'goodbye', why: 'stopping' } },
      'vrrp',
    ],
    ['a node that takes no part itself: nothing', { ...SILENT, role: 'fault' }, 'vrrp'],
    [
      'a master that is told of its peer’s fault: nothing',
      { ...WELL, role: 'master', view: FAULT },
      'vrrp',
    ],
  ])('%s', (_why, evidence, expected) => {
    expect(arbitrate(evidence)).toBe(expected);
  });
});
