import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CT_MESSAGE } from '../../../../src/wire/conntrack/attributes.js';
import { DatagramReader } from '../../../../src/wire/conntrack/datagram.js';
import type { Flow } from '../../../../src/wire/conntrack/flow.js';
import { FlowMessageReader } from '../../../../src/wire/conntrack/message-reader.js';
import { inverseOf, PROTOCOL } from '../../../../src/wire/conntrack/protocol.js';
import { FlowRequestWriter, listRequest } from '../../../../src/wire/conntrack/request-writer.js';
import { anyFlow, NATTED, ROUTED, tuple } from './given-flows.js';
import { attribute, nested } from './given-messages.js';

/** Type, flags, sequence, and body of each request. */
function requestsIn(datagram: Uint8Array) {
  const reader = new DatagramReader();
  reader.begin(datagram, datagram.length);
  const requests: { type: number; flags: number; sequence: number; body: Uint8Array }[] = [];
  let end = 0;
  while (reader.next()) {
    const body = datagram.slice(reader.at, reader.end);
    requests.push({ type: reader.type, flags: reader.flags, sequence: reader.sequence, body });
    expect(reader.port).toBe(0);
    end = reader.end;
  }
  expect(end).toBe(datagram.length);
  return requests;
}

function created(flow: Flow): Uint8Array {
  const writer = new FlowRequestWriter(1);
  writer.create(flow, 1);
  return requestsIn(writer.take())[0]!.body;
}

/** The value of the attribute of this type on the outermost level. */
function valueOf(body: Uint8Array, type: number): readonly number[] | undefined {
  for (let at = 4; at < body.length;) {
    const length = body[at]! + body[at + 1]! * 256;
    if (body[at + 2] === type) {
      return [...body.subarray(at + 4, at + length)];
    }
    at += (length + 3) & ~3;
  }
  return undefined;
}

const TRANSLATED_SOURCE = 6;
const TRANSLATED_DESTINATION = 13;

function translations(flow: Flow) {
  const body = created(flow);
  return {
    source: valueOf(body, TRANSLATED_SOURCE),
    destination: valueOf(body, TRANSLATED_DESTINATION),
  };
}

function toIpv4(last: number, port: number | undefined): readonly number[] {
  const bytes = port === undefined ? [] : [port >>> 8, port & 0xff];
  return [
    ...attribute(1, 10, 0, 0, last),
    ...attribute(2, 10, 0, 0, last),
    ...(port === undefined ? [] : nested(3, attribute(1, ...bytes), attribute(2, ...bytes))),
  ];
}

