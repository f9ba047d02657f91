/** The channel over two paths: which addresses are dialled when, and which connection counts. */
import { describe, expect, it } from 'vitest';
import { instant, millis } from '../../../src/base/time.js';
import { settled } from '../engine/fakes.js';
import type { Given } from './given-link.js';
import { given, HandStream, HELLO, SECOND, VIEW } from './given-link.js';

const UNREACHABLE = { code: 'unreachable', detail: 'EHOSTUNREACH' } as const;
const FIRST = '10.77.1.1 > 10.77.1.2';
const OTHER = '2001:db8::1 > 2001:db8::2';

/** The other end says how it is, so that it is heard. */
function beat(stream: HandStream): void {
  stream.hear({ kind: 'heartbeat', every: millis(100), sequence: 0, echo: 0, groups: [VIEW] });
}

async function ringUntil({ clock }: Given, reached: () => boolean): Promise<number> {
  const began = clock.time;
  for (let rings = 0; rings < 300 && !reached(); rings += 1) {
    clock.ringNext();
    await settled();
  }
  return clock.time - began;
}

/** On the preferred path. */
async function greeted(): Promise<Given & { readonly stream: HandStream }> {
  const all = given('lb1', undefined, SECOND);
  const stream = new HandStream();
  all.answers.push(stream);
  all.link.begin();
  await settled();
  stream.hear(HELLO);
  return { ...all, stream };
}

/** The preferred path fell silent, and the second one carries the channel. */
async function fallenBack(): Promise<
  Given & { readonly stream: HandStream; readonly took: number }
> {
  const all = await greeted();
  const stream = new HandStream();
  all.answers.push(stream);
  const took = await ringUntil(all, () => all.dialled.length === 2);
  stream.hear(HELLO);
  return { ...all, stream, took };
}

describe('a pair link with a second address on both nodes', () => {
  it('dials the preferred one, and the second one at once where that does not answer', async () => {
    const all = given('lb1', undefined, SECOND);
    const stream = new HandStream();
    all.answers.push(UNREACHABLE, stream);
    all.link.begin();
    await settled();
    stream.hear(HELLO);
    expect(all.dialled).toEqual([FIRST, OTHER]);
    expect(all.link.status()).toMatchObject({ state: 'up', path: 'fallback', refused: 1 });
    expect(all.events).toContainEqual({
      event: 'pair.path',
      peer: 'lb2',
      to: 'fallback',
      address: SECOND.peer,
    });
  });

  it('pauses when neither answers, and begins with the preferred one again', async () => {
    const all = given('lb1', undefined, SECOND);
    all.answers.push(UNREACHABLE, UNREACHABLE);
    all.link.begin();
    await settled();
    expect(all.dialled).toEqual([FIRST, OTHER]);
    expect(await ringUntil(all, () => all.dialled.length > 2)).toBe(100);
    expect(all.dialled[2]).toBe(FIRST);
  });

  it('takes a connection on which nothing arrives for dead within 2.5 s, and dials the second one first', async () => {
    const { dialled, took, events, link } = await fallenBack();
    expect(dialled).toEqual([FIRST, OTHER]);
    expect(took).toBeLessThanOrEqual(2500);
    expect(events.filter(({ event }) => event === 'pair.channel')).toMatchObject([
      { to: 'up' },
      { to: 'down', detail: 'nothing was heard on it for too long' },
      { to: 'up' },
    ]);
    expect(link.status().path).toBe('fallback');
  });

  it('keeps a connection on which something arrives', async () => {
    const all = await greeted();
    for (let beats = 0; beats < 60; beats += 1) {
      all.clock.ringNext();
      beat(all.stream);
    }
    expect([all.stream.state, all.dialled]).toEqual(['open', [FIRST]]);
  });

  it('blames nobody for its own standstill', async () => {
    const all = await greeted();
    all.clock.time = instant(all.clock.time + 9000);
    all.clock.ringNext();
    expect(all.stream.state).toBe('open');
  });

  it('returns when the preferred one works again: greeted there, it closes the other connection', async () => {
    const all = await fallenBack();
    const { answers, dialled, stream, link, events } = all;
    const back = new HandStream();
    answers.push(UNREACHABLE, back);
    const took = await ringUntil(all, () => {
      beat(stream);
      return dialled.length === 4;
    });
    expect(dialled.slice(2)).toEqual([FIRST, FIRST]);
    expect(took).toBeLessThanOrEqual(10_000);
    expect([stream.state, link.status().path]).toEqual(['open', 'fallback']);
    back.hear(HELLO);
    expect([stream.state, link.status().path, link.status().state]).toEqual([
      'closed',
      'preferred',
      'up',
    ]);
    expect(events.at(-1)).toMatchObject({ event: 'pair.path', to: 'preferred' });
    expect(
      events.filter((each) => each.event === 'pair.channel' && each.to === 'down'),
    ).toHaveLength(1);
  });

  it('does not look for the preferred one after it has returned, or is stopped', async () => {
    const all = await fallenBack();
    all.link.stop('stopping');
    expect(all.clock.pending()).toEqual([]);
  });

  it('listens on both, and the connection that was greeted last counts', async () => {
    const all = given('lb3', undefined, SECOND);
    all.link.begin();
    await settled();
    expect([...all.listeners.keys()]).toEqual(['10.77.1.1', SECOND.own]);
    const [first, second] = [new HandStream('lb2'), new HandStream('lb2')];
    all.listeners.get(SECOND.own)?.accepted(second);
    second.hear(HELLO);
    expect(all.link.status().path).toBe('fallback');
    all.listeners.get('10.77.1.1')?.accepted(first);
    first.hear(HELLO);
    expect([first.state, second.state, all.link.status().path]).toEqual([
      'open',
      'closed',
      'preferred',
    ]);
    all.link.stop('stopping');
    expect([...all.listeners.keys()]).toEqual([]);
  });

  it.each([
    ['lb1', FIRST],
    ['lb3', undefined],
  ] as const)('%s has one path where only one node has a second address', async (own, dialled) => {
    const all = given(own);
    all.link.begin();
    await settled();
    expect(all.dialled[0]).toBe(dialled);
    expect(all.listeners.size).toBe(own === 'lb3' ? 1 : 0);
  });
});
