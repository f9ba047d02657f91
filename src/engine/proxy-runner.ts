/** The supervised proxy at work: carries out what was decided about it and reports what became of it. */
import { unreachable } from '../base/unreachable.js';
import type { NodeEvent } from '../core/node.js';
import type { ProxyEffect, ProxyEvent } from '../core/proxy-state.js';
import type { ProcessOrigin } from '../core/server-intents.js';
import type { ProxyHost, ProxySession } from '../ports/proxy-host.js';
import { readProcessInfo } from '../wire/haproxy/process-info.js';

export interface ProxyRunnerPorts {
  readonly proxy: ProxyHost;
  readonly dispatch: (event: NodeEvent) => void;
  /** Whoever has something to say to the proxy before it takes part. */
  readonly companion: ProxyCompanion | undefined;
  /** Whether a process is about to listen for the proxy, as its peer. */
  readonly replicator: () => 'awaited' | 'not awaited';
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
  /** Whose successor is being looked for: one at a time, however long that takes. */
  #seeking: ProxySession | undefined;
  /** Which start an exit belongs to: the exit of an earlier process is old news. */
  #starts = 0;
  /** As it was told with the last answer. */
  #requests: number | undefined;
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
        this.#origin = 'started';
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

  /** HTTP requests that the proxy's process has taken since it began; undefined while it has not answered. */
  get requests(): number | undefined {
    return this.#requests;
  }

  /** Ends the conversation, not the proxy. Idempotent. */
  disconnect(): void {
    this.#session?.close();
    this.#requests = undefined;
    this.#session = undefined;
    this.#ports.companion?.detach();
  }

  async #connect(): Promise<void> {
    const connected = await this.#open();
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

  async #open(): ReturnType<ProxyHost['connect']> {
    const opened: { session: ProxySession | undefined } = { session: undefined };
    const connected = await this.#ports.proxy.connect(() => {
      void this.#lost(opened.session);
    });
    opened.session = connected.ok ? connected.value : undefined;
    return connected;
  }

  /** Of a reload, its former process may end before the next probe tells: that is nobody's death. */
  async #lost(session: ProxySession | undefined): Promise<void> {
    if (session === undefined || session !== this.#session) {
      return;
    }
    const followed = await this.#follow(session);
    if (followed === 'nobody' && session === this.#session) {
      this.#session = undefined;
      this.#requests = undefined;
      // Whoever starts the next one: it knows nothing but its configuration.
      this.#origin = 'started';
      this.#ports.companion?.detach();
      this.#report({ kind: 'connection-ended' });
    }
  }

  /**
   * What we are connected to ends. Where a reload has put another process in its place, that is the proxy now: it knows
   * what is configured only, and is told what operators want.
   */
  async #follow(former: ProxySession): Promise<'followed' | 'nobody'> {
    const connected = await this.#open();
    if (!connected.ok) {
      return 'nobody';
    }
    const next = connected.value;
    const said = await next.ask(PROBE);
    const isNext = said.ok && readProcessInfo(said.value).phase === 'serving';
    if (!isNext || next.pid !== former.pid || this.#session !== former) {
      next.close();
      return 'nobody';
    }
    this.disconnect();
    this.#session = next;
    void this.#ports.companion?.attach('started');
    this.#report({ kind: 'answered', by: 'successor' });
    return 'followed';
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
        ? { kind: 'check-passed', ...this.#awaited() }
        : { kind: 'check-refused', detail: `${checked.error.code}: ${checked.error.detail}` },
    );
  }

  #awaited(): Pick<Extract<ProxyEvent, { kind: 'check-passed' }>, 'replicator'> {
    return this.#ports.replicator() === 'awaited' ? { replicator: 'awaited' } : {};
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
    if (session === undefined || answered?.ok !== true || session !== this.#session) {
      return;
    }
    this.#report({ kind: 'answered' });
    const { phase, requests } = readProcessInfo(answered.value);
    this.#requests = requests;
    if (phase === 'ending' && this.#seeking !== session) {
      // Where nobody follows, it is being stopped: its connection will end.
      this.#seeking = session;
      await this.#follow(session);
      this.#seeking = undefined;
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
const PROBE = 'show info';
