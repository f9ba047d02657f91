import { describe, expect, it } from 'vitest';
import type { Register } from '../../../src/core/registers.js';
import { merge, NO_REGISTERS } from '../../../src/core/registers.js';
import type { Look, ProcessOrigin, Watched } from '../../../src/core/server-intents.js';
import { agreement, answered, commandText, lookAt } from '../../../src/core/server-intents.js';
import type { ServerState } from '../../../src/wire/haproxy/servers-state.js';

const WEB1: ServerState = {
  name: 'web/web1',
  ...{ id: 1, checks: 'none' },
  ...{ operational: 'running', forced: 'ready', configured: 'enabled', inherited: 'nothing' },
  ...{ weight: 10, configuredWeight: 10, agent: 'none' },
};
const OFF: Partial<ServerState> = { configured: 'disabled', forced: 'maint' };

function intent(key: string, value: string, counter: number): Register {
  return { key: `server/web/web1/${key}`, value, stamp: { counter, node: 'lb1' }, at: 0 };
}
const registers = (...all: readonly Register[]) => merge(NO_REGISTERS, all).registers;

/** What was said to the proxy, and what was learned from it. */
const said = ({ commands }: Look) => commands.map(commandText);
const learned = ({ wishes }: Look) => wishes.map(({ aspect, value }) => `${aspect} ${value}`);

function first(
  origin: ProcessOrigin,
  server: Partial<ServerState>,
  ...intents: readonly Register[]
): Look {
  return lookAt({ origin, watched: undefined }, [{ ...WEB1, ...server }], registers(...intents));
}

function next(
  watched: Watched,
  server: Partial<ServerState>,
  ...intents: readonly Register[]
): Look {
  return lookAt({ origin: 'started', watched }, [{ ...WEB1, ...server }], registers(...intents));
}

describe('the first look at a process', () => {
  it.each<[string, ProcessOrigin, Partial<ServerState>, readonly string[]]>([
    ['started: as it is configured', 'started', {}, []],
    ['started: disabled by its configuration', 'started', OFF, []],
    ['started: whatever a state file made of it', 'started', { forced: 'drain', weight: 3 }, []],
    ['found: as it is configured', 'found', {}, []],
    ['found: disabled by its configuration', 'found', OFF, []],
    ['found: drained', 'found', { forced: 'drain' }, ['admin drain']],
    [
      'found: in maintenance, which is not configured',
      'found',
      { forced: 'maint' },
      ['admin maint'],
    ],
    ['found: used although disabled', 'found', { configured: 'disabled' }, ['admin ready']],
    ['found: with another weight', 'found', { weight: 0 }, ['weight 0']],
    ['found: what it tracks is drained', 'found', { inherited: 'drain' }, []],
    ['found: its name does not resolve', 'found', { inherited: 'maint' }, []],
    ['found: an agent has drained it', 'found', { forced: 'drain', agent: 'enabled' }, []],
  ])('%s', (_what, origin, server, wishes) => {
    const look = first(origin, server);
    expect(learned(look)).toEqual(wishes);
    expect(said(look)).toEqual([]);
  });

  it.each<[string, Partial<ServerState>, readonly Register[], readonly string[]]>([
    ['a drain', {}, [intent('admin', 'drain', 1)], ['set server web/web1 state drain']],
    [
      'ready, where it is disabled',
      OFF,
      [intent('admin', 'ready', 1)],
      ['set server web/web1 state ready'],
    ],
    ['what it is already', { forced: 'drain' }, [intent('admin', 'drain', 1)], []],
    ['a weight', {}, [intent('weight', '20', 1)], ['set weight web/web1 20']],
    ['a share', {}, [intent('weight', '50%', 1)], ['set weight web/web1 5']],
    ['the share that it has', {}, [intent('weight', '100%', 1)], []],
    [
      'both',
      {},
      [intent('admin', 'maint', 1), intent('weight', '0', 2)],
      ['set server web/web1 state maint', 'set weight web/web1 0'],
    ],
    ['what only a later version understands', {}, [intent('admin', 'half', 1)], []],
    ['a weight of a later version', {}, [intent('weight', 'auto', 1)], []],
  ])('tells it what operators want, and learns nothing: %s', (_what, server, intents, commands) => {
    for (const origin of ['started', 'found'] as const) {
      const look = first(origin, server, ...intents);
      expect(said(look)).toEqual(commands);
      expect(learned(look)).toEqual([]);
    }
  });

  it('undoes what was said to a process while no daemon was there, if an intent says otherwise', () => {
    const look = first('found', { forced: 'ready' }, intent('admin', 'drain', 1));
    expect(said(look)).toEqual(['set server web/web1 state drain']);
  });

  it('says nothing of servers that the proxy does not have', () => {
    const gone = registers(intent('admin', 'drain', 1));
    expect(lookAt({ origin: 'started', watched: undefined }, [], gone).commands).toEqual([]);
  });
});

