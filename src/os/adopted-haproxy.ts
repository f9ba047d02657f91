/** The HAProxy that systemd runs: found by its runtime socket, spoken to, reloaded when asked, and neither started nor ended. */
import { existsSync } from 'node:fs';
import type { Result } from '../base/result.js';
import { done, fail } from '../base/result.js';
import { millis } from '../base/time.js';
import type { ProcessHost } from '../ports/process-host.js';
import type { ProxyHost, ProxyRefusal, ProxySession } from '../ports/proxy-host.js';
import { readProcessInfo } from '../wire/haproxy/process-info.js';
import { commandLineOf, masterOf } from './haproxy-processes.js';
import { reloadHaproxy, Reloads, signalReload } from './haproxy-reload.js';
import { HaproxySession } from './haproxy-session.js';

export interface AdoptedHaproxyOptions {
  /** The path after `stats socket` in its configuration, as this process sees it. */
  readonly runtimeSocket: string;
  /** The program that checks its configuration. */
  readonly program: string;
  /** Its configuration, where its command line does not say. */
  readonly config: string;
}

/**
 * A reload, by systemd or the master socket, puts another worker on the same path; so does a restart, with another master.
 * What the worker says of itself tells which: its pid, and so its master's.
 */
export class AdoptedHaproxy implements ProxyHost {
  readonly #options: AdoptedHaproxyOptions;
  readonly #socket: string;
  readonly #processes: ProcessHost;
  readonly #reloads = new Reloads();

  constructor(options: AdoptedHaproxyOptions, processes: ProcessHost) {
    this.#options = options;
    this.#socket = options.runtimeSocket;
    this.#processes = processes;
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

  /** By its unit where systemd runs it, so that systemd knows; by a signal to its master where something else does. */
  reload(): Promise<Result<undefined, ProxyRefusal>> {
    return this.#reloads.inTurn(() => this.#reload());
  }

  #reload(): Promise<Result<undefined, ProxyRefusal>> {
    return reloadHaproxy(
      {
        runtimeSocket: this.#socket,
        masterOf: (worker) => {
          const master = masterOf(worker);
          // Without a master, the signal would end it.
          return master === worker ? undefined : master;
        },
      },
      (master) => this.#checkAndReload(master),
    );
  }

  /** It is not ours to end. */
  kill(): Promise<void> {
    return Promise.resolve();
  }

  async #checkAndReload(master: number): Promise<Result<undefined, ProxyRefusal>> {
    const { files, environment, unit } = commandLineOf(master);
    const { program, config } = this.#options;
    const read = files.length === 0 ? [config] : files;
    const checked = await this.#processes.run(
      program,
      ['-c', ...read.flatMap((file) => ['-f', file])],
      { within: CHECK_DEADLINE, env: environment },
    );
    if (!checked.ok) {
      return fail({ code: 'invalid-configuration', detail: checked.error.detail });
    }
    if (unit === undefined || !existsSync(SYSTEMD_RUNS)) {
      return signalReload(master);
    }
    const told = await this.#processes.run(
      'systemctl',
      ['--no-ask-password', 'reload', '--', unit],
      { within: CHECK_DEADLINE },
    );
    return told.ok
      ? done
      : fail({ code: 'reload-failed', detail: `systemctl reload ${unit}: ${told.error.detail}` });
  }
}

/** There, and only there, where systemd is the machine's first process: sd_booted(3). */
const SYSTEMD_RUNS = '/run/systemd/system';
/** Reading a large configuration with many certificates takes seconds. */
const CHECK_DEADLINE = millis(30_000);
/** In seconds, 24 days: HAProxy counts in milliseconds, in 31 bits. */
const NEVER = '2073600';

function masterFrom(info: string): number | undefined {
  const { worker } = readProcessInfo(info);
  return worker === undefined ? undefined : masterOf(worker);
}
