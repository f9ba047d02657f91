/**
 * One process of the proxy: its servers are looked at over and over, told what operators want, and what somebody else
 * has said to it is noticed. It has a connection of its own: the list of all servers is long, and the question whether
 * the proxy lives must not wait behind it.
 */
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import { later, millis } from '../base/time.js';
import { keyOf } from '../core/intents.js';
import type { Register, Registers } from '../core/registers.js';
import { fits } from '../core/registers.js';
import type {
  CommandOutcome,
  Look,
  ProcessOrigin,
  ServerCommand,
  ServerWish,
  Watched,
  WatchedAspect,
} from '../core/server-intents.js';
import { isUnsettled } from '../core/server-existence.js';
import { answered, commandText, lookAt } from '../core/server-intents.js';
import type { Alarm, Clock } from '../ports/clock.js';
import type { ProxyHost, ProxySession } from '../ports/proxy-host.js';
import type { Log } from '../telemetry/events.js';
import type {
  ServersStateList,
  ServersStateViolation,
  ServerState,
} from '../wire/haproxy/servers-state.js';
import { beginServersState, readServers } from '../wire/haproxy/servers-state.js';
import { ProxyExistence } from './existence.js';

export interface ProcessWatchPorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly proxy: ProxyHost;
  readonly registers: () => Registers;
  /** An operator has said so to the proxy. */
  readonly state: (key: string, value: string) => void;
}

/** The proxy's servers, by the last look at them. */
export interface ServersSeen {
  /** By name. */
  readonly servers: ReadonlyMap<string, ServerState>;
  readonly watched: Watched;
  /** Why a server was not added, or not removed yet; undefined where the proxy has not said so. */
  readonly refusedOf: (intent: Register) => string | undefined;
  /** Why the last look failed. */
  readonly problem: string | undefined;
}

type LookedThrough = Look & Pick<ServersSeen, 'servers'>;

type Waiting = readonly (() => void)[];

export class ProcessWatch {
  readonly #origin: ProcessOrigin;
  readonly #ports: ProcessWatchPorts;
  readonly #existence: ProxyExistence;
  #session: ProxySession | undefined;
  #connecting: ReturnType<ProxyHost['connect']> | undefined;
  #watched: Watched | undefined;
  #servers: ServersSeen['servers'] = new Map();
  #problem: string | undefined;
  #alarm: Alarm | undefined;
  #phase: 'idle' | 'looking' | 'ended' = 'idle';
  /** Who waits for the look that is under way, and for one that begins from now on. */
  #served: Waiting = [];
  #waiting: Waiting = [];
  #again: 'no' | 'yes' = 'no';

  constructor(origin: ProcessOrigin, ports: ProcessWatchPorts) {
    this.#origin = origin;
    this.#ports = ports;
    this.#existence = new ProxyExistence({ log: ports.log, ask: (command) => this.ask(command) });
  }

  /** Resolves when the servers were looked at, and told, after now; or this has ended. */
  look(): Promise<void> {
    if (this.#phase === 'ended') {
      return Promise.resolve();
    }
    const looked = new Promise<void>((resolve) => {
      this.#waiting = [...this.#waiting, resolve];
    });
    this.#again = 'yes';
    if (this.#phase === 'idle') {
      void this.#lookOn();
    }
    return looked;
  }

  /** Undefined before the first look. */
  get seen(): ServersSeen | undefined {
    return this.#watched === undefined && this.#problem === undefined
      ? undefined
      : {
          servers: this.#servers,
          watched: this.#watched ?? new Map(),
          refusedOf: (intent) => this.#existence.refusedOf(intent),
          problem: this.#problem,
        };
  }

  /** One command, behind those that are under way. */
  async ask(command: string): ReturnType<ProxySession['ask']> {
    const session = await this.#connected();
    const answer = session.ok ? await session.value.ask(command) : session;
    if (!answer.ok) {
      this.#session?.close();
      this.#session = undefined;
    }
    return answer;
  }

