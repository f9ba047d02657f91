/** The link between two replicators. */
import { describe, expect, it } from 'vitest';
import { instant } from '../../../src/base/time.js';
import { MOST_DEFINED_TABLES } from '../../../src/tables/link-session.js';
import { WINDOW_BYTES } from '../../../src/pair/send-window.js';
import { settled } from '../engine/fakes.js';
import { TABLE } from '../wire/peers/given-peers.js';
import {
  batch,
  DEFINITION,
  givenLink,
  longBatch,
  greeted,
  HandStream,
  HELLO,
  row,
  SEED,
} from './given-link.js';

/** 14,000 bytes: three fill a batch. */
const LONG = row(undefined, 14_000);

describe('a link is up', () => {
  it('when both ends have said who they are, and who dials tells what its hashes begin with', async () => {
    const { link, answers, told, clock } = givenLink();
    const stream = new HandStream();
    answers.push(stream);
    link.begin();
    await settled();
    expect(link.status).toMatchObject({ state: 'down' });
    expect(stream.said).toEqual([
      {
        kind: 'hello',
        protocol: 1,
        node: 'lb1',
        epoch: 4,
        clock: clock.wallTime(),
        seed: { high: 7, low: 8, since: 9 },
      },
    ]);
    stream.hear(HELLO);
    expect(told).toEqual([`up ${JSON.stringify(SEED)}`]);
    expect(link.status).toEqual({ state: 'up', since: clock.wallTime(), problem: undefined });
  });

  it('where it listens, for whoever gives the name that its key was given with', async () => {
    const [good, bad] = [new HandStream('lb2'), new HandStream('lb7')];
    const all = givenLink('lb3');
    all.link.begin();
    await settled();
    all.listener?.accepted(bad);
    bad.hear(HELLO);
    expect(all.link.status).toMatchObject({
      state: 'down',
      problem: 'says that it is lb2, expected lb2',
    });
    all.listener?.accepted(good);
    good.hear(HELLO);
    expect(all.link.status).toMatchObject({ state: 'up' });
    all.listener?.refused({ code: 'key', detail: 'another key' });
    expect(all.link.status.problem).toBeUndefined();
    all.link.stop();
    expect(all.listener).toBeUndefined();
  });

  it('on the newer of two connections', async () => {
    const all = givenLink('lb3');
    all.link.begin();
    await settled();
    const [first, second] = [new HandStream('lb2'), new HandStream('lb2')];
    all.listener?.accepted(first);
    all.listener?.accepted(second);
    first.hear(HELLO);
    second.hear(HELLO);
    expect(all.told.map((each) => each.slice(0, 4))).toEqual(['up {', 'down', 'up {']);
    expect([first.state, second.state]).toEqual(['closed', 'open']);
    first.hear({ kind: 'teach-asked' });
    first.lose('gone');
    expect(all.told).toHaveLength(3);
  });

  it('strangers that say nothing are ended, and there are never many of them', async () => {
    const all = givenLink('lb3');
    all.link.begin();
    await settled();
    const streams = Array.from({ length: 6 }, () => new HandStream('lb2'));
    for (const stream of streams) {
      all.listener?.accepted(stream);
    }
    expect(streams.filter(({ state }) => state === 'closed')).toHaveLength(2);
    for (let rung = 0; rung < 8; rung += 1) {
      all.clock.ringNext();
    }
    expect(streams.every(({ state }) => state === 'closed')).toBe(true);
    all.listener?.accepted(new HandStream('lb2'));
    all.link.stop();
    const late = new HandStream('lb2');
    all.listener?.accepted(late);
    expect(all.link.status.state).toBe('down');
  });
});

describe('what is said on a link', () => {
  it('reaches the owner of the other end in its order', async () => {
    const { stream, told, link } = await greeted();
    stream.hear(
      DEFINITION,
      { kind: 'teach-asked' },
      { kind: 'teaching-ends', how: 'complete' },
      { kind: 'digest', table: 3, cut: 1000, rows: 1, high: 1, low: 1, heard: 0 },
      { kind: 'digest-verdict', table: 1, verdict: 'equal' },
    );
    stream.hearBytes(Uint8Array.of(0, 0, 0, 3, 200, 1, 2));
    stream.hearBytes(batch(1));
    expect(told).toEqual([
      'defined app',
      'teach asked',
      'teaching ends complete',
      'digest 3',
      'verdict equal',
      '2 rows',
    ]);
    expect(link.received).toBe(1);
  });

  it('leaves in order with the rows before it', async () => {
    const { stream, link } = await greeted();
    link.define(TABLE);
    link.add(TABLE.id, row());
    link.askToTeach();
    link.teachingEnds('no-proxy');
    link.verdict({ kind: 'digest-verdict', table: 1, verdict: 'busy' });
    link.add(TABLE.id, row());
    link.digest({ kind: 'digest', table: 3, cut: 1000, rows: 1, high: 1, low: 1, heard: 0 });
    expect(stream.said.map((each) => (typeof each === 'string' ? each : each.kind))).toEqual([
      'definition',
      'batch 1 of table 1: 1 rows',
      'teach-asked',
      'teaching-ends',
      'digest-verdict',
      'batch 2 of table 1: 1 rows',
      'digest',
    ]);
  });

  it('is lost where there is no connection', () => {
    const { link, told } = givenLink();
    link.define(TABLE);
    expect(link.add(1, row())).toBe(0);
    link.flush();
    link.acknowledge(1);
    link.end('whatever');
    expect(link).toMatchObject({ window: 'open', received: 0, underWay: { rows: 0 } });
    expect([link.sentOf(1), told]).toEqual([0, []]);
  });
});

