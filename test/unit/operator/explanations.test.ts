import { describe, expect, it } from 'vitest';
import type { Ip } from '../../../src/base/ip.js';
import { fail, ok } from '../../../src/base/result.js';
import { instant, millis } from '../../../src/base/time.js';
import type { GroupState } from '../../../src/core/group-state.js';
import { unstarted } from '../../../src/core/group-state.js';
import type { NodeParams, NodeState } from '../../../src/core/node.js';
import { NO_ORDERS } from '../../../src/core/orders.js';
import { NO_PEER } from '../../../src/core/node-peer.js';
import type { GroupView } from '../../../src/core/peer-view.js';
import type { TrackedThing } from '../../../src/core/tracking.js';
import { Explanations } from '../../../src/operator/explanations.js';
import type { Peer } from '../../../src/operator/ports.js';
import { HandClock, PEER, PLAN, settled, VIPS } from '../engine/fakes.js';

const NOW = instant(100_000);
const THINGS: readonly TrackedThing[] = [
  {
    name: 'db',
    thing: { kind: 'script', rise: 1, fall: 3 },
    consequence: { kind: 'fault' },
  },
  {
    name: 'eth2',
    thing: { kind: 'interface', debounce: millis(500) },
    consequence: { kind: 'weight', weight: -20 },
  },
];
const PARAMS: NodeParams = { groups: [{ ...PLAN.vrrp, things: THINGS }], proxy: undefined };
const VIEW: GroupView = {
  group: 'web',
  role: 'backup',
  priority: 199,
  interval: millis(1000),
  address: PEER,
  lan: 'unknown',
  health: 100,
};
const MASTER: GroupState = {
  ...unstarted(PARAMS.groups[0]!),
  trackers: THINGS.map(() => ({ verdict: { kind: 'well' }, doubt: undefined })),
  links: ['up'],
  fault: undefined,
  joined: 'before',
  vrrp: {
    name: 'master',
    nextAdvertAt: instant(100_400),
    lastAdvertAt: instant(99_400),
    leaseUntil: instant(102_345),
    announcements: undefined,
    contest: undefined,
  },
};

function stateWith(view: GroupView | undefined): NodeState {
  return {
    phase: 'running',
    peer: {
      ...NO_PEER,
      life: { name: 'fresh', interval: millis(100), lateAt: instant(100_200) },
      views: new Map(view === undefined ? [] : [['web', view]]),
    },
    groups: [MASTER],
    proxy: { name: 'none' },
  };
}

const NOTHING: Peer = {
  name: 'lb2',
  ask: () => Promise.resolve(ok('{"predictions":[],"missing":[]}')),
};

/** lb1 is master, and lb2 says what `view` says. */
function given(view: GroupView | undefined, peer: Peer | undefined = NOTHING) {
  const clock = new HandClock();
  clock.time = NOW;
  const state = stateWith(view);
  const mind = { params: () => PARAMS, addresses: () => [VIPS], state: () => state };
  const all = new Explanations({ node: 'lb1', names: ['lb1', 'lb2'] }, { clock, mind, peer });
  return { all, clock };
}

/** Rings until it is worked out. */
async function workedOut<T>(clock: HandClock, answer: Promise<T>): Promise<T> {
  const found: T[] = [];
  void answer.then((each) => found.push(each));
  for (let rings = 0; rings < 10_000 && found.length === 0; rings += 1) {
    await settled();
    if (clock.pending().length > 0) {
      clock.ringNext();
    }
  }
  return answer;
}

async function outcomes(view: GroupView) {
  const { all, clock } = given(view);
  const { predictions } = await workedOut(clock, all.explain());
  return predictions.map(({ hypothesis: { kind, node, name }, groups: [group] }) =>
    [kind, node, name, `${group?.before.join() ?? ''} > ${group?.after.join() ?? ''}`]
      .filter((each) => each !== undefined)
      .join(' '),
  );
}

