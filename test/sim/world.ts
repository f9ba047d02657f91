/** A whole pair in one process: two machines with real daemons, a LAN, a client, and the judge. */
import type { Ip } from '../../src/base/ip.js';
import type { Millis } from '../../src/base/time.js';
import { later, longer, millis, scale, sum } from '../../src/base/time.js';
import type { LogEvent } from '../../src/telemetry/events.js';
import type { Bounds } from './bounds.js';
import { boundsFor, handOverBounds, handOverLasts, patience } from './bounds.js';
import { Chance } from './chance.js';
import type { Timed } from './faults.js';
import { healAll, inflict, spansFor } from './faults.js';
import { SimLan } from './lan.js';
import { SimMachine } from './machine.js';
import { Observer } from './observer.js';
import type { Broken } from './observer.js';
import { Scheduler } from './scheduler.js';
import type { Settings } from './settings.js';
import { ANNOUNCE, VIP } from './settings.js';

export interface Scenario {
  readonly seed: number;
  readonly settings: Settings;
  readonly faults: readonly Timed[];
}

export interface Outcome {
  readonly broken: Broken | undefined;
  readonly moves: number;
  readonly longestDual: Millis;
  readonly longestNone: Millis;
  /** One line an event: what every daemon said, with virtual time. Empty unless asked for. */
  readonly transcript: readonly string[];
}

export interface Telling {
  readonly recording: 'silent' | 'transcript';
  /** Other than what vipair promises. */
  readonly bounds?: Bounds;
  /** `at every step` is slow, and must come to the same. */
  readonly pace?: 'as needed' | 'at every step';
}

export class World {
  readonly scheduler: Scheduler;
  readonly lan: SimLan;
  readonly machines: readonly [SimMachine, SimMachine];
  readonly address: Ip = VIP.address;
  readonly observer: Observer;
  readonly transcript: string[] = [];
  readonly #settings: Settings;
  readonly #bounds: Bounds;
  readonly #recording: 'silent' | 'transcript';
  /** Whom the client's ARP entry names. */
  #clientBelieves: SimMachine | undefined;
  #handOvers = 0;

  constructor({ seed, settings }: Scenario, { recording, bounds, pace }: Telling) {
    this.scheduler = new Scheduler(pace);
    this.#settings = settings;
    this.#bounds = bounds ?? boundsFor(settings.interval);
    this.#recording = recording;
    this.lan = new SimLan(this.scheduler, new Chance(seed));
    this.machines = [this.#machine('lb1', '10.77.0.2'), this.#machine('lb2', '10.77.0.3')];
    this.observer = new Observer(this.machines, this.lan, {
      bounds: this.#bounds,
      answers: (machine) => machine.kernel.answers(VIP.address),
    });
  }

  /** A daemon announces a hand-over: whoever hears it is patient for a while. */
  handedOver(): void {
    const { interval } = this.#settings;
    this.observer.allow(handOverBounds(interval), this.scheduler.now);
    this.#handOvers += 1;
    const mine = this.#handOvers;
    // A frozen peer hears the word when it wakes up, and is patient from then on.
    this.scheduler.after(sum(handOverLasts(interval), spansFor(interval).longestFault), () => {
      if (mine === this.#handOvers) {
        this.observer.allow(this.#bounds, this.scheduler.now);
      }
    });
  }

  async run(faults: readonly Timed[]): Promise<void> {
    this.#now(() => {
      for (const machine of this.machines) {
        machine.start();
      }
    });
    await this.#pass(this.#electing);
    for (const { after, fault } of faults) {
      await this.#pass(millis(after));
      this.note(
        `--- ${fault.kind} ${this.machines[fault.node].name} for ${String(fault.lasting)} ms`,
      );
      this.#now(() => {
        inflict(this, fault);
      });
    }
    await this.#pass(scale(spansFor(this.#settings.interval).longestFault, 0.5));
    this.note('--- all healed');
    this.#now(() => {
      healAll(this);
    });
    await this.#untilFit();
    await this.#pass(sum(this.#electing, this.#settings.interval));
    if (this.#clientBelieves?.kernel.answers(VIP.address) !== true) {
      // A contest that the owner could not notice (its rival died in it) is mended by the slow refresh.
      await this.#pass(ANNOUNCE.refreshEvery);
    }
    const moves = this.observer.moves;
    await this.#pass(this.#cycle);
    this.#judgeEnd(moves);
  }

  /** What a start takes, with a proxy's, until somebody is master: both nodes have listened for long enough by then. */
  get #electing(): Millis {
    const { interval, startHold } = this.#settings;
    return sum(longer(patience(interval), startHold), millis(250));
  }

  /**
   * By then every timer of a pair at rest has rung: adverts, the lease, the peer's patience, and at an interval of
   * a second the backstop. What does not move meanwhile stays.
   */
  get #cycle(): Millis {
    return sum(scale(this.#settings.interval, 4), millis(250));
  }

  /** A proxy in a crash loop is left alone for a minute. */
  async #untilFit(): Promise<void> {
    for (let waited = 0; waited < 280 && !this.machines.every((each) => each.fit()); waited += 1) {
      await this.#pass(millis(250));
    }
  }

  note(line: string): void {
    if (this.#recording === 'transcript') {
      this.transcript.push(`${(this.scheduler.now - 1_000_000).toFixed(2).padStart(10)} ${line}`);
    }
  }

  #machine(name: string, ownAddress: string): SimMachine {
    return new SimMachine(
      { name, ownAddress, settings: this.#settings },
      {
        scheduler: this.scheduler,
        lan: this.lan,
        announced: (machine) => {
          this.#clientBelieves = machine;
        },
        logged: (machine, event) => {
          this.#logged(machine, event);
        },
      },
    );
  }

  #logged(machine: SimMachine, event: LogEvent): void {
    if (this.#recording === 'transcript') {
      this.note(`${machine.name} ${JSON.stringify(event)}`);
    }
  }

  /** As an event, so that what it sets in motion is followed to its end. */
  #now(happen: () => void): void {
    this.scheduler.after(millis(0), () => {
      happen();
      this.scheduler.answered('long');
    });
  }

  async #pass(duration: Millis): Promise<void> {
    await this.scheduler.run(later(this.scheduler.now, duration), () => {
      this.observer.observe(this.scheduler.now);
    });
  }

  #judgeEnd(movesBefore: number): void {
    const { observer } = this;
    observer.observe(this.scheduler.now);
    const owners = this.machines.filter((machine) => machine.kernel.answers(VIP.address));
    const roles = this.machines.map((machine) => machine.role).sort();
    if (owners.length !== 1 || roles.join() !== 'backup,master') {
      observer.broken ??= { invariant: 'did not converge', detail: roles.join() };
    }
    if (this.#clientBelieves !== owners[0]) {
      observer.broken ??= {
        invariant: 'client lost',
        detail: `its ARP entry names ${this.#clientBelieves?.name ?? 'nobody'}`,
      };
    }
    if (observer.moves !== movesBefore) {
      observer.broken ??= { invariant: 'moved unasked', detail: 'after everything was healed' };
    }
  }
}

/** Runs one schedule to its end. */
export async function simulate(
  scenario: Scenario,
  telling: Telling = { recording: 'silent' },
): Promise<Outcome> {
  const world = new World(scenario, telling);
  await world.run(scenario.faults);
  const { broken, moves, longestDual, longestNone } = world.observer;
  return { broken, moves, longestDual, longestNone, transcript: world.transcript };
}
