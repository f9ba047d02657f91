import { describe, expect, it } from 'vitest';
import { millis } from '../../../src/base/time.js';
import { SaidGroups } from '../../../src/pair/said-groups.js';
import { settled } from '../engine/fakes.js';
import { given, HandStream, HELLO, VIEW } from './given-link.js';

const NUMBERS = { kind: 'heartbeat', every: millis(100), sequence: 1, echo: 0 } as const;
const WHOLE = { ...NUMBERS, groups: [VIEW] };

describe('groups, on one connection', () => {
  it('are said first, and again where anything about them changes', () => {
    const said = new SaidGroups();
    expect(said.shortened(WHOLE, 4)).toEqual(WHOLE);
    expect(said.shortened({ ...WHOLE, sequence: 2 }, 4)).toEqual({ ...NUMBERS, sequence: 2 });
    const changed = { ...WHOLE, groups: [{ ...VIEW, health: 50 }] };
    expect(said.shortened(changed, 4)).toEqual(changed);
    expect(said.shortened(WHOLE, 4)).toEqual(WHOLE);
    expect(said.shortened({ ...WHOLE, groups: [VIEW, VIEW] }, 4)).toHaveProperty('groups');
    expect(said.shortened({ ...WHOLE, groups: [VIEW] }, 4)).toHaveProperty('groups');
  });

  it('are said each time in version 3, and have to be', () => {
    const said = new SaidGroups();
    expect(said.shortened(WHOLE, 3)).toEqual(WHOLE);
    expect(said.shortened(WHOLE, 3)).toEqual(WHOLE);
    expect(said.completed(WHOLE, 3)).toEqual(WHOLE);
    expect(said.completed(NUMBERS, 3)).toBeUndefined();
  });

  it('that were left out are as they were heard last', () => {
    const said = new SaidGroups();
    expect(said.completed(NUMBERS, 4)).toBeUndefined();
    expect(said.completed(WHOLE, 4)).toEqual(WHOLE);
    expect(said.completed({ ...NUMBERS, echo: 3 }, 4)).toEqual({ ...WHOLE, echo: 3 });
    const none = { ...NUMBERS, groups: [] };
    expect(said.completed(none, 4)).toEqual(none);
    expect(said.completed(NUMBERS, 4)).toEqual(none);
  });
});

describe('a connection', () => {
  async function greeted(newest: number) {
    const all = given('lb1');
    const stream = new HandStream();
    all.answers.push(stream);
    all.link.begin();
    await settled();
    stream.hear({ ...HELLO, newest } as typeof HELLO);
    all.clock.ringNext();
    return { ...all, stream };
  }

  it('says groups once, and to a daemon of version 3 in every heartbeat', async () => {
    const newer = await greeted(4);
    expect(newer.stream.said.slice(1)).toMatchObject([{ groups: [VIEW] }, { sequence: 2 }]);
    expect(newer.stream.said.at(-1)).not.toHaveProperty('groups');
    const older = await greeted(3);
    expect(older.stream.said.slice(1)).toMatchObject([{ groups: [VIEW] }, { groups: [VIEW] }]);
  });

  it('hears what was left out, and ends where it was never said', async () => {
    const { stream, dispatched } = await greeted(4);
    stream.hear(WHOLE);
    stream.hear({ ...NUMBERS, sequence: 2 });
    expect(dispatched).toMatchObject([{ views: [VIEW] }, { views: [VIEW] }]);
    const { stream: lying, link, dispatched: nothing } = await greeted(4);
    lying.hear(NUMBERS);
    expect(nothing).toEqual([]);
    expect(lying.state).toBe('closed');
    expect(link.status()).toMatchObject({
      ...{ state: 'down', problem: 'a heartbeat without groups, which were not said before' },
    });
  });

  it('begins anew with the groups', async () => {
    const { stream, link, answers, clock } = await greeted(4);
    const next = new HandStream();
    answers.push(next);
    stream.lose('ECONNRESET');
    clock.ringNext();
    await settled();
    clock.ringNext();
    await settled();
    next.hear(HELLO);
    expect(link.status().state).toBe('up');
    expect(next.said.at(-1)).toMatchObject({ kind: 'heartbeat', groups: [VIEW] });
  });
});
