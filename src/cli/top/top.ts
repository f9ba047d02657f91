/** `vipair top`: one live screen of the pair. A daemon that goes away is said to be, and asked again. */
import { setTimeout as pause } from 'node:timers/promises';
import type { ApiFailure } from '../../api/client.js';
import { askEvents, askPair, askServers } from '../../api/client.js';
import { reportFailure, socketOf } from '../asking.js';
import type { TopAsked } from '../commands.js';
import type { ExitCode } from '../exit-codes.js';
import { EXIT } from '../exit-codes.js';
import type { MeasuringPorts } from '../probe.js';
import { print, printJson, whenUnread } from '../terminal.js';
import { hasScreen, LiveScreen, screenSize } from './live-screen.js';
import { ratesOf } from './rates.js';
import type { TopSample } from './sample.js';
import { withSample } from './sample.js';
import { renderTop } from './screen.js';

/** Where nobody watches on a terminal it is `once`. */
export async function top(asked: TopAsked, ports: MeasuringPorts): Promise<ExitCode> {
  return asked.mode === 'once' || asked.form === 'json' || !hasScreen()
    ? topOnce(asked, ports)
    : new TopScreen(socketOf(asked), ports).watch();
}

/** Two samples a second apart: one has no rates. */
async function topOnce(asked: TopAsked, { clock, signal }: MeasuringPorts): Promise<ExitCode> {
  const socket = socketOf(asked);
  const first = await takeSample(socket, clock.wallTime(), signal);
  if (first.failure !== undefined) {
    return reportFailure(first.failure, asked.form);
  }
  await asleep(signal);
  const second = await takeSample(socket, clock.wallTime(), signal);
  if (second.failure !== undefined) {
    return reportFailure(second.failure, asked.form);
  }
  const samples = [first.sample, second.sample];
  if (asked.form === 'json') {
    printJson({ ...second.sample, rates: ratesOf(samples) });
  } else {
    print(renderTop(samples, screenSize(), 'once').join('\n'));
  }
  return EXIT.ok;
}

class TopScreen {
  readonly #socket: string;
  readonly #ports: MeasuringPorts;
  readonly #enough = new AbortController();
  readonly #signal: AbortSignal;
  #samples: readonly TopSample[] = [];
  /** What is shown while it is paused. */
  #held: readonly TopSample[] | undefined;

  constructor(socket: string, ports: MeasuringPorts) {
    this.#socket = socket;
    this.#ports = ports;
    this.#signal = AbortSignal.any([ports.signal, this.#enough.signal]);
  }

  async watch(): Promise<ExitCode> {
    whenUnread(() => {
      this.#enough.abort();
    });
    const screen = new LiveScreen({
      key: (key) => {
        this.#press(key, screen);
      },
      resized: () => {
        this.#draw(screen);
      },
    });
    try {
      while (!this.#signal.aborted) {
        const at = this.#ports.clock.wallTime();
        const { sample } = await takeSample(this.#socket, at, this.#signal);
        this.#samples = withSample(this.#samples, sample);
        this.#draw(screen);
        await asleep(this.#signal);
      }
    } finally {
      screen.leave();
    }
    return EXIT.ok;
  }

  #press(key: string, screen: LiveScreen): void {
    if (key === 'q') {
      this.#enough.abort();
    } else if (key === 'p') {
      this.#held = this.#held === undefined ? this.#samples : undefined;
      this.#draw(screen);
    }
  }

  #draw(screen: LiveScreen): void {
    const mode = this.#held === undefined ? 'live' : 'paused';
    screen.show(renderTop(this.#held ?? this.#samples, screenSize(), mode));
  }
}

interface Taken {
  readonly sample: TopSample;
  readonly failure: ApiFailure | undefined;
}

async function takeSample(socket: string, at: number, signal: AbortSignal): Promise<Taken> {
  const pair = await askPair(socket);
  if (!pair.ok) {
    const { error } = pair;
    const problem = error.code === 'refused' ? error.refusal.detail : error.detail;
    const sample = { at, report: undefined, problem, loads: [], events: [] };
    return { sample, failure: error };
  }
  const report = pair.value;
  const [servers, events] = await Promise.all([
    report.proxy === undefined ? undefined : askServers(socket),
    askEvents(socket, { after: undefined, limit: MOST_EVENTS }, signal),
  ]);
  const sample: TopSample = {
    ...{ at, report, problem: undefined },
    loads: servers?.ok === true ? servers.value.loads : [],
    events: events.ok ? events.value.events : [],
  };
  return { sample, failure: undefined };
}

/** A second, or until it is enough. */
async function asleep(signal: AbortSignal): Promise<void> {
  await pause(REFRESH_MS, undefined, { signal }).catch(() => undefined);
}

const REFRESH_MS = 1000;
/** A tall terminal's. */
const MOST_EVENTS = 100;
