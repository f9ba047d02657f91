/** The things that one group tracks, being looked at: each look becomes a sample, and what it means is decided in core. */
import type { Ip } from '../base/ip.js';
import type { Result } from '../base/result.js';
import type { Millis } from '../base/time.js';
import { later, millis, scale, sum } from '../base/time.js';
import { unreachable } from '../base/unreachable.js';
import type { TrackConfig, TrackedThingConfig } from '../config/config.js';
import type { LinkState } from '../core/notice.js';
import { backendsSample, listenersSample } from '../core/served.js';
import type { ServiceReach } from '../core/service-reach.js';
import { servicesSample } from '../core/service-reach.js';
import type { Sample } from '../core/tracking.js';
import type { Links } from '../ports/address-table.js';
import type { Clock } from '../ports/clock.js';
import type { FileFailure, Files } from '../ports/files.js';
import type { Neighbours } from '../ports/neighbours.js';
import type { ProcessFailure, Processes, ProcessQuery } from '../ports/processes.js';
import type { ScriptFailure, Scripts } from '../ports/scripts.js';
import type { Listeners, ServedFailure, Servers } from '../ports/served.js';
import { NeighbourLook } from './neighbour-look.js';
import type { PollerOptions } from './poller.js';
import { Poller } from './poller.js';

export interface HealthPorts {
  readonly clock: Clock;
  readonly links: Links;
  readonly scripts: Scripts;
  readonly processes: Processes;
  readonly files: Files;
  readonly neighbours: Neighbours;
  readonly listeners: Listeners;
}

export interface TrackerPorts extends HealthPorts {
  readonly servers: Servers;
  /** The services that the kernel passes on, as this node finds their servers. */
  readonly reached: () => readonly ServiceReach[];
}

export interface TrackerRunnerOptions {
  readonly track: readonly TrackConfig[];
  /** This node's own addresses on the group's interfaces. */
  readonly senders: readonly Ip[];
  /** Before the first look: another one for each group, so that they do not all look at once. */
  readonly startAfter: Millis;
}

/** Told with the position of the thing in the list. */
export type Sampled = (index: number, sample: Sample) => void;

export class TrackerRunner {
  readonly #options: TrackerRunnerOptions;
  readonly #ports: TrackerPorts;
  readonly #sampled: Sampled;
  /** Ends what was started. */
  readonly #stops: (() => void)[] = [];
  readonly #scripts = new AbortController();

  constructor(options: TrackerRunnerOptions, ports: TrackerPorts, sampled: Sampled) {
    this.#options = options;
    this.#ports = ports;
    this.#sampled = sampled;
  }

