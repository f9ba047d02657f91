import { describe, expect, it } from 'vitest';
import type { ApiFailure } from '../../../src/api/client.js';
import type { Result } from '../../../src/base/result.js';
import { fail, ok } from '../../../src/base/result.js';
import { later, millis } from '../../../src/base/time.js';
import type { WaitAsked, WaitOutcome } from '../../../src/cli/server-wait.js';
import { readWait, waitForServer, waitText } from '../../../src/cli/server-wait.js';
import type { IntentRow, NodeLoads, ServersReport } from '../../../src/telemetry/servers.js';
import { HandClock, settled } from '../engine/fakes.js';

it.each([
  ['', 300],
  ['20', 20],
  ['86400', 86_400],
  ['86401', undefined],
  ['0', undefined],
  ['1.5', undefined],
  ['web/web1', undefined],
])('--wait %j is %s seconds', (typed, seconds) => {
  expect(readWait(typed)).toBe(seconds);
});

it.each([
  ['done', 'web/a: drained after 2 s: lb1 does not have it, lb2 not known; lb2: away'],
  ['not done', 'web/a: not drained within 2 s, and still wanted so: lb1 does'],
  ['interrupted', 'web/a: not waited for any longer, and still wanted so: lb1 does'],
  ['in the way', 'web/a: not drained, and not waited for: haproxy.cfg of this node has it'],
] as const)('says what became of it: %s', (outcome, text) => {
  const nodes = [
    { node: 'lb1', server: 'none' },
    { node: 'lb2', server: 'not known' },
  ] as const;
  const waited = { outcome, goal: 'drained', seconds: 2, nodes, problems: ['lb2: away'] } as const;
  expect(waitText('web/a', waited)).toContain(text);
});

/** What one node says of the server; undefined: it has none. */
function loads(node: string, status?: string, sessions = 0): NodeLoads {
  const failed = { checks: 0, connects: 0, answers: 0 };
  const server = {
    name: 'web/a',
    status: status ?? '',
    check: undefined,
    sessions,
    queue: 0,
    failed,
  };
  return { node, problem: undefined, servers: status === undefined ? [] : [server] };
}

function away(node: string): NodeLoads {
  return { node, problem: 'it does not answer', servers: [] };
}

interface Round {
  readonly loads: readonly NodeLoads[];
  readonly existence?: IntentRow['here'];
}

/** One round a second; the last of them goes on for ever. */
class Rounds {
  readonly clock = new HandClock();
  readonly said: string[] = [];
  readonly interruption = new AbortController();
  asked = 0;
  readonly #rounds: readonly (Round | 'refused' | 'silent')[];

  constructor(...rounds: readonly (Round | 'refused' | 'silent')[]) {
    this.#rounds = rounds;
  }

  async waited(asked: Partial<WaitAsked>): Promise<WaitOutcome> {
    const waiting = { outcome: undefined as WaitOutcome | undefined };
    const whole = { socket: '/s', server: 'web/a', goal: 'drained', seconds: 4, ...asked } as const;
    void waitForServer(whole, {
      clock: this.clock,
      signal: this.interruption.signal,
      ask: (socket, server) => Promise.resolve(this.#answer(socket, server)),
      say: (text) => this.said.push(text),
    }).then((outcome) => (waiting.outcome = outcome));
    for (let times = 0; times < 100; times += 1) {
      for (let turns = 0; turns < 5; turns += 1) {
        await settled();
      }
      if (waiting.outcome !== undefined) {
        return waiting.outcome;
      }
      this.clock.ringNext();
    }
    throw new Error('it waits for ever');
  }

  #answer(socket: string, server: string | undefined): Result<ServersReport, ApiFailure> {
    expect([socket, server]).toEqual(['/s', 'web/a']);
    const round = this.#rounds[this.asked] ?? this.#rounds.at(-1);
    this.asked += 1;
    if (round === 'silent') {
      return fail({ code: 'no-daemon', detail: 'nobody listens' });
    }
    return round === 'refused' || round === undefined
      ? fail({ code: 'refused', refusal: { code: 'no-proxy', detail: 'no proxy' } })
      : ok(reportOf(round));
  }
}

function reportOf({ loads: each, existence }: Round): ServersReport {
  const row = { value: 'remove', node: 'lb1', at: 0, here: existence, refused: undefined };
  return {
    ...{ node: 'lb1', kept: 'on disk', problem: undefined, loads: each },
    servers: existence === undefined ? [] : [{ name: 'web/a', existence: row }],
  } as unknown as ServersReport;
}

