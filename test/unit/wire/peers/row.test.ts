import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  DictionaryReader,
  DictionaryWriter,
  knownText,
} from '../../../../src/wire/peers/dictionary.js';
import type { Entry, RowShape } from '../../../../src/wire/peers/entry.js';
import { readEntry, writeEntry } from '../../../../src/wire/peers/entry.js';
import { MOST_PAYLOAD_BYTES } from '../../../../src/wire/peers/frame.js';
import { PayloadReader, PayloadWriter } from '../../../../src/wire/peers/payload.js';
import type { RowApart } from '../../../../src/wire/peers/row.js';
import { planRows, RowWalker } from '../../../../src/wire/peers/row.js';
import type { Column, DataType } from '../../../../src/wire/peers/table.js';
import { anyEntry, anyTable, TABLE } from './given-peers.js';

const SEED = { high: 1, low: 2 };

function written(entry: Entry, table: RowShape, dictionary = new DictionaryWriter()): Uint8Array {
  const payload = new PayloadWriter();
  writeEntry(payload, entry, { table, dictionary });
  return payload.written;
}

function walked(octets: Uint8Array, table: RowShape, other?: RowShape) {
  const walker = new RowWalker(SEED);
  const range = { at: 0, end: octets.length };
  const is = walker.walk(planRows(table, other), octets, range, new DictionaryReader());
  return { is, walker, key: [walker.key.high, walker.key.low], content: walker.content };
}

/** The row without its text, with something before, between and behind. */
function apart(octets: Uint8Array, walker: RowWalker): RowApart {
  const head = octets.slice(0, walker.headEnd);
  const tail = octets.slice(walker.tailAt);
  return {
    bytes: Uint8Array.from([7, ...head, 7, ...tail, 7]),
    headAt: 1,
    headEnd: 1 + head.length,
    tailAt: 2 + head.length,
    tailEnd: 2 + head.length + tail.length,
  };
}

function column(type: DataType, elements = 1): Column {
  return { type, elements, period: type.endsWith('rate') ? 1000 : undefined };
}

function table(...columns: readonly Column[]): RowShape {
  return { keyType: 'ipv4', keyLength: 4, columns };
}

const KEY = Uint8Array.of(10, 0, 0, 1);
const integers = (...values: readonly (number | bigint)[]) =>
  ({ kind: 'integers', values }) as const;
const text = (value: string | undefined) => ({ kind: 'text', value }) as const;

function contentOf(shape: RowShape, cells: Entry['cells'], other?: RowShape): number {
  return walked(written({ key: KEY, cells, rest: new Uint8Array(0) }, shape), shape, other).content;
}

