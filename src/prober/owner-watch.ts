/** Asks for the virtual address every few milliseconds and writes down who answers: the wire's own truth. */
import type { Ip } from '../base/ip.js';
import type { Result } from '../base/result.js';
import { ok } from '../base/result.js';
import type { Instant, Millis } from '../base/time.js';
import { between, later, scale } from '../base/time.js';
import type { KernelRefusal } from '../ports/address-table.js';
import type { Clock } from '../ports/clock.js';
import type { Neighbours } from '../ports/neighbours.js';

/** More than half an hour at 2 ms; the watch ends there. */
export const MAX_ASKS = 1_000_000;

export interface WatchQuestion {
  readonly interface: string;
  /** The address asked for. */
  readonly target: Ip;
  /** The asker's own address on that interface, of the same family. */
  readonly sender: Ip;
}

export interface WatchOptions {
  readonly question: WatchQuestion;
  readonly every: Millis;
  /** When it ends by itself; it may be ended earlier. */
  readonly lasting: Millis;
}

export interface WatchPorts {
  readonly clock: Clock;
  readonly neighbours: Neighbours;
  readonly signal: AbortSignal;
}

export interface ArpAnswer {
  readonly at: Instant;
  readonly hardwareAddress: string;
}

export interface WatchReport {
  readonly every: Millis;
  readonly startedAt: Instant;
  readonly endedAt: Instant;
  /** Ascending. */
  readonly asks: readonly Instant[];
  /** In the order they came. */
  readonly answers: readonly ArpAnswer[];
}

export async function runOwnerWatch(
  options: WatchOptions,
  { clock, neighbours, signal }: WatchPorts,
): Promise<Result<WatchReport, KernelRefusal>> {
  const answers: ArpAnswer[] = [];
  const asks: Instant[] = [];
  const { question } = options;
  const socket = neighbours.open(question, {
    heard: ({ kind, address, mac }) => {
      // A flood of answers is cut off: by then the watch has shown what there is to show.
      if (kind === 'answer' && address === question.target && answers.length < MAX_ASKS * 2) {
        answers.push({ at: clock.now(), hardwareAddress: mac });
      }
    },
  });
  if (!socket.ok) {
    return socket;
  }
  const startedAt = clock.now();
  const endsAt = later(startedAt, options.lasting);
  while (!signal.aborted && clock.now() < endsAt && asks.length < MAX_ASKS) {
    const askedAt = clock.now();
    asks.push(askedAt);
    socket.value.ask(question);
    await nextAsk(clock, startedAt, options.every);
  }
  socket.value.close();
  return ok({ every: options.every, startedAt, endedAt: clock.now(), asks, answers });
}

/** The next instant of the schedule; ones that were missed are left out, for a late question answers nothing. */
function nextAsk(clock: Clock, startedAt: Instant, every: Millis): Promise<void> {
  const now = clock.now();
  const passed = Math.floor(between(startedAt, now) / every);
  return new Promise((resolve) => {
    clock.alarm(later(startedAt, scale(every, passed + 1)), resolve);
  });
}
