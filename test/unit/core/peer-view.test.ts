import { describe, expect, it } from 'vitest';
import { lanReach, sameViews, viewOf } from '../../../src/core/peer-view.js';
import type { Verdict } from '../../../src/core/tracking.js';
import { at, master, OWN } from './given.js';
import { GROUP, group } from './given-group.js';

it('a node says while it has not the stick tables of the other, and nothing of it afterwards', () => {
  const awaited = { kind: 'awaited', until: at(60_000) } as const;
  expect(viewOf(GROUP, group({ tables: awaited }))?.tables).toBe('awaited');
  expect(viewOf(GROUP, group({ tables: { kind: 'given-up' } }))?.tables).toBeUndefined();
  expect(viewOf(GROUP, group())?.tables).toBeUndefined();
});

describe('what a node says of its LAN', () => {
  const asks = (verdict: Verdict) =>
    [
      {
        ...GROUP,
        things: [
          {
            name: 'gateway',
            thing: { kind: 'neighbours', rise: 1, fall: 1 },
            consequence: { kind: 'fault' },
          },
        ],
      },
      { trackers: [{ verdict, doubt: undefined }] },
    ] as const;

  it.each<[string, Verdict, ReturnType<typeof lanReach>]>([
    ['a neighbour answers', { kind: 'well' }, 'reachable'],
    ['none does', { kind: 'failing', why: 'no answer' }, 'unreachable'],
    ['not yet known', { kind: 'unknown' }, 'unknown'],
  ])('%s', (_why, verdict, expected) => {
    const [params, changes] = asks(verdict);
    expect(lanReach(params, group(changes, params))).toBe(expected);
  });

  it('nobody is configured to be asked: it does not guess', () => {
    expect(lanReach(GROUP, group())).toBe('unknown');
  });

  it('what else is tracked says nothing of the LAN', () => {
    const thing = { kind: 'file' } as const;
    const params = {
      ...GROUP,
      things: [{ name: 'load', thing, consequence: { kind: 'fault' } as const }],
    };
    const trackers = [{ verdict: { kind: 'failing', why: '1' } as const, doubt: undefined }];
    expect(lanReach(params, group({ trackers }, params))).toBe('unknown');
  });

  it('its link is down', () => {
    expect(lanReach(GROUP, group({ links: ['down'] }))).toBe('unreachable');
  });

  it('and of itself', () => {
    expect(viewOf(GROUP, group({ vrrp: master() }))).toEqual({
      group: GROUP.group,
      role: 'master',
      priority: GROUP.priority,
      interval: GROUP.interval,
      address: OWN,
      lan: 'unknown',
      health: 100,
      full: 200,
      able: true,
      keeps: undefined,
      agreement: 'alike',
    });
    expect(viewOf({ ...GROUP, instances: [] }, group())).toBeUndefined();
  });
});

describe('what a node says is not said again', () => {
  const view = viewOf(GROUP, group());
  const views = view === undefined ? [] : [view];

  it('where every field of every group is the same', () => {
    expect(sameViews(views, structuredClone(views))).toBe(true);
  });

  it.each([
    ['a field is another', views.map((each) => ({ ...each, priority: 1 }))],
    ['a field has come', views.map((each) => ({ ...each, later: 1 }))],
    ['a group is gone', []],
    ['a group is new', [...views, ...views]],
  ])('unless %s', (_why, others) => {
    expect(sameViews(views, others)).toBe(false);
  });
});