describe('waiting for a server', () => {
  it('asks once a second, on both nodes, and says how far it is', async () => {
    const busy = { loads: [loads('lb1', 'DRAIN', 3), loads('lb2', 'UP', 1)] };
    const half = { loads: [loads('lb1', 'DRAIN'), loads('lb2', 'DRAIN', 1)] };
    const idle = { loads: [loads('lb1', 'DRAIN'), loads('lb2', 'DRAIN')] };
    const rounds = new Rounds(busy, half, idle);
    expect(await rounds.waited({})).toMatchObject({ outcome: 'done', seconds: 2, problems: [] });
    expect(rounds.said).toEqual([
      'web/a: lb1 DRAIN with 3 sessions, lb2 UP with 1 sessions (0 s of 4 s)',
      'web/a: lb1 DRAIN with 0 sessions, lb2 DRAIN with 1 sessions (1 s of 4 s)',
    ]);
  });

  it('is over at once where it is so already', async () => {
    const rounds = new Rounds({ loads: [loads('lb1')] });
    expect(await rounds.waited({ goal: 'gone' })).toMatchObject({ outcome: 'done', seconds: 0 });
    expect(rounds.said).toEqual([]);
  });

  it('ends after its time, with what was known last', async () => {
    const rounds = new Rounds({ loads: [loads('lb1', 'DRAIN', 1)] });
    const outcome = await rounds.waited({});
    expect(outcome).toMatchObject({ outcome: 'not done', seconds: 4 });
    expect(outcome.nodes).toMatchObject([{ node: 'lb1', server: { sessions: 1 } }]);
    expect(rounds.asked).toBe(5);
  });

  it('asks a daemon again that is started anew, or has no HAProxy for the moment', async () => {
    const rounds = new Rounds('silent', 'refused', { loads: [loads('lb1', 'MAINT')] });
    expect(await rounds.waited({ goal: 'in maintenance' })).toMatchObject({ outcome: 'done' });
    const never = await new Rounds('silent').waited({ seconds: 2 });
    expect(never).toMatchObject({
      outcome: 'not done',
      nodes: [{ node: 'this node', server: 'not known' }],
      problems: ['nobody listens'],
    });
    expect(await new Rounds('refused').waited({ seconds: 1 })).toMatchObject({
      problems: ['no proxy'],
    });
  });

  it('waits a while for a node that is away, and goes by this one after that', async () => {
    const rounds = new Rounds({ loads: [loads('lb1', 'DRAIN'), away('lb2')] });
    const outcome = await rounds.waited({ seconds: 20 });
    expect(outcome).toMatchObject({ outcome: 'done', seconds: 4 });
    expect(outcome.problems).toEqual(['lb2: it does not answer']);
  });

  it.each(['at once', 'during the wait'] as const)(
    'ends %s where somebody has enough',
    async (when) => {
      const rounds = new Rounds({ loads: [loads('lb1', 'DRAIN', 1)] });
      if (when === 'at once') {
        rounds.interruption.abort();
      } else {
        const { clock } = rounds;
        clock.alarm(later(clock.now(), millis(500)), () => {
          rounds.interruption.abort();
        });
      }
      expect(await rounds.waited({})).toMatchObject({ outcome: 'interrupted', seconds: 0 });
      expect(rounds.asked).toBe(when === 'at once' ? 1 : 2);
      expect(rounds.clock.pending()).toEqual([]);
    },
  );

  it('says at once that a server of haproxy.cfg will not go, and only then', async () => {
    const has = {
      loads: [loads('lb1', 'UP'), loads('lb2', 'UP')],
      existence: 'superseded',
    } as const;
    const rounds = new Rounds(has);
    expect(await rounds.waited({ goal: 'gone' })).toMatchObject({
      outcome: 'in the way',
      seconds: 0,
    });
    expect(rounds.asked).toBe(1);
    const later = new Rounds({ ...has, existence: 'differs' }, has);
    expect(await later.waited({ goal: 'gone' })).toMatchObject({
      outcome: 'in the way',
      seconds: 1,
    });
    expect(await new Rounds(has).waited({ goal: 'up' })).toMatchObject({ outcome: 'done' });
    const gone = { ...has, loads: [loads('lb1'), loads('lb2')] };
    expect(await new Rounds(gone).waited({ goal: 'gone' })).toMatchObject({ outcome: 'done' });
  });
});
