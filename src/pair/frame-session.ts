/** One stream to the other node's process of the same kind: who it is, and then frames. */
import type { Result } from '../base/result.js';
import type { PairStream } from '../ports/pair-transport.js';
import type { PeersViolation } from '../wire/peers/payload.js';
import type { LinkFrame } from '../wire/tables/frame.js';
import { encodeLinkFrame, LinkFrameReader } from '../wire/tables/frame.js';

/** What both ends say, but for what comes in batches. */
interface AnyMessage {
  readonly kind: string;
}

/** Each says it first, and once. */
interface AnyHello {
  readonly kind: 'hello';
  readonly node: string;
}

type HelloOf<Message extends AnyMessage> = Extract<Message, AnyHello>;
export type WordOf<Message extends AnyMessage> = Exclude<Message, { readonly kind: 'hello' }>;

export interface FrameParties<Message extends AnyMessage> {
  /** The other node's name. */
  readonly peer: string;
  readonly hello: HelloOf<Message>;
  readonly write: (message: Message) => LinkFrame;
  /** Undefined where a later version says something that we do not know. */
  readonly read: (frame: LinkFrame) => Result<Message | undefined, PeersViolation>;
  /** The type of frames that are told as they are. */
  readonly batchType: number;
}

export interface FrameSessionHandlers<Message extends AnyMessage> {
  /** The other end is who it should be. */
  readonly greeted: (hello: HelloOf<Message>) => void;
  readonly heard: (word: WordOf<Message>) => void;
  readonly batch: (body: Uint8Array) => void;
  readonly drained: () => void;
  /** Once, whoever ended it. */
  readonly ended: (why: string) => void;
}

export class FrameSession<Message extends AnyMessage> {
  readonly #stream: PairStream;
  readonly #parties: FrameParties<Message>;
  readonly #handlers: FrameSessionHandlers<Message>;
  readonly #reader = new LinkFrameReader();
  #other: 'unknown' | 'greeted' = 'unknown';
  #state: 'open' | 'ended' = 'open';

  constructor(
    stream: PairStream,
    parties: FrameParties<Message>,
    handlers: FrameSessionHandlers<Message>,
  ) {
    this.#stream = stream;
    this.#parties = parties;
    this.#handlers = handlers;
  }

  begin(): void {
    this.#stream.begin({
      received: (bytes) => {
        this.#receive(bytes);
      },
      drained: this.#handlers.drained,
      closed: (detail) => {
        this.end(detail);
      },
    });
    this.say(this.#parties.hello);
  }

  say(message: Message): void {
    this.write(encodeLinkFrame(this.#parties.write(message)));
  }

  /** A whole frame. `busy`: it is queued, and more should wait. */
  write(frame: Uint8Array): 'sent' | 'busy' {
    if (this.#state === 'ended') {
      return 'sent';
    }
    const sent = this.#stream.send(frame);
    if (sent === 'full') {
      this.end('the other end has stopped reading');
    }
    return sent === 'busy' ? 'busy' : 'sent';
  }

  /** Idempotent. */
  end(why: string): void {
    if (this.#state === 'open') {
      this.#state = 'ended';
      this.#stream.close();
      this.#handlers.ended(why);
    }
  }

  #receive(bytes: Uint8Array): void {
    if (this.#state === 'ended') {
      return;
    }
    const frames = this.#reader.push(bytes);
    if (!frames.ok) {
      this.end(violationText(frames.error));
      return;
    }
    for (const frame of frames.value) {
      // Whatever ends it in the middle ends all behind it.
      if (this.#isOpen()) {
        this.#take(frame);
      }
    }
  }

  #isOpen(): boolean {
    return this.#state === 'open';
  }

  #take(frame: LinkFrame): void {
    const { read, batchType } = this.#parties;
    if (frame.type === batchType && this.#other === 'greeted') {
      this.#handlers.batch(frame.body);
      return;
    }
    const message = read(frame);
    if (!message.ok) {
      this.end(violationText(message.error));
    } else if (isHello(message.value)) {
      this.#greet(message.value);
    } else if (this.#other === 'unknown') {
      this.end('something before a hello');
    } else if (message.value !== undefined) {
      this.#handlers.heard(message.value as WordOf<Message>);
    }
  }

  #greet(hello: HelloOf<Message>): void {
    const { peer } = this.#parties;
    if (this.#other === 'greeted') {
      this.end('a second hello');
    } else if (hello.node !== peer || (this.#stream.peer ?? peer) !== peer) {
      this.end(`says that it is ${hello.node}, expected ${peer}`);
    } else {
      this.#other = 'greeted';
      this.#handlers.greeted(hello);
    }
  }
}

function isHello<Message extends AnyMessage>(
  message: Message | undefined,
): message is HelloOf<Message> {
  return message?.kind === 'hello';
}

/** One sentence for people. */
export function violationText({ code, where, found, expected }: PeersViolation): string {
  return `${where} is ${code}: found ${String(found)}, expected ${expected}`;
}