describe('a later look', () => {
  const watched = first('started', OFF).watched;

  it('learns what somebody has said to the proxy', () => {
    expect(learned(next(watched, OFF))).toEqual([]);
    expect(learned(next(watched, { configured: 'disabled' }))).toEqual(['admin ready']);
    expect(learned(next(watched, { ...OFF, forced: 'drain', weight: 3 }))).toEqual([
      ...['admin drain', 'weight 3'],
    ]);
  });

  it('learns it once, and agrees with the intent that it became', () => {
    const noticed = next(watched, { ...OFF, weight: 3 });
    const became = intent('weight', '3', 1);
    const after = next(noticed.watched, { ...OFF, weight: 3 }, became);
    expect([learned(after), said(after)]).toEqual([[], []]);
    const undone = next(after.watched, OFF, became);
    expect(learned(undone)).toEqual(['weight 100%']);
  });

  it('takes for nobody’s doing what an agent may have done, and what is inherited', () => {
    expect(learned(next(watched, { ...OFF, agent: 'enabled', weight: 1 }))).toEqual([]);
    expect(learned(next(watched, { ...OFF, inherited: 'drain' }))).toEqual([]);
  });

  it('takes a server that has just been added as it is, and tells it what was wanted of one of its name', () => {
    const added = lookAt(
      { origin: 'found', watched },
      [{ ...WEB1, name: 'web/new', forced: 'maint' }],
      registers(),
    );
    expect([learned(added), said(added)]).toEqual([[], []]);
    // Gone for a look, it is another server when it is there again.
    const wanted = intent('admin', 'ready', 1);
    const back = next(added.watched, { forced: 'maint' }, wanted);
    expect(said(back)).toEqual(['set server web/web1 state ready']);
  });

  it('is not its own echo: what we said is no operator’s doing', () => {
    const wanted = intent('admin', 'drain', 1);
    const look = first('started', {}, wanted);
    const outcomes = look.commands.map((command) => ({
      command,
      outcome: { kind: 'done' } as const,
    }));
    const told = answered(look.watched, outcomes);
    const after = next(told, { forced: 'drain' }, wanted);
    expect([learned(after), said(after)]).toEqual([[], []]);
    // And whoever says otherwise now has said it after us.
    expect(learned(next(after.watched, {}, wanted))).toEqual(['admin ready']);
  });

  it('says it again where nothing is known of what became of it', () => {
    const wanted = intent('admin', 'drain', 1);
    const look = first('started', {}, wanted);
    expect(said(next(answered(look.watched, []), {}, wanted))).toEqual(said(look));
  });

  it('does not say again what was refused, until somebody wants something else', () => {
    const wanted = intent('weight', '20', 1);
    const look = first('started', {}, wanted);
    const outcome = { kind: 'refused', why: 'static' } as const;
    const told = answered(
      look.watched,
      look.commands.map((command) => ({ command, outcome })),
    );
    expect(told.get('server/web/web1/weight')).toMatchObject({ seen: '10', refused: 'static' });
    const after = next(told, {}, wanted);
    expect([learned(after), said(after)]).toEqual([[], []]);
    expect(after.watched.get('server/web/web1/weight')).toMatchObject({ refused: 'static' });
    expect(said(next(after.watched, {}, intent('weight', '0', 2)))).toEqual([
      'set weight web/web1 0',
    ]);
    // Somebody has done it by other means.
    expect(learned(next(after.watched, { weight: 20 }, wanted))).toEqual([]);
  });

  it('lets an intent that was just accepted win over what was said to the proxy in the same moment', () => {
    const { watched: calm } = first('started', {});
    const look = next(calm, { forced: 'maint' }, intent('admin', 'drain', 5));
    expect([said(look), learned(look)]).toEqual([['set server web/web1 state drain'], []]);
  });

  it('remembers outcomes of a server that is gone meanwhile, without harm', () => {
    const { commands } = first('started', {}, intent('admin', 'drain', 1));
    const outcome = { kind: 'refused', why: 'No such server.' } as const;
    const told = answered(
      new Map(),
      commands.map((command) => ({ command, outcome })),
    );
    expect(told.get('server/web/web1/admin')).toMatchObject({ refused: 'No such server.' });
  });
});

describe('the proxy', () => {
  it.each<['admin' | 'weight', string, string]>([
    ['admin', 'ready', 'agrees'],
    ['admin', 'drain', 'differs'],
    ['admin', 'half', 'unknown'],
    ['weight', '100%', 'agrees'],
    ['weight', '10', 'agrees'],
    ['weight', '50%', 'differs'],
    ['weight', 'auto', 'unknown'],
  ])('has a server as wanted or not: %s %s', (aspect, value, isSo) => {
    expect(agreement(WEB1, aspect, value)).toBe(isSo);
  });
});
