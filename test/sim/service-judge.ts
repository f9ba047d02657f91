/**
 * The judge of a simulated pair's services. It knows how servers are, what operators have said and what the file says, and
 * works out by itself who is to get new connections: a moment after the last thing that happened to a node, its kernel's
 * rules are to say so, and nothing more is loaded.
 */
import type { Instant } from '../../src/base/time.js';
import { between, millis } from '../../src/base/time.js';
import { keyOf } from '../../src/core/intents.js';
import type { ServiceRule } from '../../src/ports/service-rules.js';
import type { SimMachine } from './machine.js';
import type { SimProcess } from './process.js';
import type { Scheduler } from './scheduler.js';
import { FOUND_WITHIN, servicesFor } from './service-settings.js';
import { SLOWEST_CLOCK } from './settings.js';

export interface ServiceJudgeParts {
  readonly scheduler: Scheduler;
  readonly machines: readonly SimMachine[];
  readonly met: Set<string>;
  readonly broken: (detail: string) => void;
}

/** What a node has to go by, service by service. */
interface Due {
  readonly service: string;
  readonly port: number;
  readonly servers: readonly DueServer[];
}

interface DueServer {
  readonly place: string;
  readonly use: 'used' | 'unused';
  /** What counts for its share. */
  readonly weight: number;
}

/** Of one node. */
interface Seen {
  readonly process: SimProcess;
  /** What its rules follow from. */
  readonly causes: string;
  readonly since: Instant;
  /** What may keep it from heeding that for a while. */
  readonly troubles: string;
  readonly troubledAt: Instant;
}

/** Rules that were judged, and by what. */
interface Passed {
  readonly rules: readonly ServiceRule[];
  readonly due: string;
}

const NO_RULES: readonly ServiceRule[] = [];

/** Whether a daemon goes by what its file says of servers. */
export function heedsFile(machine: SimMachine): boolean {
  const told = machine.daemon?.intents.servers();
  const rows = told?.ok === true ? told.value.servers : [];
  return servicesFor(machine.weights).every(({ name: service, servers }) =>
    servers.every(({ name, weight }) =>
      rows.some(
        (row) => row.name === `${service}/${name}` && row.here?.configuredWeight === weight,
      ),
    ),
  );
}

export class ServiceJudge {
  readonly #parts: ServiceJudgeParts;
  readonly #seen = new Map<SimMachine, Seen>();
  readonly #judged = new Set<SimMachine>();
  /** What was judged last. */
  readonly #passed = new Map<SimMachine, Passed>();
  #compared: readonly Passed[] = [];
  /** By which weights the slots of each service were given out. */
  readonly #weighed = new WeakMap<readonly ServiceRule[], ReadonlyMap<string, string>>();

  constructor(parts: ServiceJudgeParts) {
    this.#parts = parts;
    for (const machine of parts.machines) {
      machine.services.loadAsked = (before, wanted) => {
        this.#loadAsked(machine, before ?? [], wanted);
      };
    }
  }