  /** One connection, whoever asks first. */
  #connected(): ReturnType<ProxyHost['connect']> {
    if (this.#session !== undefined) {
      return Promise.resolve(ok(this.#session));
    }
    this.#connecting ??= this.#connect().finally(() => {
      this.#connecting = undefined;
    });
    return this.#connecting;
  }

  /** The process is gone, or nobody is interested any more. Idempotent. */
  end(): void {
    this.#phase = 'ended';
    this.#alarm?.cancel();
    this.#session?.close();
    this.#session = undefined;
    settle([...this.#served, ...this.#waiting]);
  }

  /** Until nobody wants another look; and again after a while. */
  async #lookOn(): Promise<void> {
    this.#phase = 'looking';
    this.#alarm?.cancel();
    while (this.#again === 'yes' && this.#isOn()) {
      this.#again = 'no';
      this.#served = [...this.#served, ...this.#waiting];
      this.#waiting = [];
      // What became of what was told is seen by another look.
      if ((await this.#lookOnce()) === 'told') {
        this.#again = 'yes';
      } else {
        settle(this.#served);
        this.#served = [];
      }
    }
    if (this.#isOn()) {
      this.#phase = 'idle';
      const { clock } = this.#ports;
      this.#alarm = clock.alarm(later(clock.now(), LOOK_EVERY), () => {
        void this.look();
      });
    }
  }

  async #lookOnce(): Promise<'told' | 'nothing to tell'> {
    const answer = await this.ask('show servers state');
    const list = answer.ok ? beginServersState(answer.value) : answer;
    const looked = list.ok ? await this.#lookThrough(list.value) : list;
    if (!this.#isOn()) {
      return 'nothing to tell';
    }
    if (!looked.ok) {
      this.#complain('line' in looked.error ? inWords(looked.error) : looked.error.detail);
      return 'nothing to tell';
    }
    const { servers, watched, wishes, commands } = looked.value;
    this.#problem = undefined;
    this.#servers = servers;
    this.#watched = watched;
    wishes.forEach((wish) => {
      this.#notice(wish);
    });
    const outcomes = await this.#tellAll(commands);
    this.#watched = answered(watched, outcomes);
    const changed = await this.#existence.look(servers, this.#ports.registers());
    return outcomes.length > 0 ? 'told' : changed;
  }

  /** A slice at a time, and adverts in between. */
  async #lookThrough(
    list: ServersStateList,
  ): Promise<Result<LookedThrough, ServersStateViolation>> {
    const process = { origin: this.#origin, watched: this.#watched };
    const servers = new Map<string, ServerState>();
    const watched = new Map<string, WatchedAspect>();
    const [wishes, commands]: [ServerWish[], ServerCommand[]] = [[], []];
    for (let from = 0; from < list.lines.length && this.#isOn(); from += SLICE) {
      if (from > 0) {
        await this.#breathe();
      }
      const read = readServers(list, { from, count: SLICE });
      if (!read.ok) {
        return read;
      }
      // Of two servers of one name the first counts: commands mean that one.
      const fresh = read.value.filter(({ name }) => !servers.has(name));
      const registers = this.#ports.registers();
      const settled = fresh.filter((server) => !isUnsettled(server, registers));
      const look = lookAt(process, settled, registers);
      fresh.forEach((server) => servers.set(server.name, server));
      look.watched.forEach((aspect, key) => watched.set(key, aspect));
      wishes.push(...look.wishes);
      commands.push(...look.commands);
    }
    return ok({ servers, watched, wishes, commands });
  }

  #breathe(): Promise<void> {
    const { clock } = this.#ports;
    return new Promise((resolve) => {
      clock.alarm(clock.now(), resolve);
    });
  }

  #notice({ server, aspect, value }: ServerWish): void {
    const key = keyOf(server, aspect);
    if (fits({ key, value })) {
      this.#ports.log.tell({ event: 'intent.noticed', key, value });
      this.#ports.state(key, value);
    } else {
      const detail = 'its name is too long to be kept';
      this.#ports.log.tell({ event: 'intent.not-applied', server, to: value, detail });
    }
  }

  /** Of those whose outcome is not known, nothing is said: they are told again. */
  async #tellAll(commands: readonly ServerCommand[]): Promise<readonly CommandOutcome[]> {
    const outcomes: CommandOutcome[] = [];
    for (const command of commands) {
      const answer = await this.ask(commandText(command));
      if (!answer.ok || !this.#isOn()) {
        break;
      }
      outcomes.push({ command, outcome: this.#outcome(command, answer.value) });
    }
    return outcomes;
  }

  /** HAProxy says something only where it does not do it. */
  #outcome({ server, target: to }: ServerCommand, answer: string): CommandOutcome['outcome'] {
    const why = answer.trim().slice(0, MOST_QUOTED);
    if (why === '') {
      this.#ports.log.tell({ event: 'intent.applied', server, to });
      return { kind: 'done' };
    }
    this.#ports.log.tell({ event: 'intent.not-applied', server, to, detail: why });
    return { kind: 'refused', why };
  }

  async #connect(): ReturnType<ProxyHost['connect']> {
    const connected = await this.#ports.proxy.connect(() => {
      this.#session = undefined;
    });
    if (connected.ok && !this.#isOn()) {
      connected.value.close();
      return fail({ code: 'no-answer', detail: 'another process has taken its place' });
    }
    this.#session = connected.ok ? connected.value : undefined;
    return connected;
  }

  /** Once for each thing that is wrong. */
  #complain(detail: string): void {
    if (this.#problem !== detail) {
      this.#problem = detail;
      this.#ports.log.tell({ event: 'intent.unseen', detail });
    }
  }

  #isOn(): boolean {
    return this.#phase !== 'ended';
  }
}

function settle(waiting: Waiting): void {
  for (const resolve of waiting) {
    resolve();
  }
}

function inWords({ line, column, found, expected }: ServersStateViolation): string {
  const where = `line ${String(line)}${column === undefined ? '' : `, ${column}`}`;
  return `HAProxy's list of servers, ${where}: found ${JSON.stringify(found)}, expected ${expected}`;
}

/** So what is said to the proxy itself is known within a second. */
const LOOK_EVERY = millis(500);
/** Half a millisecond's work or so. */
const SLICE = 100;
const MOST_QUOTED = 200;
