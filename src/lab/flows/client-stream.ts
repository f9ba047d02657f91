/** One long TCP stream of a client: messages at a pace, both ways, each checked. */
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import type { Ip } from '../../base/ip.js';
import { withPort } from '../../base/ip.js';
import type { Clock } from '../../ports/clock.js';
import { Hearing } from './hearing.js';
import type { Heard } from './message.js';
import { corruptBytes, NOTHING_HEARD, readHead, writeMessage } from './message.js';
import { Pieces } from './pieces.js';
import type { FlowSeen } from './traffic-report.js';

export interface FlowTarget {
  readonly host: Ip;
  readonly port: number;
}

/** A flow that speaks whenever it is told to. */
export interface ClientFlow {
  speak(): void;
  seen(): FlowSeen;
  close(): void;
}

/** One that is refused, or cut before the first word, dials again: the service may not be there yet. */
export class ClientStream implements ClientFlow {
  #socket: Socket;
  readonly #target: FlowTarget;
  readonly #number: number;
  readonly #clock: Clock;
  readonly #pieces = new Pieces();
  readonly #hearing = new Hearing();
  readonly #servers = new Set<number>();
  #sent = 0;
  #heard = 0;
  #server: Heard = NOTHING_HEARD;
  #ended: string | undefined;

  constructor(number: number, target: FlowTarget, clock: Clock) {
    this.#number = number;
    this.#target = target;
    this.#clock = clock;
    this.#socket = this.#dialled();
  }

  /** While the other side takes nothing, nothing piles up: the message is said later. */
  speak(): void {
    if (this.#ended !== undefined && this.#heard === 0) {
      this.#ended = undefined;
      this.#sent = 0;
      this.#socket = this.#dialled();
    } else if (this.#socket.readyState === 'open' && !this.#socket.writableNeedDrain) {
      const heard = this.#hearing.soFar(this.#clock.now());
      this.#socket.write(
        writeMessage({ sender: 0, stream: this.#number, sequence: this.#sent, heard }),
      );
      this.#sent += 1;
    }
  }

  seen(): FlowSeen {
    return {
      protocol: 'tcp',
      target: withPort(this.#target.host, this.#target.port),
      client: this.#hearing.soFar(this.#clock.now()),
      server: this.#server,
      lost: 0,
      servers: this.#servers.size,
      ended: this.#ended,
    };
  }

  close(): void {
    this.#ended ??= 'closed by the client';
    this.#socket.destroy();
  }

  #dialled(): Socket {
    const { host, port } = this.#target;
    const socket = connect({ host, port, noDelay: true });
    socket.on('data', (bytes) => {
      this.#take(bytes);
    });
    socket.on('error', (error) => {
      this.#ended ??= error.message;
    });
    socket.on('close', () => {
      this.#ended ??= 'closed by the other side';
    });
    return socket;
  }

  #take(bytes: Buffer): void {
    for (const piece of this.#pieces.cut(bytes)) {
      const { sender, heard } = readHead(piece);
      const expected = { sender, stream: this.#number, sequence: this.#heard };
      this.#heard += 1;
      const wrong = corruptBytes(piece, expected);
      this.#hearing.heard(this.#clock.now(), wrong);
      if (wrong === 0) {
        this.#servers.add(sender);
        this.#server = heard;
      }
    }
  }
}
