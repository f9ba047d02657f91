/**
 * Services that the kernel passes on to servers: servers are looked at, what is known and wanted of them becomes rules, and
 * the connections of those that get no new ones are counted and ended.
 */
import type { Ip } from '../base/ip.js';
import type { Result } from '../base/result.js';
import { ok } from '../base/result.js';
import type { Millis } from '../base/time.js';
import { later, millis } from '../base/time.js';
import type { ServiceConfig } from '../config/config.js';
import { keyOf } from '../core/intents.js';
import type { Register } from '../core/registers.js';
import { flowsDue, nameOf, whoseFlow } from '../core/service-flows.js';
import type { ServiceReach } from '../core/service-reach.js';
import { reachOf } from '../core/service-reach.js';
import type { ServerKnown } from '../core/service-servers.js';
import { ownOpinion, seeServer, standingOf, UNSEEN } from '../core/service-servers.js';
import { hashSeed, serversOfSlots } from '../core/service-slots.js';
import type { Alarm, Clock } from '../ports/clock.js';
import type { Scripts } from '../ports/scripts.js';
import type { ServiceChecks } from '../ports/service-checks.js';
import type { ServiceRule, ServiceRules } from '../ports/service-rules.js';
import type { Sysctls } from '../ports/sysctl.js';
import type { Log } from '../telemetry/events.js';
import type { ServerRow } from '../telemetry/servers.js';
import type { ServicesStatus } from '../telemetry/services.js';
import type { ServerLoad } from '../wire/pair/loads-word.js';
import { readJson } from '../wire/pair/json-answer.js';
import { MOST_WHY, SERVICES_WORD } from '../wire/pair/services-word.js';
import type { FlowEndsPorts } from './flow-ends.js';
import { FlowEnds } from './flow-ends.js';
import { Forwarding } from './forwarding.js';
import { KnownSince } from './known-since.js';
import { RulesLoader } from './rules-loader.js';
import type { PlacedServer, ServerRegisters } from './service-report.js';
import { serverLoad, serverRow, servicesStatus, whyEnded } from './service-report.js';
import { findingTakes, ServiceWatch, watchedOf } from './service-watch.js';

/** The kernel's side of services, and how servers are looked at. */
export interface ServicesMachine {
  readonly rules: ServiceRules;
  readonly checks: ServiceChecks;
  /** The kernel's open connections. */
  readonly openFlows: FlowEndsPorts['openFlows'];
}

export interface ServicesPorts extends ServicesMachine {
  readonly clock: Clock;
  readonly log: Log;
  readonly scripts: Scripts;
  readonly sysctls: Pick<Sysctls, 'read'>;
  /** What operators want, by key. */
  readonly register: (key: string) => Register | undefined;
  /** Resolves when it is known what they wanted of a former daemon, or after a while. */
  readonly known: () => Promise<void>;
  /** The virtual addresses that this node has now. */
  readonly owned: () => readonly Ip[];
  /** The other daemon; undefined where there is no channel. */
  readonly ask:
    | ((
        ask: string,
        body: string,
        within: Millis,
      ) => Promise<Result<string, { readonly detail: string }>>)
    | undefined;
}

export class Services {
  readonly #ports: ServicesPorts;
  readonly #watch: ServiceWatch;
  readonly #loader: RulesLoader;
  readonly #forwarding: Forwarding;
  readonly #ends: FlowEnds;
  readonly #since: KnownSince;
  #config: readonly ServiceConfig[];
  readonly #known = new Map<string, ServerKnown>();
  /** Whose new connections are refused, as was told. */
  #unserved: ReadonlySet<string> = new Set();
  #owned = '';
  #beat: Alarm | undefined;
  #beats = 0;
  #adoptingLasts = 0;
  /** `adopting`: rules of a former daemon go on until it is known how servers are. */
  #phase: 'looking' | 'adopting' | 'works' | 'ended' = 'looking';

