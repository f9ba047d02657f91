import { describe, expect, it } from 'vitest';
import type { Result } from '../../../src/base/result.js';
import { fail, ok } from '../../../src/base/result.js';
import { merge, NO_REGISTERS, state } from '../../../src/core/registers.js';
import type { ProxyHost, ProxyRefusal, ProxySession } from '../../../src/ports/proxy-host.js';
import { ServerDriver } from '../../../src/proxy/server-driver.js';
import { intentsStatus, serverRows } from '../../../src/proxy/server-report.js';
import type { LogEvent } from '../../../src/telemetry/events.js';
import { SimServers } from '../../sim/proxy-servers.js';
import { HandClock, settled } from '../engine/fakes.js';

type Mood = 'answers' | 'hangs' | 'refuses' | 'absent';

/** A HAProxy whose servers are real enough, and whose answers the test may keep back. */
class ProxyInHand {
  servers = new SimServers();
  mood: Mood = 'answers';
  readonly commands: string[] = [];
  readonly sessions: { closed: 'no' | 'yes'; ended: () => void }[] = [];
  readonly waiting: (() => void)[] = [];
  nonsense: string | undefined;

  readonly host: ProxyHost = {
    check: () => Promise.reject(new Error('not asked for')),
    start: () => Promise.reject(new Error('not asked for')),
    reload: () => Promise.reject(new Error('not asked for')),
    kill: () => Promise.reject(new Error('not asked for')),
    connect: (ended) => this.#connect(ended),
  };

  async #connect(ended: () => void): Promise<Result<ProxySession, ProxyRefusal>> {
    await this.#willing();
    if (this.mood === 'absent') {
      return fail({ code: 'not-running', detail: 'no such socket' });
    }
    const session = { closed: 'no' as 'no' | 'yes', ended };
    this.sessions.push(session);
    return ok({
      pid: 7,
      ask: (command) => this.#ask(command),
      close: () => {
        session.closed = 'yes';
      },
    });
  }

  async #ask(command: string): Promise<Result<string, ProxyRefusal>> {
    this.commands.push(command);
    await this.#willing();
    if (this.mood === 'refuses') {
      return fail({ code: 'no-answer', detail: 'no answer within 5000 ms' });
    }
    return ok(this.nonsense ?? this.servers.answer(command) ?? 'Unknown command.\n');
  }

  async #willing(): Promise<void> {
    if (this.mood === 'hangs') {
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
  }

  answer(): void {
    this.mood = 'answers';
    this.waiting.splice(0).forEach((resolve) => {
      resolve();
    });
  }
}

function given() {
  const proxy = new ProxyInHand();
  const clock = new HandClock();
  const events: LogEvent[] = [];
  const all = { registers: NO_REGISTERS, known: Promise.resolve() };
  const driver = new ServerDriver({
    ...{ clock, proxy: proxy.host, registers: () => all.registers, known: () => all.known },
    log: { tell: (event) => events.push(event) },
    state: (key, value) => {
      say(key, value);
      void driver.refresh();
    },
  });
  const say = (key: string, value: string): void => {
    all.registers = state(all.registers, { key, value, at: 0, node: 'lb1' }).registers;
  };
  /** `set …` that were said to it. */
  const told = (): readonly string[] => proxy.commands.filter((each) => each.startsWith('set'));
  const wanted = (): Record<string, string> =>
    Object.fromEntries([...all.registers.byKey.values()].map(({ key, value }) => [key, value]));
  /** The next look, to its end. */
  const look = async (): Promise<void> => {
    clock.ringNext();
    await turns();
  };
  return { proxy, clock, events, driver, say, told, wanted, look, all };
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) {
    await settled();
  }
}

const DRAIN = 'set server web/web1 state drain';

describe('the connection', () => {
  it('is one, whoever asks first', async () => {
    const { driver, proxy } = given();
    expect(driver.ask('show info')).toBeUndefined();
    proxy.mood = 'hangs';
    const attached = driver.attach('started');
    await turns();
    const asked = driver.ask('show nothing');
    await turns();
    proxy.answer();
    await attached;
    expect(await asked).toEqual(ok('Unknown command.\n'));
    expect(proxy.sessions).toHaveLength(1);
  });
});

