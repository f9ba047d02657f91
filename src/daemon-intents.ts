/** What operators want, in one place: replicated, journalled, and told to the proxy. */
import type { Result } from './base/result.js';
import { fail, ok } from './base/result.js';
import { unreachable } from './base/unreachable.js';
import { millis } from './base/time.js';
import { closestKey } from './config/closest-key.js';
import { judgeExistence } from './core/existence-request.js';
import type { ServerName, StatedOf } from './core/intents.js';
import { isKeepable, keyOf, readAdminState, readWeight, USUAL_WEIGHT } from './core/intents.js';
import type { NodeNames, Orders } from './core/orders.js';
import type { Register } from './core/registers.js';
import { StandingOrders } from './daemon-orders.js';
import { digestOf, fits } from './core/registers.js';
import { existenceValue, isServerName, readExistence } from './core/server-existence.js';
import { Replica } from './pair/replica.js';
import type { Clock } from './ports/clock.js';
import type { Journal } from './ports/journal.js';
import type { ProxyHost } from './ports/proxy-host.js';
import { ServerDriver } from './proxy/server-driver.js';
import type { ServersSeen } from './proxy/process-watch.js';
import { intentsStatus, serverRows } from './proxy/server-report.js';
import { RegisterJournal } from './record/register-journal.js';
import type { Log } from './telemetry/events.js';
import type { OrdersStatus } from './telemetry/orders.js';
import { ordersStatus } from './telemetry/orders.js';
import type { ScheduleStatus } from './telemetry/schedule.js';
import { schedulesIn } from './telemetry/schedule.js';
import type { IntentsStatus, KeptWhere, ServerRow, ServersAnswer } from './telemetry/servers.js';

export interface IntentPorts {
  readonly clock: Clock;
  readonly log: Log;
  /** Undefined where no proxy is configured. */
  readonly proxy: ProxyHost | undefined;
  readonly intentJournal: Journal;
  /** To the other daemon, where it can be talked to. */
  readonly say: (registers: readonly Register[]) => void;
  /** Whether there is another daemon to hear from. */
  readonly channel: 'open' | 'none';
  /** Called with what operators have ordered of the pair, now and after each change. */
  readonly ordered: (orders: Orders) => void;
  /** Called when something is stated that was not before. */
  readonly stated?: () => void;
  /** Servers that are not the proxy's but the kernel's; undefined: there are none. */
  readonly others?: OtherServers | undefined;
}

/** Servers of services, which operators use as they use those of the proxy. */
export interface OtherServers {
  has(server: ServerName): boolean;
  rows(): readonly ServerRow[];
  /** Resolves when the kernel has been told what was stated. */
  settled(): Promise<void>;
}

export interface IntentRefusal {
  readonly code:
    | 'no-proxy'
    | 'servers-unknown'
    | 'unknown-server'
    | 'server-exists'
    | 'server-configured'
    | 'proxy-refused'
    | 'not-an-intent';
  /** One sentence: what was found, and what to do. */
  readonly detail: string;
}

export class Intents {
  readonly #names: NodeNames;
  readonly #replica: Replica;
  readonly #journal: RegisterJournal;
  readonly #driver: ServerDriver | undefined;
  readonly #standing: StandingOrders;
  readonly #others: OtherServers | undefined;
  readonly #stated: () => void;
  #known: Promise<void> = Promise.resolve();

