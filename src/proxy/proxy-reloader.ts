/** Reloads of the proxy that operators and other programs ask for: storms of them become few. */
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import { between } from '../base/time.js';
import type { ReloadQueue, ReloadQueueEvent } from '../core/reload-queue.js';
import { NO_RELOADS, stepReloadQueue } from '../core/reload-queue.js';
import type { Clock } from '../ports/clock.js';
import type { ProxyHost } from '../ports/proxy-host.js';
import type { Log } from '../telemetry/events.js';
import type { ProxyReloadAnswer } from '../telemetry/proxy-reload.js';
import type { Refusal } from '../telemetry/refusal.js';

export interface ProxyReloaderPorts {
  readonly clock: Clock;
  readonly log: Log;
  /** Undefined where no proxy is configured. */
  readonly proxy: ProxyHost | undefined;
}

type Outcome = Result<ProxyReloadAnswer, Refusal>;
type Waiting = readonly ((outcome: Outcome) => void)[];

export class ProxyReloader {
  readonly #node: string;
  readonly #ports: ProxyReloaderPorts;
  #queue: ReloadQueue = NO_RELOADS;
  /** Who waits for the next reload that begins: as many as the control API serves at once. */
  #waiting: Waiting = [];

  constructor(node: string, ports: ProxyReloaderPorts) {
    this.#node = node;
    this.#ports = ports;
  }

  /** Resolves when a reload that began after now is over. */
  reload(): Promise<Outcome> {
    const { proxy } = this.#ports;
    if (proxy === undefined) {
      return Promise.resolve(
        fail({ code: 'no-proxy', detail: 'no proxy is configured on this node' }),
      );
    }
    return new Promise((resolve) => {
      this.#waiting = [...this.#waiting, resolve];
      this.#step('asked', proxy);
    });
  }

  #step(event: ReloadQueueEvent, proxy: ProxyHost): void {
    const { clock } = this.#ports;
    const before = this.#queue;
    const { state, then } = stepReloadQueue(before, event, clock.now());
    this.#queue = state;
    if (then === 'reload') {
      void this.#reload(proxy);
    } else if (state.name === 'waiting' && before.name !== 'waiting') {
      clock.alarm(state.until, () => {
        this.#step('alarm', proxy);
      });
    }
  }

  async #reload(proxy: ProxyHost): Promise<void> {
    const { clock, log } = this.#ports;
    const waiting = this.#waiting;
    this.#waiting = [];
    const began = clock.now();
    const reloaded = await proxy.reload();
    const took = between(began, clock.now());
    if (!reloaded.ok) {
      const { code, detail } = reloaded.error;
      log.tell({ event: 'proxy.reload-failed', code, detail });
    }
    const outcome: Outcome = reloaded.ok
      ? ok({ node: this.#node, tookMs: took, asked: waiting.length })
      : fail({ code: 'not-reloaded', detail: `${reloaded.error.code}: ${reloaded.error.detail}` });
    for (const resolve of waiting) {
      resolve(outcome);
    }
    this.#step('finished', proxy);
  }
}
