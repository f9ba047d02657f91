/** The link to the other flow replicator: how much is on its way, and by how much the other clock is ahead. */
import type { Instant } from '../base/time.js';
import { between, instant } from '../base/time.js';
import type { RoundTrips } from '../core/clock-difference.js';
import { addRoundTrip, clockAhead } from '../core/clock-difference.js';
import { Acknowledgements } from '../pair/acknowledgements.js';
import type { KeptLink, LinkStatus, SessionNews } from '../pair/link-keeper.js';
import { LinkKeeper } from '../pair/link-keeper.js';
import { SendWindow } from '../pair/send-window.js';
import type { Clock } from '../ports/clock.js';
import type { PairStream, PairTransport } from '../ports/pair-transport.js';
import type { Random } from '../ports/random.js';
import type { FlowBatch } from '../wire/flows/batch.js';
import { numberBatch } from '../wire/flows/batch.js';
import type { FlowAlive } from '../wire/flows/message.js';
import type { FlowLinkWord } from './flow-session.js';
import { FlowSession } from './flow-session.js';

export interface FlowLinkPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly transport: PairTransport;
  readonly handlers: FlowLinkHandlers;
}

export interface FlowLinkHandlers {
  readonly up: () => void;
  readonly down: () => void;
  readonly heard: (word: Exclude<FlowLinkWord, FlowAlive | Acknowledged>) => void;
  readonly batch: (batch: FlowBatch, acknowledge: () => void) => void;
  /** The window is open. */
  readonly opened: () => void;
}

type Acknowledged = Extract<FlowLinkWord, { readonly kind: 'acknowledged' }>;

/** All that is of one connection, and forgotten with it. */
interface Connection {
  readonly window: SendWindow;
  readonly acknowledgements: Acknowledgements;
}

export class FlowLink {
  readonly #ports: FlowLinkPorts;
  readonly #keeper: LinkKeeper<FlowSession>;
  #connection: Connection | undefined;
  #stream: 'free' | 'busy' = 'free';
  #trips: RoundTrips = [];
  /** The other end's last word of its clock, and when it came. */
  #heardClock: { readonly clock: number; readonly at: Instant } | undefined;

  constructor(options: KeptLink, ports: FlowLinkPorts) {
    this.#ports = ports;
    const parties = { own: options.own.name, peer: options.peer.name };
    this.#keeper = new LinkKeeper<FlowSession>(options, {
      ...ports,
      open: (stream, news) => this.#open(stream, parties, news),
      counts: (session) => {
        this.#counts(session);
      },
      over: () => {
        this.#connection?.acknowledgements.stop();
        this.#connection = undefined;
        ports.handlers.down();
      },
      live: (session) => {
        session?.say(this.#alive());
      },
    });
  }

  begin(): void {
    this.#keeper.begin();
  }

  stop(): void {
    this.#keeper.stop();
  }

  get status(): LinkStatus {
    return this.#keeper.status;
  }

  get isUp(): boolean {
    return this.#connection !== undefined;
  }

  get window(): 'open' | 'shut' {
    const connection = this.#connection;
    const isOpen = connection !== undefined && !connection.window.isFull && this.#stream === 'free';
    return isOpen ? 'open' : 'shut';
  }

  /** Flows on their way, and since when the oldest batch of them is. */
  get underWay(): { readonly flows: number; readonly since: Instant | undefined } {
    const window = this.#connection?.window;
    return { flows: window?.rows ?? 0, since: window?.since };
  }

  /** Closes the connection because of what was said on it; another one is sought. */
  end(why: string): void {
    this.#keeper.current?.end(why);
  }

  say(word: FlowLinkWord): void {
    this.#keeper.current?.say(word);
  }

  /** A batch with so many words; it gets its number. */
  send(frame: Uint8Array, words: number): void {
    const connection = this.#connection;
    if (connection !== undefined) {
      const at = this.#ports.clock.now();
      const sequence = connection.window.sent + 1;
      numberBatch(frame, sequence);
      connection.window.add({ sequence, bytes: frame.length, rows: words, at });
      if (this.#keeper.current?.send(frame) === 'busy') {
        this.#stream = 'busy';
      }
    }
  }

  /** How long ago, on the other node, that was by its clock; undefined while the clocks are not known to each other. */
  since(theirs: number): number | undefined {
    const now = this.#ports.clock.now();
    const ahead = clockAhead(this.#trips, now);
    return ahead === undefined ? undefined : between(instant(theirs - ahead), now);
  }

  #open(
    stream: PairStream,
    parties: { readonly own: string; readonly peer: string },
    news: SessionNews,
  ): FlowSession {
    const ifCurrent = (from: FlowSession, act: (connection: Connection) => void): void => {
      // Of a connection that was replaced only the end still arrives.
      if (from === this.#keeper.current && this.#connection !== undefined) {
        this.#keeper.heard();
        act(this.#connection);
      }
    };
    return new FlowSession(stream, parties, {
      ...news,
      heard: (from, word) => {
        ifCurrent(from, (connection) => {
          this.#heard(connection, word);
        });
      },
      batch: (from, batch, bytes) => {
        ifCurrent(from, ({ acknowledgements }) => {
          if (acknowledgements.received(batch.sequence, bytes) === 'too much') {
            this.end('sends more than was acknowledged allows');
          } else {
            // When the kernel has it; on another connection that is of no importance any more.
            this.#ports.handlers.batch(batch, () => {
              acknowledgements.acknowledge(batch.sequence);
            });
          }
        });
      },
      drained: (from) => {
        if (from === this.#keeper.current && this.#connection !== undefined) {
          this.#stream = 'free';
          this.#ports.handlers.opened();
        }
      },
    });
  }

  #counts(session: FlowSession): void {
    this.#connection = {
      window: new SendWindow(),
      acknowledgements: new Acknowledgements(this.#ports.clock, (sequence) => {
        session.say({ kind: 'acknowledged', sequence });
      }),
    };
    this.#stream = 'free';
    this.#trips = [];
    this.#heardClock = undefined;
    // Not only after a second: what is told at once has a time, too.
    session.say(this.#alive());
    this.#ports.handlers.up();
  }

  #heard(connection: Connection, word: FlowLinkWord): void {
    const { handlers } = this.#ports;
    if (word.kind === 'alive') {
      this.#hearClock(word);
    } else if (word.kind !== 'acknowledged') {
      handlers.heard(word);
    } else if (connection.window.acknowledge(word.sequence) === 'unsent') {
      this.end(`acknowledges batch ${String(word.sequence)}, which never left`);
    } else if (this.window === 'open') {
      handlers.opened();
    }
  }

  #hearClock({ clock, echo, heldFor }: FlowAlive): void {
    const now = this.#ports.clock.now();
    const isFirst = this.#heardClock === undefined;
    this.#heardClock = { clock, at: now };
    if (echo > 0) {
      const trip = { sentAt: instant(echo), theirs: clock, heldFor, receivedAt: now };
      this.#trips = addRoundTrip(this.#trips, trip);
    }
    if (isFirst) {
      this.#keeper.current?.say(this.#alive());
    }
  }

  #alive(): FlowAlive {
    const now = this.#ports.clock.now();
    const heard = this.#heardClock;
    return {
      kind: 'alive',
      clock: now,
      echo: heard?.clock ?? 0,
      heldFor: heard === undefined ? 0 : between(heard.at, now),
    };
  }
}