describe('a walk over a row', () => {
  const rows = anyTable.chain((each) =>
    fc.tuple(fc.constant(each), fc.array(anyEntry(each), { maxLength: 6 })),
  );

  it('accepts what reading accepts, learns the same texts, and finds the same apart from its text', () => {
    fc.assert(
      fc.property(rows, ([shape, entries]) => {
        const ours = new DictionaryWriter();
        const [theirs, learned] = [new DictionaryReader(), new DictionaryReader()];
        const plan = planRows(shape, undefined);
        const [whole, parts] = [new RowWalker(SEED), new RowWalker(SEED)];
        for (const entry of entries) {
          const octets = written(entry, shape, ours);
          const range = { at: 0, end: octets.length };
          expect(whole.walk(plan, octets, range, learned)).toBe('right');
          const read = readEntry(new PayloadReader(octets), shape, theirs);
          const value = read.cells.find(({ kind }) => kind === 'text');
          expect(whole.text?.text).toBe(value?.kind === 'text' ? value.value : undefined);
          const known = whole.text && knownText(whole.text.text);
          expect(parts.walkApart(plan, apart(octets, whole), known)).toBe('right');
          expect([parts.key.high, parts.key.low, parts.content]).toEqual([
            whole.key.high,
            whole.key.low,
            whole.content,
          ]);
        }
      }),
    );
  });

  it('refuses what reading refuses, wherever a row is cut or changed', () => {
    fc.assert(
      fc.property(rows, fc.nat(), fc.nat(255), ([shape, [entry]], place, octet) => {
        fc.pre(entry !== undefined);
        const octets = written(entry, shape);
        const changed = octets.slice();
        changed[place % (octets.length + 1)] = octet;
        for (const noise of [octets.slice(0, place % (octets.length + 1)), changed]) {
          const payload = new PayloadReader(noise);
          readEntry(payload, shape, new DictionaryReader());
          const { is, walker } = walked(noise, shape);
          expect(is).toBe(payload.violation === undefined ? 'right' : 'wrong');
          expect(walker.violation === undefined).toBe(is === 'right');
        }
      }),
      { numRuns: 300 },
    );
  });

  it('refuses a key with a zero, one that is too long, and one whose length is not whole', () => {
    for (const octets of [[3, 1, 0, 2], [33, ...Array<number>(33).fill(1)], [0xff], [5, 1]]) {
      expect(walked(Uint8Array.from(octets), TABLE).is).toBe('wrong');
    }
  });

  it('refuses a slot that means nothing yet, and a row that ends before its text', () => {
    const shape = table(column('server_key'));
    for (const octets of [
      [...KEY, 1, 7],
      [...KEY, 1],
      [...KEY, 2, 7, 1],
    ]) {
      expect(walked(Uint8Array.from(octets), shape).is).toBe('wrong');
    }
    expect(walked(Uint8Array.from([...KEY, 0]), shape)).toMatchObject({ is: 'right' });
  });

  it('refuses a value of more than sixty-four bits, and takes the greatest of them', () => {
    const shape = table(column('gpt0'));
    const most = written({ key: KEY, cells: [integers(2n ** 64n - 1n)], rest: KEY }, shape);
    expect(walked(most, shape).is).toBe('right');
    expect(
      walked(Uint8Array.from([...KEY, ...Array<number>(9).fill(0xff), 0x7f]), shape),
    ).toMatchObject({
      is: 'wrong',
      walker: { violation: { code: 'overflow' } },
    });
    expect(walked(Uint8Array.from([...KEY, ...Array<number>(11).fill(0xff)]), shape).is).toBe(
      'wrong',
    );
  });

  it('refuses a row in parts whose columns before the text are not whole, or more than they should be', () => {
    const shape = table(column('gpt0'), column('server_key'), column('gpc', 2));
    const plan = planRows(shape, undefined);
    const walker = new RowWalker(SEED);
    const parts = (head: readonly number[], tail: readonly number[]): RowApart => ({
      bytes: Uint8Array.from([...head, ...tail]),
      headAt: 0,
      headEnd: head.length,
      tailAt: head.length,
      tailEnd: head.length + tail.length,
    });
    expect(walker.walkApart(plan, parts([...KEY, 1], [2, 3]), undefined)).toBe('right');
    for (const [head, tail] of [
      [[...KEY], [2, 3]],
      [
        [...KEY, 1, 1],
        [2, 3],
      ],
      [[...KEY, 1], [2]],
      [[1], [2, 3]],
    ] as const) {
      expect(walker.walkApart(plan, parts(head, tail), undefined)).toBe('wrong');
    }
    const long = Array<number>(MOST_PAYLOAD_BYTES + 1).fill(1);
    expect(walker.walkApart(plan, parts(long, []), undefined)).toBe('wrong');
    expect(walker.violation?.code).toBe('too-long');
  });

  it('hashes keys under its seed', () => {
    const octets = written({ key: KEY, cells: [], rest: KEY }, table());
    const walker = new RowWalker(SEED);
    const keys = [SEED, { high: 5, low: 6 }].map((seed) => {
      walker.reseed(seed);
      walker.walk(
        planRows(table(), undefined),
        octets,
        { at: 0, end: octets.length },
        new DictionaryReader(),
      );
      return [walker.key.high, walker.key.low];
    });
    expect(keys[0]).not.toEqual(keys[1]);
  });
});

describe('the content of a row', () => {
  const rate = { kind: 'rates', values: [{ age: 1, current: 2, previous: 3 }] } as const;
  const otherRate = { kind: 'rates', values: [{ age: 9, current: 9, previous: 9 }] } as const;

  it('is its lasting values: not rates, and not the connections of one node', () => {
    const shape = table(column('gpc0'), column('gpc0_rate'), column('conn_cur'));
    const content = contentOf(shape, [integers(1), rate, integers(5)]);
    expect(contentOf(shape, [integers(1), otherRate, integers(6)])).toBe(content);
    expect(contentOf(shape, [integers(2), rate, integers(5)])).not.toBe(content);
  });

  it('is the name of a server and not its number, which may differ between the nodes', () => {
    const shape = table(column('server_id'), column('server_key'));
    const content = contentOf(shape, [integers(1), text('web1')]);
    expect(contentOf(shape, [integers(2), text('web1')])).toBe(content);
    expect(contentOf(shape, [integers(1), text('web2')])).not.toBe(content);
    expect(contentOf(shape, [integers(1), text(undefined)])).not.toBe(content);
    const numbered = table(column('server_id'));
    expect(contentOf(numbered, [integers(1)])).not.toBe(contentOf(numbered, [integers(2)]));
    expect(contentOf(numbered, [integers(1)], shape)).toBe(
      contentOf(numbered, [integers(2)], shape),
    );
  });

  it('is what both nodes have, each with as many elements', () => {
    const shape = table(column('gpc0'), column('server_key'), column('gpc', 2));
    const other = table(column('server_key'), column('gpc', 3));
    const plan = planRows(shape, other);
    expect(plan.counted).toEqual(['server_key 1']);
    const content = contentOf(shape, [integers(1), text('a'), integers(1, 2)], other);
    expect(contentOf(shape, [integers(7), text('a'), integers(3, 4)], other)).toBe(content);
    const nameless = table(column('gpc0'));
    expect(contentOf(shape, [integers(1), text('a'), integers(1, 2)], nameless)).toBe(
      contentOf(shape, [integers(1), text('b'), integers(3, 4)], nameless),
    );
  });
});
