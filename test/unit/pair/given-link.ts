/** A pair link whose other end, time and streams are in the test's hands. */
import { ok } from '../../../src/base/result.js';
import type { Ip } from '../../../src/base/ip.js';
import { millis } from '../../../src/base/time.js';
import type { PeerEvent } from '../../../src/core/node-peer.js';
import type { GroupView } from '../../../src/core/peer-view.js';
import { PairLink } from '../../../src/pair/pair-link.js';
import type {
  PairListener,
  PairRefusal,
  PairStream,
  PairStreamHandlers,
} from '../../../src/ports/pair-transport.js';
import type { LogEvent } from '../../../src/telemetry/events.js';
import { encodeFrame, FrameReader } from '../../../src/wire/pair/frame.js';
import type { PairMessage } from '../../../src/wire/pair/message.js';
import { PAIR_PROTOCOL, readMessage, writeMessage } from '../../../src/wire/pair/message.js';
import type { PairRegister } from '../../../src/wire/pair/registers.js';
import { HandClock } from '../engine/fakes.js';

export const HELLO: PairMessage = {
  kind: 'hello',
  node: 'lb2',
  release: '0.1.0',
  oldest: 1,
  newest: 4,
};
export const VIEW: GroupView = {
  group: 'web',
  role: 'backup',
  priority: 253,
  interval: millis(1000),
  address: '10.77.0.2' as Ip,
  lan: 'reachable',
};

/** One end of a stream; the test is the other. */
export class HandStream implements PairStream {
  readonly said: PairMessage[] = [];
  state: 'open' | 'closed' = 'open';
  room: 'sent' | 'full' = 'sent';
  #handlers: PairStreamHandlers | undefined;
  readonly #reader = new FrameReader();

  readonly peer: string | undefined;

  constructor(peer?: string) {
    this.peer = peer;
  }

  send(bytes: Uint8Array): 'sent' | 'full' {
    const frames = this.#reader.push(bytes);
    for (const frame of frames.ok && this.room === 'sent' ? frames.value : []) {
      const message = readMessage(frame);
      this.said.push(...(message.ok && message.value !== undefined ? [message.value] : []));
    }
    return this.room;
  }

  begin(handlers: PairStreamHandlers): void {
    this.#handlers = handlers;
  }

  close(): void {
    this.state = 'closed';
  }

  hear(message: PairMessage): void {
    this.hearBytes(encodeFrame(writeMessage(message, PAIR_PROTOCOL.newest)));
  }

  hearBytes(bytes: Uint8Array): void {
    this.#handlers?.received(bytes);
  }

  lose(detail: string): void {
    this.#handlers?.closed(detail);
  }
}

export interface Given {
  readonly link: PairLink;
  readonly clock: HandClock;
  readonly events: LogEvent[];
  readonly dispatched: PeerEvent[];
  readonly views: GroupView[];
  /** What the next attempts to dial come to; silence where there are none. */
  readonly answers: (HandStream | PairRefusal)[];
  readonly attempts: number[];
  /** From where and to where. */
  readonly dialled: string[];
  readonly listeners: ReadonlyMap<string, PairListener>;
  /** Undefined until it listens. */
  listener: PairListener | undefined;
  listens: 'no' | 'yes';
  /** How often the other daemon could be talked to. */
  met: number;
  readonly registers: PairRegister[];
  /** What it heard that the pair's clock reads. */
  readonly pairTimes: number[];
}

/** Second addresses, of the other family. */
export const SECOND = { own: '2001:db8::1' as Ip, peer: '2001:db8::2' as Ip };

/** lb1 dials, lb3 listens; the peer is lb2. */
export function given(
  own: 'lb1' | 'lb3',
  refusal?: PairRefusal,
  second?: { readonly own: Ip; readonly peer: Ip },
): Given {
  const clock = new HandClock();
  const dispatched: PeerEvent[] = [];
  const events: LogEvent[] = [];
  const views: GroupView[] = [VIEW];
  const answers: (HandStream | PairRefusal)[] = [];
  const attempts: number[] = [];
  const dialled: string[] = [];
  const listeners = new Map<string, PairListener>();
  const link = new PairLink(
    {
      own: { name: own, address: '10.77.1.1' as Ip, fallback: second?.own },
      peer: { name: 'lb2', address: '10.77.1.2' as Ip, fallback: second?.peer },
      port: 5112,
      every: millis(100),
      release: '0.1.0',
      protocol: PAIR_PROTOCOL,
    },
    {
      clock,
      random: { fraction: () => 1 },
      log: { tell: (event) => events.push(event) },
      dispatch: (event) => dispatched.push(event),
      views: () => [...views],
      answer: (ask, body) =>
        Promise.resolve(ask === 'echo' ? ok(body) : { ok: false, error: `what is ${ask}?` }),
      met: () => {
        all.met += 1;
      },
      history: {
        pairTime: () => clock.now() + 0.5,
        heardPairTime: (said) => all.pairTimes.push(said),
      },
      heardRegisters: (registers) => all.registers.push(...registers),
      transport: {
        listen: ({ address }, listener) => {
          if (refusal !== undefined) {
            return Promise.resolve({ ok: false, error: refusal });
          }
          all.listener ??= listener;
          listeners.set(address, listener);
          all.listens = 'yes';
          return Promise.resolve(
            ok(() => {
              listeners.delete(address);
              all.listens = 'no';
            }),
          );
        },
        dial: ({ attempt, address }, to) => {
          attempts.push(attempt);
          dialled.push(`${address} > ${to.address}`);
          const answer = answers.shift();
          if (answer === undefined) {
            return new Promise(() => undefined);
          }
          return Promise.resolve(
            answer instanceof HandStream ? ok(answer) : { ok: false, error: answer },
          );
        },
      },
    },
  );
  const all: Given = {
    link,
    clock,
    events,
    dispatched,
    views,
    answers,
    attempts,
    dialled,
    listeners,
    listener: undefined,
    listens: 'no',
    met: 0,
    registers: [],
    pairTimes: [],
  };
  return all;
}
