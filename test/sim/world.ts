/** A whole pair in one process: two machines with real daemons, a LAN, a client, and the judge. */
import { parseCidr } from '../../src/base/ip.js';
import type { Cidr, Ip } from '../../src/base/ip.js';
import type { Millis } from '../../src/base/time.js';
import { later, millis, millisToCentis, scale, sum } from '../../src/base/time.js';
import type { Config } from '../../src/config/config.js';
import { handOverInterval, leaseFor } from '../../src/core/lease.js';
import { masterDownInterval } from '../../src/core/vrrp-timing.js';
import type { LogEvent } from '../../src/telemetry/events.js';
import { Chance } from './chance.js';
import type { Timed } from './faults.js';
import { healAll, inflict, LONGEST_FAULT } from './faults.js';
import { SimLan } from './lan.js';
import { SimMachine } from './machine.js';
import { Observer } from './observer.js';
import type { Bounds, Broken } from './observer.js';
import { Scheduler } from './scheduler.js';

export interface Scenario {
  readonly seed: number;
  readonly interval: Millis;
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

const ANNOUNCE = { burst: 5, burstAgainAfter: millis(5000), refreshEvery: millis(60_000) };
const VIP = cidr('10.77.0.100/24');

export class World {
  readonly scheduler: Scheduler = new Scheduler();
  readonly lan: SimLan;
  readonly machines: readonly [SimMachine, SimMachine];
  readonly address: Ip = VIP.address;
  readonly observer: Observer;
  readonly transcript: string[] = [];
  /** Whom the client's ARP entry names. */
  #clientBelieves: SimMachine | undefined;
  readonly #interval: Millis;
  #handOvers = 0;
  readonly #recording: 'silent' | 'transcript';

  constructor(
    { seed, interval }: Scenario,
    recording: 'silent' | 'transcript',
    bounds: Bounds = boundsFor(interval),
  ) {
    this.#interval = interval;
    this.#recording = recording;
    this.lan = new SimLan(this.scheduler, new Chance(seed));
    const config = configFor(interval);
    this.machines = [
      this.#machine('lb1', '10.77.0.2', config),
      this.#machine('lb2', '10.77.0.3', config),
    ];
    this.observer = new Observer(this.machines, this.lan, {
      bounds,
      answers: (machine) => machine.power === 'on' && machine.kernel.answers(VIP.address),
    });
  }

