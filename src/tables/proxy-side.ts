/** Where the local HAProxy comes to: its socket, who is let in, and the one session that counts, the newest. */
import type { Instant } from '../base/time.js';
import { later, millis } from '../base/time.js';
import { pauseAfterFaults } from '../core/peers-session.js';
import type { Clock } from '../ports/clock.js';
import type { PeersListener, PeersListening, PeersStream } from '../ports/peers-listener.js';
import type { PeersHello } from '../wire/peers/hello.js';
import type { ProxySessionHandlers, SessionEnd } from './proxy-session.js';
import { ProxySession } from './proxy-session.js';

export interface ProxySideOptions {
  readonly socket: PeersListening;
  readonly names: { readonly own: string; readonly peer: string };
}

export interface ProxySidePorts<T> {
  readonly clock: Clock;
  readonly listener: PeersListener;
  readonly handlers: ProxySessionHandlers<T>;
  /** Why nobody can come, or somebody was sent away. */
  readonly refused: (code: string, detail: string) => void;
}

/** At a time: only HAProxy's user gets at the socket at all. */
const MOST_STRANGERS = 8;
const LISTEN_AGAIN = millis(1000);

export class ProxySide<T> {
  readonly #options: ProxySideOptions;
  readonly #ports: ProxySidePorts<T>;
  readonly #strangers = new Set<ProxySession<T>>();
  #session: ProxySession<T> | undefined;
  #faults = 0;
  #turnAwayUntil: Instant;
  #endListening: (() => void) | undefined;
  #phase: 'running' | 'stopped' = 'running';

  constructor(options: ProxySideOptions, ports: ProxySidePorts<T>) {
    this.#options = options;
    this.#ports = ports;
    this.#turnAwayUntil = ports.clock.now();
  }

  /** Resolves when it listens, or was stopped; where it cannot yet it tries again and again. */
  async begin(): Promise<void> {
    const { listener, clock, refused } = this.#ports;
    for (;;) {
      const listening = await listener.listen(this.#options.socket, (stream) => {
        this.#accept(stream);
      });
      if (listening.ok) {
        this.#listens(listening.value);
        return;
      }
      if (this.#phase === 'stopped') {
        return;
      }
      refused('socket', listening.error.detail);
      await new Promise<void>((resolve) => {
        clock.alarm(later(clock.now(), LISTEN_AGAIN), resolve);
      });
    }
  }

  #listens(end: () => void): void {
    if (this.#phase === 'stopped') {
      end();
    } else {
      this.#endListening = end;
    }
  }

  /** The session with HAProxy. */
  get session(): ProxySession<T> | undefined {
    return this.#session;
  }

  /** Once a second. `gone`: the socket's file is, and HAProxy cannot come any more. */
  look(): 'there' | 'gone' {
    const isGone =
      this.#endListening !== undefined &&
      !this.#ports.listener.isInPlace(this.#options.socket.path);
    return isGone ? 'gone' : 'there';
  }

  stop(): void {
    this.#phase = 'stopped';
    this.#endListening?.();
    for (const session of [this.#session, ...this.#strangers]) {
      session?.end({ kind: 'over', code: 'stopping', detail: 'we leave' });
    }
  }

  #accept(stream: PeersStream): void {
    const { clock } = this.#ports;
    const isEarly = clock.now() < this.#turnAwayUntil;
    if (isEarly || this.#strangers.size >= MOST_STRANGERS || this.#phase === 'stopped') {
      stream.close();
      return;
    }
    const session = new ProxySession<T>({
      clock,
      stream,
      names: this.#options.names,
      handlers: {
        ...passedOn(this.#ports.handlers),
        teachingEnded: (how) => {
          this.#faults = 0;
          this.#ports.handlers.teachingEnded(how);
        },
        opened: (opened, hello) => {
          this.#opened(opened, hello);
        },
        ended: (ended, end) => {
          this.#ended(ended, end);
        },
      },
    });
    this.#strangers.add(session);
    session.begin();
  }

  #opened(session: ProxySession<T>, hello: PeersHello): void {
    this.#strangers.delete(session);
    // As HAProxy does: the newer one is that of a process which has taken over.
    this.#session?.end({ kind: 'over', code: 'replaced', detail: 'HAProxy came anew' });
    this.#session = session;
    this.#ports.handlers.opened(session, hello);
  }

  #ended(session: ProxySession<T>, end: SessionEnd): void {
    const { clock, refused } = this.#ports;
    this.#strangers.delete(session);
    if (end.kind === 'fault') {
      this.#faults += 1;
      this.#turnAwayUntil = later(clock.now(), pauseAfterFaults(this.#faults));
      refused(end.code, end.detail);
    }
    if (session === this.#session) {
      this.#session = undefined;
      this.#ports.handlers.ended(session, end);
    }
  }
}

function passedOn<T>(
  handlers: ProxySessionHandlers<T>,
): Omit<ProxySessionHandlers<T>, 'opened' | 'ended' | 'teachingEnded'> {
  return {
    defined: (table) => handlers.defined(table),
    piece: (part) => {
      handlers.piece(part);
    },
    row: (table, bytes, body, expiresIn) => handlers.row(table, bytes, body, expiresIn),
    acknowledged: () => {
      handlers.acknowledged();
    },
    askedForRows: () => {
      handlers.askedForRows();
    },
    teachingBegan: () => {
      handlers.teachingBegan();
    },
    drained: () => {
      handlers.drained();
    },
  };
}
