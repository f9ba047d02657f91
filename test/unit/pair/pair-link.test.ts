import { describe, expect, it } from 'vitest';
import { instant, millis } from '../../../src/base/time.js';
import { settled } from '../engine/fakes.js';
import { encodeFrame, MOST_FRAME_BYTES } from '../../../src/wire/pair/frame.js';
import type { Given } from './given-link.js';
import { given, HandStream, HELLO, VIEW } from './given-link.js';

const HEARTBEAT = {
  kind: 'heartbeat',
  every: millis(100),
  sequence: 0,
  echo: 0,
  groups: [VIEW],
} as const;
const UNREACHABLE = { code: 'unreachable', detail: 'ECONNREFUSED' } as const;

/** lb1, whose peer has said hello. */
async function greeted(): Promise<Given & { readonly stream: HandStream }> {
  const all = given('lb1');
  const stream = new HandStream();
  all.answers.push(stream);
  all.link.begin();
  await settled();
  stream.hear(HELLO);
  return { ...all, stream };
}

/** lb3, whose peer has dialled it and said hello. */
async function dialled(): Promise<Given & { readonly stream: HandStream }> {
  const all = given('lb3');
  all.link.begin();
  await settled();
  const stream = new HandStream('lb2');
  all.listener?.accepted(stream);
  stream.hear(HELLO);
  return { ...all, stream };
}

