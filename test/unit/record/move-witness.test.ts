import { describe, expect, it } from 'vitest';
import { instant, millis } from '../../../src/base/time.js';
import type { GroupParams } from '../../../src/core/group-params.js';
import type { GroupFound } from '../../../src/core/group-state.js';
import type { NodeEvent, NodeParams, NodeState } from '../../../src/core/node.js';
import { newNode, nodeDeadline, stepNode } from '../../../src/core/node.js';
import type { GroupView } from '../../../src/core/peer-view.js';
import type { NextRequest } from '../../../src/ports/served-requests.js';
import type { Move } from '../../../src/record/move-witness.js';
import { MoveWitness } from '../../../src/record/move-witness.js';
import { HIGHER, LOWER } from '../core/given.js';
import { arrived, GROUP } from '../core/given-group.js';
import { HandClock } from '../engine/fakes.js';

const FOUND: GroupFound = { links: ['up'], leaseUntil: undefined, leftOver: 'no' };
const STARTED: NodeEvent = { kind: 'started', found: [FOUND] };
const VIEW: GroupView = {
  ...{ group: 'web', role: 'master', priority: 250, interval: millis(1000) },
  ...{ address: HIGHER, lan: 'reachable' },
};
const TRACKING: GroupParams = {
  ...GROUP,
  things: [
    {
      name: 'db',
      thing: { kind: 'script', rise: 1, fall: 2 },
      consequence: { kind: 'fault' },
    },
  ],
};

/** A node of one group, and what its witness tells. */
class Seen {
  readonly clock = new HandClock();
  readonly moves: Move[] = [];
  readonly announced: unknown[] = [];
  readonly served: unknown[] = [];
  /** Of each watch for the first request: how it ends, and whether anybody still waits. */
  readonly watches: { readonly end: (next: NextRequest) => void; readonly gone: AbortSignal }[] =
    [];
  readonly #params: NodeParams;
  #state: NodeState;
  readonly #witness: MoveWitness;

  constructor(group: GroupParams = GROUP, proxy?: NodeParams['proxy'], more: GroupParams[] = []) {
    this.#params = { groups: [group, ...more], proxy };
    this.#state = newNode(this.#params);
    this.#witness = new MoveWitness(
      this.clock,
      {
        moved: (move) => this.moves.push(move),
        announced: (order, phases) => this.announced.push({ order, ...phases }),
        served: (order, phase) => this.served.push({ order, ...phase }),
      },
      { next: (gone) => new Promise((end) => this.watches.push({ end, gone })) },
    );
  }

  happens(event: NodeEvent, after = 0): this {
    this.clock.time = instant(this.clock.time + after);
    const { params, before, at } = {
      params: this.#params,
      before: this.#state,
      at: this.clock.now(),
    };
    const { state, effects } = stepNode(params, before, event, at);
    this.#state = state;
    // Carrying effects out takes a moment.
    this.clock.time = instant(this.clock.time + 0.25);
    this.#witness.saw({ params, before, after: state, event, effects, at });
    return this;
  }

  /** Nothing happens until the node wakes by itself. */
  silence(): this {
    const until = nodeDeadline(this.#params, this.#state);
    return this.happens({ kind: 'alarm' }, until! - this.clock.time);
  }

  hears(priority: number, source = HIGHER, after = 0): this {
    return this.happens({ kind: 'advert', group: 0, ...arrived(priority, source) }, after);
  }

  get last(): Move {
    return this.moves.at(-1)!;
  }
}

const started = (group = GROUP) => new Seen(group).happens(STARTED);
const master = () =>
  started()
    .silence()
    .happens({ kind: 'addresses-held', group: 0 }, 0.5 - 0.25);