  /** Once. The proxy is not looked at here: the node knows it already. */
  start(): void {
    this.#options.track.forEach((each, index) => {
      this.#startOne(each, index);
    });
  }

  /** Nothing is sampled after it, and scripts that run are killed. For good; idempotent. */
  stop(): void {
    this.#scripts.abort();
    for (const stop of this.#stops.splice(0)) {
      stop();
    }
  }

  #startOne({ thing }: TrackConfig, index: number): void {
    if (thing.kind === 'interface') {
      this.#watch(thing.interface, index);
      return;
    }
    const looking = this.#lookingAt(thing);
    if (looking === undefined) {
      return;
    }
    const { clock } = this.#ports;
    const offset = sum(this.#options.startAfter, scale(SPREAD, index));
    const poller = new Poller(
      {
        firstAt: later(clock.now(), offset),
        every: looking.every,
        patience: looking.patience,
        look: looking.look,
        seen: (sample) => {
          this.#sampled(index, sample);
        },
      },
      clock,
    );
    this.#stops.push(() => {
      poller.stop();
      looking.end?.();
    });
  }

  #lookingAt(thing: Exclude<TrackedThingConfig, { kind: 'interface' }>): Looking | undefined {
    const { files, processes, scripts, servers, listeners } = this.#ports;
    switch (thing.kind) {
      case 'script': {
        const { every, timeout, path, args, user } = thing;
        const script = { path, args, user, within: timeout };
        const { signal } = this.#scripts;
        const look = async (): Promise<Sample> => scriptSample(await scripts.run(script, signal));
        return { every, patience: sum(timeout, SPARE), look };
      }
      case 'process': {
        const query = processQuery(thing.program);
        const look = async (): Promise<Sample> => processSample(query, await processes.find(query));
        return { every: thing.every, patience: LOOK_PATIENCE, look };
      }
      case 'file': {
        const look = async (): Promise<Sample> => fileSample(await files.readInteger(thing.path));
        return { every: thing.every, patience: LOOK_PATIENCE, look };
      }
      case 'neighbours': {
        const asking = new NeighbourLook({ ...thing, senders: this.#options.senders }, this.#ports);
        return {
          every: thing.every,
          patience: sum(thing.timeout, SPARE),
          look: () => asking.look(),
          end: () => {
            asking.stop();
          },
        };
      }
      case 'backends': {
        const look = async (): Promise<Sample> => {
          const seen = await servers.servers();
          return seen.ok ? backendsSample(thing, seen.value) : failing(seen.error);
        };
        return { every: thing.every, patience: PROXY_PATIENCE, look };
      }
      case 'services': {
        const look = (): Promise<Sample> =>
          Promise.resolve(servicesSample(thing, this.#ports.reached()));
        return { every: thing.every, patience: LOOK_PATIENCE, look };
      }
      case 'listeners': {
        const look = async (): Promise<Sample> => {
          const seen = await listeners.listening();
          return seen.ok ? listenersSample(thing, seen.value) : failing(seen.error);
        };
        return { every: thing.every, patience: LOOK_PATIENCE, look };
      }
      case 'proxy':
        return undefined;
      default:
        return unreachable(thing);
    }
  }

  /** Changes are told by themselves; the state at the start is asked for, and a change that comes first is newer. */
  #watch(interfaceName: string, index: number): void {
    const { links } = this.#ports;
    let phase: 'asking' | 'told' = 'asking';
    const tell = (state: LinkState): void => {
      phase = 'told';
      this.#sampled(index, linkSample(state));
    };
    const watch = links.watch(interfaceName, tell);
    this.#stops.push(() => {
      phase = 'told';
      watch.stop();
    });
    void links.state(interfaceName).then((state) => {
      if (phase === 'asking') {
        tell(state);
      }
    });
  }
}

/** How one thing is looked at. */
interface Looking extends Pick<PollerOptions, 'every' | 'patience' | 'look'> {
  readonly end?: () => void;
}

/** A path that ends in `.pid` is a file with a number in it, another path a program, and anything else its name. */
export function processQuery(program: string): ProcessQuery {
  if (!program.startsWith('/')) {
    return { kind: 'name', name: program };
  }
  return { kind: program.endsWith('.pid') ? 'pid-file' : 'program', path: program };
}

const WELL: Sample = { kind: 'well' };

function failing({ detail }: ServedFailure): Sample {
  return { kind: 'failing', why: detail };
}

function linkSample(state: LinkState): Sample {
  return state === 'up' ? WELL : { kind: 'failing', why: `link ${state}` };
}

function scriptSample(ran: Result<undefined, ScriptFailure>): Sample {
  return ran.ok ? WELL : { kind: 'failing', why: ran.error.detail };
}

function processSample(
  query: ProcessQuery,
  found: Result<number | undefined, ProcessFailure>,
): Sample {
  if (!found.ok) {
    return { kind: 'failing', why: found.error.detail };
  }
  const what = query.kind === 'name' ? query.name : query.path;
  return found.value === undefined ? { kind: 'failing', why: `no ${what} runs` } : WELL;
}

function fileSample(read: Result<number, FileFailure>): Sample {
  return read.ok
    ? { kind: 'value', value: read.value }
    : { kind: 'failing', why: read.error.detail };
}

/** Between the first looks at two things. */
const SPREAD = millis(10);
/** What a look with a time-out of its own may be late. */
const SPARE = millis(500);
/** An answer with thousands of servers takes the proxy some milliseconds; one that hangs is found by its probe. */
const PROXY_PATIENCE = millis(5000);
/** What the kernel answers from memory, and files: far more than either takes, unless a file system hangs. */
const LOOK_PATIENCE = millis(1000);