  /** Looks again and again from now on. */
  begin(): void {
    this.#look();
    this.#parts.scheduler.after(LOOK_EVERY, () => {
      this.begin();
    });
  }

  /** Forgets what it has judged: all of it is to be so once more. */
  renew(): void {
    this.#judged.clear();
  }

  /** Whether the rules of both nodes were judged since. */
  get isDone(): boolean {
    return this.#judged.size === this.#parts.machines.length;
  }

  #look(): void {
    const { machines, met, broken } = this.#parts;
    for (const machine of machines) {
      if (this.#isSteady(machine)) {
        this.#judgeRules(machine);
      }
    }
    const [a, b] = machines.map((each) => this.#passed.get(each));
    if (
      a === undefined ||
      a.due !== b?.due ||
      !machines.every((each) => this.#isSteady(each)) ||
      (this.#compared[0] === a && this.#compared[1] === b)
    ) {
      return;
    }
    this.#compared = [a, b];
    if (JSON.stringify(a.rules) !== JSON.stringify(b.rules)) {
      broken('both nodes know the same, and have not the same rules');
    }
    met.add('services: both nodes alike');
  }

  /** Whether all is known, and was so for long enough; notes what has changed. */
  #isSteady(machine: SimMachine): boolean {
    const { now } = this.#parts.scheduler;
    const { process, daemon, services } = machine;
    const causes = JSON.stringify([[...services.lost].toSorted(), dueOf(machine)]);
    const troubles = JSON.stringify([
      ...[process.fate, daemon === undefined, services.removals, services.rules.refusal?.code],
    ]);
    const seen = this.#seen.get(machine);
    const isSame = seen?.process === process;
    const since = isSame && seen.causes === causes ? seen.since : now;
    const troubledAt = isSame && seen.troubles === troubles ? seen.troubledAt : now;
    this.#seen.set(machine, { process, causes, since, troubles, troubledAt });
    const isWell = services.rules.refusal === undefined && daemon !== undefined;
    return (
      isWell &&
      process.fate === 'running' &&
      between(since, now) > HEEDED_WITHIN &&
      between(troubledAt, now) > SETTLED_WITHIN
    );
  }

  #judgeRules(machine: SimMachine): void {
    const { met, broken } = this.#parts;
    const { rules = NO_RULES } = machine.services.rules;
    const due = JSON.stringify(dueOf(machine));
    const passed = this.#passed.get(machine);
    this.#judged.add(machine);
    if (passed?.rules === rules && passed.due === due) {
      return;
    }
    this.#passed.set(machine, { rules, due });
    for (const { service, port, servers } of dueOf(machine)) {
      const places = rules.find((each) => each.port === port)?.slots.map(placeOf);
      if (places === undefined) {
        broken(`${machine.name} has no rule for ${service}`);
        return;
      }
      for (const each of servers) {
        const wrong = wrongShare(each, servers, places);
        if (wrong !== undefined) {
          broken(`${machine.name}: ${wrong} of ${service}`);
        }
      }
    }
    met.add('services: rules as they should be');
  }

  #loadAsked(
    machine: SimMachine,
    before: readonly ServiceRule[],
    wanted: readonly ServiceRule[],
  ): void {
    const { met, broken } = this.#parts;
    if (this.#isSteady(machine)) {
      broken(`${machine.name} loads rules although nothing has changed`);
    }
    const keys = this.#weighed.get(before);
    const asked = new Map<string, string>();
    for (const { service, port, servers } of dueOf(machine)) {
      const from = before.find((each) => each.port === port)?.slots.map(placeOf) ?? [];
      const to = wanted.find((each) => each.port === port)?.slots.map(placeOf) ?? [];
      const key = JSON.stringify(servers.map(({ place, weight }) => [place, weight]));
      if (keys?.get(service) === key && from.length === to.length) {
        const strays = from.filter((was, slot) => isStray(was, to[slot] ?? was, from, to));
        if (strays.length > 0) {
          broken(`${machine.name}: ${String(strays.length)} slots of ${service} moved needlessly`);
        } else if (from.some((was, slot) => was !== to[slot])) {
          met.add('services: one that moved its own share');
        }
      }
      asked.set(service, key);
    }
    this.#weighed.set(wanted, asked);
  }
}

/** A slot moves away from a server that left, or to one that came. */
function isStray(was: string, is: string, from: readonly string[], to: readonly string[]): boolean {
  return was !== is && to.includes(was) && from.includes(is);
}

/** What is wrong with what a server gets; it has what its weight says of all, and perhaps some of those that get nothing. */
function wrongShare(
  { place, use, weight }: DueServer,
  servers: readonly DueServer[],
  places: readonly string[],
): string | undefined {
  const slots = places.filter((each) => each === place).length;
  if (use === 'unused') {
    return slots === 0 ? undefined : `${place} gets new connections`;
  }
  const total = servers.reduce((sum, each) => sum + each.weight, 0);
  const own = (places.length * weight) / total;
  if (slots < Math.floor(own)) {
    return `${place} has ${String(slots)} slots, not ${own.toFixed(1)}`;
  }
  const isAlone = servers.every((each) => each.use === 'used');
  return isAlone && slots > Math.ceil(own) ? `${place} has ${String(slots)} slots` : undefined;
}

/** By what its daemon has been told; nothing where there is none. */
function dueOf({ daemon, services }: SimMachine): readonly Due[] {
  const told = daemon?.intents.servers();
  const rows = told?.ok === true ? told.value.servers : [];
  return daemon === undefined
    ? []
    : servicesFor('usual').map(({ name: service, port, servers }) => ({
        ...{ service, port },
        servers: servers.map(({ name, address }): DueServer => {
          const server = `${service}/${name}`;
          const said = (what: 'admin' | 'weight') =>
            daemon.intents.register(keyOf(server, what))?.value;
          const configured = rows.find((each) => each.name === server)?.here?.configuredWeight ?? 0;
          const weight = weightOf(said('weight') ?? '100%', configured);
          const isServing = !services.lost.has(address) && (said('admin') ?? 'ready') === 'ready';
          return {
            place: `${address} ${String(port)}`,
            use: isServing && weight > 0 ? 'used' : 'unused',
            // One that is to get nothing leaves as if it were down.
            weight: weight === 0 ? configured : weight,
          };
        }),
      }));
}

function weightOf(said: string, configured: number): number {
  const number = Number.parseInt(said, 10);
  return said.endsWith('%') ? Math.floor((configured * number) / 100) : number;
}

function placeOf({ address, port }: ServiceRule['slots'][number]): string {
  return `${address} ${String(port)}`;
}

const LOOK_EVERY = millis(250);
/** Looks that are late, and a load. */
const HEEDED_WITHIN = millis((FOUND_WITHIN + 400) / SLOWEST_CLOCK);
/** A load that was refused is tried again after five seconds; rules that are gone are missed within five. */
const AGAIN_AFTER = 5000;
/** A beat, a load, and what a process may be late. */
const SPARE = 1500;
const SETTLED_WITHIN = millis((FOUND_WITHIN + AGAIN_AFTER + SPARE) / SLOWEST_CLOCK);