describe('a move', () => {
  it('is told with roles, cause and trigger, and how long the role before it lasted', () => {
    const seen = started();
    expect(seen.moves).toHaveLength(1);
    expect(seen.last).toMatchObject({
      ...{ order: 1, group: 'web', from: 'starting', to: 'backup', cause: 'listening first' },
      ...{ trigger: 'started', ended: { lastedMs: 0, announcements: 0 } },
      evidence: { priority: 200, links: [], checks: [], adverts: undefined, heard: undefined },
    });
    expect(seen.last.at).toBe(seen.clock.wallTime());
    expect(seen.last.decidedAt).toBe(100_000);
    expect(seen.silence().last).toMatchObject({ order: 2, ended: { lastedMs: 3219 } });
  });

  it('after a silence: how many adverts did not come, and since when', () => {
    const seen = started().hears(250, HIGHER, 500).silence();
    expect(seen.last).toMatchObject({
      cause: `master ${HIGHER} is silent`,
      trigger: 'alarm',
      evidence: { adverts: { silentForMs: 3218.8, intervalMs: 1000, missed: 3 } },
      phases: { decideMs: 2218.8, claimMs: undefined, announceMs: undefined },
    });
  });

  it('where nobody was ever heard, there is no first sign', () => {
    const seen = started().silence();
    expect(seen.last).toMatchObject({ cause: 'no master heard', phases: { decideMs: undefined } });
    expect(seen.last.evidence.adverts).toMatchObject({ missed: 3 });
  });

  it('after a resignation: since the master said so', () => {
    const seen = started().hears(250).hears(0, HIGHER, 300).silence();
    expect(seen.last.cause).toBe(`master ${HIGHER} resigned`);
    expect(seen.last.phases.decideMs).toBe(218.8);
    expect(seen.last.evidence.adverts?.missed).toBe(0);
  });

  it('a take-over from a lesser master is no silence, and has no first sign', () => {
    const seen = started({ ...GROUP, preempt: 'allowed', failback: PREFERRED }).hears(100, LOWER);
    seen.silence();
    expect(seen.last.cause).toContain('takes over from');
    expect(seen.last.phases.decideMs).toBeUndefined();
  });

  it('because of an advert: whose, decided at once', () => {
    expect(master().hears(250).last).toMatchObject({
      ...{ from: 'master', to: 'backup', trigger: 'advert' },
      evidence: { heard: { source: HIGHER, priority: 250 }, adverts: undefined },
      phases: { decideMs: 0 },
    });
  });

  it('because of a link: which', () => {
    const seen = master().happens({ kind: 'link', group: 0, instance: 0, state: 'down' });
    expect(seen.last).toMatchObject({
      ...{ to: 'fault', trigger: 'link', evidence: { links: ['eth0 down'] } },
      phases: { decideMs: 0 },
    });
  });

  it('because of a check: its output, since the first look that failed', () => {
    const look = (kind: 'well' | 'failing', after: number) =>
      seen.happens(
        {
          ...{ kind: 'sampled', group: 0, index: 0 },
          seen: kind === 'well' ? { kind } : { kind, why: `exit code 1: ${'x'.repeat(500)}` },
        },
        after,
      );
    const seen = new Seen(TRACKING).happens(STARTED);
    look('well', 10);
    look('failing', 1000);
    look('failing', 2000);
    expect(seen.last).toMatchObject({ to: 'fault', trigger: 'sampled' });
    expect(seen.last.phases.decideMs).toBe(2000.3);
    const [check] = seen.last.evidence.checks;
    expect(check).toMatch(/^db fails: exit code 1: x+…$/u);
    expect(check).toHaveLength(240);
    expect(seen.last.cause.length).toBeLessThanOrEqual(240);
  });

  it('because of the proxy: how it is', () => {
    const seen = new Seen(GROUP, {
      run: 'supervised',
      probeEvery: millis(250),
      probeTimeout: millis(1000),
    });
    seen.happens(STARTED).happens({ kind: 'proxy', event: { kind: 'connected', pid: 7 } });
    expect(seen.last.evidence.proxy).toBeUndefined();
    seen.happens({ kind: 'proxy', event: { kind: 'connection-ended' } });
    expect(seen.last).toMatchObject({ to: 'fault', trigger: 'proxy', phases: { decideMs: 0 } });
    expect(seen.last.evidence.proxy).toMatch(/^ending/u);
  });

  it('with a pair channel: the peer’s life, last heartbeat and last word', () => {
    const seen = started().hears(250);
    seen.happens({ kind: 'peer-heartbeat', interval: millis(100), age: millis(0), views: [VIEW] });
    // It is late, and the link is asked five times.
    seen.silence().silence().silence().silence().silence().silence();
    expect(seen.last.to).toBe('master');
    expect(seen.last.evidence).toMatchObject({
      heartbeat: { life: 'late', agoMs: 300 },
      peerSaid: { role: 'master', priority: 250, lan: 'reachable' },
    });
  });

  it('a goodbye is named with its reason', () => {
    const seen = started().hears(250);
    const heartbeat = {
      kind: 'peer-heartbeat',
      interval: millis(100),
      age: millis(0),
      views: [VIEW],
    } as const;
    seen.happens(heartbeat).happens({ kind: 'peer-goodbye', why: 'stopping' }, 50).silence();
    expect(seen.last.evidence.heartbeat?.life).toBe('goodbye: stopping');
    expect(seen.last.phases.decideMs).toBe(218.8);
  });

  it('of a resigning master that nobody replaces has no first sign', () => {
    const seen = master().happens({ kind: 'switchover', group: 0 });
    expect(seen.last).toMatchObject({ to: 'resigning', trigger: 'switchover' });
    expect(seen.last.phases.decideMs).toBe(0);
    while (seen.last.to === 'resigning') {
      seen.silence();
    }
    expect(seen.last).toMatchObject({ from: 'resigning', phases: { decideMs: undefined } });
  });
});

