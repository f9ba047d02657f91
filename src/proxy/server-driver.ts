/** Keeps the proxy's servers as operators want them, from one process of the proxy to the next. */
import { millis } from '../base/time.js';
import type { ProcessOrigin } from '../core/server-intents.js';
import { inTime } from '../ports/in-time.js';
import type { ProxySession } from '../ports/proxy-host.js';
import type { ProcessWatchPorts, ServersSeen } from './process-watch.js';
import { ProcessWatch } from './process-watch.js';

export interface ServerDriverPorts extends ProcessWatchPorts {
  /** Resolves when it is known what was stated before this daemon was started, as far as it can be. */
  readonly known: () => Promise<unknown>;
}

export class ServerDriver {
  readonly #ports: ServerDriverPorts;
  #watch: ProcessWatch | undefined;

  constructor(ports: ServerDriverPorts) {
    this.#ports = ports;
  }

  /** The proxy can be talked to. Resolves when it has been told what operators want, or after a while. */
  async attach(origin: ProcessOrigin): Promise<void> {
    this.detach();
    const watch = new ProcessWatch(origin, this.#ports);
    this.#watch = watch;
    const told = this.#ports.known().then(() => watch.look());
    const outcome = await inTime(this.#ports.clock, REPLAY_PATIENCE, told);
    if (outcome === 'gave up' && this.#watch === watch) {
      this.#ports.log.tell({ event: 'intent.late', waitedMs: REPLAY_PATIENCE });
    }
  }

  /** The proxy is gone, or another one takes its place. Idempotent. */
  detach(): void {
    this.#watch?.end();
    this.#watch = undefined;
  }

  /** Something is wanted: resolves when the proxy was told, or after a while; at once where there is none. */
  async refresh(): Promise<void> {
    if (this.#watch !== undefined) {
      await inTime(this.#ports.clock, REFRESH_PATIENCE, this.#watch.look());
    }
  }

  /** One command of somebody else's, on the connection that its servers are looked at by; undefined where there is none. */
  ask(command: string): ReturnType<ProxySession['ask']> | undefined {
    return this.#watch?.ask(command);
  }

  /** Undefined where there is no proxy to look at. */
  get seen(): ServersSeen | undefined {
    return this.#watch?.seen;
  }
}

/** Before a proxy that was started takes part: longer than two thousand commands take. */
const REPLAY_PATIENCE = millis(1000);
/** Shorter than a client of the control API waits. */
const REFRESH_PATIENCE = millis(1000);
