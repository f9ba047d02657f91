/** A proxy whose last reload is remembered where it has failed, whoever asked for it. */
import type { Result } from '../base/result.js';
import type { WallTime } from '../base/time.js';
import type { Clock } from '../ports/clock.js';
import type { ProxyHost, ProxyRefusal } from '../ports/proxy-host.js';

export interface FailedReload {
  readonly at: WallTime;
  readonly why: string;
}

export class LastReload {
  readonly #proxy: ProxyHost;
  readonly #clock: Pick<Clock, 'wallTime'>;
  #failed: FailedReload | undefined;

  constructor(proxy: ProxyHost, clock: Pick<Clock, 'wallTime'>) {
    this.#proxy = proxy;
    this.#clock = clock;
  }

  /** Undefined where none has failed since the last that has not. */
  get failed(): FailedReload | undefined {
    return this.#failed;
  }

  /** The same one, and what comes of its reloads is noted. */
  noted(): ProxyHost {
    const proxy = this.#proxy;
    return {
      check: () => proxy.check(),
      start: (exited) => proxy.start(exited),
      connect: (ended) => proxy.connect(ended),
      reload: () => this.#reload(),
      kill: () => proxy.kill(),
    };
  }

  async #reload(): Promise<Result<undefined, ProxyRefusal>> {
    const reloaded = await this.#proxy.reload();
    this.#failed = reloaded.ok
      ? undefined
      : { at: this.#clock.wallTime(), why: inOneLine(reloaded.error.detail) };
    return reloaded;
  }
}

/** HAProxy says first which version it is, and last that there were mistakes. */
function inOneLine(detail: string): string {
  const lines = detail.split('\n').filter((line) => !line.startsWith('[NOTICE]') && line !== '');
  return lines.join('; ').slice(0, MOST_CHARACTERS);
}

const MOST_CHARACTERS = 500;