describe('a pair link', () => {
  it('says hello first, and how it is when the other end has', async () => {
    const { stream, events, link } = await greeted();
    expect(stream.said).toEqual([
      { kind: 'hello', node: 'lb1', release: '0.1.0', oldest: 1, newest: 4 },
      {
        ...{ kind: 'heartbeat', every: 100, sequence: 1, echo: 0 },
        ...{ pairTime: 100_000.5, groups: [VIEW] },
      },
    ]);
    expect(events).toMatchObject([{ event: 'pair.channel', to: 'up' }]);
    expect(link.status()).toMatchObject({
      peer: 'lb2',
      state: 'up',
      protocol: 4,
      release: '0.1.0',
    });
  });

  it('hears what the clock of the pair reads at the other end, where that has one', async () => {
    const { stream, pairTimes } = await greeted();
    const heartbeat = { kind: 'heartbeat', every: millis(100), sequence: 1, echo: 0 } as const;
    stream.hear({ ...heartbeat, groups: [VIEW] });
    stream.hear({ ...heartbeat, sequence: 2, pairTime: 70_000.3, groups: [VIEW] });
    expect(pairTimes).toEqual([70_000.3]);
  });

  it('says how it is every 100 ms, and at once when that changes', async () => {
    const { stream, clock, link, views } = await greeted();
    clock.ringNext();
    expect(stream.said).toHaveLength(3);
    link.refresh();
    expect(stream.said).toHaveLength(3);
    views[0] = { ...VIEW, role: 'master' };
    link.refresh();
    expect(stream.said.at(-1)).toMatchObject({ groups: [{ role: 'master' }] });
  });

  it('says how it is at another pace from the next time on, and sooner where it is a quicker one', async () => {
    const { stream, clock, link } = await greeted();
    const asked = clock.now();
    link.become(millis(20));
    clock.ringNext();
    expect(clock.now() - asked).toBe(20);
    expect(stream.said.at(-1)).toMatchObject({ kind: 'heartbeat', every: 20 });
    const before = clock.now();
    clock.ringNext();
    expect(clock.now() - before).toBe(20);
    link.become(millis(500));
    clock.ringNext();
    expect(clock.now() - before).toBe(40);
  });

  it('says how it is with the other end, where that dials and it is due soon, and begins the wait anew', async () => {
    const { stream, clock } = await dialled();
    clock.time = instant(clock.time + 40);
    stream.hear(HEARTBEAT);
    expect(stream.said).toHaveLength(2);
    clock.time = instant(clock.time + 20);
    stream.hear({ ...HEARTBEAT, sequence: 9, echo: 1 });
    expect(stream.said).toHaveLength(3);
    expect(stream.said.at(-1)).toMatchObject({ kind: 'heartbeat', echo: 9 });
    const before = clock.now();
    clock.ringNext();
    expect(clock.now() - before).toBe(100);
  });

  it('does not answer at once to what was long under way, but to the first that was not', async () => {
    const { stream, clock } = await dialled();
    clock.time = instant(clock.time + 400);
    stream.hear({ ...HEARTBEAT, sequence: 2, echo: 1 });
    stream.hear({ ...HEARTBEAT, sequence: 3, echo: 1 });
    expect(stream.said).toHaveLength(2);
    clock.ringNext();
    expect(stream.said.at(-1)).toMatchObject({ sequence: 2, echo: 3 });
    clock.time = instant(clock.time + 90);
    stream.hear({ ...HEARTBEAT, sequence: 4, echo: 2 });
    expect(stream.said.at(-1)).toMatchObject({ sequence: 3, echo: 4 });
  });

  it('keeps its own pace where it dials itself, the other end speaks more often, or it has left', async () => {
    const dialling = await greeted();
    dialling.clock.time = instant(dialling.clock.time + 90);
    dialling.stream.hear(HEARTBEAT);
    expect(dialling.stream.said).toHaveLength(2);
    const { stream, clock, link } = await dialled();
    clock.time = instant(clock.time + 90);
    stream.hear({ ...HEARTBEAT, every: millis(20) });
    expect(stream.said).toHaveLength(2);
    link.stop('stopping');
    const said = stream.said.length;
    stream.hear(HEARTBEAT);
    expect(stream.said).toHaveLength(said);
  });

  it('passes on what the peer says', async () => {
    const { stream, dispatched } = await greeted();
    stream.hear({ ...HEARTBEAT, every: VIEW.interval });
    stream.hear({ kind: 'goodbye', why: 'stopping' });
    expect(dispatched).toEqual([
      { kind: 'peer-heartbeat', interval: VIEW.interval, age: 0, views: [VIEW] },
      { kind: 'peer-goodbye', why: 'stopping' },
    ]);
  });

  it('tells how old a heartbeat can be by what it answers to', async () => {
    const { stream, clock, dispatched } = await greeted();
    clock.ringNext();
    stream.hear({ ...HEARTBEAT, sequence: 7, echo: 2 });
    clock.ringNext();
    expect(stream.said.at(-1)).toMatchObject({ sequence: 3, echo: 7 });
    stream.hear({ ...HEARTBEAT, sequence: 8, echo: 1 });
    expect(dispatched).toMatchObject([{ age: 0 }, { age: 200 }]);
  });

  it('does not call it old where the peer speaks more often than we do', async () => {
    const { stream, dispatched, clock } = await greeted();
    const often = { ...HEARTBEAT, every: millis(20), sequence: 1, echo: 1 };
    clock.time = instant(clock.time + 90);
    stream.hear(often);
    expect(dispatched).toMatchObject([{ age: 10 }]);
  });

  it('passes over what was long under way: nobody waits for it any more', async () => {
    const { stream, dispatched, clock } = await greeted();
    clock.time = instant(clock.time + 400);
    stream.hear({ ...HEARTBEAT, sequence: 1, echo: 1 });
    stream.hear({ kind: 'goodbye', why: 'stopping' });
    const said = stream.said.length;
    stream.hear({ kind: 'question', id: 1, ask: 'echo', body: '[]' });
    await settled();
    expect(dispatched).toMatchObject([{ kind: 'peer-heartbeat', age: 400 }]);
    expect(stream.said).toHaveLength(said);
    clock.ringNext();
    stream.hear({ ...HEARTBEAT, sequence: 2, echo: 2 });
    stream.hear({ kind: 'goodbye', why: 'stopping' });
    expect(dispatched.at(-1)).toEqual({ kind: 'peer-goodbye', why: 'stopping' });
  });

  it('numbers nothing for a daemon of the version before, and takes its word', async () => {
    const all = given('lb1');
    const stream = new HandStream();
    all.answers.push(stream);
    all.link.begin();
    await settled();
    stream.hear({ ...HELLO, newest: 1 } as typeof HELLO);
    expect(all.link.status()).toMatchObject({ state: 'up', protocol: 1 });
    expect(stream.said.at(-1)).toMatchObject({ kind: 'heartbeat', sequence: 0, echo: 0 });
    stream.hear(HEARTBEAT);
    expect(all.dispatched).toMatchObject([{ kind: 'peer-heartbeat', age: 0, views: [VIEW] }]);
  });

  it('says and hears what operators want, of a daemon that knows of it', async () => {
    const { stream, link, registers } = await greeted();
    const register = {
      ...{ key: 'pause', value: 'on', at: 0 },
      stamp: { counter: 1, node: 'lb1' },
    };
    link.sayRegisters([register]);
    expect(stream.said.at(-1)).toEqual({ kind: 'registers', registers: [register] });
    stream.hear({ kind: 'registers', registers: [register] });
    expect(registers).toEqual([register]);
  });

  it('does not say it to an older daemon, nor to nobody', async () => {
    const all = given('lb1');
    all.link.sayRegisters([]);
    const stream = new HandStream();
    all.answers.push(stream);
    all.link.begin();
    await settled();
    stream.hear({ ...HELLO, newest: 2 } as typeof HELLO);
    all.link.sayRegisters([]);
    expect(stream.said.map(({ kind }) => kind)).toEqual(['hello', 'heartbeat']);
  });

  it('skips what a later version says, and counts nothing as an error', async () => {
    const { stream, link, dispatched } = await greeted();
    stream.hearBytes(encodeFrame({ type: 99, version: 1, body: new Uint8Array(9) }));
    expect(dispatched).toEqual([]);
    expect(link.status().state).toBe('up');
  });

  it('says goodbye, and is silent then', async () => {
    const { stream, clock, link } = await greeted();
    link.stop('handing over');
    expect(stream.said.at(-1)).toEqual({ kind: 'goodbye', why: 'handing over' });
    expect(stream.state).toBe('closed');
    expect(clock.pending()).toEqual([]);
  });

  it('dials again and again, ever more patiently, with one key after the other', async () => {
    const { link, clock, answers, attempts, events } = given('lb1');
    answers.push(UNREACHABLE, UNREACHABLE, UNREACHABLE, UNREACHABLE, UNREACHABLE, UNREACHABLE);
    link.begin();
    const pauses: number[] = [];
    for (let attempt = 0; attempt < 6; attempt += 1) {
      await settled();
      const began = clock.time;
      while (attempts.length === attempt + 1) {
        clock.ringNext();
      }
      pauses.push(clock.time - began);
    }
    expect(attempts).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(pauses).toEqual([100, 200, 400, 800, 1600, 2000]);
    expect(events).toEqual([{ event: 'pair.refused', peer: 'lb2', detail: 'ECONNREFUSED' }]);
    expect(link.status()).toMatchObject({ state: 'down', problem: 'ECONNREFUSED', refused: 6 });
  });

  it('counts whoever is turned away, and says so once a second at the most', async () => {
    const listening = given('lb3');
    listening.link.begin();
    await settled();
    for (let turn = 0; turn < 100; turn += 1) {
      listening.listener?.refused({ code: 'key', detail: `10.77.0.${String(turn % 2)} dialled` });
    }
    expect(listening.events).toHaveLength(1);
    expect(listening.link.status().refused).toBe(100);
    listening.clock.time = instant(listening.clock.time + 1000);
    listening.listener?.refused({ code: 'key', detail: '10.77.0.1 dialled' });
    expect(listening.events).toHaveLength(2);
  });

  it('dials again when the connection is lost', async () => {
    const { stream, clock, answers, attempts, events, link } = await greeted();
    stream.lose('ECONNRESET');
    expect(events.at(-1)).toMatchObject({
      event: 'pair.channel',
      to: 'down',
      detail: 'ECONNRESET',
    });
    answers.push(new HandStream());
    while (attempts.length === 1) {
      clock.ringNext();
    }
    expect(link.status()).toMatchObject({ state: 'down', problem: 'ECONNRESET' });
  });

  it.each<[string, (stream: HandStream) => void, RegExp]>([
    [
      'another node',
      (stream) => {
        stream.hear({ ...HELLO, node: 'lb9' } as typeof HELLO);
      },
      /says that it is lb9, expected lb2/u,
    ],
    [
      'one that speaks no version of ours',
      (stream) => {
        stream.hear({ ...HELLO, oldest: 7, newest: 9 } as typeof HELLO);
      },
      /speaks versions 7 to 9, expected one of 1 to 4/u,
    ],
    [
      'one that does not say hello',
      (stream) => {
        stream.hear({ kind: 'goodbye', why: 'stopping' });
      },
      /a goodbye before a hello/u,
    ],
    [
      'one that lies about lengths',
      (stream) => {
        stream.hearBytes(Uint8Array.of(255, 255, 255, 255));
      },
      new RegExp(`expected ${String(MOST_FRAME_BYTES)} bytes`, 'u'),
    ],
    [
      'one that sends noise',
      (stream) => {
        stream.hearBytes(encodeFrame({ type: 1, version: 1, body: Uint8Array.of(0xc1) }));
      },
      /^hello: /u,
    ],
    [
      'one that stops reading',
      (stream) => {
        stream.hear(HELLO);
        stream.room = 'full';
      },
      /./u,
    ],
  ])('has nothing to do with %s', async (_who, act, problem) => {
    const { link, answers, clock } = given('lb1');
    const stream = new HandStream();
    answers.push(stream);
    link.begin();
    await settled();
    act(stream);
    clock.ringNext();
    expect(stream.state).toBe('closed');
    expect(link.status()).toMatchObject({ state: 'down' });
    expect(link.status().problem).toMatch(problem);
  });

  it('waits for a hello for two seconds', async () => {
    const { link, answers, clock } = given('lb1');
    const stream = new HandStream();
    answers.push(stream);
    link.begin();
    await settled();
    const began = clock.time;
    while (stream.state === 'open') {
      clock.ringNext();
    }
    expect(clock.time - began).toBe(2000);
    expect(link.status().problem).toBe('no hello');
  });

  it('hears no second hello', async () => {
    const { stream, link } = await greeted();
    stream.hear(HELLO);
    expect(stream.state).toBe('closed');
    expect(link.status().problem).toBe('a second hello');
  });
});

