import { describe, expect, it } from 'vitest';
import type { Instant } from '../../../src/base/time.js';
import { instant, later, millis } from '../../../src/base/time.js';
import { BrokenAssumption } from '../../../src/base/unreachable.js';
import type { ChangeWord } from '../../../src/core/group-change.js';
import {
  heardInChange,
  isSwitching,
  lookFirst,
  reconfigured,
  wordOfChange,
} from '../../../src/core/group-change.js';
import type { GroupState } from '../../../src/core/group-state.js';
import { alarmed, heard } from '../../../src/core/group.js';
import type { NodeEvent } from '../../../src/core/node.js';
import { stepNode } from '../../../src/core/node.js';
import { at, backup, master, NOW } from './given.js';
import { arrived, group, GROUP, INITIALIZE, NO_WORD, PROBING } from './given-group.js';
import { BARE, node } from './given-node.js';

const after = (state: GroupState, word: ChangeWord): GroupState =>
  wordOfChange([state], word)[0] ?? state;
const expectChange = (state: GroupState): GroupState => after(state, { kind: 'expected' });
const relaxChange = (state: GroupState): GroupState => after(state, { kind: 'relaxed' });
const doubtChange = (state: GroupState, until: Instant): GroupState =>
  after(state, { kind: 'doubted', until });

describe('a group whose configuration changes on both nodes', () => {
  it('goes on as the owner: says so at once, and holds what it has now', () => {
    const before = group({ vrrp: master() });
    const { state, effects } = reconfigured(PROBING, before, NOW);
    expect(effects.map(({ kind }) => kind)).toEqual(['hold', 'send-advert']);
    expect(effects[0]).toMatchObject({ confirm: 'wanted' });
    expect(state).toMatchObject({
      vrrp: { name: 'master', lastAdvertAt: NOW, announcements: undefined },
      firstClaim: undefined,
      change: { phase: 'settling' },
    });
  });

  it('joins anew as a backup: listens, and asks who has the addresses', () => {
    const { state, effects } = reconfigured(PROBING, group({ quietSince: instant(7) }), NOW);
    expect(effects).toEqual([{ kind: 'probe' }]);
    expect(state).toMatchObject({
      vrrp: { name: 'backup', master: undefined },
      firstClaim: { probedAt: NOW },
      quietSince: NOW,
    });
  });

  it('asks nobody where the operator wants nobody asked', () => {
    const { state, effects } = reconfigured(GROUP, group(), NOW);
    expect([effects, state.firstClaim]).toEqual([[], undefined]);
  });

  it('lets go where its lease has ended meanwhile', () => {
    const before = group({ vrrp: master({ leaseUntil: instant(NOW - 1) }) });
    const { state, effects } = reconfigured(PROBING, before, NOW);
    expect(state.vrrp.name).toBe('backup');
    expect(effects.map(({ kind }) => kind)).toEqual(['release', 'tell', 'tell', 'probe']);
  });

  it('listens for as long as the owner’s lease may run by what it was', () => {
    const follows = backup({ masterInterval: millis(1000) });
    const quick = { ...GROUP, interval: millis(100) };
    expect(reconfigured(quick, group({ vrrp: follows }), NOW).state.vrrp).toMatchObject({
      masterInterval: 1000,
    });
  });

  it('doubts still what an earlier attempt left open, where a later one comes to nothing', () => {
    const doubting = doubtChange(group(), at(5));
    expect(relaxChange(doubting).change).toEqual({ phase: 'doubted', until: at(5) });
    expect(relaxChange(expectChange(group())).change).toBeUndefined();
  });

  it('takes no part where it took none', () => {
    const { state, effects } = reconfigured(PROBING, group({ vrrp: INITIALIZE }), NOW);
    expect([state.vrrp.name, effects]).toEqual(['initialize', []]);
  });
});

