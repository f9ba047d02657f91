/** One stream to the other daemon: who it is, which version both speak, and the messages that follow. */
import type { PairStream } from '../ports/pair-transport.js';
import { encodeFrame, FrameReader } from '../wire/pair/frame.js';
import type { Frame } from '../wire/pair/frame.js';
import type { PairHeartbeat, WholeHeartbeat } from '../wire/pair/heartbeat.js';
import type { PairHello } from '../wire/pair/hello.js';
import type { PairMessage, PairProtocol } from '../wire/pair/message.js';
import { readMessage, writeMessage } from '../wire/pair/message.js';
import { SaidGroups } from './said-groups.js';

/** What is said on a connection once both ends have said hello. */
export type SessionWord = Exclude<PairMessage, PairHello | PairHeartbeat> | WholeHeartbeat;

export interface SessionParties {
  readonly own: string;
  readonly peer: string;
  /** Of vipair. */
  readonly release: string;
  readonly protocol: PairProtocol;
}

export interface SessionHandlers {
  /** The other end is who it should be, and a version was found. */
  readonly greeted: (session: PairSession) => void;
  readonly heard: (session: PairSession, message: SessionWord) => void;
  /** Once, whoever ended it. */
  readonly ended: (session: PairSession, why: string) => void;
}

export interface SessionStatus {
  readonly protocol: number;
  /** The other end's vipair. */
  readonly release: string;
  /** Frames of types that this version does not know. */
  readonly skipped: number;
}

export class PairSession {
  readonly #stream: PairStream;
  readonly #parties: SessionParties;
  readonly #handlers: SessionHandlers;
  readonly #reader = new FrameReader();
  readonly #groups = new SaidGroups();
  #agreed: { readonly protocol: number; readonly release: string } | undefined;
  #skipped = 0;
  #state: 'open' | 'ended' = 'open';

  constructor(stream: PairStream, parties: SessionParties, handlers: SessionHandlers) {
    this.#stream = stream;
    this.#parties = parties;
    this.#handlers = handlers;
  }

  /** Undefined until the other end has said who it is. */
  get status(): SessionStatus | undefined {
    return this.#agreed === undefined ? undefined : { ...this.#agreed, skipped: this.#skipped };
  }

  begin(): void {
    this.#stream.begin({
      received: (bytes) => {
        this.#receive(bytes);
      },
      closed: (detail) => {
        this.end(detail);
      },
    });
    const { own: node, release, protocol } = this.#parties;
    const hello = { kind: 'hello', node, release, ...protocol } as const;
    // What says hello is the oldest version, which every other can read.
    this.#write(writeMessage(hello, protocol.oldest));
  }

  /** Nothing is said before both have said hello, nor after the end. */
  say(message: SessionWord): void {
    if (this.#agreed !== undefined) {
      const { protocol } = this.#agreed;
      const word =
        message.kind === 'heartbeat' ? this.#groups.shortened(message, protocol) : message;
      this.#write(writeMessage(word, protocol));
    }
  }

  /** Idempotent. */
  end(why: string): void {
    if (this.#state === 'open') {
      this.#state = 'ended';
      this.#stream.close();
      this.#handlers.ended(this, why);
    }
  }

  #write(frame: Frame): void {
    if (this.#state === 'open' && this.#stream.send(encodeFrame(frame)) === 'full') {
      this.end('the other end has stopped reading');
    }
  }

  #receive(bytes: Uint8Array): void {
    const frames = this.#state === 'open' ? this.#reader.push(bytes) : undefined;
    if (frames === undefined) {
      return;
    }
    if (!frames.ok) {
      const { code, found, expected } = frames.error;
      this.end(`a frame is ${code}: found ${String(found)}, expected ${String(expected)} bytes`);
      return;
    }
    for (const frame of frames.value) {
      this.#take(frame);
    }
  }

  #take(frame: Frame): void {
    if (this.#state === 'ended') {
      return;
    }
    const message = readMessage(frame);
    if (!message.ok) {
      this.end(`${message.error.where}: ${message.error.problem}`);
    } else if (message.value === undefined) {
      this.#skipped += 1;
    } else if (message.value.kind === 'hello') {
      this.#greet(message.value);
    } else if (this.#agreed === undefined) {
      this.end(`a ${message.value.kind} before a hello`);
    } else {
      this.#hear(message.value, this.#agreed.protocol);
    }
  }

  #hear(message: Exclude<PairMessage, PairHello>, protocol: number): void {
    const word = message.kind === 'heartbeat' ? this.#groups.completed(message, protocol) : message;
    if (word === undefined) {
      this.end('a heartbeat without groups, which were not said before');
    } else {
      this.#handlers.heard(this, word);
    }
  }

  #greet({ node, release, oldest, newest }: PairHello): void {
    const { peer, protocol: ours } = this.#parties;
    const protocol = Math.min(newest, ours.newest);
    if (this.#agreed !== undefined) {
      this.end('a second hello');
    } else if (node !== peer || (this.#stream.peer ?? peer) !== peer) {
      this.end(`says that it is ${node}, expected ${peer}`);
    } else if (protocol < oldest || protocol < ours.oldest) {
      this.end(
        `speaks versions ${String(oldest)} to ${String(newest)}, expected one of ${String(ours.oldest)} to ${String(ours.newest)}`,
      );
    } else {
      this.#agreed = { protocol, release };
      this.#handlers.greeted(this);
    }
  }
}
