/** Clients that stay: so many of each kind, each on one connection, and what became of them. */
import type { Ip } from '../../base/ip.js';
import type { Result } from '../../base/result.js';
import { fail, ok } from '../../base/result.js';
import type { Instant } from '../../base/time.js';
import { between, millis, tenths } from '../../base/time.js';
import type { Clock } from '../../ports/clock.js';
import { handOver, sayStarted } from '../measurement.js';
import { pause } from '../pause.js';
import { SERVICE_PORT } from '../topology.js';
import type { HeldKind } from './held-streams.js';
import { HELD_KINDS, HOLD } from './held-streams.js';

export interface HoldOptions {
  /** The streams of a kind go to one after the other. */
  readonly targets: readonly Ip[];
  /** Streams of each kind. */
  readonly each: number;
}

export interface HeldStream {
  readonly kind: HeldKind;
  readonly exchanges: number;
  readonly bytes: number;
  readonly corrupt: number;
  /** Each is opened again afterwards. */
  readonly breaks: readonly { readonly at: Instant; readonly why: string }[];
  /** What was waited for longer than {@link LEAST_WAIT}: when it came, and how long, in milliseconds. */
  readonly waits: readonly (readonly [Instant, number])[];
}

export interface HoldReport {
  readonly streams: readonly HeldStream[];
}

interface HoldPorts {
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export async function holdToFile(
  options: HoldOptions,
  file: string,
  ports: HoldPorts,
): Promise<void> {
  const streams = HELD_KINDS.flatMap((kind) =>
    [...Array(options.each).keys()].flatMap((nth) => {
      const host = options.targets[nth % options.targets.length];
      return host === undefined ? [] : [new Stream(kind, host, ports)];
    }),
  );
  const running = streams.map((each) => each.run());
  sayStarted(file);
  await Promise.all(running);
  const report: HoldReport = { streams: streams.map((each) => each.report()) };
  handOver(file, JSON.stringify(report));
}

/** Trusts what has the shape of a report: only the lab's own program writes one. */
export function decodeHold(text: string): Result<HoldReport, { readonly detail: string }> {
  try {
    const report = JSON.parse(text) as Partial<HoldReport>;
    return Array.isArray(report.streams)
      ? ok(report as HoldReport)
      : fail({ detail: 'a report without streams' });
  } catch {
    return fail({ detail: `${String(text.length)} characters of other text` });
  }
}

class Stream {
  readonly #kind: HeldKind;
  readonly #host: Ip;
  readonly #ports: HoldPorts;
  readonly #breaks: { at: Instant; why: string }[] = [];
  readonly #waits: [Instant, number][] = [];
  #waitsSince: Instant;
  #exchanges = 0;
  #bytes = 0;
  #corrupt = 0;

  constructor(kind: HeldKind, host: Ip, ports: HoldPorts) {
    this.#kind = kind;
    this.#host = host;
    this.#ports = ports;
    this.#waitsSince = ports.clock.now();
  }

  /** Until the ports' signal. */
  async run(): Promise<void> {
    const { clock, signal } = this.#ports;
    while (!signal.aborted) {
      const why = await this.#hold();
      if (!aborted(signal)) {
        this.#breaks.push({ at: clock.now(), why });
        await pause(clock, REOPENS_AFTER);
      }
    }
  }

  report(): HeldStream {
    return {
      ...{ kind: this.#kind, exchanges: this.#exchanges, bytes: this.#bytes },
      ...{ corrupt: this.#corrupt, breaks: this.#breaks, waits: this.#waits },
    };
  }

  /** One connection; it is given up when nothing has come for so long. */
  async #hold(): Promise<string> {
    const { clock, signal } = this.#ports;
    const ending = new AbortController();
    const end = (): void => {
      ending.abort();
    };
    signal.addEventListener('abort', end);
    const held = HOLD[this.#kind]({
      ...{ host: this.#host, port: SERVICE_PORT, signal: ending.signal },
      asked: () => {
        this.#waitsSince = clock.now();
      },
      heard: (bytes, corrupt) => {
        this.#heard(bytes, corrupt);
      },
      pause: () => pause(clock, EXCHANGES_EVERY),
    });
    const why = await Promise.race([held, this.#stalled(ending.signal)]);
    end();
    await held;
    signal.removeEventListener('abort', end);
    return why;
  }

  /** Resolves only when nothing has come for too long, or when nobody cares any more. */
  async #stalled(signal: AbortSignal): Promise<string> {
    const { clock } = this.#ports;
    while (!aborted(signal)) {
      await pause(clock, LOOKS_EVERY);
      if (between(this.#waitsSince, clock.now()) > STALLED_AFTER) {
        return `nothing came for ${String(STALLED_AFTER)} ms`;
      }
    }
    return 'done';
  }

  #heard(bytes: number, corrupt: number): void {
    const now = this.#ports.clock.now();
    const waited = between(this.#waitsSince, now);
    this.#waitsSince = now;
    this.#exchanges += 1;
    this.#bytes += bytes;
    this.#corrupt += corrupt;
    if (waited >= LEAST_WAIT && this.#waits.length < MOST_WAITS) {
      this.#waits.push([now, tenths(waited)]);
    }
  }
}

/** A function, because nobody believes that it may have changed meanwhile. */
function aborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

const EXCHANGES_EVERY = millis(25);
const LOOKS_EVERY = millis(250);
const REOPENS_AFTER = millis(100);
/** As the prober has it of its streams. */
const STALLED_AFTER = millis(1_500);
/** In milliseconds: a download says something every 10. */
export const LEAST_WAIT = 1;
/** Of one stream: ten minutes of downloads. */
const MOST_WAITS = 60_000;