describe('rows', () => {
  it('leave at once while they are few, and then gathered for a moment', async () => {
    const { stream, link, clock } = await greeted();
    const many = 8;
    for (let batch = 1; batch <= many; batch += 1) {
      expect(link.add(1, row())).toBe(batch);
      link.flush();
      expect(stream.said.at(-1)).toBe(`batch ${String(batch)} of table 1: 1 rows`);
    }
    link.add(1, row());
    link.flush();
    link.add(1, row());
    link.flush();
    expect([stream.said.length, link.underWay.rows]).toEqual([many, many + 2]);
    expect(link.sentOf(1)).toBe(many + 1);
    const before = clock.time;
    clock.ringNext();
    expect(clock.time - before).toBe(1);
    expect(stream.said.at(-1)).toBe('batch 9 of table 1: 2 rows');
    expect(link.sentOf(1)).toBe(many + 1);
    clock.time = instant(clock.time + 1);
    link.add(1, row());
    link.flush();
    expect(stream.said.at(-1)).toBe('batch 10 of table 1: 1 rows');
  });

  it('behind many full batches wait no longer than one batch would', async () => {
    const { stream, link, clock } = await greeted();
    for (let table = 1; table <= 100; table += 1) {
      link.add(table, row());
    }
    link.flush();
    expect(stream.said.length).toBe(99);
    const before = clock.time;
    clock.ringNext();
    expect([stream.said.length, clock.time - before]).toEqual([100, 1]);
  });

  it('of another table, and more than a batch takes, do not wait', async () => {
    const { stream, link } = await greeted();
    link.add(1, row());
    expect(link.add(2, LONG)).toBe(2);
    link.add(2, LONG);
    expect(link.add(2, LONG)).toBe(2);
    expect(link.add(2, LONG)).toBe(3);
    expect(stream.said).toEqual(['batch 1 of table 1: 1 rows', 'batch 2 of table 2: 3 rows']);
    expect([link.sentOf(1), link.sentOf(2), link.sentOf(3)]).toEqual([1, 3, 0]);
  });

  it('shut the window when too many are on their way, until enough were acknowledged', async () => {
    const { stream, link, told, clock } = await greeted();
    const { time } = clock;
    let sequence = 0;
    while (link.window === 'open') {
      sequence = link.add(1, LONG);
    }
    expect(sequence * 3 * 14_000).toBeGreaterThanOrEqual(WINDOW_BYTES);
    expect(link.underWay).toEqual({ rows: sequence * 3, since: time });
    stream.hear({ kind: 'acknowledged', sequence: 1 });
    expect([link.window, told]).toEqual(['open', ['opened', 'acknowledged 1']]);
    stream.hear({ kind: 'acknowledged', sequence });
    expect(link.underWay).toEqual({ rows: 0, since: undefined });
    expect(told).toEqual(['opened', 'acknowledged 1', `acknowledged ${String(sequence)}`]);
  });

  it('shut it too while the stream is busy', async () => {
    const { stream, link, told } = await greeted();
    stream.room = 'busy';
    link.add(1, row());
    link.askToTeach();
    expect(link.window).toBe('shut');
    stream.room = 'sent';
    stream.drain();
    stream.drain();
    expect([link.window, told]).toEqual(['open', ['opened']]);
  });

  it('that came are acknowledged together, and at once when they are many', async () => {
    const { stream, link, clock } = await greeted();
    stream.hear(DEFINITION);
    stream.hearBytes(batch(1));
    stream.hearBytes(batch(2));
    link.acknowledge(1);
    link.acknowledge(2);
    expect(stream.said).toEqual([]);
    clock.ringNext();
    expect(stream.said).toEqual([{ kind: 'acknowledged', sequence: 2 }]);
    link.acknowledge(1);
    clock.ringNext();
    let sequence = 2;
    for (let bytes = 0; bytes < WINDOW_BYTES / 2; bytes += batch(1).length) {
      sequence += 1;
      stream.hearBytes(batch(sequence));
    }
    link.acknowledge(sequence);
    expect(stream.said.at(-1)).toEqual({ kind: 'acknowledged', sequence });
  });

  it('of the other node make what is stamped here greater', async () => {
    const { stream, rowClock, clock } = await greeted();
    const ahead = clock.wallTime() + 1500;
    stream.hear(DEFINITION);
    stream.hearBytes(batch(1, ahead));
    expect(rowClock.stamp(rowClock.now())).toBeGreaterThan(ahead);
  });
});

