/** The servers of services, being looked at: each look becomes a sample, and what it means is decided in core. */
import type { Instant, Millis } from '../base/time.js';
import { later, millis, scale, sum } from '../base/time.js';
import type { ServiceCheckConfig, ServiceConfig, ServiceServerConfig } from '../config/config.js';
import { Poller } from '../health/poller.js';
import { nameOf } from '../core/service-flows.js';
import type { Sample } from '../core/tracking.js';
import type { Clock } from '../ports/clock.js';
import type { Scripts } from '../ports/scripts.js';
import type { ServiceChecks } from '../ports/service-checks.js';

export interface ServiceWatchPorts {
  readonly clock: Clock;
  readonly checks: ServiceChecks;
  readonly scripts: Scripts;
}

/** One server, and how it is looked at. */
export interface Watched {
  /** `SERVICE/SERVER`. */
  readonly name: string;
  readonly server: Pick<ServiceServerConfig, 'address' | 'port'>;
  /** Where its connections go, wherever it is looked at: another place is another server. */
  readonly place: string;
  readonly check: ServiceCheckConfig;
}

interface Watching {
  readonly watched: string;
  readonly place: string;
  readonly stop: () => void;
}

/** All that are to be looked at: those of services that say how, but for those in maintenance. */
export function watchedOf(
  services: readonly ServiceConfig[],
  isWanted: (name: string) => boolean,
): readonly Watched[] {
  return services.flatMap(({ name: service, check, servers }) =>
    check === undefined
      ? []
      : servers
          .map(({ name, address, port }) => {
            const server = { address, port: check.port ?? port };
            const place = `${address} ${String(port)}`;
            return { name: nameOf(service, name), server, place, check };
          })
          .filter(({ name }) => isWanted(name)),
  );
}

/** How long it takes until a server that is down is found so, for the slowest of them; a former daemon's rules serve so long. */
export function findingTakes(watched: readonly Watched[]): Millis {
  const longest = watched.map(({ check: { fall, every, timeout } }) =>
    sum(scale(every, fall), timeout),
  );
  return millis(Math.min(LONGEST_FINDING, Math.max(0, ...longest) + SPARE));
}

export class ServiceWatch {
  readonly #ports: ServiceWatchPorts;
  readonly #seen: (name: string, check: ServiceCheckConfig, sample: Sample) => void;
  #watching: ReadonlyMap<string, Watching> = new Map();

  constructor(
    ports: ServiceWatchPorts,
    seen: (name: string, check: ServiceCheckConfig, sample: Sample) => void,
  ) {
    this.#ports = ports;
    this.#seen = seen;
  }

  /**
   * Looks at these from now on. One that was looked at just so before goes on being so. Tells of which nothing is known
   * any more: nobody looks at them, or they are elsewhere. One that is only looked at in another way is what it was until
   * the new looks say otherwise: one that is dead would get connections meanwhile.
   */
  become(wanted: readonly Watched[]): readonly string[] {
    const before = this.#watching;
    const now = this.#ports.clock.now();
    const next = new Map<string, Watching>();
    wanted.forEach((each, index) => {
      const known = before.get(each.name);
      const isSame = known?.watched === JSON.stringify(each);
      next.set(each.name, isSame ? known : this.#watch(each, later(now, scale(SPREAD, index))));
    });
    this.#watching = next;
    const ended = [...before].filter(([name, each]) => next.get(name) !== each);
    for (const [, { stop }] of ended) {
      stop();
    }
    return ended
      .filter(([name, { place }]) => next.get(name)?.place !== place)
      .map(([name]) => name);
  }

  /** Nothing is seen after it. */
  stop(): void {
    this.become([]);
  }

  #watch(watched: Watched, firstAt: Instant): Watching {
    const { clock } = this.#ports;
    const { name, check } = watched;
    const ending = new AbortController();
    const poller = new Poller(
      {
        ...{ firstAt, every: check.every, patience: sum(check.timeout, SPARE) },
        look: () => this.#look(watched, ending.signal),
        seen: (sample) => {
          this.#seen(name, check, sample);
        },
      },
      clock,
    );
    return {
      watched: JSON.stringify(watched),
      place: watched.place,
      stop: () => {
        poller.stop();
        ending.abort();
      },
    };
  }

  async #look({ server, check }: Watched, stop: AbortSignal): Promise<Sample> {
    const within = check.timeout;
    if (check.kind !== 'script') {
      return await this.#ports.checks.look({ ...server, within, what: check }, stop);
    }
    const { path, user } = check;
    const args = [...check.args, server.address, String(server.port)];
    const ran = await this.#ports.scripts.run({ path, args, user, within }, stop);
    return ran.ok ? { kind: 'well' } : { kind: 'failing', why: ran.error.detail };
  }
}

/** Between the first looks at two servers, so that they do not share a turn of the event loop. */
const SPREAD = millis(7);
/** What a look with a time-out of its own may be late. */
const SPARE = millis(500);
/** Then what nobody has seen serves: rules that nobody keeps may know of nothing that happened since. */
const LONGEST_FINDING = 60_000;
