/** The supervised proxy at work: carries out what was decided about it and reports what became of it. */
import { unreachable } from '../base/unreachable.js';
import type { NodeEvent } from '../core/node.js';
import type { ProxyEffect, ProxyEvent } from '../core/proxy-state.js';
import type { ProcessOrigin } from '../core/server-intents.js';
import type { ProxyHost, ProxySession } from '../ports/proxy-host.js';

export interface ProxyRunnerPorts {
  readonly proxy: ProxyHost;
  readonly dispatch: (event: NodeEvent) => void;
  /** Whoever has something to say to the proxy before it takes part. */
  readonly companion: ProxyCompanion | undefined;
}

export interface ProxyCompanion {
  /** It can be talked to. Resolves soon, whatever comes of it. */
  attach(origin: ProcessOrigin): Promise<void>;
  /** It cannot any more. Idempotent. */
  detach(): void;
}

export class ProxyRunner {
  readonly #ports: ProxyRunnerPorts;
  #session: ProxySession | undefined;
  /** Which start an exit belongs to: the exit of an earlier process is old news. */
  #starts = 0;
  /** Of the process that is connected to next. */
  #origin: ProcessOrigin = 'found';

  constructor(ports: ProxyRunnerPorts) {
    this.#ports = ports;
  }

  carryOut(effect: ProxyEffect): void {
    switch (effect.kind) {
      case 'proxy-connect':
        void this.#connect();
        return;
      case 'proxy-check':
        void this.#check();
        return;
      case 'proxy-start':
        void this.#start();
        return;
      case 'proxy-probe':
        void this.#probe();
        return;
      case 'proxy-disconnect':
        this.disconnect();
        return;
      case 'proxy-kill':
        void this.#kill();
        return;
      case 'tell':
        // The engine tells; nothing is left to do here.
        return;
      default:
        unreachable(effect);
    }
  }

  /** Ends the conversation, not the proxy. Idempotent. */
  disconnect(): void {
    this.#session?.close();
    this.#session = undefined;
    this.#ports.companion?.detach();
  }

  async #connect(): Promise<void> {
    const connected = await this.#ports.proxy.connect(() => {
      this.#session = undefined;
      this.#ports.companion?.detach();
      this.#report({ kind: 'connection-ended' });
    });
    if (!connected.ok) {
      const { code, detail } = connected.error;
      const found = code === 'no-answer' ? 'silent' : 'nothing';
      this.#report({ kind: 'connect-refused', found, detail });
      return;
    }
    this.disconnect();
    this.#session = connected.value;
    await this.#introduce();
    if (this.#session === connected.value) {
      this.#report({ kind: 'connected', pid: connected.value.pid });
    }
  }

  /**
   * A proxy that was started serves nobody yet: it is told first what operators want. One that was found has been told
   * before, and serves: nothing waits, least of all a lease that still runs.
   */
  async #introduce(): Promise<void> {
    const origin = this.#origin;
    this.#origin = 'found';
    const told = this.#ports.companion?.attach(origin);
    if (origin === 'started') {
      await told;
    }
  }

  async #check(): Promise<void> {
    const checked = await this.#ports.proxy.check();
    this.#report(
      checked.ok
        ? { kind: 'check-passed' }
        : { kind: 'check-refused', detail: `${checked.error.code}: ${checked.error.detail}` },
    );
  }

  async #start(): Promise<void> {
    this.#starts += 1;
    const mine = this.#starts;
    this.#origin = 'started';
    const started = await this.#ports.proxy.start((how) => {
      if (mine === this.#starts) {
        this.#report({ kind: 'exited', how });
      }
    });
    this.#report(
      started.ok
        ? { kind: 'started' }
        : { kind: 'start-refused', detail: `${started.error.code}: ${started.error.detail}` },
    );
  }

  async #probe(): Promise<void> {
    const session = this.#session;
    const answered = await session?.ask(PROBE);
    if (answered?.ok === true && session === this.#session) {
      this.#report({ kind: 'answered' });
    }
  }

  async #kill(): Promise<void> {
    await this.#ports.proxy.kill();
    this.#report({ kind: 'killed' });
  }

  #report(event: ProxyEvent): void {
    this.#ports.dispatch({ kind: 'proxy', event });
  }
}

/** Cheap for HAProxy, and answered by its event loop: a process that answers this also serves. */
const PROBE = 'show version';
