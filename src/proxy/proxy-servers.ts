/** The servers of the running proxy, as it sees them: asked for at most so often, whoever wants to know. */
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import type { Instant } from '../base/time.js';
import { between, millis } from '../base/time.js';
import type { ServerSeen } from '../core/served.js';
import type { Clock } from '../ports/clock.js';
import type { ProxyHost } from '../ports/proxy-host.js';
import type { ServedFailure, Servers } from '../ports/served.js';
import { readServers, SHOW_SERVERS } from './show-stat.js';

export interface ProxyServersPorts {
  readonly clock: Pick<Clock, 'now'>;
  /** Undefined where no proxy is configured. */
  readonly proxy: Pick<ProxyHost, 'connect'> | undefined;
}

type Answer = Result<readonly ServerSeen[], ServedFailure>;

export class ProxyServers implements Servers {
  readonly #ports: ProxyServersPorts;
  #asked: { readonly at: Instant; readonly answer: Promise<Answer> } | undefined;

  constructor(ports: ProxyServersPorts) {
    this.#ports = ports;
  }

  servers(): Promise<Answer> {
    const now = this.#ports.clock.now();
    if (this.#asked === undefined || between(this.#asked.at, now) >= FRESH) {
      this.#asked = { at: now, answer: this.#ask() };
    }
    return this.#asked.answer;
  }

  /** On a connection of its own: the probe that tells whether the proxy lives must not wait behind a long answer. */
  async #ask(): Promise<Answer> {
    const connected = await this.#ports.proxy?.connect(() => undefined);
    if (connected === undefined) {
      return fail({ detail: 'no proxy is configured' });
    }
    if (!connected.ok) {
      return fail({ detail: connected.error.detail });
    }
    const answered = await connected.value.ask(SHOW_SERVERS);
    connected.value.close();
    if (!answered.ok) {
      return fail({ detail: answered.error.detail });
    }
    const read = readServers(answered.value);
    return read.ok ? ok(read.value) : fail({ detail: `show stat: ${read.error}` });
  }
}

/** Several groups may look at the same time. */
const FRESH = millis(500);
