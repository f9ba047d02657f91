import { describe, expect, it } from 'vitest';
import { BrokenAssumption } from '../../../src/base/unreachable.js';
import type { ProxyEffect, ProxyEvent } from '../../../src/core/proxy-state.js';
import { ProxyRunner } from '../../../src/engine/proxy-runner.js';
import { settled } from './fakes.js';
import { FakeProxy } from './fake-proxy.js';

type Deed = Exclude<ProxyEffect['kind'], 'tell'>;

function running() {
  const host = new FakeProxy();
  const events: ProxyEvent[] = [];
  const introduced: string[] = [];
  const replicator = { is: 'not awaited' as 'awaited' | 'not awaited' };
  const told = { yet: (): void => undefined, patience: Promise.resolve() };
  const runner = new ProxyRunner({
    proxy: host,
    replicator: () => replicator.is,
    companion: {
      attach: (origin) => {
        introduced.push(origin);
        return told.patience;
      },
      detach: () => introduced.push('gone'),
    },
    dispatch: (event) => {
      expect(event.kind).toBe('proxy');
      events.push(...(event.kind === 'proxy' ? [event.event] : []));
    },
  });
  /** Carries effects out, each to its end. */
  const carryOut = async (...deeds: readonly Deed[]): Promise<void> => {
    for (const kind of deeds) {
      runner.carryOut({ kind });
      await settled();
    }
  };
  return { host, events, runner, carryOut, introduced, told, replicator };
}

describe('what was decided about the proxy is done, and what came of it reported', () => {
  it.each<[Deed, readonly string[], readonly ProxyEvent[]]>([
    ['proxy-connect', ['connect'], [{ kind: 'connected', pid: 7 }]],
    ['proxy-check', ['check'], [{ kind: 'check-passed' }]],
    ['proxy-start', ['start'], [{ kind: 'started' }]],
    ['proxy-kill', ['kill'], [{ kind: 'killed' }]],
    ['proxy-disconnect', [], []],
    ['proxy-probe', [], []],
  ])('%s', async (deed, calls, reported) => {
    const { host, events, carryOut } = running();
    await carryOut(deed);
    expect(host.calls).toEqual(calls);
    expect(events).toEqual(reported);
  });

  it.each<[Deed, 'connect' | 'check' | 'start', ProxyEvent]>([
    [
      'proxy-connect',
      'connect',
      { kind: 'connect-refused', found: 'nothing', detail: 'no connect' },
    ],
    ['proxy-check', 'check', { kind: 'check-refused', detail: 'not-started: no check' }],
    ['proxy-start', 'start', { kind: 'start-refused', detail: 'not-started: no start' }],
  ])('%s is refused', async (deed, call, reported) => {
    const { host, events, carryOut } = running();
    host.refuse(call, 'not-started');
    await carryOut(deed);
    expect(events).toEqual([reported]);
  });

  it('one that is there and does not answer is silent, not gone', async () => {
    const { host, events, carryOut } = running();
    host.refuse('connect', 'no-answer');
    await carryOut('proxy-connect');
    expect(events).toEqual([{ kind: 'connect-refused', found: 'silent', detail: 'no connect' }]);
  });

  it('one that has been checked while the replicator is being started is not started yet', async () => {
    const { events, carryOut, replicator } = running();
    replicator.is = 'awaited';
    await carryOut('proxy-check');
    expect(events).toEqual([{ kind: 'check-passed', replicator: 'awaited' }]);
  });

  it('what is only told is not for it', () => {
    const { host, events, runner } = running();
    runner.carryOut({ kind: 'tell', notice: { event: 'proxy.refused', detail: 'line 3' } });
    expect([...host.calls, ...events]).toEqual([]);
  });

  it('an effect nobody thought of is our mistake', () => {
    const { runner } = running();
    expect(() => {
      runner.carryOut({ kind: 'new' } as unknown as ProxyEffect);
    }).toThrow(BrokenAssumption);
  });
});

