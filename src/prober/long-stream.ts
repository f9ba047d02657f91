/** One long-lived stream through the virtual address, from its opening to its break. */
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import type { Instant, Millis } from '../base/time.js';
import { between } from '../base/time.js';
import type { Clock } from '../ports/clock.js';
import { END_OF_HEAD, HEAD_MAX_BYTES, hostOf, parseHead, requestFor } from './http-head.js';
import type { ProbeTarget, StreamBreak, StreamBreakKind } from './sample.js';

export interface LongStreamHandlers {
  /** The head of the answer has come: from now on an end is a break. Called at most once. */
  readonly opened: () => void;
  /** Called at most once, and only after `opened`: a stream that was refused was not broken. */
  readonly broken: (how: StreamBreak) => void;
}

export class LongStream {
  readonly #socket: Socket;
  readonly #clock: Clock;
  readonly #handlers: LongStreamHandlers;
  readonly #openedAt: Instant;
  #lastHeardAt: Instant;
  #head = '';
  #state: 'opening' | 'open' | 'ended' = 'opening';

  constructor(target: ProbeTarget, clock: Clock, handlers: LongStreamHandlers) {
    this.#clock = clock;
    this.#handlers = handlers;
    this.#openedAt = clock.now();
    this.#lastHeardAt = this.#openedAt;
    this.#socket = connect({ host: target.host, port: target.port, noDelay: true });
    this.#socket.setEncoding('latin1');
    this.#socket.on('connect', () => this.#socket.write(requestFor('/stream', hostOf(target))));
    this.#socket.on('data', (chunk: string) => {
      this.#hear(chunk);
    });
    this.#socket.on('error', () => {
      this.#end('reset');
    });
    this.#socket.on('close', () => {
      this.#end('closed');
    });
  }

  get ended(): boolean {
    return this.#state === 'ended';
  }

  /** Ends it as stalled where nothing was heard for longer than `patience`. */
  check(patience: Millis): void {
    if (between(this.#lastHeardAt, this.#clock.now()) > patience) {
      this.#end('stalled');
      this.#socket.destroy();
    }
  }

  /** Ends it; that is no break. Idempotent. */
  close(): void {
    this.#state = 'ended';
    this.#socket.destroy();
  }

  #hear(chunk: string): void {
    this.#lastHeardAt = this.#clock.now();
    if (this.#state === 'opening') {
      this.#head = (this.#head + chunk).slice(0, HEAD_MAX_BYTES);
      if (this.#head.includes(END_OF_HEAD)) {
        this.#state = 'open';
        this.#handlers.opened();
      }
    }
  }

  #end(how: StreamBreakKind): void {
    const wasOpen = this.#state === 'open';
    this.#state = 'ended';
    if (wasOpen) {
      const { node, server } = parseHead(this.#head);
      const openedAt = this.#openedAt;
      this.#handlers.broken({ openedAt, brokenAt: this.#clock.now(), how, node, server });
    }
  }
}
