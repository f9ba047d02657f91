/** One stream to the other flow replicator: its hello, batches in their order, and the words between them. */
import type { WordOf } from '../pair/frame-session.js';
import { FrameSession, violationText } from '../pair/frame-session.js';
import type { PairStream } from '../ports/pair-transport.js';
import { FlowRecordReader } from '../wire/conntrack/record.js';
import type { FlowBatch } from '../wire/flows/batch.js';
import { BATCH_TYPE, readBatch } from '../wire/flows/batch.js';
import type { FlowMessage } from '../wire/flows/message.js';
import { readFlowMessage, writeFlowMessage } from '../wire/flows/message.js';

/** What is said once both have said hello. */
export type FlowLinkWord = WordOf<FlowMessage>;

export interface FlowSessionHandlers {
  readonly greeted: () => void;
  readonly heard: (session: FlowSession, word: FlowLinkWord) => void;
  /** The one that follows the last, and how long it was. */
  readonly batch: (session: FlowSession, batch: FlowBatch, bytes: number) => void;
  readonly drained: (session: FlowSession) => void;
  /** Once, whoever ended it. */
  readonly ended: (why: string) => void;
}

/** Of this protocol. Types that an older one does not know are skipped by it. */
const PROTOCOL = 1;

export class FlowSession {
  readonly #frames: FrameSession<FlowMessage>;
  readonly #records = new FlowRecordReader();
  readonly #handlers: FlowSessionHandlers;
  #received = 0;

  constructor(
    stream: PairStream,
    { own, peer }: { readonly own: string; readonly peer: string },
    handlers: FlowSessionHandlers,
  ) {
    this.#handlers = handlers;
    this.#frames = new FrameSession<FlowMessage>(
      stream,
      {
        ...{ peer, batchType: BATCH_TYPE, write: writeFlowMessage, read: readFlowMessage },
        hello: { kind: 'hello', protocol: PROTOCOL, node: own },
      },
      {
        greeted: handlers.greeted,
        heard: (word) => {
          handlers.heard(this, word);
        },
        batch: (body) => {
          this.#batch(body);
        },
        drained: () => {
          handlers.drained(this);
        },
        ended: handlers.ended,
      },
    );
  }

  begin(): void {
    this.#frames.begin();
  }

  say(word: FlowLinkWord): void {
    this.#frames.say(word);
  }

  /** A whole frame. `busy`: it is queued, and more should wait. */
  send(frame: Uint8Array): 'sent' | 'busy' {
    return this.#frames.write(frame);
  }

  /** Idempotent. */
  end(why: string): void {
    this.#frames.end(why);
  }

  #batch(body: Uint8Array): void {
    const batch = readBatch(body, this.#records);
    if (!batch.ok) {
      this.end(violationText(batch.error));
    } else if (batch.value.sequence !== this.#received + 1) {
      this.end(`batch ${String(batch.value.sequence)} behind ${String(this.#received)}`);
    } else {
      this.#received += 1;
      this.#handlers.batch(this, batch.value, body.length);
    }
  }
}