describe('a request that puts a flow there', () => {
  it('says what is known of it, and the answers as if nothing was translated', () => {
    const reader = new FlowMessageReader();
    fc.assert(
      fc.property(anyFlow, (flow) => {
        const body = created(flow);
        const direction = (of: NonNullable<Flow['tcp']>['original']) => ({
          windowScale: of.windowScale,
          // Window scale, selective acknowledgement, close begun; liberal.
          flags: (of.flags & 7) | 8,
        });
        expect(reader.read(body, 0, body.length)).toEqual({
          ...flow,
          reply: inverseOf(flow.original, flow.protocol),
          // Seen reply, assured, fixed timeout; confirmed.
          status: (flow.status & 0x406) | 8,
          timeout: Math.max(1, flow.timeout),
          tcp: flow.tcp && {
            state: flow.tcp.state,
            original: direction(flow.tcp.original),
            reply: direction(flow.tcp.reply),
          },
        });
      }),
    );
  });

  it('says what is translated, and to which ports exactly', () => {
    const flow = { ...NATTED, original: tuple('10.0.0.1', '10.0.0.2', 4_000, 80) };
    const reply = (source: string, destination: string, port: number, answered: number) =>
      translations({ ...flow, reply: tuple(source, destination, port, answered) });
    expect(reply('10.0.0.2', '10.0.0.1', 80, 4_000)).toEqual({});
    expect(reply('10.0.0.3', '10.0.0.1', 80, 4_000)).toEqual({ destination: toIpv4(3, 80) });
    expect(reply('10.0.0.2', '10.0.0.1', 81, 4_000)).toEqual({ destination: toIpv4(2, 81) });
    expect(reply('10.0.0.2', '10.0.0.4', 80, 4_000)).toEqual({ source: toIpv4(4, 4_000) });
    expect(reply('10.0.0.2', '10.0.0.1', 80, 4_001)).toEqual({ source: toIpv4(1, 4_001) });
    expect(reply('10.0.0.3', '10.0.0.4', 81, 4_001)).toEqual({
      destination: toIpv4(3, 81),
      source: toIpv4(4, 4_001),
    });
  });

  it('says of IPv6 what is translated', () => {
    const { source } = translations({ ...ROUTED, reply: { ...ROUTED.reply, destinationPort: 9 } });
    const address = [0xfd, 0x77, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9];
    expect(source).toEqual([
      ...attribute(4, ...address),
      ...attribute(5, ...address),
      ...nested(3, attribute(1, 0, 9), attribute(2, 0, 9)),
    ]);
  });

  it('says of an echo which identifier its source is translated to', () => {
    const echo = {
      ...NATTED,
      protocol: PROTOCOL.icmp,
      tcp: undefined,
      original: tuple('10.0.0.1', '10.0.0.2', 700, 0x800),
    };
    const reply = (source: string, destination: string, id: number) =>
      translations({ ...echo, reply: tuple(source, destination, id, 0) });
    expect(reply('10.0.0.2', '10.0.0.1', 700)).toEqual({});
    expect(reply('10.0.0.2', '10.0.0.1', 701)).toEqual({ source: toIpv4(1, 701) });
    expect(reply('10.0.0.2', '10.0.0.4', 700)).toEqual({ source: toIpv4(4, 700) });
    expect(reply('10.0.0.3', '10.0.0.1', 700)).toEqual({ destination: toIpv4(3, undefined) });
  });

  it('says no ports of a protocol that has none', () => {
    const flow = {
      ...NATTED,
      protocol: 50,
      tcp: undefined,
      original: tuple('10.0.0.1', '10.0.0.2', 0, 0),
      reply: tuple('10.0.0.2', '10.0.0.4', 0, 5),
    };
    expect(translations(flow)).toEqual({ source: toIpv4(4, undefined) });
  });

  it('always fits into the room for it', () => {
    const writer = new FlowRequestWriter(64);
    const [source, destination] = ['fd79::9', 'fd77::100'];
    const longest: Flow = {
      ...NATTED,
      zone: 1,
      mark: 1,
      original: tuple(source, destination, 1, 2),
      reply: tuple(source, destination, 3, 4),
    };
    for (let sequence = 1; sequence <= 64; sequence += 1) {
      writer.create(longest, sequence);
    }
    expect(requestsIn(writer.take())).toHaveLength(64);
  });
});

describe('requests in one datagram', () => {
  it('have numbers of their own, and the last is acknowledged', () => {
    const writer = new FlowRequestWriter(3);
    writer.create(NATTED, 5);
    writer.delete(ROUTED, 6);
    writer.create(ROUTED, 7);
    const requests = requestsIn(writer.take());
    expect(requests.map(({ type, flags, sequence }) => [type, flags, sequence])).toEqual([
      [CT_MESSAGE.create, 0x601, 5],
      [CT_MESSAGE.delete, 0x1, 6],
      [CT_MESSAGE.create, 0x605, 7],
    ]);
    expect(requests.map(({ body }) => body[0])).toEqual([2, 10, 10]);
    writer.delete(NATTED, 8);
    expect(requestsIn(writer.take())).toHaveLength(1);
  });

  it('that are forgotten are not sent', () => {
    const writer = new FlowRequestWriter(2);
    writer.delete(NATTED, 1);
    writer.clear();
    writer.delete(NATTED, 2);
    expect(requestsIn(writer.take()).map(({ sequence }) => sequence)).toEqual([2]);
  });

  it('that remove a flow say its zone', () => {
    const writer = new FlowRequestWriter(1);
    writer.delete({ ...NATTED, zone: 0x0102 }, 1);
    const [request] = requestsIn(writer.take());
    expect(valueOf(request!.body, 18)).toEqual([1, 2]);
    expect(valueOf(request!.body, 2)).toBeUndefined();
  });
});

describe('a request for a list', () => {
  it('asks for both families', () => {
    expect(requestsIn(listRequest(9))).toEqual([
      { type: CT_MESSAGE.get, flags: 0x301, sequence: 9, body: new Uint8Array(4) },
    ]);
  });
});