describe('a link ends, and is sought again,', () => {
  it.each<[string, (stream: HandStream) => void]>([
    [
      'rows of a table that was not defined',
      (stream) => {
        stream.hearBytes(batch(1));
      },
    ],
    [
      'batch 2 behind 0',
      (stream) => {
        stream.hear(DEFINITION);
        stream.hearBytes(batch(2));
      },
    ],
    [
      'version is out-of-range',
      (stream) => {
        stream.hear(DEFINITION);
        stream.hearBytes(batch(1, 1_700_001_000_000));
      },
    ],
    [
      'acknowledges batch 1, which never left',
      (stream) => {
        stream.hear({ kind: 'acknowledged', sequence: 1 });
      },
    ],
    [
      'sends more than was acknowledged allows',
      (stream) => {
        stream.hear(DEFINITION);
        let sequence = 0;
        for (let bytes = 0; bytes <= 2 * WINDOW_BYTES + 65_536; bytes += 45_000) {
          sequence += 1;
          stream.hearBytes(longBatch(sequence));
        }
      },
    ],
    [
      'a second hello',
      (stream) => {
        stream.hear(HELLO, { kind: 'teach-asked' });
      },
    ],
    [
      'frame length is out-of-range',
      (stream) => {
        stream.hearBytes(new Uint8Array(4));
      },
    ],
    [
      'clock is truncated',
      (stream) => {
        stream.hearBytes(Uint8Array.of(0, 0, 0, 1, 9));
      },
    ],
    [
      'defines more than 1000 tables',
      (stream) => {
        for (let id = 0; id <= MOST_DEFINED_TABLES; id += 1) {
          stream.hear({ kind: 'definition', table: { ...TABLE, id } });
        }
      },
    ],
  ])('because of %s', async (why, lie) => {
    const { stream, told, link, answers, clock } = await greeted();
    lie(stream);
    expect(told.at(-1)).toContain(`down: ${why}`);
    expect(link.status.problem).toContain(why);
    expect(stream.state).toBe('closed');
    stream.hear({ kind: 'teach-asked' });
    expect(told.at(-1)).toContain('down');
    const next = new HandStream();
    answers.push(next);
    clock.ringNext();
    await settled();
    next.hear(HELLO);
    expect([link.status.state, link.received]).toEqual(['up', 0]);
  });

  it('because something came before a hello', async () => {
    const { link, answers, told } = givenLink();
    const stream = new HandStream();
    answers.push(stream);
    link.begin();
    await settled();
    stream.hear({ kind: 'teach-asked' });
    expect([stream.state, link.status.problem, told]).toEqual([
      'closed',
      'something before a hello',
      [],
    ]);
  });

  it('because the other end has stopped reading', async () => {
    const { stream, link, told } = await greeted();
    stream.room = 'full';
    link.add(1, row());
    link.askToTeach();
    link.askToTeach();
    expect(told).toEqual(['down: the other end has stopped reading']);
  });

  it('because nothing was heard for five seconds; what was late itself listens again first', async () => {
    const { stream, told, clock } = await greeted();
    for (let seconds = 0; seconds < 5; seconds += 1) {
      clock.ringNext();
    }
    expect([stream.said.length, told]).toEqual([5, []]);
    expect(stream.said[0]).toMatchObject({ kind: 'alive' });
    clock.ringNext(3000);
    expect(told).toEqual([]);
    stream.hear({ kind: 'alive', clock: clock.wallTime() });
    for (let seconds = 0; seconds < 6; seconds += 1) {
      clock.ringNext();
    }
    expect(told).toEqual(['down: nothing was heard on it for too long']);
  });

  it('with all that was on its way', async () => {
    const { stream, link, told, clock } = await greeted();
    clock.time = instant(clock.time + 10);
    link.add(1, row());
    link.flush();
    link.add(1, row());
    link.flush();
    link.acknowledge(1);
    stream.lose('reset');
    expect(told).toEqual(['down: reset']);
    expect(link.underWay).toEqual({ rows: 0, since: undefined });
    link.stop();
    expect(clock.pending()).toEqual([]);
  });
});
