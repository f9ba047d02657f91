/** A HAProxy of our own, beside whatever the distribution runs: check, start, connect, reload, kill. */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Result } from '../base/result.js';
import { done, fail } from '../base/result.js';
import { millis } from '../base/time.js';
import type { ProcessHost, ProgramFailure } from '../ports/process-host.js';
import type { ProxyHost, ProxyRefusal, ProxySession } from '../ports/proxy-host.js';
import {
  foreignHaproxyProcesses,
  hasLivingWorker,
  haproxyProcesses,
  isHaproxy,
} from './haproxy-processes.js';
import { boundFormer, reloadHaproxy, Reloads, signalReload } from './haproxy-reload.js';
import { HaproxySession } from './haproxy-session.js';

export interface HaproxyOptions {
  /** The program: a name to be found in PATH, or a path. */
  readonly program: string;
  /** The operator's own configuration file; it is never changed. */
  readonly config: string;
  /** Where the overlay, the sockets, the pid file and the log live: a runtime directory of this node's own. */
  readonly directory: string;
  /** HAProxy's configuration may use it as `"${VIPAIR_NODE}"`. */
  readonly nodeName: string;
}

/** In the runtime directory. */
export const RUNTIME_SOCKET = 'haproxy.sock';
/** Reading a large configuration with many certificates takes seconds. */
const CHECK_DEADLINE = millis(30_000);
const DETAIL_CHARACTERS = 2_000;
/** Each holds memory and connections to servers; a site that reloads every minute has some that wait for long downloads. */
const MOST_FORMER_WORKERS = 8;
/** SIGKILL acts at once unless a process is stuck in the kernel. */
const KILL_DEADLINE_MS = 2_000;
const KILL_POLL_MS = 5;

/**
 * Measured with HAProxy 2.6 in master-worker mode, as seen on the runtime connection:
 *
 * | what happens       | the processes                               | the connection |
 * | ------------------ | ------------------------------------------- | -------------- |
 * | kill -9 the worker | the master ends too, with exit code 137     | closes at once |
 * | kill -9 the master | the worker notices, and ends within moments | closes at once |
 * | SIGSTOP the worker | both stay; connections wait                 | stays, silent  |
 * | SIGSTOP the master | the worker goes on serving                  | stays, answers |
 * | SIGUSR2 the master | another worker takes over within moments    | stays with the former worker, which says that it is stopping, and keeps it alive until `hard-stop-after` |
 *
 * So the end of the connection is the end of the service, unless a reload has put another worker in its place. A worker that was stopped outlives a killed
 * master, which is why `kill` looks for every process that reads our overlay.
 */
export class HaproxyHost implements ProxyHost {
  readonly #options: HaproxyOptions;
  readonly #processes: ProcessHost;
  readonly #overlay: string;
  readonly #socket: string;
  readonly #masterSocket: string;
  readonly #pidFile: string;
  readonly #reloads = new Reloads();

  constructor(options: HaproxyOptions, processes: ProcessHost) {
    this.#options = options;
    this.#processes = processes;
    this.#overlay = overlayIn(options.directory);
    this.#socket = join(options.directory, RUNTIME_SOCKET);
    this.#masterSocket = join(options.directory, 'master.sock');
    this.#pidFile = join(options.directory, 'haproxy.pid');
  }