describe('a proxy that has just been started', () => {
  it('is told what operators want before it takes part', async () => {
    const { driver, say, proxy, told } = given();
    say('server/web/web1/admin', 'drain');
    say('server/web/spare/admin', 'ready');
    say('server/web/web2/weight', '50%');
    await driver.attach('started');
    expect(told()).toEqual([DRAIN, 'set weight web/web2 5', 'set server web/spare state ready']);
    expect(['web/web1', 'web/web2', 'web/spare'].map((each) => proxy.servers.usage(each))).toEqual([
      'drain 10',
      'ready 5',
      'ready 1',
    ]);
  });

  it('is told so with what the disk had, which is waited for', async () => {
    const { driver, say, told, all } = given();
    let read = (): void => undefined;
    all.known = new Promise((resolve) => {
      read = resolve;
    });
    const attached = driver.attach('started');
    await turns();
    expect(told()).toEqual([]);
    say('server/web/web1/admin', 'drain');
    read();
    await attached;
    expect(told()).toEqual([DRAIN]);
  });

  it('does not wait for ever to be told: that is said, and it is told later', async () => {
    const { driver, say, proxy, clock, events, told } = given();
    say('server/web/web1/admin', 'drain');
    proxy.mood = 'hangs';
    const attached = driver.attach('started');
    await turns();
    clock.ringNext();
    await attached;
    expect(events).toEqual([{ event: 'intent.late', waitedMs: 1000 }]);
    expect(told()).toEqual([]);
    proxy.answer();
    await turns();
    expect(told()).toEqual([DRAIN]);
  });

  it('has nothing of what it starts with taken for a wish', async () => {
    const { driver, look, wanted } = given();
    await driver.attach('started');
    await look();
    await look();
    expect(wanted()).toEqual({});
  });
});

describe('what somebody says to the proxy itself', () => {
  it('is an intent half a second later, once', async () => {
    const { driver, proxy, look, wanted, events, told } = given();
    await driver.attach('started');
    proxy.servers.answer('set server web/web1 state drain');
    proxy.servers.answer('set weight web/web2 7');
    await look();
    await look();
    expect(wanted()).toEqual({
      'server/web/web1/admin': 'drain',
      'server/web/web2/weight': '7',
    });
    expect(events.map(({ event }) => event)).toEqual(['intent.noticed', 'intent.noticed']);
    expect(told()).toEqual([]);
  });

  it('is noticed in one that was found, too', async () => {
    const { driver, proxy, wanted } = given();
    proxy.servers.answer('set server web/web1 state maint');
    await driver.attach('found');
    expect(wanted()).toEqual({ 'server/web/web1/admin': 'maint' });
  });

  it('is kept from one process to the next', async () => {
    const { driver, proxy, look, told } = given();
    await driver.attach('started');
    proxy.servers.answer('set server web/web1 state drain');
    await look();
    driver.detach();
    proxy.servers = new SimServers();
    await driver.attach('started');
    expect(told()).toEqual([DRAIN]);
    expect(proxy.servers.usage('web/web1')).toBe('drain 10');
  });

  it('of a server with an endless name is said not to be kept', async () => {
    const { driver, proxy, look, events, wanted } = given();
    const name = `web/${'x'.repeat(200)}`;
    const table = proxy.servers.answer('show servers state') ?? '';
    proxy.nonsense = table.replace('web1', name.slice(4));
    await driver.attach('started');
    proxy.nonsense = proxy.nonsense.replace(/ 2 0 10 10 /u, ' 2 8 10 10 ');
    await look();
    expect(wanted()).toEqual({});
    expect(events).toMatchObject([{ event: 'intent.not-applied', server: name }]);
  });
});

describe('a long list of servers', () => {
  /** So many, and after them one that has the first one's name. */
  function long(table: string, count: number): string {
    const [, , first = ''] = table.split('\n');
    const names = [...Array(count).keys()].map((index) => `w${String(index)}`);
    const lines = [...names, 'w0'].map((name) => first.replace('web1', name));
    return [...table.split('\n').slice(0, 2), ...lines, ''].join('\n');
  }

  it('is looked through in slices, and what is said in between waits for them', async () => {
    const { driver, proxy, clock, look, wanted, all } = given();
    const table = long(proxy.servers.answer('show servers state') ?? '', 250);
    proxy.nonsense = table;
    const attached = driver.attach('started');
    await turns();
    clock.ringNext();
    await turns();
    expect(driver.seen).toBeUndefined();
    clock.ringNext();
    await attached;
    expect(serverRows(driver.seen, all.registers)).toHaveLength(250);
    proxy.nonsense = table.replace(' w249 10.0.0.0 2 0 ', ' w249 10.0.0.0 2 8 ');
    await look();
    clock.ringNext();
    await turns();
    clock.ringNext();
    await turns();
    expect(wanted()).toEqual({ 'server/web/w249/admin': 'drain' });
  });

  it('is not looked through to its end where the proxy is gone, or its end makes no sense', async () => {
    const { driver, proxy, clock, events } = given();
    const table = long(proxy.servers.answer('show servers state') ?? '', 250);
    proxy.nonsense = table.replace(' w249 10.0.0.0 2 ', ' w249 10.0.0.0 9 ');
    const attached = driver.attach('started');
    await turns();
    clock.ringNext();
    await turns();
    clock.ringNext();
    await attached;
    expect(events).toMatchObject([{ event: 'intent.unseen' }]);
    void driver.refresh();
    await turns();
    driver.detach();
    expect(clock.pending().length).toBeLessThanOrEqual(2);
    clock.ringNext();
    await turns();
    expect(driver.seen).toBeUndefined();
  });
});