describe('what a master predicts', () => {
  it.each<[string, GroupView, readonly string[]]>([
    [
      'of a fit peer',
      VIEW,
      [
        'power lb2 lb1 > lb1',
        'link lb1 eth0 lb1 > lb2',
        'channel lb1 lb1 > lb1',
        'check lb1 db lb1 > lb2',
        'check lb1 eth2 lb1 > lb2',
      ],
    ],
    [
      'of a peer in fault: a link that is down helps nobody, a check that fails moves nothing',
      { ...VIEW, role: 'fault', health: 0 },
      [
        'power lb2 lb1 > lb1',
        'link lb1 eth0 lb1 > ',
        'channel lb1 lb1 > lb1',
        'check lb1 db lb1 > lb1',
        'check lb1 eth2 lb1 > lb1',
      ],
    ],
    [
      'of a peer that is master as well, and greater',
      { ...VIEW, role: 'master', priority: 250 },
      [
        'power lb2 lb1,lb2 > lb1',
        'link lb1 eth0 lb1,lb2 > lb2',
        'channel lb1 lb1,lb2 > lb2',
        'check lb1 db lb1,lb2 > lb2',
        'check lb1 eth2 lb1,lb2 > lb2',
      ],
    ],
  ])('%s', async (_what, view, expected) => {
    expect(await outcomes(view)).toEqual(expected);
  });

  it('with each step, who takes it, and why', async () => {
    const { all, clock } = given(VIEW);
    const { predictions, assumed } = await workedOut(clock, all.explain());
    const check = predictions.find(({ hypothesis }) => hypothesis.name === 'db');
    expect(check).toMatchObject({
      end: 'settled',
      groups: [{ why: expect.stringMatching(/^lb2: master .* resigned/u) as string }],
    });
    expect(check?.steps.map(({ node }) => node)).toEqual(['lb1', 'lb2']);
    expect(check?.steps[0]?.says).toContain('as imagined');
    expect(assumed.length).toBeGreaterThan(2);
    expect(check?.groups[0]?.afterMs).toBeGreaterThan(0);
  });
});

it('a node that has said nothing cannot be imagined', async () => {
  const { all, clock } = given(undefined);
  const { predictions, missing } = await workedOut(clock, all.explain());
  expect(predictions).toEqual([]);
  expect(missing).toEqual(['lb2 has said nothing to lb1, so nothing is known of what it would do']);
});

it.each<[string, Peer | undefined, string | undefined]>([
  ['without a channel nobody is asked', undefined, undefined],
  [
    'silence is said',
    { name: 'lb2', ask: () => Promise.resolve(fail({ code: 'no-answer', detail: 'no answer' })) },
    'what lb2 would decide is not known: no answer',
  ],
  [
    'nonsense is said',
    { name: 'lb2', ask: () => Promise.resolve(ok('7')) },
    'what lb2 would decide is not known: its answer makes no sense',
  ],
])('%s', async (_what, peer, missed) => {
  const clock = new HandClock();
  clock.time = NOW;
  const state = stateWith(VIEW);
  const mind = {
    params: () => PARAMS,
    addresses: () => [VIPS as readonly Ip[]],
    state: () => state,
  };
  const all = new Explanations({ node: 'lb1', names: ['lb1', 'lb2'] }, { clock, mind, peer });
  const { missing } = await workedOut(clock, all.explain());
  expect(missing.map((each) => missed !== undefined && each.startsWith(missed))).toEqual(
    missed === undefined ? [] : [true],
  );
});

it('answers the other node with what is its own, and works it out once for all who ask', async () => {
  const { all, clock } = given(VIEW);
  const { explain } = all.answers();
  const [first, second] = await workedOut(clock, Promise.all([explain?.('{}'), explain?.('{}')]));
  expect(first).toEqual(second);
  const text = first?.ok === true ? first.value : '';
  expect(text).toContain('"power"');
  expect(text).not.toContain('"channel"');
});

it('goes by what operators have ordered, and says so', async () => {
  const orders = { ...NO_ORDERS, pause: { state: 'on', by: 'lb1', at: 0 } } as const;
  const state = { ...stateWith(VIEW), groups: [{ ...MASTER, orders }] };
  const clock = new HandClock();
  clock.time = NOW;
  const mind = { params: () => PARAMS, addresses: () => [VIPS], state: () => state };
  const ports = { clock, mind, peer: NOTHING };
  const all = new Explanations({ node: 'lb1', names: ['lb1', 'lb2'] }, ports);
  const { predictions, assumed } = await workedOut(clock, all.explain());
  expect(assumed[0]).toBe('automatic moves are paused since 1970-01-01 00:00:00 by lb1');
  const checks = predictions.filter(({ hypothesis: { kind } }) => kind === 'check');
  expect(checks.map(({ groups: [group] }) => group?.after)).toEqual([['lb1'], ['lb1']]);
});