  async check(): Promise<Result<undefined, ProxyRefusal>> {
    const alone = this.#alone();
    const prepared = alone.ok ? this.#prepare() : alone;
    if (!prepared.ok) {
      return prepared;
    }
    const outcome = await this.#processes.run(
      this.#options.program,
      ['-c', ...this.#configuration()],
      { within: CHECK_DEADLINE, env: this.#environment() },
    );
    return outcome.ok ? done : fail(asRefusal(outcome.error, 'invalid-configuration'));
  }

  async start(
    exited: (how: string) => void,
  ): Promise<Result<{ readonly pid: number }, ProxyRefusal>> {
    // Asked again: the check may have taken seconds, in which the distribution's service was started.
    const alone = this.#alone();
    const prepared = alone.ok ? this.#prepare() : alone;
    if (!prepared.ok) {
      return prepared;
    }
    // An old one would name a process that is not the one being started.
    rmSync(this.#pidFile, { force: true });
    const launched = await this.#processes.launch(
      this.#options.program,
      // -db overrides `daemon` in the operator's file: the master stays the process that was started.
      [
        ...['-W', '-db', ...this.#configuration(), '-p', this.#pidFile],
        ...['-S', `${this.#masterSocket},mode,600,level,admin`],
      ],
      {
        logFile: join(this.#options.directory, 'haproxy.log'),
        env: this.#environment(),
        exited,
      },
    );
    return launched.ok ? launched : fail(asRefusal(launched.error, 'not-started'));
  }

  connect(ended: () => void): Promise<Result<ProxySession, ProxyRefusal>> {
    const master = this.#master();
    if (master === undefined) {
      return Promise.resolve(fail({ code: 'not-running', detail: 'no master process' }));
    }
    // A master whose worker was killed keeps its sockets for the moments it takes to end: nobody answers there.
    return hasLivingWorker(master, this.#overlay)
      ? HaproxySession.open(this.#socket, () => master, ended)
      : Promise.resolve(fail({ code: 'not-running', detail: 'the master has no worker' }));
  }

  reload(): Promise<Result<undefined, ProxyRefusal>> {
    return this.#reloads.inTurn(() => this.#reload());
  }

  async #reload(): Promise<Result<undefined, ProxyRefusal>> {
    const checked = await this.check();
    if (!checked.ok) {
      return checked;
    }
    const reloaded = await reloadHaproxy(
      { runtimeSocket: this.#socket, masterOf: () => this.#master() },
      (master) => Promise.resolve(signalReload(master)),
    );
    await boundFormer({ runtimeSocket: this.#socket }, haproxyProcesses(this.#overlay), {
      master: this.#master(),
      most: MOST_FORMER_WORKERS,
    });
    return reloaded;
  }

  async kill(): Promise<void> {
    const deadline = process.hrtime.bigint() + BigInt(KILL_DEADLINE_MS) * 1_000_000n;
    for (;;) {
      // Looked for again each time, because a master may fork a worker between the look and the signal.
      const running = haproxyProcesses(this.#overlay);
      running.forEach(killProcess);
      if (running.length === 0 || process.hrtime.bigint() > deadline) {
        return;
      }
      await sleep(KILL_POLL_MS);
    }
  }

  /** Undefined where the pid file names no process, or one that is not ours. */
  #master(): number | undefined {
    try {
      const pid = Number(readFileSync(this.#pidFile, 'utf8').trim());
      return isHaproxy(pid, this.#overlay) ? pid : undefined;
    } catch {
      return undefined;
    }
  }

  /** A later file extends the sections of an earlier one, and its `stats timeout` wins. */
  #configuration(): readonly string[] {
    return ['-f', this.#options.config, '-f', this.#overlay];
  }

  #environment(): Readonly<Record<string, string>> {
    return { VIPAIR_NODE: this.#options.nodeName };
  }

  #alone(): Result<undefined, ProxyRefusal> {
    const { program, config } = this.#options;
    const [pid] = foreignHaproxyProcesses({ program, config, overlay: this.#overlay });
    return pid === undefined
      ? done
      : fail({
          code: 'not-started',
          detail:
            `another HAProxy, pid ${String(pid)}, serves this configuration: ` +
            'end it, for instance with systemctl disable --now haproxy',
        });
  }

  #prepare(): Result<undefined, ProxyRefusal> {
    try {
      mkdirSync(this.#options.directory, { recursive: true, mode: 0o755 });
      const draft = `${this.#overlay}.new`;
      writeFileSync(draft, overlayText(this.#socket), { mode: 0o644 });
      renameSync(draft, this.#overlay);
      return done;
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      return fail({ code: 'not-started', detail });
    }
  }
}

/** Our own part of its configuration, by which its processes are known. */
export function overlayIn(directory: string): string {
  return join(directory, 'haproxy-vipair.cfg');
}

function overlayText(socket: string): string {
  return `# Written by vipair beside the operator's file; it is overwritten at every start.
global
  stats socket ${socket} mode 600 level admin expose-fd listeners
  # The end of this connection is taken for the end of HAProxy, so it must not end of idleness.
  stats timeout 24d
`;
}

function killProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself; whatever else the reason, the next look tells.
  }
}

function asRefusal(
  failure: ProgramFailure,
  code: 'invalid-configuration' | 'not-started',
): ProxyRefusal {
  const detail = failure.detail.slice(-DETAIL_CHARACTERS);
  switch (failure.code) {
    case 'no-program':
      return { code: 'no-program', detail };
    case 'timed-out':
      return { code: 'no-answer', detail };
    case 'failed':
    default:
      return { code, detail };
  }
}
