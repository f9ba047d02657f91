/**
 * What the service manager is told of this daemon. That it works is said only after a decision was asked for and made: an
 * engine that is stuck says nothing, and neither does a loop that does not turn.
 */
import type { Millis } from '../base/time.js';
import { later, millis, scale, shorter } from '../base/time.js';
import type { Alarm, Clock } from '../ports/clock.js';
import type { ServiceManager, ServiceNews } from '../ports/service-news.js';

export interface ServiceReportParts {
  readonly service: ServiceManager;
  readonly clock: Clock;
  /** Whether decisions are made. */
  readonly works: () => boolean;
  /** How it is, for people. */
  readonly line: () => string;
}

export class ServiceReports {
  readonly #parts: ServiceReportParts;
  readonly #every: Millis;
  /** What it is in last; said again until it arrives, because it is waited for. */
  #phase: ServiceNews = { kind: 'ready' };
  #said: 'yes' | 'no' = 'no';
  #line = '';
  #reloads = 0;
  #alarm: Alarm | undefined;

  constructor(parts: ServiceReportParts) {
    const { watchdog } = parts.service;
    this.#parts = parts;
    this.#every = watchdog === undefined ? EVERY : shorter(EVERY, scale(watchdog, A_QUARTER));
  }

  /** The daemon takes part from now on. */
  ready(): void {
    this.#enter({ kind: 'ready' });
    this.#look();
  }

  /** While it goes on, the configuration is being read again. */
  async during<T>(reload: () => Promise<T>): Promise<T> {
    this.#reloads += 1;
    this.#enter({ kind: 'reloading', at: this.#parts.clock.now() });
    try {
      return await reload();
    } finally {
      this.#reloads -= 1;
      if (this.#reloads === 0) {
        this.#enter({ kind: 'ready' });
      }
    }
  }

  /** It goes on saying that it works: stopping takes time, too. */
  stopping(): void {
    this.#enter({ kind: 'stopping' });
  }

  /** Nothing is said after it. */
  end(): void {
    this.#alarm?.cancel();
    this.#alarm = undefined;
  }

  #enter(phase: ServiceNews): void {
    // Whoever stops does not become ready again, although a reload ends.
    if (this.#phase.kind !== 'stopping') {
      this.#phase = phase;
      this.#said = 'no';
      this.#sayPhase();
    }
  }

  #sayPhase(): void {
    if (this.#said === 'no') {
      this.#said = this.#parts.service.tell(this.#phase).ok ? 'yes' : 'no';
    }
  }

  #look(): void {
    const { service, clock, works, line } = this.#parts;
    this.#alarm = clock.alarm(later(clock.now(), this.#every), () => {
      this.#look();
    });
    this.#sayPhase();
    if (works()) {
      service.tell({ kind: 'works' });
    }
    const text = line();
    if (text !== this.#line && service.tell({ kind: 'status', text }).ok) {
      this.#line = text;
    }
  }
}

/** How old a line may be that people read. */
const EVERY = millis(1000);
/** Of the watchdog's patience: three that come late or not at all are none too few. */
const A_QUARTER = 0.25;