  constructor(config: readonly ServiceConfig[], ports: ServicesPorts) {
    const { clock, log } = ports;
    this.#config = config;
    this.#ports = ports;
    this.#watch = new ServiceWatch(ports, (name, { rise, fall }, sample) => {
      const { known, changed } = seeServer(
        { rise, fall },
        this.#knownOf(name),
        sample,
        clock.now(),
      );
      this.#know(name, known);
      if (changed !== undefined) {
        const why = changed.kind === 'down' ? changed.why : '';
        log.tell({ event: 'service.server', server: name, to: changed.kind, why });
        this.refresh();
      }
    });
    this.#loader = new RulesLoader({
      ...ports,
      loaded: () => {
        // Connections may have begun by the rules before since they were counted.
        this.#ends.countAnew();
        this.#tend();
      },
    });
    this.#forwarding = new Forwarding(ports);
    this.#ends = new FlowEnds(ports);
    this.#since = new KnownSince(() => clock.now());
  }

  /** Resolves when it is known what a former daemon left; the rest goes on by itself. */
  async begin(): Promise<void> {
    // Rules that know nothing of a drain would send new connections where there are to be none.
    const [left] = await Promise.all([this.#ports.rules.loaded(), this.#ports.known()]);
    const isThere = left.ok && left.value !== 'none';
    if (isThere) {
      this.#loader.found('some');
    }
    if (!this.#isEnded() && isThere && this.#config.length === 0) {
      // Of an earlier configuration. Where that is refused, the loader goes on with it.
      const gone = await this.#ports.rules.dismantle();
      this.#loader.found(gone.ok ? 'none' : 'some');
    }
    if (this.#isEnded()) {
      return;
    }
    this.#phase = this.#loader.mayBeThere ? 'adopting' : 'works';
    this.refresh();
    this.#setBeat();
  }

  /** Another configuration is in force. */
  become(config: readonly ServiceConfig[]): void {
    this.#config = config;
    this.refresh();
  }

  /** Something is known, or wanted, that was not before. */
  refresh(): void {
    if (this.#phase === 'looking' || this.#phase === 'ended') {
      return;
    }
    this.#ends.countAnew();
    const isWanted = (name: string): boolean => this.#wanted(name).admin?.value !== 'maint';
    const watched = watchedOf(this.#config, isWanted);
    this.#adoptingLasts = findingTakes(watched);
    const otherwise = this.#watch.become(watched);
    for (const name of otherwise) {
      this.#know(name, UNSEEN);
    }
    const isKnown = ({ name }: { readonly name: string }): boolean =>
      ownOpinion(this.#knownOf(name)) !== undefined || this.#knownOf(name).peer !== undefined;
    if (this.#phase === 'adopting' && watched.every(isKnown)) {
      this.#phase = 'works';
    }
    if (this.#phase === 'works') {
      this.#load();
    }
    this.#tend();
  }

  /** The other daemon is there: what it has seen is asked for. */
  async met(): Promise<void> {
    const { ask } = this.#ports;
    if (ask === undefined || this.#config.length === 0) {
      return;
    }
    const answer = await ask(ASK_SERVICES, '{}', ANSWER_WITHIN);
    // One of an older version does not know the question; one that is gone has seen nothing lately.
    const said = answer.ok ? readJson(SERVICES_WORD, answer.value) : answer;
    const words = new Map(said.ok ? said.value.map((each) => [each.name, each]) : []);
    for (const { name } of this.#servers()) {
      const word = words.get(name);
      const down = { kind: 'down', why: word?.why ?? '' } as const;
      const peer =
        word === undefined ? undefined : { down, up: { kind: 'up' } as const }[word.state];
      this.#know(name, { ...this.#knownOf(name), peer });
    }
    this.refresh();
  }

  /** What the other daemon asks; undefined where it asks something else. */
  answer(ask: string): Promise<Result<string, string>> | undefined {
    if (ask !== ASK_SERVICES) {
      return undefined;
    }
    const words = this.#servers().flatMap(({ name }) => {
      const own = ownOpinion(this.#knownOf(name));
      const why = own?.kind === 'down' ? { why: own.why.slice(0, MOST_WHY) } : {};
      return own === undefined ? [] : [{ name, state: own.kind, ...why }];
    });
    return Promise.resolve(ok(JSON.stringify(words)));
  }

  /** Whether there is such a server: `SERVICE/SERVER`. */
  has(name: string): boolean {
    return this.#servers().some((each) => each.name === name);
  }

  /** Undefined where no service is configured. */
  status(): ServicesStatus | undefined {
    return this.#config.length === 0
      ? undefined
      : servicesStatus(this.#config, this.#servers(), {
          slots: (service) => this.#slotsOf(service),
          left: (name) => this.#ends.leftOf(name),
          peer: (name) => this.#knownOf(name).peer,
          rules: this.#rulesState(),
          problems: [this.#loader.problem, ...this.#forwarding.problems].flatMap(
            (each) => each ?? [],
          ),
        });
  }

  /** For groups that track them. */
  reached(): readonly ServiceReach[] {
    const servers = this.#servers();
    return this.#config.map((service) => ({
      ...{ name: service.name, address: service.address },
      looked: service.check === undefined ? 'by nobody' : 'by this node',
      servers: servers
        .filter((each) => each.service === service)
        .map(({ name, standing }) => reachOf(this.#knownOf(name), standing)),
    }));
  }

  /** Resolves when the kernel has been told what is wanted now. */
  readonly settled = (): Promise<void> => this.#loader.settled();

  /** As `vipair server` has them. */
  rows(): readonly ServerRow[] {
    const here = this.#loader.isSettled ? 'agrees' : 'differs';
    return this.#servers().map((each) => serverRow(each, this.#wanted(each.name), here));
  }

  /** What they have to do; why not, where the kernel does not tell. */
  async loads(): Promise<Result<readonly ServerLoad[], string>> {
    const counts = await this.#ends.counts(whoseFlow(this.#config));
    const here = this.#loader.isSettled ? 'agrees' : 'differs';
    return counts.ok
      ? ok(this.#servers().map((each) => serverLoad(each, counts.value, here)))
      : counts;
  }

  /** `release`: this node's duty ends, and nothing is left in the kernel. Otherwise the next daemon adopts what is there. */
  async stop(mode: 'release' | 'hand-over'): Promise<void> {
    const isUnsure = this.#phase === 'looking';
    this.#phase = 'ended';
    this.#beat?.cancel();
    this.#watch.stop();
    this.#ends.close();
    const ended = this.#loader.end();
    if (mode === 'hand-over') {
      // The next daemon waits for our end, and its lease runs: a load that is under way needs nobody.
      return;
    }
    await ended;
    if (this.#config.length > 0 || this.#loader.mayBeThere || isUnsure) {
      const gone = await this.#ports.rules.dismantle();
      if (!gone.ok) {
        this.#ports.log.tell({ event: 'service.rules-refused', detail: gone.error.detail });
      }
    }
  }

  /** Asked after each wait: stopping does not wait for a beginning. */
  #isEnded(): boolean {
    return this.#phase === 'ended';
  }

  #setBeat(): void {
    const { clock } = this.#ports;
    this.#beat = clock.alarm(later(clock.now(), BEAT), () => {
      this.#setBeat();
      this.#onBeat();
    });
  }

  #onBeat(): void {
    this.#beats += 1;
    if (this.#config.length === 0) {
      return;
    }
    if (this.#phase === 'adopting' && this.#beats * BEAT >= this.#adoptingLasts) {
      // What nobody has seen by now serves.
      this.#phase = 'works';
      this.refresh();
    }
    if (this.#beats % SELDOM_BEATS === 1) {
      void this.met();
      void this.#forwarding.look(this.#config);
      void this.#loader.look();
    }
    const owned = [...this.#ports.owned()].toSorted().join(' ');
    if (owned !== this.#owned) {
      this.#owned = owned;
      this.#ends.forget();
    }
    this.#tend();
  }

  #load(): void {
    const rules = this.#config.map((service): ServiceRule => {
      const { name, address, port, protocol, hash, source } = service;
      const slots = this.#slotsOf(service).map((server) => {
        return { address: server.address, port: server.port };
      });
      return { address, port, protocol, hash, seed: hashSeed(name), source, slots };
    });
    // Without services there is nothing that would have to be there, but what is there has to go.
    if (rules.length > 0 || this.#loader.mayBeThere) {
      this.#loader.want(rules);
    }
    this.#tellUnserved(this.#config.filter((...[, index]) => rules[index]?.slots.length === 0));
  }

  #tellUnserved(services: readonly ServiceConfig[]): void {
    const before = this.#unserved;
    this.#unserved = new Set(services.map(({ name }) => name));
    for (const { name: service } of this.#config) {
      if (before.has(service) !== this.#unserved.has(service)) {
        const event = before.has(service) ? 'service.served' : 'service.unserved';
        this.#ports.log.tell({ event, service });
      }
    }
  }

  /** Only where the address is, and where no new connections go to those that are to have none. */
  #tend(): void {
    if (this.#phase !== 'works' || !this.#loader.isSettled) {
      return;
    }
    const owned = this.#ports.owned();
    const here = this.#servers().filter(({ service }) => owned.includes(service.address));
    const due = here.map((each) => {
      return { name: each.name, due: each.due, why: whyEnded(each.standing) };
    });
    void this.#ends.tend(due, whoseFlow(this.#config));
  }

  #rulesState(): ServicesStatus['rules'] {
    if (this.#loader.problem !== undefined) {
      return 'refused';
    }
    return this.#loader.isSettled ? 'loaded' : 'waiting';
  }

  #servers(): readonly PlacedServer[] {
    const now = this.#ports.clock.wallTime();
    return this.#config.flatMap((service) =>
      service.servers.map((server) => {
        const name = nameOf(service.name, server.name);
        const wanted = this.#wanted(name);
        const standing = standingOf(server.weight, this.#knownOf(name), wanted);
        const { protocol, drainTimeout } = service;
        const knownFor = this.#since.knownFor(name, wanted.admin);
        const due = flowsDue({ protocol, drainTimeout, standing, wanted, now, knownFor });
        return { name, service, server, standing, due };
      }),
    );
  }

  #slotsOf(service: ServiceConfig): readonly ServiceConfig['servers'][number][] {
    const servers = service.servers.map((server) => {
      const name = nameOf(service.name, server.name);
      const { use, weight } = standingOf(server.weight, this.#knownOf(name), this.#wanted(name));
      // One that an operator gives no weight leaves as if it were down: the homes of the others stay.
      return { ...server, weight: weight === 0 ? server.weight : weight, use };
    });
    return serversOfSlots(service.name, servers);
  }

  #wanted(name: string): ServerRegisters {
    const { register } = this.#ports;
    return { admin: register(keyOf(name, 'admin')), weight: register(keyOf(name, 'weight')) };
  }

  #knownOf(name: string): ServerKnown {
    return this.#known.get(name) ?? UNSEEN;
  }

  #know(name: string, known: ServerKnown): void {
    this.#known.set(name, known);
  }
}

export const ASK_SERVICES = 'services';

const BEAT = millis(1000);
/** The first at once, then every five seconds. */
const SELDOM_BEATS = 5;
/** What is known is said from memory. */
const ANSWER_WITHIN = millis(500);