describe('an intent', () => {
  it('is told to the proxy at once, and seen to be so', async () => {
    const { driver, say, told, all, look } = given();
    await driver.attach('started');
    say('server/web/web1/admin', 'drain');
    await driver.refresh();
    expect(told()).toEqual([DRAIN]);
    expect(serverRows(driver.seen, all.registers)[1]).toMatchObject({
      name: 'web/web1',
      here: { state: 'running', admin: 'drain', weight: 10 },
      admin: { value: 'drain', node: 'lb1', here: 'agrees' },
      weight: undefined,
    });
    await look();
    expect(told()).toEqual([DRAIN]);
  });

  it('that the proxy refuses is said, with its words, and not told again', async () => {
    const { driver, say, proxy, events, all, look } = given();
    await driver.attach('started');
    proxy.nonsense = undefined;
    const answer = proxy.servers.answer.bind(proxy.servers);
    proxy.servers.answer = (command) =>
      command.startsWith('set weight')
        ? 'Backend is using a static LB algorithm\n'
        : answer(command);
    say('server/web/web1/weight', '20');
    await driver.refresh();
    await look();
    expect(events).toEqual([
      {
        ...{ event: 'intent.not-applied', server: 'web/web1', to: '20' },
        detail: 'Backend is using a static LB algorithm',
      },
    ]);
    expect(intentsStatus(driver.seen, all.registers, 'on disk')).toEqual({
      ...{ kept: 'on disk', servers: 1, differing: ['web/web1'], problem: undefined },
    });
    expect(serverRows(driver.seen, all.registers)[1]?.weight).toMatchObject({
      ...{ here: 'differs', refused: 'Backend is using a static LB algorithm' },
    });
  });

  it('of a server that the proxy does not have is kept, and shown as such', async () => {
    const { driver, say, told, all } = given();
    say('server/old/web9/admin', 'drain');
    say('pause', 'on');
    await driver.attach('started');
    expect(told()).toEqual([]);
    const row = serverRows(driver.seen, all.registers).find(({ name }) => name === 'old/web9');
    expect(row).toMatchObject({ here: undefined, admin: { value: 'drain', here: 'unknown' } });
    expect(intentsStatus(driver.seen, all.registers, 'on disk').differing).toEqual([]);
  });

  it('waits for a look that begins after it', async () => {
    const { driver, say, proxy, told, clock } = given();
    await driver.attach('started');
    proxy.mood = 'hangs';
    clock.ringNext();
    await turns();
    say('server/web/web1/admin', 'drain');
    const first = driver.refresh();
    const second = driver.refresh();
    proxy.answer();
    await Promise.all([first, second]);
    expect(told()).toEqual([DRAIN]);
  });

  it('does not keep anybody waiting for a proxy that hangs, nor for none', async () => {
    const { driver, proxy, clock, say } = given();
    await driver.refresh();
    await driver.attach('started');
    proxy.mood = 'hangs';
    say('server/web/web1/admin', 'drain');
    const waits = driver.refresh();
    await turns();
    clock.ringNext();
    await waits;
    expect(proxy.servers.usage('web/web1')).toBe('ready 10');
  });
});

