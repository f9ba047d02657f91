/** Operators' wishes, from the control API to a proxy that does as it is told, and to the other node. */
import { describe, expect, it } from 'vitest';
import { ok } from '../../../src/base/result.js';
import type { Orders } from '../../../src/core/orders.js';
import { PAUSE_KEY } from '../../../src/core/orders.js';
import type { Register } from '../../../src/core/registers.js';
import { Intents } from '../../../src/daemon-intents.js';
import type { ProxyHost } from '../../../src/ports/proxy-host.js';
import type { LogEvent } from '../../../src/telemetry/events.js';
import { SimJournal } from '../../sim/journal.js';
import { SimServers } from '../../sim/proxy-servers.js';
import { HandClock } from '../engine/fakes.js';

function given(
  disk = new SimJournal(),
  servers: SimServers | 'none' = new SimServers(),
  channel: 'open' | 'none' = 'open',
) {
  const clock = new HandClock();
  const events: LogEvent[] = [];
  const said: Register[] = [];
  const ordered: Orders[] = [];
  const proxy: Pick<ProxyHost, 'connect'> = {
    connect: () =>
      Promise.resolve(
        ok({
          pid: 7,
          ask: (command) =>
            Promise.resolve(ok(servers === 'none' ? '' : (servers.answer(command) ?? ''))),
          close: () => undefined,
        }),
      ),
  };
  const intents = new Intents(
    { own: 'lb1', peer: 'lb2' },
    {
      ...{ clock, intentJournal: disk, log: { tell: (event) => events.push(event) } },
      proxy: servers === 'none' ? undefined : (proxy as ProxyHost),
      say: (registers) => said.push(...registers),
      ...{ channel, ordered: (orders) => ordered.push(orders) },
    },
  );
  return { intents, servers, disk, said, events, clock, ordered };
}

/** One whose proxy has been found. */
async function serving(disk?: SimJournal) {
  const all = given(disk);
  all.intents.begin();
  await all.intents.driver?.attach('started');
  return all;
}

const usage = ({ servers }: { servers: SimServers | 'none' }, name: string): string =>
  servers === 'none' ? '' : servers.usage(name);

describe('an operator', () => {
  it('drains a server: the proxy is told, the other node, and the disk', async () => {
    const all = await serving();
    const answer = await all.intents.stateServer('web/web1', 'admin', 'drain');
    expect(answer).toMatchObject({
      ok: true,
      value: {
        ...{ node: 'lb1', problem: undefined },
        servers: [{ name: 'web/web1', admin: { value: 'drain', node: 'lb1', here: 'agrees' } }],
      },
    });
    expect(usage(all, 'web/web1')).toBe('drain 10');
    expect(all.said).toMatchObject([{ key: 'server/web/web1/admin', value: 'drain' }]);
    await all.intents.stop();
    const next = await serving(all.disk);
    expect(usage(next, 'web/web1')).toBe('drain 10');
    expect(next.intents.status()).toEqual({
      ...{ kept: 'on disk', servers: 1, differing: [], problem: undefined },
    });
  });

  it('is obeyed wherever he is: what the other node says is done here', async () => {
    const all = await serving();
    all.intents.heard([
      {
        ...{ key: 'server/web/web2/weight', value: '50%', at: 0 },
        stamp: { counter: 4, node: 'lb2' },
      },
    ]);
    const answer = await all.intents.stateServer('web/web1', 'admin', 'maint');
    expect(usage(all, 'web/web2')).toBe('ready 5');
    expect(answer.ok).toBe(true);
    all.intents.met();
    expect(all.said.map(({ key }) => key)).toEqual([
      'server/web/web1/admin',
      'server/web/web2/weight',
      'server/web/web1/admin',
    ]);
  });

  it.each([
    ['web/wbe1', 'did you mean web/web1?'],
    ['app/web1', 'did you mean web/web1?'],
    ['other/thing', 'see vipair server list'],
    ['web', 'see vipair server list'],
  ])('who means no server is told which there are: %s', async (name, hint) => {
    const { intents, said } = await serving();
    const refused = await intents.stateServer(name, 'admin', 'drain');
    expect(refused).toMatchObject({ ok: false });
    expect(refused.ok ? '' : refused.error.detail).toMatch(
      name === 'web'
        ? /expected .* BACKEND\/SERVER/u
        : new RegExp(hint.replace('?', String.raw`\?`), 'u'),
    );
    expect(said).toEqual([]);
  });

  it.each([
    ['admin', 'off', 'expected ready, drain or maint'],
    ['weight', '300', 'expected a weight from 0 to 256'],
  ] as const)('who wants no %s that there is is told so', async (aspect, value, detail) => {
    const { intents } = await serving();
    const refused = await intents.stateServer('web/web1', aspect, value);
    expect(refused).toMatchObject({ ok: false, error: { code: 'not-an-intent' } });
    expect(refused.ok ? '' : refused.error.detail).toContain(detail);
  });

  it('may undo what was wanted of a server that is gone', async () => {
    const { intents } = await serving();
    const register = { key: 'server/old/web9/admin', value: 'drain', at: 0 };
    intents.heard([{ ...register, stamp: { counter: 4, node: 'lb2' } }]);
    expect(await intents.stateServer('old/web9', 'admin', 'ready')).toMatchObject({
      ok: true,
      value: { servers: [{ here: undefined, admin: { value: 'ready', here: 'unknown' } }] },
    });
  });

  it('asks a node whose proxy does not serve in vain, and one that has none', async () => {
    const { intents } = given();
    intents.begin();
    expect(await intents.stateServer('web/web1', 'admin', 'drain')).toMatchObject({
      error: { code: 'servers-unknown' },
    });
    expect(intents.servers()).toMatchObject({
      value: { problem: 'HAProxy on this node cannot be asked for its servers', servers: [] },
    });
    const bare = given(undefined, 'none').intents;
    expect(bare.servers()).toMatchObject({ error: { code: 'no-proxy' } });
    expect(await bare.stateServer('web/web1', 'admin', 'drain')).toMatchObject({
      error: { code: 'no-proxy' },
    });
  });
});

