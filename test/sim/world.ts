/** A whole pair in one process: two machines with real daemons, a LAN, a client, and the judge. */
import type { Ip } from '../../src/base/ip.js';
import { parseIpv4 } from '../../src/base/ipv4.js';
import { macFromBytes } from '../../src/base/mac.js';
import type { MacAddress } from '../../src/base/mac.js';
import type { Instant, Millis } from '../../src/base/time.js';
import { between, later, longer, millis, scale, sum } from '../../src/base/time.js';
import { THEIRS_WITHIN } from '../../src/daemon-orders.js';
import { isOn } from '../../src/core/orders.js';
import type { LogEvent } from '../../src/telemetry/events.js';
import type { Bounds } from './bounds.js';
import {
  agreement,
  ASKED_WITHIN,
  boundsFor,
  handOverBounds,
  handOverLasts,
  ordersAwaited,
  patience,
  patientFor,
  silence,
} from './bounds.js';
import { Chance } from './chance.js';
import type { Timed } from './faults.js';
import { healAll, inflict, ONE_SIDED_FACTOR, spansFor } from './faults.js';
import type { ForeignConfig } from './foreign-router.js';
import { ForeignRouter } from './foreign-router.js';
import type { LanPort } from './lan.js';
import { SimLan } from './lan.js';
import { SimMachine } from './machine.js';
import { Observer } from './observer.js';
import type { Broken } from './observer.js';
import { SimPairLinks } from './pair-links.js';
import { differencesOf, statedOn } from './registers.js';
import { Scheduler } from './scheduler.js';
import type { Settings } from './settings.js';
import {
  ANNOUNCE,
  FASTEST_CLOCK,
  GATEWAY,
  SECOND_ADDRESSES,
  SIGNED_WINDOW,
  SLOWEST_CLOCK,
  VIP,
} from './settings.js';
import type { Deed } from './service-deeds.js';
import { arrange } from './service-deeds.js';
import { heedsFile, ServiceJudge } from './service-judge.js';
import { Stranger } from './stranger.js';

export interface Scenario {
  readonly seed: number;
  readonly settings: Settings;
  readonly faults: readonly Timed[];
  /** Of services, where there are any. */
  readonly deeds?: readonly Deed[];
}

export interface Outcome {
  readonly broken: Broken | undefined;
  readonly moves: number;
  readonly longestDual: Millis;
  /** Whether they could hear each other or not. */
  readonly longestTwo: Millis;
  readonly longestNone: Millis;
  /** What the schedule brought about, each once: faults that had to be lived through, and what daemons said of them. */
  readonly met: ReadonlySet<string>;
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
  readonly links: SimPairLinks;
  readonly machines: readonly [SimMachine, SimMachine];
  readonly address: Ip = VIP.address;
  readonly observer: Observer;
  readonly transcript: string[] = [];
  readonly foreign: ForeignRouter;
  readonly stranger: Stranger;
  readonly settings: Settings;
  readonly gateway: LanPort = {
    name: 'gateway',
    ownAddress: GATEWAY.address,
    linkUp: () => true,
    mac: mac(1),
    mayHave: (asked) => asked === GATEWAY.address,
    answers: () => true,
    sure: true,
  };
  /** Whoever uses the address: it hears, and is never asked for anything. */
  readonly client: LanPort = {
    name: 'client',
    ownAddress: CLIENT,
    linkUp: () => true,
    mac: mac(5),
    mayHave: () => false,
    answers: () => false,
  };
  /** Another judge, of what the client sees. */
  clients: { observe(now: Instant): void } | undefined;
  readonly met = new Set<string>();
  /** Which files an operator has edited. */
  edits: 'none' | 'one file' | 'both files' = 'none';
  /** The longest that any node has in this schedule. */
  readonly #interval: Millis;
  /** Of all faults of the schedule. */
  readonly #kinds: readonly string[];
  readonly #bounds: Bounds;
  readonly #recording: 'silent' | 'transcript';
  readonly #deeds: readonly Deed[];
  readonly #services: ServiceJudge | undefined;
  /** Whom the client's ARP entry names. */
  #clientBelieves: SimMachine | ForeignRouter | undefined;
  #handOvers = 0;
  /** Those without a time of rest between them. */
  #overlapping = 0;
  #healed = false;
  /** When somebody last asked for a switchover, on either node. */
  #askedAt: Instant | undefined;

