/** One long UDP flow of a client: a hello, then questions at a pace, each of which has one answer. */
import type { Socket } from 'node:dgram';
import { createSocket } from 'node:dgram';
import { familyOf, withPort } from '../../base/ip.js';
import type { Instant } from '../../base/time.js';
import type { Clock } from '../../ports/clock.js';
import type { ClientFlow, FlowTarget } from './client-stream.js';
import { Hearing } from './hearing.js';
import {
  corruptBytes,
  HELLO,
  MESSAGE_BYTES,
  NOTHING_HEARD,
  readHead,
  writeMessage,
} from './message.js';
import type { FlowSeen } from './traffic-report.js';

/** An answer that takes longer than any in a lab has got lost; younger questions are still under way at the end. */
const ANSWERS_WITHIN_MS = 1_000;

export class ClientDatagrams implements ClientFlow {
  readonly #socket: Socket;
  readonly #target: FlowTarget;
  readonly #number: number;
  readonly #clock: Clock;
  readonly #hearing = new Hearing();
  readonly #servers = new Set<number>();
  /** By their numbers: when they were asked. */
  readonly #unanswered = new Map<number, Instant>();
  #asked = 0;
  #state: 'connecting' | 'greeting' | 'open' | 'closed' = 'connecting';

  constructor(number: number, target: FlowTarget, clock: Clock) {
    this.#number = number;
    this.#target = target;
    this.#clock = clock;
    this.#socket = createSocket(familyOf(target.host) === 'ipv4' ? 'udp4' : 'udp6');
    this.#socket.on('message', (bytes) => {
      this.#take(bytes);
    });
    // A port that is not there now may be there again: what counts is whether answers come.
    this.#socket.on('error', () => undefined);
    this.#socket.connect(target.port, target.host, () => {
      this.#state = 'greeting';
    });
  }

  speak(): void {
    if (this.#state === 'greeting') {
      this.#socket.send(HELLO);
    } else if (this.#state === 'open') {
      const heard = this.#hearing.soFar(this.#clock.now());
      const head = { sender: 0, stream: this.#number, sequence: this.#asked, heard };
      this.#unanswered.set(this.#asked, this.#clock.now());
      this.#asked += 1;
      this.#socket.send(writeMessage(head));
    }
  }

  seen(): FlowSeen {
    const now = this.#clock.now();
    const asked = [...this.#unanswered.values()];
    return {
      protocol: 'udp',
      target: withPort(this.#target.host, this.#target.port),
      client: this.#hearing.soFar(now),
      server: NOTHING_HEARD,
      lost: asked.filter((at) => now - at > ANSWERS_WITHIN_MS).length,
      servers: this.#servers.size,
      ended: undefined,
    };
  }

  close(): void {
    this.#state = 'closed';
    this.#socket.close();
  }

  #take(bytes: Buffer): void {
    if (this.#state === 'greeting' && bytes.toString('latin1') === HELLO) {
      this.#state = 'open';
      return;
    }
    if (bytes.length !== MESSAGE_BYTES) {
      return;
    }
    const { sender, sequence } = readHead(bytes);
    const wrong = corruptBytes(bytes, { sender, stream: this.#number, sequence });
    this.#hearing.heard(this.#clock.now(), wrong);
    if (wrong === 0) {
      this.#servers.add(sender);
      this.#unanswered.delete(sequence);
    }
  }
}
