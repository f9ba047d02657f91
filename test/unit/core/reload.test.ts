import { describe, expect, it } from 'vitest';
import { instant, millis } from '../../../src/base/time.js';
import type { GroupParams } from '../../../src/core/group-params.js';
import type { GroupState } from '../../../src/core/group-state.js';
import { unstarted } from '../../../src/core/group-state.js';
import type { NodeParams, NodeState } from '../../../src/core/node.js';
import { newNode } from '../../../src/core/node.js';
import { carryOver, reconfiguredGroups } from '../../../src/core/reload.js';
import type { TrackedThing } from '../../../src/core/tracking.js';
import { PLAN } from '../engine/fakes.js';

const weight = (name: string, by: number): TrackedThing => ({
  name,
  thing: { kind: 'script', rise: 1, fall: 1 },
  consequence: { kind: 'weight', weight: by },
});
const FAILING = { verdict: { kind: 'failing', why: 'no' }, doubt: undefined } as const;
const WELL = { verdict: { kind: 'well' }, doubt: undefined } as const;

const params = (over: Partial<GroupParams> = {}): NodeParams => ({
  groups: [
    { ...PLAN.vrrp, group: 'mail' },
    { ...PLAN.vrrp, ...over },
  ],
  proxy: undefined,
});

function state(before: NodeParams, over: Partial<GroupState> = {}): NodeState {
  const node = newNode(before);
  return { ...node, groups: node.groups.with(1, { ...unstarted(PLAN.vrrp), ...over }) };
}

it('what both nodes must change at the same moment is told by group', () => {
  expect(reconfiguredGroups(params(), params({ startHold: millis(9) }))).toEqual([]);
  expect(reconfiguredGroups(params(), params({ agreement: 'other' }))).toEqual([1]);
});

describe('a group that gets other parameters', () => {
  it('is untouched where they say the same', () => {
    const before = params();
    const node = state(before);
    expect(carryOver(before, params(), node)).toBe(node);
  });

  it('leaves the others as they are', () => {
    const before = params();
    const node = state(before);
    const after = carryOver(before, params({ startHold: millis(5000) }), node);
    expect(after.groups[0]).toBe(node.groups[0]);
    expect(after.groups[1]).toEqual(node.groups[1]);
  });

  it('knows of what it tracked before what it knew, and of what is new nothing', () => {
    const before = params({ things: [weight('a', -10), weight('b', -20)] });
    const node = state(before, { trackers: [FAILING, WELL], priority: 190 });
    const after = carryOver(
      before,
      params({ things: [weight('c', -5), weight('b', -20), weight('a', -10)] }),
      node,
    );
    expect(after.groups[1]).toMatchObject({
      trackers: [{ verdict: { kind: 'unknown' } }, WELL, FAILING],
      priority: 190,
    });
  });

  it('has the priority that follows from what it tracks now', () => {
    const before = params({ things: [weight('a', -10)] });
    const node = state(before, { trackers: [FAILING], priority: 190 });
    expect(carryOver(before, params(), node).groups[1]).toMatchObject({
      trackers: [],
      priority: 200,
    });
  });

  it.each<[GroupState['failback'], GroupState['failback']]>([
    [{ kind: 'outranks', since: instant(7) }, { kind: 'none' }],
    [{ kind: 'given-away' }, { kind: 'given-away' }],
    [{ kind: 'asked' }, { kind: 'asked' }],
  ])('counts %j anew by another policy as %j', (failback, expected) => {
    const before = params();
    const node = state(before, { failback });
    const after = params({ failback: { kind: 'after', stableFor: millis(1000) } });
    expect(carryOver(before, after, node).groups[1]?.failback).toEqual(expected);
    const held = params({ startHold: millis(9) });
    expect(carryOver(before, held, node).groups[1]?.failback).toEqual(failback);
  });
});