  /** Announced patience: a peer that hears a hand-over waits for three of its longer intervals. */
  handedOver(): void {
    const interval = handOverInterval(3, this.#interval);
    const stretched = sum(leaseFor(interval), this.#interval, millis(30));
    this.observer.allow({
      // Where the word is lost, or a contest was going on, the peer is master while the stretched lease still runs;
      // a daemon that adopts it meanwhile is corrected by the peer's next advert.
      dual: stretched,
      lease: stretched,
      none: sum(masterDownInterval(LEAST_PREFERRED, interval), SLACK),
    });
    this.#handOvers += 1;
    const mine = this.#handOvers;
    // A frozen peer hears the word when it wakes up, and is patient from then on.
    const longestPatience = sum(
      masterDownInterval(LEAST_PREFERRED, interval),
      interval,
      LONGEST_FAULT,
    );
    this.scheduler.after(longestPatience, () => {
      if (mine === this.#handOvers) {
        this.observer.allow(boundsFor(this.#interval));
      }
    });
  }

  async run(faults: readonly Timed[]): Promise<void> {
    this.#now(() => {
      for (const machine of this.machines) {
        machine.start();
      }
    });
    await this.#pass(this.#settling);
    for (const { after, fault } of faults) {
      await this.#pass(millis(after));
      this.note(
        `--- ${fault.kind} ${this.machines[fault.node].name} for ${String(fault.lasting)} ms`,
      );
      this.#now(() => {
        inflict(this, fault);
      });
    }
    await this.#pass(millis(4000));
    this.note('--- all healed');
    this.#now(() => {
      healAll(this);
    });
    await this.#untilFit();
    await this.#pass(this.#settling);
    if (this.#clientBelieves?.kernel.answers(VIP.address) !== true) {
      // A contest that the owner could not notice (its rival died in it) is mended by the slow refresh.
      await this.#pass(ANNOUNCE.refreshEvery);
    }
    const moves = this.observer.moves;
    await this.#pass(scale(this.#interval, 10));
    this.#judgeEnd(moves);
  }

  /** Long enough for a boot, a proxy's start, an election and the end of a contest. */
  get #settling(): Millis {
    return sum(scale(this.#interval, 6), millis(1500));
  }

  /** A proxy in a crash loop is left alone for a minute. */
  async #untilFit(): Promise<void> {
    for (let waited = 0; waited < 70 && !this.machines.every((each) => each.fit()); waited += 1) {
      await this.#pass(millis(1000));
    }
  }

  note(line: string): void {
    if (this.#recording === 'transcript') {
      this.transcript.push(`${(this.scheduler.now - 1_000_000).toFixed(2).padStart(10)} ${line}`);
    }
  }

  #machine(name: string, ownAddress: string, config: Config): SimMachine {
    return new SimMachine(
      { name, ownAddress, config },
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
    this.scheduler.after(millis(0), happen);
  }

  async #pass(duration: Millis): Promise<void> {
    await this.scheduler.run(later(this.scheduler.now, duration), () => {
      this.observer.observe(this.scheduler.now);
    });
  }

  #judgeEnd(movesBefore: number): void {
    const { observer } = this;
    const owners = this.machines.filter((machine) => machine.kernel.answers(VIP.address));
    const roles = this.machines.map((machine) => machine.daemon?.status().groups[0]?.role).sort();
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
  recording: 'silent' | 'transcript' = 'silent',
  bounds: Bounds = boundsFor(scenario.interval),
): Promise<Outcome> {
  const world = new World(scenario, recording, bounds);
  await world.run(scenario.faults);
  const { broken, moves, longestDual, longestNone } = world.observer;
  return { broken, moves, longestDual, longestNone, transcript: world.transcript };
}

const LEAST_PREFERRED = { version: 3, priority: 253 } as const;

/** Scheduling, delivery and a second look at a late alarm. */
const SLACK = millis(60);

/** What vipair promises: stricter ones are broken, which is how the judge itself is tested. */
function boundsFor(interval: Millis): Bounds {
  return {
    // A rival's next advert ends a contest.
    dual: sum(interval, millis(30)),
    lease: sum(leaseFor(interval), millis(30)),
    none: sum(masterDownInterval(LEAST_PREFERRED, interval), SLACK),
  };
}

function configFor(interval: Millis): Config {
  return {
    pair: {
      nodes: [
        { name: 'lb1', address: cidr('10.77.1.1').address },
        { name: 'lb2', address: cidr('10.77.1.2').address },
      ],
    },
    groups: [
      {
        name: 'web',
        version: 3,
        instances: [{ interface: 'eth0', vrid: 51, family: 'ipv4', addresses: [VIP] }],
        advertInterval: millisToCentis(interval),
        prefer: 'lb1',
        priority: undefined,
        failback: { kind: 'never' },
        startHold: millis(0),
        unicast: undefined,
        checksum: 'with-pseudo-header',
        authentication: undefined,
        track: [],
        virtualMac: false,
        accept: true,
        duplicateProbe: true,
        announce: ANNOUNCE,
      },
    ],
    proxy: {
      kind: 'haproxy',
      program: '/usr/sbin/haproxy',
      config: '/etc/haproxy/haproxy.cfg',
      run: 'supervised',
      probeEvery: millis(250),
      probeTimeout: millis(1000),
    },
    runtime: { directory: '/run/vipair', controlSocket: '/run/vipair/control.sock' },
  };
}

function cidr(text: string): Cidr {
  const parsed = parseCidr(text);
  if (!parsed.ok) {
    throw new Error(text);
  }
  return parsed.value;
}