describe('a backup whose timer runs out while the other node may switch', () => {
  const due = backup({ masterDownAt: NOW });

  it.each([
    ['may switch', expectChange(group({ vrrp: due }, PROBING))],
    ['may have switched', doubtChange(group({ vrrp: due }, PROBING), NOW)],
  ])('listens once more, and asks, where it %s', (_what, before) => {
    const { state, effects } = alarmed(PROBING, before, NO_WORD, NOW);
    expect(state.vrrp.name).toBe('backup');
    expect(effects).toEqual([{ kind: 'probe' }]);
    // And then takes over from nobody.
    const again = alarmed(PROBING, state, NO_WORD, later(NOW, millis(10_000)));
    expect(again.state.vrrp.name).toBe('backup');
  });

  it.each([
    ['none is under way', group({ vrrp: due }, PROBING), PROBING],
    ['it does not any more', relaxChange(expectChange(group({ vrrp: due }))), PROBING],
    ['nobody is to be asked', expectChange(group({ vrrp: due })), GROUP],
  ])('takes over where %s', (_what, before, params) => {
    expect(lookFirst(params, before, NOW)).toBeUndefined();
    expect(alarmed(params, before, NO_WORD, NOW).state.vrrp.name).toBe('master');
  });

  it('has asked already', () => {
    const asked = lookFirst(PROBING, expectChange(group({ vrrp: due })), NOW);
    expect(asked && lookFirst(PROBING, asked.state, NOW)).toBeUndefined();
  });
});

describe('an advert', () => {
  const until = later(NOW, millis(100));
  const doubtful = doubtChange(group(), until);

  it('proves that the other node is the same, once it must have switched', () => {
    expect(heardInChange(doubtful, NOW)).toBe(doubtful);
    expect(heardInChange(doubtful, until).change).toBeUndefined();
    expect(heard(GROUP, doubtful, arrived(250), until).state.change).toBeUndefined();
  });

  it('proves nothing while it may switch', () => {
    const expecting = expectChange(group());
    expect(heardInChange(expecting, until)).toBe(expecting);
  });
});

it.each([
  [undefined, 'no'],
  [{ phase: 'expected' }, 'yes'],
  [{ phase: 'doubted', until: later(NOW, millis(1)) }, 'no'],
  [{ phase: 'settling', until: later(NOW, millis(1)) }, 'yes'],
  [{ phase: 'settling', until: NOW }, 'no'],
] as const)('with %j a difference is to be expected: %s', (change, expected) => {
  expect(isSwitching({ change }, NOW) ? 'yes' : 'no').toBe(expected);
});

describe('a whole node', () => {
  const step = (event: NodeEvent, before = node(backup({ masterDownAt: at(1000) }))) =>
    stepNode(BARE, before, event, NOW);

  it('is cautious in every group, or none', () => {
    const expecting = step({ kind: 'change', word: { kind: 'expected' } }).state;
    expect(expecting.groups.map(({ change }) => change?.phase)).toEqual(['expected', 'expected']);
    const doubtful = step(
      { kind: 'change', word: { kind: 'doubted', until: at(5) } },
      expecting,
    ).state;
    expect(doubtful.groups.map(({ change }) => change)).toEqual([
      { phase: 'doubted', until: at(5) },
      { phase: 'doubted', until: at(5) },
    ]);
    const calm = step({ kind: 'change', word: { kind: 'relaxed' } }, expecting).state;
    expect(calm.groups.map(({ change }) => change)).toEqual([undefined, undefined]);
  });

  it('changes one of its groups', () => {
    const next = step({ kind: 'reconfigured', group: 0 }).state;
    expect(next.groups.map(({ change }) => change?.phase)).toEqual(['settling', undefined]);
  });
});

it('a word that no type allows breaks an assumption', () => {
  const odd = { kind: 'odd' } as unknown as ChangeWord;
  expect(() => wordOfChange([], odd)).toThrow(BrokenAssumption);
});