describe('what is ordered of the pair', () => {
  const PAUSE = { key: PAUSE_KEY, value: 'on', at: 0, stamp: { counter: 4, node: 'lb2' } };
  const last = ({ ordered }: { readonly ordered: readonly Orders[] }): readonly string[] => {
    const orders = ordered.at(-1);
    return [orders?.known ?? '', orders?.pause.state ?? ''];
  };

  it('is not known before the disk has been read and the other node has told', async () => {
    const all = given();
    all.intents.begin();
    expect(last(all)).toEqual(['awaited', 'off']);
    await all.intents.read();
    expect(last(all)).toEqual(['awaited', 'off']);
    all.intents.heard([PAUSE]);
    expect(last(all)).toEqual(['yes', 'on']);
  });

  it('is what this node kept, where nobody has told anything for a while', async () => {
    const disk = new SimJournal();
    const before = given(disk);
    before.intents.begin();
    await before.intents.give(PAUSE_KEY, 'on');
    expect(before.said).toMatchObject([{ key: PAUSE_KEY, value: 'on' }]);
    await before.intents.stop();
    const after = given(disk);
    after.intents.begin();
    await after.intents.read();
    expect(last(after)).toEqual(['awaited', 'on']);
    after.clock.ringNext();
    expect(last(after)).toEqual(['yes', 'on']);
    expect(after.intents.orders).toEqual(after.ordered.at(-1));
    expect(after.intents.kept).toBe('on disk');
  });

  it('waits for nobody where there is no pair channel', async () => {
    const all = given(undefined, 'none', 'none');
    all.intents.begin();
    await all.intents.read();
    expect(last(all)).toEqual(['yes', 'off']);
  });
});