describe('a proxy that cannot be looked at', () => {
  it.each<[string, (proxy: ProxyInHand) => void, string]>([
    [
      'nonsense',
      (proxy) => {
        proxy.nonsense = '1\n# be_name\n';
      },
      'HAProxy\'s list of servers, line 2, srv_name: found "# be_name", expected a header that names it',
    ],
    [
      'another version',
      (proxy) => {
        proxy.nonsense = '9';
      },
      'HAProxy\'s list of servers, line 1: found "9", expected the version of the form, 1',
    ],
    [
      'silence',
      (proxy) => {
        proxy.mood = 'refuses';
      },
      'no answer within 5000 ms',
    ],
    [
      'nobody',
      (proxy) => {
        proxy.mood = 'absent';
      },
      'no such socket',
    ],
  ])('is told once, and asked again: %s', async (_what, spoil, detail) => {
    const { driver, proxy, events, look, all, told, say } = given();
    spoil(proxy);
    await driver.attach('started');
    await look();
    expect(events).toEqual([{ event: 'intent.unseen', detail }]);
    expect(intentsStatus(driver.seen, all.registers, 'on disk').problem).toBe(detail);
    proxy.nonsense = undefined;
    proxy.mood = 'answers';
    say('server/web/web1/admin', 'drain');
    await look();
    expect(told()).toEqual([DRAIN]);
    expect(driver.seen?.problem).toBeUndefined();
  });

  it('is connected to again where the connection was lost; what it was told it was told', async () => {
    const { driver, proxy, look, told, say } = given();
    say('server/web/web1/admin', 'drain');
    await driver.attach('started');
    proxy.sessions[0]?.ended();
    proxy.servers.answer('set server web/web1 state ready');
    await look();
    expect(proxy.sessions).toHaveLength(2);
    expect(told()).toEqual([DRAIN]);
  });

  it('is told again what it may not have heard', async () => {
    const { driver, proxy, look, told, say } = given();
    await driver.attach('started');
    const answer = proxy.servers.answer.bind(proxy.servers);
    proxy.servers.answer = (command) => {
      proxy.mood = command.startsWith('set') ? 'refuses' : proxy.mood;
      return answer(command);
    };
    say('server/web/web1/admin', 'drain');
    say('server/web/web2/admin', 'drain');
    proxy.mood = 'hangs';
    const waits = driver.refresh();
    await turns();
    proxy.answer();
    await waits;
    proxy.servers.answer = answer;
    proxy.mood = 'answers';
    await look();
    expect(told()).toContain('set server web/web2 state drain');
    expect(proxy.sessions[0]?.closed).toBe('yes');
  });
});

describe('a proxy that is gone', () => {
  it('is neither asked nor shown any more, and keeps nobody waiting', async () => {
    const { driver, proxy, clock, say } = given();
    await driver.attach('started');
    proxy.mood = 'hangs';
    say('server/web/web1/admin', 'drain');
    const waits = driver.refresh();
    await turns();
    driver.detach();
    await waits;
    expect(driver.seen).toBeUndefined();
    proxy.answer();
    await turns();
    expect(proxy.servers.usage('web/web1')).toBe('ready 10');
    expect(clock.pending()).toEqual([]);
    expect(proxy.sessions.map(({ closed }) => closed)).toEqual(['yes']);
  });

  it('is not connected to behind the back of the next', async () => {
    const { driver, proxy, clock } = given();
    proxy.mood = 'hangs';
    const attached = driver.attach('started');
    await turns();
    driver.detach();
    proxy.answer();
    await attached;
    await turns();
    expect(proxy.sessions.map(({ closed }) => closed)).toEqual(['yes']);
    expect(clock.pending()).toEqual([]);
  });

  it('that was being told ends that, and nothing of it counts', async () => {
    const { driver, proxy, say, told, events } = given();
    await driver.attach('started');
    say('server/web/web1/admin', 'drain');
    say('server/web/web2/admin', 'drain');
    const answer = proxy.servers.answer.bind(proxy.servers);
    proxy.servers.answer = (command) => {
      if (command.startsWith('set')) {
        driver.detach();
      }
      return answer(command);
    };
    await driver.refresh();
    await turns();
    expect(told()).toHaveLength(1);
    expect(events).toEqual([]);
  });
});

it('nothing is shown of a node that nobody has said anything of', () => {
  expect(serverRows(undefined, NO_REGISTERS)).toEqual([]);
  const registers = merge(NO_REGISTERS, [
    { key: 'server/web/web1/weight', value: '5', stamp: { counter: 1, node: 'lb2' }, at: 0 },
  ]).registers;
  expect(serverRows(undefined, registers)).toEqual([
    {
      ...{ name: 'web/web1', here: undefined, admin: undefined },
      weight: { value: '5', node: 'lb2', at: 0, here: 'unknown', refused: undefined },
    },
  ]);
});
