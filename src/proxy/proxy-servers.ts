/** The servers of the running proxy, as it sees them: asked for at most so often, whoever wants to know. */
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import type { Instant } from '../base/time.js';
import { between, millis } from '../base/time.js';
import type { ServerSeen } from '../core/served.js';
import type { Clock } from '../ports/clock.js';
import type { ProxyHost } from '../ports/proxy-host.js';
import type { Loads, ServedFailure, Servers } from '../ports/served.js';
import type { ServerLoad } from '../wire/pair/loads-word.js';
import { readLoads, readServers, SHOW_SERVERS } from './show-stat.js';

export interface ProxyServersPorts {
  readonly clock: Pick<Clock, 'now'>;
  /** Undefined where no proxy is configured. */
  readonly proxy: Pick<ProxyHost, 'connect'> | undefined;
}

type Answer<T> = Promise<Result<readonly T[], ServedFailure>>;

interface Asked<T> {
  readonly at: Instant;
  readonly answer: Answer<T>;
}

type Reader<T> = (text: string) => Result<readonly T[], string>;

export class ProxyServers implements Servers, Loads {
  readonly #ports: ProxyServersPorts;
  #servers: Asked<ServerSeen> | undefined;
  #loads: Asked<ServerLoad> | undefined;

  constructor(ports: ProxyServersPorts) {
    this.#ports = ports;
  }

  servers(): Answer<ServerSeen> {
    this.#servers = this.#fresh(this.#servers, readServers);
    return this.#servers.answer;
  }

  loads(): Answer<ServerLoad> {
    this.#loads = this.#fresh(this.#loads, readLoads);
    return this.#loads.answer;
  }

  #fresh<T>(asked: Asked<T> | undefined, read: Reader<T>): Asked<T> {
    const now = this.#ports.clock.now();
    return asked !== undefined && between(asked.at, now) < FRESH
      ? asked
      : { at: now, answer: this.#ask(read) };
  }

  /** On a connection of its own: the probe that tells whether the proxy lives must not wait behind a long answer. */
  async #ask<T>(reader: Reader<T>): Answer<T> {
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
    const read = reader(answered.value);
    return read.ok ? ok(read.value) : fail({ detail: `show stat: ${read.error}` });
  }
}

/** Several groups may look at the same time. */
const FRESH = millis(500);
