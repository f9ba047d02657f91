/**
 * How the two daemons find each other: one dials and the other listens, on the preferred addresses of both, and on the
 * second ones while the first do not work. From those it goes back as soon as the first are reached again.
 */
import type { Ip } from '../base/ip.js';
import { later, millis, scale, shorter } from '../base/time.js';
import type { Alarm, Clock } from '../ports/clock.js';
import type { PairStream, PairTransport } from '../ports/pair-transport.js';
import type { Random } from '../ports/random.js';

export type PathName = 'preferred' | 'fallback';

/** An address of each node, of one family. */
export interface PairPath {
  readonly name: PathName;
  readonly own: Ip;
  readonly peer: Ip;
}

export interface MeetingOptions {
  /** Of this node. */
  readonly name: string;
  readonly role: 'dials' | 'listens';
  /** The preferred one first. */
  readonly paths: readonly PairPath[];
  readonly port: number;
}

export interface MeetingPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly transport: PairTransport;
  readonly met: (stream: PairStream, path: PairPath) => void;
  /** Why an attempt came to nothing. */
  readonly refused: (detail: string) => void;
}

export class Meeting {
  readonly #options: MeetingOptions;
  readonly #ports: MeetingPorts;
  readonly #alarms = new Map<string, Alarm>();
  readonly #listening: (() => void)[] = [];
  #attempts = 0;
  #returns = 0;
  #phase: 'running' | 'stopped' = 'running';

  constructor(options: MeetingOptions, ports: MeetingPorts) {
    this.#options = options;
    this.#ports = ports;
  }

  begin(): void {
    const { role, paths } = this.#options;
    if (role === 'dials') {
      void this.#dial(0);
    } else {
      for (const path of paths) {
        void this.#listen(path);
      }
    }
  }

  /** There is no connection any more. A path that fell silent is not the first to be tried. */
  seek(silent: PathName | undefined): void {
    const { role, paths } = this.#options;
    const first = silent === 'preferred' && paths.length > 1 ? 1 : 0;
    this.#alarms.get(RETURN)?.cancel();
    if (role === 'dials') {
      this.#later('dial', () => this.#dial(first));
    }
  }

  /** A connection counts now. */
  found(path: PathName): void {
    this.#attempts = 0;
    this.#alarms.get(RETURN)?.cancel();
    if (path === 'fallback' && this.#options.role === 'dials') {
      this.#returnLater();
    }
  }

  stop(): void {
    this.#phase = 'stopped';
    for (const alarm of this.#alarms.values()) {
      alarm.cancel();
    }
    for (const end of this.#listening.splice(0)) {
      end();
    }
  }

  async #listen(path: PairPath): Promise<void> {
    const { port } = this.#options;
    const { transport, met, refused } = this.#ports;
    const listening = await transport.listen(
      { address: path.own, port, peer: path.peer },
      {
        accepted: (stream) => {
          met(stream, path);
        },
        refused: ({ detail }) => {
          refused(detail);
        },
      },
    );
    if (!listening.ok) {
      refused(listening.error.detail);
      this.#later(`listen ${path.name}`, () => this.#listen(path));
    } else if (this.#phase === 'stopped') {
      listening.value();
    } else {
      this.#listening.push(listening.value);
    }
  }

  /** One path after the other; when none works, a pause. */
  async #dial(index: number): Promise<void> {
    const path = this.#options.paths[index];
    if (path === undefined) {
      this.#later('dial', () => this.#dial(0));
      return;
    }
    const dialled = await this.#try(path, this.#attempts);
    if (dialled !== undefined) {
      this.#ports.refused(dialled);
      await this.#dial(index + 1);
    }
  }

  /** Why it came to nothing; undefined where they have met. */
  async #try(path: PairPath, attempt: number): Promise<string | undefined> {
    const { name, port } = this.#options;
    const dialled = await this.#ports.transport.dial(
      { name, address: path.own, attempt },
      { address: path.peer, port },
    );
    if (!dialled.ok) {
      return dialled.error.detail;
    }
    if (this.#phase === 'stopped') {
      dialled.value.close();
    } else {
      this.#ports.met(dialled.value, path);
    }
    return undefined;
  }

  /** The connection on the second addresses stays until one on the first has been greeted. */
  #returnLater(): void {
    const { clock, random } = this.#ports;
    const pause = scale(RETURN_EVERY, 0.5 + random.fraction() / 2);
    const alarm = clock.alarm(later(clock.now(), pause), () => {
      this.#returns += 1;
      // Whether it succeeds or not: a stream whose other end never says hello is no return.
      this.#returnLater();
      for (const path of this.#options.paths.slice(0, 1)) {
        void this.#try(path, this.#returns);
      }
    });
    this.#alarms.set(RETURN, alarm);
  }

  /** After a while that grows with every attempt, and is never the same for two nodes. */
  #later(what: string, act: () => Promise<void>): void {
    if (this.#phase === 'stopped') {
      return;
    }
    const { clock, random } = this.#ports;
    const longest = shorter(scale(FIRST_PAUSE, 2 ** Math.min(this.#attempts, 10)), LONGEST_PAUSE);
    this.#attempts += 1;
    const pause = scale(longest, 0.5 + random.fraction() / 2);
    this.#alarms.get(what)?.cancel();
    const alarm = clock.alarm(later(clock.now(), pause), () => {
      void act();
    });
    this.#alarms.set(what, alarm);
  }
}

const RETURN = 'return';
const FIRST_PAUSE = millis(100);
const LONGEST_PAUSE = millis(2000);
/** At the most; a little less by chance. */
const RETURN_EVERY = millis(5000);