describe('a conversation with the proxy', () => {
  it('asks and reports the answer', async () => {
    const { host, events, carryOut } = running();
    await carryOut('proxy-connect', 'proxy-probe');
    expect(host.calls).toEqual(['connect', 'ask show info']);
    expect(events.at(-1)).toEqual({ kind: 'answered' });
  });

  it('knows how many requests it has had, for as long as it is the same process', async () => {
    const { host, runner, carryOut } = running();
    host.info.set(7, 'Name: HAProxy\nCumReq: 4711\n');
    await carryOut('proxy-connect');
    expect(runner.requests).toBeUndefined();
    await carryOut('proxy-probe');
    expect(runner.requests).toBe(4711);
    host.ends[0]?.();
    await settled();
    await carryOut('proxy-disconnect');
    expect(runner.requests).toBeUndefined();
  });

  it('an answer that is a refusal is none', async () => {
    const { host, events, carryOut } = running();
    host.refuse('ask', 'no-answer');
    await carryOut('proxy-connect', 'proxy-probe');
    expect(events.map((event) => event.kind)).toEqual(['connected']);
  });

  it('an answer of an earlier conversation is old news', async () => {
    const { host, events, carryOut } = running();
    host.mood = 'hangs';
    await carryOut('proxy-connect', 'proxy-probe', 'proxy-disconnect', 'proxy-connect');
    host.questions[0]?.();
    await settled();
    expect(events.map((event) => event.kind)).toEqual(['connected', 'connected']);
  });

  it('that is lost is reported, and asked no more', async () => {
    const { host, events, carryOut } = running();
    await carryOut('proxy-connect');
    host.refuse('connect', 'not-running');
    host.ends[0]?.();
    await settled();
    await carryOut('proxy-probe');
    expect(host.calls).toEqual(['connect', 'connect']);
    expect(events.at(-1)).toEqual({ kind: 'connection-ended' });
  });

  it('ends once, and the proxy goes on', async () => {
    const { host, runner, carryOut } = running();
    await carryOut('proxy-connect');
    runner.disconnect();
    runner.disconnect();
    expect(host.calls).toEqual(['connect', 'close 7']);
  });

  it('that begins anew ends the one before', async () => {
    const { host, carryOut } = running();
    await carryOut('proxy-connect', 'proxy-connect');
    expect(host.calls).toEqual(['connect', 'connect', 'close 7']);
  });
});

describe('whoever has something to say to the proxy', () => {
  it('says it to one that was started before that takes part', async () => {
    const { events, carryOut, introduced, told } = running();
    told.patience = new Promise((resolve) => {
      told.yet = resolve;
    });
    await carryOut('proxy-start', 'proxy-connect');
    expect(introduced.at(-1)).toBe('started');
    expect(events).toEqual([{ kind: 'started' }]);
    told.yet();
    await settled();
    expect(events.at(-1)).toEqual({ kind: 'connected', pid: 7 });
  });

  it('does not keep one waiting that was found: it serves already', async () => {
    const { events, carryOut, introduced, told } = running();
    told.patience = new Promise(() => undefined);
    await carryOut('proxy-connect');
    expect(introduced.at(-1)).toBe('found');
    expect(events.map(({ kind }) => kind)).toEqual(['connected']);
    await carryOut('proxy-start', 'proxy-connect', 'proxy-connect');
    expect(introduced.filter((each) => each !== 'gone')).toEqual(['found', 'started', 'found']);
  });

  it('learns of its end, however that comes', async () => {
    const { host, carryOut, introduced, runner } = running();
    await carryOut('proxy-connect');
    host.refuse('connect', 'not-running');
    host.ends[0]?.();
    await settled();
    host.refusing.clear();
    await carryOut('proxy-connect');
    runner.disconnect();
    expect(introduced).toEqual(['gone', 'found', 'gone', 'gone', 'started', 'gone']);
  });

  it('does not bring one to life that has died while it spoke', async () => {
    const { host, events, carryOut, told } = running();
    told.patience = new Promise((resolve) => {
      told.yet = resolve;
    });
    await carryOut('proxy-start', 'proxy-connect');
    host.refuse('connect', 'not-running');
    host.ends[0]?.();
    await settled();
    told.yet();
    await settled();
    expect(events.map(({ kind }) => kind)).toEqual(['started', 'connection-ended']);
  });
});