  constructor(
    names: NodeNames,
    { proxy, intentJournal, say, channel, ordered, stated, others, ...ports }: IntentPorts,
  ) {
    this.#names = names;
    this.#others = others;
    this.#stated = stated ?? ((): void => undefined);
    this.#replica = new Replica(names.own, {
      ...{ ...ports, say },
      changed: (news) => {
        this.#journal.keep(news);
        void this.#driver?.refresh();
        this.#standing.changed();
        this.#stated();
      },
    });
    this.#journal = new RegisterJournal({
      ...{ ...ports, journal: intentJournal },
      all: () => this.#replica.registers.byKey.values(),
    });
    this.#standing = new StandingOrders({
      ...{ clock: ports.clock, names, channel, tell: ordered },
      registers: () => this.#replica.registers,
    });
    this.#driver =
      proxy === undefined
        ? undefined
        : new ServerDriver({
            ...{ ...ports, proxy },
            registers: () => this.#replica.registers,
            known: () => this.#known,
            state: (key, value) => {
              this.#replica.state(key, value);
            },
          });
  }

  /** Told of the proxy's connections. */
  get driver(): ServerDriver | undefined {
    return this.#driver;
  }

  /** Reads what former daemons kept; nothing waits for it but what depends on it. */
  begin(): void {
    this.#standing.begin();
    this.#known = this.#journal.load().then((registers) => {
      this.#replica.restore(registers);
      this.#standing.read();
      this.#stated();
    });
  }

  /** What operators have ordered of the pair. */
  get orders(): Orders {
    return this.#standing.orders;
  }

  ordersStatus(): OrdersStatus {
    return ordersStatus(this.orders, this.#names);
  }

  register(key: string): Register | undefined {
    return this.#replica.registers.byKey.get(key);
  }

  schedules(): readonly ScheduleStatus[] {
    return schedulesIn(this.#replica.registers.byKey.values());
  }

  /** Where what is stated is kept. */
  get kept(): KeptWhere {
    return this.#journal.where;
  }

  /** Resolves when it is known what was stated before this daemon was started, as far as it can be. */
  read(): Promise<void> {
    return this.#known;
  }

  /** An operator orders something of the pair: it stands from then on, and the other node is told. */
  async give(key: string, value: string): Promise<void> {
    await this.#known;
    this.#replica.state(key, value);
  }

  met(): void {
    this.#replica.met();
  }

  heard(registers: readonly Register[]): void {
    this.#replica.heard(registers);
    this.#standing.heard();
  }

  get digest(): string {
    return digestOf(this.#replica.registers);
  }

  status(): IntentsStatus {
    return intentsStatus(this.#driver?.seen, this.#replica.registers, this.#journal.where);
  }

  /** Of one, or of all. */
  servers(server?: ServerName): Result<ServersAnswer, IntentRefusal> {
    const others = this.#others?.rows() ?? [];
    const isOther = new Set(others.map(({ name }) => name));
    if (this.#driver === undefined && this.#others === undefined) {
      return fail(NO_PROXY);
    }
    const seen = this.#driver?.seen;
    const ofProxy = serverRows(seen, this.#replica.registers).filter(
      ({ name, here }) => !isOther.has(name) && (this.#driver !== undefined || here !== undefined),
    );
    return ok({
      ...{ node: this.#names.own, kept: this.#journal.where, problem: this.#problem(seen) },
      servers: [...ofProxy, ...others].filter(
        ({ name }) => server === undefined || name === server,
      ),
    });
  }

  #problem(seen: ServersSeen | undefined): string | undefined {
    if (this.#driver === undefined) {
      return undefined;
    }
    return seen === undefined
      ? 'HAProxy on this node cannot be asked for its servers'
      : seen.problem;
  }

  /** An operator wants a server so. Resolves when the proxy here was told, or after a while; with what is so then. */
  async stateServer(
    server: ServerName,
    aspect: StatedOf,
    value: string,
  ): Promise<Result<ServersAnswer, IntentRefusal>> {
    await this.#known;
    const isOther = this.#others?.has(server) ?? false;
    if (this.#driver === undefined && !isOther) {
      return fail(NO_PROXY);
    }
    const isNamed = aspect !== 'existence' || isServerName(server);
    if (!isMeant(aspect, value) || !isNamed || !isKeepable(server)) {
      const detail = `expected ${EXPECTED[aspect]} for a server BACKEND/SERVER, found ${value} for ${server}`;
      return fail({ code: 'not-an-intent', detail });
    }
    const refusal = await (isOther
      ? this.#stateOther(server, aspect, value)
      : this.#stateOfProxy(server, aspect, value));
    return refusal === undefined ? this.servers(server) : fail(refusal);
  }

  /** Writes what waits, for a while; nothing is said or told after it. */
  async stop(): Promise<void> {
    this.#replica.stop();
    this.#standing.stop();
    await this.#journal.settled(DISK_PATIENCE);
    this.#journal.stop();
  }

  /** Of a service: whoever asks is told whether the kernel goes by it, and not that it was about to. */
  async #stateOther(
    server: ServerName,
    aspect: StatedOf,
    value: string,
  ): Promise<IntentRefusal | undefined> {
    if (aspect === 'existence') {
      const detail = `${server} is a line of vipair.yaml: change it there on both nodes, and vipair reload`;
      return { code: 'server-configured', detail };
    }
    this.#replica.state(keyOf(server, aspect), value);
    await this.#others?.settled();
    return undefined;
  }

  async #stateOfProxy(
    server: ServerName,
    aspect: StatedOf,
    value: string,
  ): Promise<IntentRefusal | undefined> {
    if (this.#driver === undefined) {
      return NO_PROXY;
    }
    return aspect === 'existence'
      ? await this.#stateExistence(server, value, this.#driver)
      : await this.#stateUse(server, aspect, value);
  }

  async #stateUse(
    server: ServerName,
    aspect: StatedOf,
    value: string,
  ): Promise<IntentRefusal | undefined> {
    const rows = serverRows(this.#driver?.seen, this.#replica.registers);
    if (rows.some(({ name }) => name === server)) {
      this.#replica.state(keyOf(server, aspect), value);
      await this.#driver?.refresh();
      return undefined;
    }
    return rows.some(({ here }) => here !== undefined)
      ? { code: 'unknown-server', detail: unknownServer(server, rows) }
      : SERVERS_UNKNOWN;
  }

  /** What the proxy here does not take is not wanted any longer: the other's would not take it either. */
  async #stateExistence(
    server: ServerName,
    value: string,
    driver: ServerDriver,
  ): Promise<IntentRefusal | undefined> {
    const { seen } = driver;
    const wanted = readExistence(value);
    if (seen === undefined || seen.problem !== undefined || wanted === undefined) {
      return SERVERS_UNKNOWN;
    }
    const key = keyOf(server, 'existence');
    const stated = this.register(key)?.value;
    const judged = judgeExistence({ server, wanted, stated, here: seen.servers.get(server) });
    if (judged.kind === 'refused') {
      return { code: judged.code, detail: judged.detail };
    }
    if (judged.kind === 'to be stated') {
      this.#replica.state(key, judged.value);
      this.#useAgain(server, wanted.kind);
    }
    await driver.refresh();
    const after = this.register(key);
    const why = after === undefined ? undefined : driver.seen?.refusedOf(after);
    if (
      wanted.kind === 'absent' ||
      why === undefined ||
      driver.seen?.servers.has(server) === true
    ) {
      return undefined;
    }
    this.#replica.state(key, existenceValue({ kind: 'absent', sessions: 'finish' }));
    return { code: 'proxy-refused', detail: `HAProxy does not add ${server}: ${why}` };
  }

  /** One that is added comes into use, with the weight of its definition, whatever was said of a former one of its name. */
  #useAgain(server: ServerName, kind: 'present' | 'absent'): void {
    const weight = keyOf(server, 'weight');
    if (kind === 'present') {
      this.#replica.state(keyOf(server, 'admin'), 'ready');
      if ((this.register(weight)?.value ?? USUAL_WEIGHT) !== USUAL_WEIGHT) {
        this.#replica.state(weight, USUAL_WEIGHT);
      }
    }
  }
}

function isMeant(aspect: StatedOf, value: string): boolean {
  switch (aspect) {
    case 'admin':
      return readAdminState(value) !== undefined;
    case 'weight':
      return readWeight(value) !== undefined;
    case 'existence':
      return readExistence(value) !== undefined && fits({ key: 'any', value });
    default:
      return unreachable(aspect);
  }
}

const EXPECTED: Readonly<Record<StatedOf, string>> = {
  admin: 'ready, drain or maint',
  weight: 'a weight from 0 to 256, or a share such as 50%,',
  existence: "add ADDRESS:PORT with HAProxy's keywords (200 characters in all), or remove,",
};

function unknownServer(server: ServerName, rows: readonly ServerRow[]): string {
  const names = rows.map(({ name }) => name);
  const [, short = ''] = server.split('/');
  const alike = names.filter((name) => name.endsWith(`/${short}`));
  const close = [...new Set([closestKey(server, names) ?? [], alike].flat())].slice(0, MOST_NAMED);
  const which =
    close.length === 0 ? 'see vipair server list' : `did you mean ${close.join(' or ')}?`;
  return `HAProxy has no server ${server}: ${which}`;
}

const NO_PROXY: IntentRefusal = {
  code: 'no-proxy',
  detail: 'no proxy is configured on this node, so it has no servers',
};
const SERVERS_UNKNOWN: IntentRefusal = {
  code: 'servers-unknown',
  detail: 'HAProxy does not serve on this node, so its servers are not known: ask the other node',
};
const MOST_NAMED = 3;
/** For a disk that is slow: longer than most writes take, far shorter than a lease that was stretched. */
const DISK_PATIENCE = millis(500);