describe('the node whose name comes last', () => {
  async function listening() {
    const all = given('lb3');
    all.link.begin();
    await settled();
    return all;
  }

  it('listens, and takes a new connection for the old one once it has said hello', async () => {
    const all = await listening();
    const [first, second] = [new HandStream('lb2'), new HandStream('lb2')];
    all.listener?.accepted(first);
    first.hear(HELLO);
    all.listener?.accepted(second);
    expect(first.state).toBe('open');
    second.hear(HELLO);
    expect([first.state, second.state]).toEqual(['closed', 'open']);
    first.hear({ kind: 'goodbye', why: 'stopping' });
    expect(all.dispatched).toEqual([]);
    expect(all.link.status().state).toBe('up');
  });

  it('does not believe a name that is not the one its key was given with', async () => {
    const all = await listening();
    const stream = new HandStream('lb9');
    all.listener?.accepted(stream);
    stream.hear(HELLO);
    expect(stream.state).toBe('closed');
  });

  it('keeps four strangers waiting at the most', async () => {
    const all = await listening();
    const streams = Array.from({ length: 6 }, () => new HandStream('lb2'));
    for (const stream of streams) {
      all.listener?.accepted(stream);
    }
    expect(streams.map(({ state }) => state)).toEqual([
      ...['open', 'open', 'open', 'open'],
      ...['closed', 'closed'],
    ]);
    all.link.stop('stopping');
    expect(streams.every(({ state }) => state === 'closed')).toBe(true);
    expect(all.listens).toBe('no');
  });

  it('says once who is refused, and why it cannot listen', async () => {
    const all = await listening();
    all.listener?.refused({ code: 'key', detail: 'another key' });
    all.listener?.refused({ code: 'key', detail: 'another key' });
    expect(all.events).toEqual([{ event: 'pair.refused', peer: 'lb2', detail: 'another key' }]);
    const deaf = given('lb3', { code: 'listen', detail: 'EADDRNOTAVAIL' });
    deaf.link.begin();
    await settled();
    expect(deaf.link.status()).toMatchObject({ state: 'down', problem: 'EADDRNOTAVAIL' });
    expect(deaf.clock.pending().length).toBeGreaterThan(1);
  });
});
