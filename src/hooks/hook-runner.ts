/**
 * Tells the operator's scripts of transitions: in order, one at a time, each for a bounded time and a bounded number of
 * times. Nothing that decides waits for them.
 */
import type { Instant, Millis } from '../base/time.js';
import { between, later, millis, scale } from '../base/time.js';
import type { HookConfig } from '../config/config.js';
import type { HookCall } from '../core/hook-queue.js';
import { enqueue } from '../core/hook-queue.js';
import type { RoleName } from '../core/notice.js';
import type { Clock } from '../ports/clock.js';
import type { Scripts } from '../ports/scripts.js';
import type { Log } from '../telemetry/events.js';
import { argumentsOf, environmentOf } from './hook-words.js';

export interface HookOptions {
  readonly node: string;
  /** When this daemon was started. */
  readonly epoch: number;
  readonly hooks: readonly HookConfig[];
}

export interface HookPorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly scripts: Scripts;
}

/** One change of a group's role. */
export interface HookedMove {
  readonly order: number;
  readonly group: string;
  readonly from: RoleName;
  readonly to: RoleName;
  readonly cause: string;
  readonly evidence: { readonly priority: number };
}

export class HookRunner {
  readonly #options: HookOptions;
  readonly #ports: HookPorts;
  readonly #stop = new AbortController();
  #waiting: readonly HookCall[] = [];
  /** Groups that this daemon has told something of. */
  readonly #told = new Set<string>();
  /** Undefined while nothing runs and nothing waits. */
  #work: Promise<void> | undefined;

  constructor(options: HookOptions, ports: HookPorts) {
    this.#options = options;
    this.#ports = ports;
  }

  moved({ order: sequence, group, from, to, cause, evidence }: HookedMove): void {
    if (!this.#options.hooks.some(({ on }) => on.some((each) => each === to))) {
      return;
    }
    const isFirst = from === 'starting' && !this.#told.has(group);
    this.#told.add(group);
    const call: HookCall = {
      ...{ sequence, group, from, to, cause, priority: evidence.priority },
      ...{ kind: isFirst ? 'replay' : 'change', merged: 0 },
    };
    const queued = enqueue(this.#waiting, call, MOST_WAITING);
    this.#waiting = queued.waiting;
    if (queued.merged !== undefined) {
      const { sequence: merged } = queued.merged;
      this.#ports.log.tell({ event: 'hook.merged', group, sequence: merged });
    }
    this.#work ??= this.#workOff();
  }

  /** Resolves when all scripts have ended, or after a while: then what runs is killed, and the rest is told. */
  async settled(within: Millis): Promise<void> {
    const { clock, log } = this.#ports;
    const work = this.#work;
    if (work === undefined) {
      return;
    }
    const alarm = clock.alarm(later(clock.now(), within), () => {
      const left = this.#waiting.length + 1;
      this.#stop.abort();
      log.tell({ event: 'hook.left', transitions: left });
    });
    await work;
    alarm.cancel();
  }

  async #workOff(): Promise<void> {
    // A process is not started in the milliseconds in which addresses are claimed and announced.
    await this.#pause(FIRST_PAUSE);
    for (
      let call = this.#waiting[0];
      call !== undefined && this.#phase() === 'running';
      call = this.#waiting[0]
    ) {
      this.#waiting = this.#waiting.slice(1);
      for (const hook of this.#options.hooks) {
        if (hook.on.some((each) => each === call.to) && this.#phase() === 'running') {
          await this.#run(hook, call);
        }
      }
    }
    this.#work = undefined;
  }

  async #run(hook: HookConfig, call: HookCall): Promise<void> {
    const { clock, log } = this.#ports;
    const { group, to, sequence } = call;
    const about = { hook: hook.path, group, to, sequence };
    for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt += 1) {
      const began: Instant = clock.now();
      const ran = await this.#ports.scripts.run(
        this.#script(hook, call, attempt),
        this.#stop.signal,
      );
      const tookMs = Math.round(between(began, clock.now()));
      if (ran.ok) {
        log.tell({ event: 'hook.ran', ...about, attempt, tookMs });
        return;
      }
      const { code, detail } = ran.error;
      log.tell({ event: 'hook.failed', ...about, attempt, detail: `${code}: ${detail}` });
      if (attempt < MOST_ATTEMPTS && this.#phase() === 'running') {
        await this.#pause(scale(RETRY_AFTER, attempt));
      }
      if (this.#phase() === 'stopped') {
        return;
      }
    }
    log.tell({ event: 'hook.given-up', ...about, attempts: MOST_ATTEMPTS });
  }

  #script(hook: HookConfig, call: HookCall, attempt: number): Parameters<Scripts['run']>[0] {
    const { node, epoch } = this.#options;
    return {
      path: hook.path,
      args: argumentsOf(hook.arguments, call),
      user: hook.user,
      within: hook.timeout,
      environment: environmentOf(call, { node, epoch, attempt }),
    };
  }

  #phase(): 'running' | 'stopped' {
    return this.#stop.signal.aborted ? 'stopped' : 'running';
  }

  #pause(lasting: Millis): Promise<void> {
    const { clock } = this.#ports;
    const { signal } = this.#stop;
    return new Promise((resolve) => {
      const stopped = (): void => {
        alarm.cancel();
        resolve();
      };
      const alarm = clock.alarm(later(clock.now(), lasting), () => {
        signal.removeEventListener('abort', stopped);
        resolve();
      });
      signal.addEventListener('abort', stopped);
    });
  }
}

/** Far more than groups, so that there is always one that another has superseded. */
const MOST_WAITING = 64;
const MOST_ATTEMPTS = 3;
/** Twice as long after the second attempt. */
const RETRY_AFTER = millis(1000);
const FIRST_PAUSE = millis(50);
