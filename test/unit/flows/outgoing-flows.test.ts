/** What leaves on a connection. */
import { describe, expect, it } from 'vitest';
import { instant } from '../../../src/base/time.js';
import { MOST_WAITING, OutgoingFlows } from '../../../src/flows/outgoing-flows.js';
import type { Flow } from '../../../src/wire/conntrack/flow.js';
import { FlowIds } from '../../../src/wire/conntrack/flow-id.js';
import { FlowRecordReader } from '../../../src/wire/conntrack/record.js';
import type { FlowWord } from '../../../src/wire/flows/batch.js';
import { readBatch } from '../../../src/wire/flows/batch.js';
import { FRAME_HEAD_BYTES } from '../../../src/wire/tables/frame.js';
import { HandClock } from '../engine/fakes.js';
import { NATTED } from '../wire/conntrack/given-flows.js';

const PORTS = 65_536;
const ids = new FlowIds();
const flow = (number: number, mark = 0): Flow => ({
  ...NATTED,
  mark,
  original: {
    ...NATTED.original,
    ...{ sourcePort: number % PORTS, destinationPort: Math.floor(number / PORTS) },
  },
});

function wordText(word: FlowWord): string {
  return word.kind === 'is'
    ? `is ${String(word.flow.original.sourcePort)}/${String(word.flow.mark)}`
    : `${word.kind} ${String(word.key.original.sourcePort)}`;
}

function given() {
  const clock = new HandClock();
  const said: string[] = [];
  const link: { window: 'open' | 'shut' } & ConstructorParameters<typeof OutgoingFlows>[0]['link'] =
    {
      window: 'open',
      send: (frame) => {
        const read = readBatch(frame.subarray(FRAME_HEAD_BYTES), new FlowRecordReader());
        said.push((read.ok ? read.value.words : []).map(wordText).join(', '));
      },
      say: ({ kind }) => {
        said.push(kind);
      },
    };
  const outgoing = new OutgoingFlows({ clock, link });
  const is = (number: number, mark = 0) =>
    outgoing.add(ids.of(flow(number)), { kind: 'is', flow: flow(number, mark) }, clock.now());
  return { outgoing, link, said, is, clock };
}

describe('what leaves', () => {
  it('is the last that became of each flow', () => {
    const { outgoing, said, is } = given();
    is(1);
    is(2);
    is(1, 5);
    outgoing.add(ids.of(flow(2)), { kind: 'gone', key: flow(2) }, instant(0));
    outgoing.flush();
    expect(said).toEqual(['is 1/5, gone 2']);
    expect(outgoing.isEmpty).toBe(true);
  });

  it('leaves no more often than every millisecond', () => {
    const { outgoing, said, is, clock } = given();
    is(1);
    outgoing.flush();
    is(2);
    outgoing.flush();
    outgoing.flush();
    expect(said).toEqual(['is 1/0']);
    clock.ringNext();
    expect(said).toEqual(['is 1/0', 'is 2/0']);
    is(3);
    outgoing.flush();
    outgoing.stop();
    expect(outgoing.waiting).toBe(1);
  });

  it('waits behind a list, and while the window is shut', () => {
    const { outgoing, link, said, is } = given();
    outgoing.beginList([0]);
    is(1);
    outgoing.list(flow(7));
    outgoing.flush();
    expect(said).toEqual(['list-begins']);
    link.window = 'shut';
    outgoing.endList([0]);
    expect([said.length, outgoing.waiting]).toEqual([1, 3]);
    link.window = 'open';
    outgoing.opened();
    expect(said).toEqual(['list-begins', 'is 7/0', 'list-ends', 'is 1/0']);
  });

  it('is forgotten where there is no room, and only a new list is taken then', () => {
    const { outgoing, link, said, is } = given();
    link.window = 'shut';
    for (let number = 0; number < MOST_WAITING; number += 1) {
      is(number);
    }
    expect([is(1), is(MOST_WAITING)]).toEqual(['good', 'overflowed']);
    expect([outgoing.waiting, outgoing.isEmpty, is(1)]).toEqual([0, false, 'overflowed']);
    link.window = 'open';
    outgoing.opened();
    expect(said).toEqual([]);
    outgoing.beginList([0]);
    expect(is(1)).toBe('good');
    outgoing.endList([0]);
    expect(said).toEqual(['list-begins', 'list-ends', 'is 1/0']);
  });

  it('a list that could not be read to its end has no end', () => {
    const { outgoing, said } = given();
    outgoing.beginList([0]);
    outgoing.list(flow(1));
    outgoing.breakList();
    outgoing.list(flow(2));
    outgoing.endList([0]);
    expect(said).toEqual(['list-begins']);
  });
});
