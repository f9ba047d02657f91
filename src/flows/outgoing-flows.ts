/**
 * What leaves on one connection: of each flow the last that became of it, and lists of all of them before. Nothing is read ahead
 * of the window but what there is room for: then all that waits is forgotten, and a new list is wanted in its place.
 */
import type { Instant } from '../base/time.js';
import { between, instant, later, millis } from '../base/time.js';
import type { Alarm, Clock } from '../ports/clock.js';
import type { Flow } from '../wire/conntrack/flow.js';
import type { FlowId } from '../wire/conntrack/flow-id.js';
import type { FlowWord } from '../wire/flows/batch.js';
import { BatchWriter } from '../wire/flows/batch.js';
import type { Buckets, FlowMessage } from '../wire/flows/message.js';

export interface OutgoingPorts {
  readonly clock: Clock;
  readonly link: {
    readonly window: 'open' | 'shut';
    /** A whole frame with so many words. */
    send(frame: Uint8Array, words: number): void;
    say(message: ListMark): void;
  };
}

type ListMark = Extract<FlowMessage, { readonly kind: 'list-begins' | 'list-ends' }>;

/** Flows whose news wait; a burst of 200,000 connections has some 65,000 of them at a time. */
export const MOST_WAITING = 131_072;
/** Batches leave no more often than that: each costs both nodes a turn. */
const BATCH_EVERY = millis(1);

interface Waiting {
  readonly word: FlowWord;
  /** Since when there is something to tell of it. */
  readonly since: Instant;
}

type Listed =
  | { readonly kind: 'batch'; readonly frame: Uint8Array; readonly words: number }
  | { readonly kind: 'mark'; readonly mark: ListMark };

export class OutgoingFlows {
  readonly #ports: OutgoingPorts;
  readonly #batch = new BatchWriter();
  readonly #listBatch = new BatchWriter();
  readonly #waiting = new Map<FlowId, Waiting>();
  /** In order, from {@link #listedAt} on. */
  #listed: Listed[] = [];
  #listedAt = 0;
  #listing: 'no' | 'yes' = 'no';
  /** A list was begun and not ended: its rest had no room. */
  #state: 'whole' | 'overflowed' = 'whole';
  #alarm: Alarm | undefined;
  #sentAt: Instant;

  constructor(ports: OutgoingPorts) {
    this.#ports = ports;
    this.#sentAt = instant(ports.clock.now() - BATCH_EVERY);
  }

  /** Flows of which there is something to tell. */
  get waiting(): number {
    return this.#waiting.size + this.#listed.length - this.#listedAt;
  }

  /** All that the other node is to know has left. */
  get isEmpty(): boolean {
    return this.waiting === 0 && this.#listing === 'no' && this.#state === 'whole';
  }

  /** What was told last of it, and has not left. */
  lastOf(id: FlowId): FlowWord['kind'] | undefined {
    return this.#waiting.get(id)?.word.kind;
  }

  /** `overflowed`: what waited is forgotten, and nothing more is taken until a list of everything begins. */
  add(id: FlowId, word: FlowWord, since: Instant): 'good' | 'overflowed' {
    if (this.#state === 'overflowed') {
      return 'overflowed';
    }
    const former = this.#waiting.get(id);
    if (former === undefined && this.#waiting.size >= MOST_WAITING) {
      this.#overflow();
      return 'overflowed';
    }
    this.#waiting.set(id, { word, since: former?.since ?? since });
    return 'good';
  }

  /** News are kept back until all of the list has left. */
  beginList(buckets: Buckets): void {
    this.#state = 'whole';
    this.#listing = 'yes';
    this.#listed.push({ kind: 'mark', mark: { kind: 'list-begins', buckets } });
    this.#send();
  }

  list(flow: Flow): void {
    if (this.#state === 'whole') {
      const word: FlowWord = { kind: 'is', flow };
      if (this.#listBatch.isClosedTo(word)) {
        this.#closeListBatch();
      }
      this.#listBatch.add(word);
    }
  }

  endList(buckets: Buckets): void {
    if (this.#state === 'whole') {
      this.#closeListBatch();
      this.#listed.push({ kind: 'mark', mark: { kind: 'list-ends', buckets } });
    }
    this.#listing = 'no';
    this.#send();
  }

  /** It could not be read to its end. */
  breakList(): void {
    this.#listing = 'no';
    this.#overflow();
  }

  /** What waits leaves now, or a moment later where some has just left. */
  flush(): void {
    const { clock } = this.#ports;
    if (this.#alarm !== undefined || this.waiting === 0) {
      return;
    }
    const now = clock.now();
    const due = later(this.#sentAt, BATCH_EVERY);
    if (between(now, due) <= 0) {
      this.#send();
    } else {
      this.#alarm = clock.alarm(due, () => {
        this.#alarm = undefined;
        this.#send();
      });
    }
  }

  /** There is no connection any more. */
  stop(): void {
    this.#alarm?.cancel();
    this.#alarm = undefined;
  }

  #overflow(): void {
    this.#state = 'overflowed';
    this.#waiting.clear();
    this.#listBatch.take(0);
    this.#listed = [];
    this.#listedAt = 0;
  }

  #send(): void {
    const { link, clock } = this.#ports;
    while (link.window === 'open' && this.#listedAt < this.#listed.length) {
      this.#sendListed();
    }
    if (this.#listedAt >= this.#listed.length) {
      this.#listed = [];
      this.#listedAt = 0;
    }
    const mayTell = this.#listing === 'no' && this.#listed.length === 0;
    while (mayTell && link.window === 'open' && this.#waiting.size > 0) {
      this.#sendWaiting();
    }
    this.#sentAt = clock.now();
  }

  #closeListBatch(): void {
    const { words } = this.#listBatch;
    if (words > 0) {
      // Encoded at once: that takes a tenth of the memory.
      this.#listed.push({ kind: 'batch', frame: this.#listBatch.take(0), words });
    }
    this.#send();
  }

  #sendListed(): void {
    const { link } = this.#ports;
    const next = this.#listed[this.#listedAt];
    this.#listedAt += 1;
    if (next?.kind === 'batch') {
      link.send(next.frame, next.words);
    } else if (next !== undefined) {
      link.say(next.mark);
    }
  }

  #sendWaiting(): void {
    const { link } = this.#ports;
    let since: Instant | undefined;
    for (const [id, waiting] of this.#waiting) {
      if (this.#batch.isClosedTo(waiting.word)) {
        break;
      }
      this.#batch.add(waiting.word);
      this.#waiting.delete(id);
      since = since === undefined || waiting.since < since ? waiting.since : since;
    }
    const { words } = this.#batch;
    link.send(this.#batch.take(since ?? 0), words);
  }

  /** The window is open again. */
  opened(): void {
    this.#send();
  }
}
