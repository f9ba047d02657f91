/** Reads the advertisements off the wire, so that a fault can strike at a chosen moment between two of them. */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Instant, Millis } from '../../src/base/time.js';
import { instant, later, millis, scale } from '../../src/base/time.js';
import type { Lab } from '../../src/lab/lab.js';
import { pause } from '../../src/lab/pause.js';
import { HOST_ADDRESSES, LAN_INTERFACE, NODE_NAMES, namespaceOf } from '../../src/lab/topology.js';
import type { NodeName } from '../../src/lab/topology.js';
import type { Clock } from '../../src/ports/clock.js';

interface Seen {
  /** Wall time in milliseconds, by the kernel. */
  readonly stamp: number;
  readonly source: string;
}

/** A minute at 10 ms adverts. */
const KEPT = 6_000;
const MICROS = 1_000;
/** What striking takes from the order to the deed: less than this is too late for the moment at hand. */
const LEAD = millis(1);
/** Nothing heard in so many intervals: nobody advertises. */
const PATIENCE_INTERVALS = 6;
const LOOK_EVERY = millis(2);
const NODE_ADDRESSES: readonly string[] = NODE_NAMES.map((name) => HOST_ADDRESSES[name]);

export class AdvertObserver {
  readonly #clock: Clock;
  readonly #interval: Millis;
  readonly #tcpdump: ChildProcess;
  readonly #seen: Seen[] = [];
  /** From the kernel's stamps, which are wall time, to our clock: the quickest delivery tells it best. */
  #offset = Infinity;
  #strangers = 0;

  constructor(lab: Lab, clock: Clock, interval: Millis) {
    this.#clock = clock;
    this.#interval = interval;
    this.#tcpdump = spawn(
      'ip',
      [
        ...['netns', 'exec', namespaceOf(lab.settings.name, 'watch')],
        ...['tcpdump', '--immediate-mode', '-l', '-n', '-tt', '-i', LAN_INTERFACE, 'proto', '112'],
      ],
      { stdio: ['ignore', 'pipe', 'ignore'] },
    );
    const { stdout } = this.#tcpdump;
    if (stdout !== null) {
      createInterface({ input: stdout }).on('line', (line) => {
        this.#read(line);
      });
    }
  }

  stop(): void {
    this.#tcpdump.kill('SIGKILL');
  }

  /** Whatever was seen is over; what comes now counts. */
  forget(): void {
    this.#seen.length = 0;
    this.#strangers = 0;
  }

  /** Packets of protocol 112 that are of neither node. */
  get strangers(): number {
    return this.#strangers;
  }

  /** When that node's advertisements were on the LAN, in milliseconds of the kernel's wall clock, in order. */
  stampsOf(node: NodeName): readonly number[] {
    return this.#seen
      .filter(({ source }) => source === HOST_ADDRESSES[node])
      .map(({ stamp }) => stamp);
  }

  /** The latest advertisement of that node not after `at`. */
  lastBefore(at: Instant, node: NodeName): Instant | undefined {
    const latest = at - this.#offset;
    const found = this.#seen.findLast(
      ({ stamp, source }) => source === HOST_ADDRESSES[node] && stamp <= latest,
    );
    return found === undefined ? undefined : instant(found.stamp + this.#offset);
  }

  /** Resolves when `share` of an interval has passed since an advertisement of that node. */
  async moment(node: NodeName, share: number): Promise<void> {
    const asked = this.#clock.now();
    const giveUpAt = later(asked, scale(this.#interval, PATIENCE_INTERVALS));
    let heard: Instant | undefined;
    while (heard === undefined || heard < asked) {
      if (this.#clock.now() > later(giveUpAt, millis(500))) {
        throw new Error(`no advertisement of ${node} was seen on the wire`);
      }
      await pause(this.#clock, LOOK_EVERY);
      heard = this.lastBefore(this.#clock.now(), node);
    }
    let strikeAt = later(heard, millis(this.#interval * share - LEAD));
    while (strikeAt < this.#clock.now()) {
      strikeAt = later(strikeAt, this.#interval);
    }
    await pause(this.#clock, millis(strikeAt - this.#clock.now()));
  }

  #read(line: string): void {
    const found = /^(\d+)\.(\d{6}) IP (\d+\.\d+\.\d+\.\d+) > /u.exec(line);
    if (found?.[3] === undefined) {
      return;
    }
    if (!NODE_ADDRESSES.includes(found[3])) {
      this.#strangers += 1;
      return;
    }
    const stamp = Number(found[1]) * MICROS + Number(found[2]) / MICROS;
    this.#offset = Math.min(this.#offset, this.#clock.now() - stamp);
    this.#seen.push({ stamp, source: found[3] });
    this.#seen.splice(0, this.#seen.length - KEPT);
  }
}