const PREFERRED = { kind: 'after', stableFor: millis(0) } as const;

describe('a move to master', () => {
  it('is followed by how long the kernel and the first announcement took', () => {
    const seen = master();
    expect(seen.announced).toEqual([{ order: 2, claimMs: 0.5, announceMs: 0.3 }]);
  });

  it('that the kernel refuses was never announced', () => {
    const seen = started().silence();
    seen.happens({ kind: 'address-refused', group: 0, detail: 'no' });
    expect(seen.announced).toEqual([]);
    expect(seen.last).toMatchObject({ from: 'master', to: 'fault' });
  });

  it('its end tells how many announcements were made in between', () => {
    const seen = master();
    for (let alarms = 0; alarms < 12; alarms += 1) {
      seen.silence();
    }
    seen.hears(250);
    expect(seen.announced).toHaveLength(1);
    expect(seen.last.ended.announcements).toBeGreaterThan(1);
    expect(seen.last.ended.lastedMs).toBeGreaterThan(5000);
  });
});

describe('the first request that the proxy serves', () => {
  const HELD: NodeEvent = { kind: 'addresses-held', group: 0 };
  const turn = (): Promise<void> => new Promise(setImmediate);

  it('counts from the first announcement', async () => {
    const seen = started().silence().happens(HELD, 2);
    const announcedAt = seen.clock.time;
    seen.watches[0]?.end({ kind: 'served', at: instant(announcedAt + 31.26) });
    await turn();
    expect(seen.served).toEqual([{ order: seen.last.order, kind: 'served', afterMs: 31.3 }]);
  });

  it('may have been quicker than the announcement', async () => {
    const seen = started().silence();
    seen.watches[0]?.end({ kind: 'served', at: seen.clock.time });
    await turn();
    expect(seen.served).toEqual([]);
    seen.happens(HELD, 2);
    await turn();
    expect(seen.served).toMatchObject([{ kind: 'served', afterMs: 0 }]);
  });

  it('may be none', async () => {
    const seen = started().silence().happens(HELD);
    seen.watches[0]?.end({ kind: 'none', within: millis(10_000) });
    await turn();
    expect(seen.served).toMatchObject([{ kind: 'none', withinMs: 10_000 }]);
  });

  it('is of no interest any more when the node is no longer master', () => {
    const seen = started().silence().happens(HELD);
    expect(seen.watches.map(({ gone }) => gone.aborted)).toEqual([false]);
    seen.hears(254);
    expect(seen.watches.map(({ gone }) => gone.aborted)).toEqual([true]);
  });

  it('is not looked for where another group has been served here before', () => {
    const mail = { ...GROUP, group: 'mail' };
    const node = new Seen(GROUP, undefined, [mail]).happens({
      kind: 'started',
      found: [FOUND, FOUND],
    });
    node.happens({ kind: 'advert', group: 1, ...arrived(250, HIGHER) }, 500);
    node.silence();
    expect(node.watches).toHaveLength(1);
    node.silence();
    while (node.moves.every(({ group, to }) => group !== 'mail' || to !== 'master')) {
      node.silence();
    }
    expect(node.watches).toHaveLength(1);
  });
});
