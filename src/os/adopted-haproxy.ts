/** The HAProxy that systemd runs: found by its runtime socket, spoken to, and neither started nor ended. */
import type { Result } from '../base/result.js';
import { done, fail } from '../base/result.js';
import type { ProxyHost, ProxyRefusal, ProxySession } from '../ports/proxy-host.js';
import { readProcessInfo } from '../wire/haproxy/process-info.js';
import { masterOf } from './haproxy-processes.js';
import { HaproxySession } from './haproxy-session.js';

/**
 * A reload, by systemd or the master socket, puts another worker on the same path; so does a restart, with another master.
 * What the worker says of itself tells which: its pid, and so its master's.
 */
export class AdoptedHaproxy implements ProxyHost {
  readonly #socket: string;

  /** `socket`: the path after `stats socket` in its configuration, as this process sees it. */
  constructor(socket: string) {
    this.#socket = socket;
  }

  async connect(ended: () => void): Promise<Result<ProxySession, ProxyRefusal>> {
    const opened = await HaproxySession.open(this.#socket, masterFrom, ended);
    if (!opened.ok) {
      const { code, detail } = opened.error;
      return fail({ code, detail: `${this.#socket}: ${detail}` });
    }
    // As the overlay says to a supervised one: the end of this connection is the end of HAProxy, not of idleness.
    await opened.value.ask(`set timeout cli ${NEVER}`);
    return opened;
  }

  /** Its unit checks what it is started with. */
  check(): Promise<Result<undefined, ProxyRefusal>> {
    return Promise.resolve(done);
  }

  start(): Promise<Result<never, ProxyRefusal>> {
    return Promise.resolve(fail({ code: 'not-started', detail: 'systemd starts it' }));
  }

  /** It is not ours to end. */
  kill(): Promise<void> {
    return Promise.resolve();
  }
}

/** In seconds, 24 days: HAProxy counts in milliseconds, in 31 bits. */
const NEVER = '2073600';

function masterFrom(info: string): number | undefined {
  const { worker } = readProcessInfo(info);
  return worker === undefined ? undefined : masterOf(worker);
}