describe('an operator who adds servers', () => {
  const add = 'add 10.0.0.4:80 check weight 30';

  it('has them on both nodes, in use, after any restart, until they are removed', async () => {
    const all = await serving();
    const answer = await all.intents.stateServer('web/new', 'existence', add);
    expect(answer).toMatchObject({
      ok: true,
      value: { servers: [{ name: 'web/new', existence: { here: 'agrees' } }] },
    });
    expect(usage(all, 'web/new')).toBe('ready 30');
    expect(all.said.map(({ key, value }) => `${key} ${value}`)).toEqual([
      `server/web/new/existence ${add}`,
      'server/web/new/admin ready',
    ]);
    const other = await serving();
    other.intents.heard(all.said);
    await other.intents.driver?.refresh();
    expect(usage(other, 'web/new')).toBe('ready 30');
    await all.intents.stop();
    const next = await serving(all.disk);
    expect(usage(next, 'web/new')).toBe('ready 30');
    // What a daemon finds of a former one is as it was.
    await next.intents.driver?.attach('found');
    expect(next.said).toEqual([]);
    const gone = await next.intents.stateServer('web/new', 'existence', 'remove');
    expect(gone).toMatchObject({ ok: true, value: { servers: [] } });
    expect(next.servers === 'none' ? [] : next.servers.names).not.toContain('web/new');
  });

  it('who removes one waits for its clients, unless it is to be now', async () => {
    const all = await serving();
    const { servers } = all;
    await all.intents.stateServer('web/new', 'existence', add);
    if (servers !== 'none') {
      servers.occupy('web/new', 2);
    }
    const waiting = await all.intents.stateServer('web/new', 'existence', 'remove');
    expect(waiting).toMatchObject({
      value: { servers: [{ here: { admin: 'drain' }, existence: { here: 'differs' } }] },
    });
    await all.intents.stateServer('web/new', 'existence', 'remove now');
    await all.intents.driver?.refresh();
    expect(servers === 'none' ? [] : servers.names).not.toContain('web/new');
  });

  it('who adds one again has it in use with its own weight, whatever was said of the former one', async () => {
    const all = await serving();
    await all.intents.stateServer('web/new', 'existence', add);
    await all.intents.stateServer('web/new', 'weight', '5');
    await all.intents.stateServer('web/new', 'admin', 'maint');
    await all.intents.stateServer('web/new', 'existence', 'remove');
    await all.intents.stateServer('web/new', 'existence', 'add 10.0.0.5:80 weight 7');
    expect(usage(all, 'web/new')).toBe('ready 7');
  });

  it('has another definition everywhere, on a node too that has missed the removal', async () => {
    const all = await serving();
    await all.intents.stateServer('web/new', 'existence', add);
    const at = { key: 'server/web/new/existence', at: 0 };
    const value = 'add 10.0.0.5:80 weight 7';
    all.intents.heard([{ ...at, value, stamp: { counter: 9, node: 'lb2' } }]);
    await all.intents.driver?.refresh();
    expect(usage(all, 'web/new')).toBe('ready 7');
  });

  it.each([
    ['hashed/new', 'Backend must use a dynamic load balancing'],
    ['none/new', 'No such backend.'],
  ])('is told why HAProxy does not, and it is not wanted any longer: %s', async (name, why) => {
    const all = await serving();
    const refused = await all.intents.stateServer(name, 'existence', add);
    expect(refused).toMatchObject({ error: { code: 'proxy-refused' } });
    expect(refused.ok ? '' : refused.error.detail).toContain(why);
    expect(all.intents.register(`server/${name}/existence`)?.value).toBe('remove');
  });

  it.each([
    ['web/web1', add, 'server-exists'],
    ['web/web1', 'remove', 'server-configured'],
    ['web/none', 'remove', 'unknown-server'],
    ['web/new', 'add nowhere', 'not-an-intent'],
    ['web/new;quit', add, 'not-an-intent'],
    ['web/new', `${add} ${'x'.repeat(100)} ${'x'.repeat(100)}`, 'not-an-intent'],
  ])('is refused what cannot be: %s %s', async (name, value, code) => {
    const all = await serving();
    expect(await all.intents.stateServer(name, 'existence', value)).toMatchObject({
      error: { code },
    });
    expect(all.said).toEqual([]);
  });

  it('is told that the configuration has it by now', async () => {
    const all = await serving();
    await all.intents.stateServer('web/new', 'existence', add);
    if (all.servers !== 'none') {
      all.servers.configure('web/new');
    }
    await all.intents.driver?.attach('started');
    const answer = all.intents.servers();
    const row = answer.ok ? answer.value.servers.find(({ name }) => name === 'web/new') : undefined;
    expect(row?.existence?.here).toBe('superseded');
  });

  it('asks in vain where HAProxy does not serve', async () => {
    const { intents } = given();
    intents.begin();
    expect(await intents.stateServer('web/new', 'existence', add)).toMatchObject({
      error: { code: 'servers-unknown' },
    });
  });
});