describe('a reload', () => {
  /** Connected to a worker that ends, its successor being the next that is connected to. */
  async function reloading() {
    const given = running();
    given.host.master = 3;
    given.host.info.set(7, 'Name: HAProxy\nPid: 70\nStopping: 1\n');
    given.host.info.set(8, 'Name: HAProxy\nPid: 80\nStopping: 0\n');
    await given.carryOut('proxy-connect');
    return given;
  }
  const RELOADED = { kind: 'answered', by: 'successor' };

  it('is followed: the new worker is told what operators want, and the former one is left alone', async () => {
    const { host, events, carryOut, introduced } = await reloading();
    await carryOut('proxy-probe');
    expect(events).toEqual([{ kind: 'connected', pid: 3 }, { kind: 'answered' }, RELOADED]);
    expect(host.calls.slice(1)).toEqual(['ask show info', 'connect', 'ask show info', 'close 7']);
    expect(introduced.slice(-3)).toEqual(['found', 'gone', 'started']);
    await carryOut('proxy-probe');
    expect(events.slice(3)).toEqual([{ kind: 'answered' }]);
  });

  it('whose former worker ends before that was seen is nobody’s death', async () => {
    const { host, events } = await reloading();
    host.ends[0]?.();
    await settled();
    expect(events.at(-1)).toEqual(RELOADED);
    host.ends[0]?.();
    await settled();
    expect(events.at(-1)).toEqual(RELOADED);
  });

  it.each<[string, (host: FakeProxy) => void]>([
    [
      'nobody answers there',
      (host) => {
        host.refuse('connect', 'not-running');
      },
    ],
    [
      'what answers there ends too',
      (host) => {
        [8, 9, 10].forEach((each) => host.info.set(each, 'Stopping: 1\n'));
      },
    ],
    [
      'another master has started it',
      (host) => {
        host.master = 4;
      },
    ],
  ])(
    'it is none where %s: the process that ends is stayed with, and its end is the end',
    async (_, arrange) => {
      const { host, events, carryOut } = await reloading();
      arrange(host);
      await carryOut('proxy-probe', 'proxy-probe');
      expect(events.map(({ kind }) => kind)).toEqual(['connected', 'answered', 'answered']);
      expect(host.calls).not.toContain('close 7');
      host.ends[0]?.();
      await settled();
      expect(events.at(-1)).toEqual({ kind: 'connection-ended' });
    },
  );

  it('does not bring one back that was parted from meanwhile', async () => {
    const { host, events, carryOut, runner } = await reloading();
    host.mood = 'hangs';
    await carryOut('proxy-probe', 'proxy-probe');
    host.questions.forEach((answer) => {
      answer();
    });
    await settled();
    // One successor is looked for at a time.
    expect(host.calls.filter((call) => call === 'connect')).toHaveLength(2);
    runner.disconnect();
    host.questions.forEach((answer) => {
      answer();
    });
    await settled();
    expect(events.map(({ kind }) => kind)).toEqual(['connected', 'answered', 'answered']);
    expect(host.calls.slice(-2)).toEqual(['close 7', 'close 8']);
  });
});

describe('a process that exits', () => {
  it('is reported with how', async () => {
    const { host, events, carryOut } = running();
    await carryOut('proxy-start');
    host.exits[0]?.('signal 11');
    expect(events.at(-1)).toEqual({ kind: 'exited', how: 'signal 11' });
  });

  it('is old news where another was started since', async () => {
    const { host, events, carryOut } = running();
    await carryOut('proxy-start', 'proxy-start');
    host.exits[0]?.('signal 9');
    expect(events).toEqual([{ kind: 'started' }, { kind: 'started' }]);
    host.exits[1]?.('signal 11');
    expect(events.at(-1)).toEqual({ kind: 'exited', how: 'signal 11' });
  });
});