  constructor(
    { seed, settings, faults, deeds = [] }: Scenario,
    { recording, bounds, pace }: Telling,
  ) {
    this.scheduler = new Scheduler(pace);
    this.settings = settings;
    const oneSided = faults.some(({ fault }) => fault.kind === 'one-sided-change');
    this.#interval = scale(settings.interval, oneSided ? ONE_SIDED_FACTOR : 1);
    this.#kinds = faults.map(({ fault }) => fault.kind);
    this.#bounds =
      bounds ??
      patientFor(this.#kinds, boundsFor(this.#interval, settings.channel, outlivesLease(faults)));
    this.#recording = recording;
    this.#deeds = deeds;
    this.links = new SimPairLinks(this.scheduler, {
      paths: settings.paths,
      second: SECOND_ADDRESSES,
      silence: silence(this.#interval),
    });
    this.lan = new SimLan(this.scheduler, new Chance(seed));
    this.machines = [this.#machine(0, '10.77.0.2'), this.#machine(1, '10.77.0.3')];
    this.lan.attach(this.gateway);
    const { scheduler, lan, address } = this;
    this.foreign = new ForeignRouter(
      { ownAddress: FOREIGN_ROUTER, mac: mac(4), address },
      {
        scheduler,
        lan,
        announced: (router) => {
          this.#clientBelieves = router;
        },
      },
    );
    this.stranger = new Stranger(
      { ownAddress: STRANGER, mac: mac(66), address },
      { scheduler, lan },
    );
    const channel = settings.channel === 'none' ? undefined : this.links;
    this.observer = new Observer(this.machines, this.lan, {
      channel,
      bounds: this.#bounds,
      answers: (machine) => machine.kernel.answers(VIP.address),
      trusting: () => this.#trusting() && this.#runAlike,
      met: this.met,
      // A pair that signs its adverts does not obey a router without its key.
      ...(settings.authentication === 'signed'
        ? { rivals: [], strangers: [this.foreign, this.stranger] }
        : { rivals: [this.foreign], strangers: [this.stranger] }),
    });
    this.#services = this.#judgeOfServices();
  }

  #judgeOfServices(): ServiceJudge | undefined {
    const { scheduler, machines, met } = this;
    const broken = (detail: string): void => {
      this.observer.broken ??= { invariant: 'services', detail };
    };
    return this.settings.services === 'none'
      ? undefined
      : new ServiceJudge({ scheduler, machines, met, broken });
  }

  /** What a router has to speak to be one of this group. */
  get dialect(): Pick<ForeignConfig, 'version' | 'vrid' | 'interval'> {
    const { version, interval } = this.settings;
    return { version, interval, vrid: this.machines[0].runningVrid };
  }

  /** Whether both nodes run, and will run, the same virtual router. */
  get isAgreed(): boolean {
    const [a, b] = this.machines;
    return this.#runAlike && a.vrid === a.runningVrid && b.vrid === b.runningVrid;
  }

  get #runAlike(): boolean {
    const [a, b] = this.machines;
    return a.runningVrid === b.runningVrid;
  }

  /** Whether the time of faults is over. */
  get healed(): boolean {
    return this.#healed;
  }

  /** Somebody asks for a switchover, and waits for the answer. */
  switchoverAsked(): void {
    this.#askedAt = this.scheduler.now;
  }

  /** A daemon announces a hand-over: whoever hears it is patient for a while. */
  handedOver(): void {
    const interval = this.#interval;
    this.#handOvers += 1;
    this.#overlapping += 1;
    // Two masters whose daemons are replaced one after the other have nobody to end their contest meanwhile.
    this.observer.allow(
      patientFor(this.#kinds, handOverBounds(interval, this.settings.channel, this.#overlapping)),
      this.scheduler.now,
    );
    const mine = this.#handOvers;
    // A frozen peer hears the word when it wakes up, and is patient from then on.
    this.scheduler.after(sum(handOverLasts(interval), spansFor(interval).longestFault), () => {
      if (mine === this.#handOvers) {
        this.#overlapping = 0;
        this.observer.allow(this.#bounds, this.scheduler.now);
      }
    });
  }

  async run(faults: readonly Timed[]): Promise<void> {
    await this.begin(NO_OFFSETS);
    arrange(this, this.#deeds);
    for (const { after, fault } of faults) {
      await this.pass(millis(after));
      this.note(
        `--- ${fault.kind} ${this.machines[fault.node].name} for ${String(fault.lasting)} ms`,
      );
      this.now(() => {
        inflict(this, fault);
      });
    }
    await this.pass(scale(spansFor(this.settings.interval).longestFault, 0.5));
    this.note('--- all healed');
    this.now(() => {
      this.#healed = true;
      healAll(this);
    });
    await this.end();
  }

  /** Starts both nodes, each so much later, and waits until one is master. */
  async begin(offsets: readonly [Millis, Millis]): Promise<void> {
    for (const [index, offset] of offsets.entries()) {
      this.scheduler.after(offset, () => {
        this.machines[index]?.start();
        this.scheduler.answered();
      });
    }
    this.#services?.begin();
    await this.pass(sum(longer(...offsets), this.#electing));
    // Both may claim at once where nobody has the address yet.
    this.observer.longestTwo = millis(0);
  }

  /** Nothing is broken any more: the pair comes to rest, and is judged. */
  async end(): Promise<void> {
    await this.#untilFit();
    await this.#untilReloaded();
    const fitAt = this.scheduler.now;
    await this.rest();
    await this.#untilRelieved();
    if (!this.#owners().some((owner) => owner === this.#clientBelieves)) {
      // A contest that the owner could not notice (its rival died in it) is mended by the slow refresh.
      await this.pass(ANNOUNCE.refreshEvery);
    }
    const moves = this.observer.moves;
    await this.pass(this.#cycle);
    await this.#untilAgreed(later(fitAt, agreement(this.#interval)));
    await this.#untilServed();
    this.#judgeEnd(moves);
    this.#judgeIntents();
  }

  /** As long as a pair takes at the most until nothing moves any more, without a fault. */
  async rest(): Promise<void> {
    await this.pass(sum(this.#electing, this.#informing, this.#failingBack, this.#interval));
  }

  /** A node in maintenance that had to take its group back is relieved again, but not at once. */
  async #untilRelieved(): Promise<void> {
    const again = sum(scale(RELIEVED_AGAIN, 1 / SLOWEST_CLOCK), this.#electing);
    const until = later(this.scheduler.now, again);
    while (this.#awaitsRelief() && between(this.scheduler.now, until) > 0) {
      await this.pass(this.#interval);
    }
  }

  #awaitsRelief(): boolean {
    const orders = this.machines.map(ordersOf);
    const isOwner = this.#owners().some((owner) => ordersOf(owner) === 'in maintenance');
    return isOwner && orders.some((each) => each !== 'in maintenance');
  }

  /** What a start takes, with a proxy's, until somebody is master: both nodes have listened for long enough by then. */
  get #electing(): Millis {
    const { startHold } = this.settings;
    return sum(longer(this.#patience, startHold), millis(250));
  }

  /** Active_Down_Interval by the slowest clock. */
  get #patience(): Millis {
    return scale(patience(this.#interval), 1 / SLOWEST_CLOCK);
  }

  /**
   * How long it may take until a preferred node that is fit has taken the group back. After a hand-over it is as
   * patient as it was asked to be, even where the next daemon was there sooner.
   */
  get #failingBack(): Millis {
    const { failback } = this.settings;
    const asked = this.#handOvers === 0 ? millis(0) : handOverLasts(this.#interval);
    if (failback.kind === 'never') {
      return millis(0);
    }
    const wanted = failback.kind === 'after' ? failback.stableFor : millis(0);
    const stableFor = longer(wanted, ordersAwaited(this.settings.channel));
    return scale(sum(stableFor, longer(patience(this.#interval), asked)), 1 / SLOWEST_CLOCK);
  }

  /** A daemon that has just been started takes over from nobody before it knows what was ordered. */
  get #informing(): Millis {
    return this.settings.channel === 'none' ? millis(0) : scale(THEIRS_WITHIN, 1 / SLOWEST_CLOCK);
  }

  /**
   * By then every timer of a pair at rest has rung: adverts, the lease, the peer's patience, and at an interval of
   * a second the backstop. What does not move meanwhile stays.
   */
  get #cycle(): Millis {
    return sum(scale(this.#interval, 4 * FASTEST_CLOCK), millis(250));
  }

  /** A proxy in a crash loop is left alone for a minute. */
  async #untilFit(): Promise<void> {
    for (let waited = 0; waited < 280 && !this.machines.every((each) => each.fit()); waited += 1) {
      await this.pass(millis(250));
    }
  }

  /** Only those of today's version have intents. */
  async #untilAgreed(end: Instant): Promise<void> {
    while (
      this.settings.channel === 'open' &&
      this.scheduler.now < end &&
      differencesOf(this.machines).length > 0
    ) {
      await this.pass(millis(100));
    }
  }

  /** An operator brings the files together, and the rules of both nodes are judged once more. */
  async #untilServed(): Promise<void> {
    const [first, second] = this.machines;
    const judge = this.#services;
    if (judge === undefined) {
      return;
    }
    const isHeeded = (): boolean =>
      first.weights === second.weights && this.machines.every(heedsFile);
    for (let tries = 0; tries < MOST_RELOADS && !isHeeded(); tries += 1) {
      this.now(() => {
        second.weights = first.weights;
        first.reload();
        second.reload();
      });
      await this.pass(RELOAD_TAKES);
    }
    if (!isHeeded()) {
      this.observer.broken ??= { invariant: 'services', detail: 'the file is not heeded' };
    }
    judge.renew();
    const end = later(this.scheduler.now, SERVED_WITHIN);
    while (!judge.isDone && this.scheduler.now < end) {
      await this.pass(millis(250));
    }
    if (!judge.isDone) {
      this.observer.broken ??= { invariant: 'services', detail: 'the rules do not come to rest' };
    }
  }

  /** A change did not come to the same on both nodes: the operator brings the files together, and says it again. */
  async #untilReloaded(): Promise<void> {
    const [first, second] = this.machines;
    for (let tries = 0; tries < MOST_RELOADS && !this.isAgreed; tries += 1) {
      this.now(() => {
        second.vrid = first.vrid;
        (tries % 2 === 0 ? first : second).reload();
      });
      await this.pass(RELOAD_TAKES);
    }
  }

  note(line: string): void {
    if (this.#recording === 'transcript') {
      this.transcript.push(`${(this.scheduler.now - 1_000_000).toFixed(2).padStart(10)} ${line}`);
    }
  }

  #machine(index: 0 | 1, ownAddress: string): SimMachine {
    const { settings } = this;
    return new SimMachine(
      {
        name: `lb${String(index + 1)}`,
        ownAddress,
        settings,
        clockRate: settings.clockRates[index],
      },
      {
        scheduler: this.scheduler,
        lan: this.lan,
        links: this.links,
        announced: (machine) => {
          this.announcedBy(machine);
        },
        logged: (machine, event) => {
          this.#logged(machine, event);
        },
      },
    );
  }

  #judgeIntents(): void {
    if (this.settings.channel !== 'open') {
      return;
    }
    const [difference] = differencesOf(this.machines);
    if (difference !== undefined) {
      this.observer.broken ??= { invariant: 'intents differ', detail: difference };
    } else if (statedOn(this.machines[0]).size > 0) {
      this.met.add('intents agree');
    }
  }

  /** Nobody waits for it any more, and nobody knows what has become of it. */
  #judgeDeed(event: LogEvent): void {
    const now = this.scheduler.now;
    if (
      event.event === 'switchover.started' &&
      (this.#askedAt === undefined || between(this.#askedAt, now) > ASKED_WITHIN)
    ) {
      this.observer.broken ??= { invariant: 'late deed', detail: 'a switchover of long ago' };
    }
  }

  #logged(machine: SimMachine, event: LogEvent): void {
    this.#judgeDeed(event);
    if (event.event === 'vrrp.state' && event.cause === 'maintenance') {
      this.met.add('given away for maintenance');
    }
    this.met.add(event.event === 'vrrp.rejected' ? `rejected: ${event.cause}` : event.event);
    if (this.#recording === 'transcript') {
      this.note(`${machine.name} ${JSON.stringify(event)}`);
    }
  }

  /** As an event, so that what it sets in motion is followed to its end. */
  now(happen: () => void): void {
    this.scheduler.after(millis(0), () => {
      happen();
      this.scheduler.answered();
    });
  }

  async pass(duration: Millis): Promise<void> {
    await this.scheduler.run(later(this.scheduler.now, duration), () => {
      this.observer.observe(this.scheduler.now);
      this.clients?.observe(this.scheduler.now);
    });
  }

  /** A node's announcement, or a thief's on it, reaches the client. */
  announcedBy(machine: SimMachine): void {
    if (this.lan.carries(machine.port, this.client)) {
      this.#clientBelieves = machine;
      this.scheduler.changed();
    }
  }

  /** Whom the client's ARP entry names. */
  get clientBelieves(): SimMachine | ForeignRouter | undefined {
    return this.#clientBelieves;
  }

  /** Whether the nodes believe each other's adverts: what is signed must be of now. */
  #trusting(): boolean {
    const [a, b] = this.machines;
    const apart = Math.abs(a.wallOffset - b.wallOffset);
    return this.settings.authentication === 'none' || apart < SIGNED_WINDOW / 2;
  }

  #owners(): readonly SimMachine[] {
    return this.machines.filter((machine) => machine.kernel.answers(VIP.address));
  }

  /** A node that is well, and not in maintenance, relieves one that is; one that is paused may not know of it. */
  #judgeMaintenance(owners: readonly SimMachine[]): void {
    const orders = this.machines.map(ordersOf);
    const isOwner = owners.some((owner) => ordersOf(owner) === 'in maintenance');
    // One that is configured otherwise leaves the addresses to whoever has them, until it is asked again.
    const isAgreed = !this.met.has('generation.group-differs');
    if (isOwner && isAgreed && orders.includes('on duty')) {
      this.observer.broken ??= { invariant: 'not relieved', detail: orders.join() };
    }
  }

  #judgeEnd(movesBefore: number): void {
    const { observer } = this;
    observer.observe(this.scheduler.now);
    const owners = this.#owners();
    const roles = this.machines.map((machine) => machine.role).sort();
    if (owners.length !== 1 || roles.join() !== 'backup,master') {
      observer.broken ??= { invariant: 'did not converge', detail: roles.join() };
    }
    this.#judgeMaintenance(owners);
    if (!this.isAgreed) {
      observer.broken ??= { invariant: 'did not converge', detail: 'two virtual routers' };
    }
    if (this.#clientBelieves !== owners[0]) {
      observer.broken ??= {
        invariant: 'client lost',
        detail: `its ARP entry names ${this.#clientBelieves?.name ?? 'nobody'}`,
      };
    }
    for (const { name, role, history } of this.machines) {
      const told = history?.answer({ group: undefined, limit: 1 }).transitions.at(-1);
      if (told !== undefined && told.to !== role) {
        observer.broken ??= { invariant: 'wrong history', detail: `${name}: ${told.to}` };
      }
    }
    if (observer.moves !== movesBefore) {
      observer.broken ??= { invariant: 'moved unasked', detail: 'after everything was healed' };
    }
  }
}

/** What a daemon knows to be ordered of its own node. */
function ordersOf({ daemon }: SimMachine): 'on duty' | 'in maintenance' | 'paused' {
  const orders = daemon?.intents.orders;
  if (orders !== undefined && isOn(orders.pause)) {
    return 'paused';
  }
  return orders !== undefined && isOn(orders.own) ? 'in maintenance' : 'on duty';
}

/** Twice what the judge waits for, and a little. */
const SERVED_WITHIN = millis(17_000);
/** The channel may have to be dialled first. */
const MOST_RELOADS = 6;
const RELOAD_TAKES = millis(3000);
/** As the daemon has it: how long after an offer the next one follows. */
const RELIEVED_AGAIN = millis(10_000);

function ipv4(text: string): Ip {
  const parsed = parseIpv4(text);
  if (!parsed.ok) {
    throw new Error(text);
  }
  return parsed.value;
}

function mac(last: number): MacAddress {
  return macFromBytes(Uint8Array.of(2, 0, 0, 0, 0, last), 0);
}

const FOREIGN_ROUTER: Ip = ipv4('10.77.0.4');
const STRANGER: Ip = ipv4('10.77.0.66');
const CLIENT: Ip = ipv4('10.77.0.5');
const NO_OFFSETS = [millis(0), millis(0)] as const;

/** Runs one schedule to its end. */
export async function simulate(
  scenario: Scenario,
  telling: Telling = { recording: 'silent' },
): Promise<Outcome> {
  const world = new World(scenario, telling);
  await world.run(scenario.faults);
  const { broken, moves, longestDual, longestTwo, longestNone } = world.observer;
  const { met, transcript } = world;
  return { broken, moves, longestDual, longestTwo, longestNone, met, transcript };
}

/**
 * Whether two may answer for longer than a lease: a node that was asleep when it was told to resign has a lease of its
 * own from then on, and so has the next daemon of one that crashed while another was master, until that one advertises.
 */
function outlivesLease(faults: Scenario['faults']): 'maybe' | 'never' {
  const has = (...kinds: readonly string[]): boolean =>
    faults.some(({ fault }) => kinds.includes(fault.kind));
  const resignsLate =
    has('stalls', 'freeze') && has('switchover', 'switchover-asked', 'daemon-stop');
  return resignsLate || has('daemon-crash') ? 'maybe' : 'never';
}
