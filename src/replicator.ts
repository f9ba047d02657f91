/**
 * A replicator, put together from ports: HAProxy's stick tables go to the other node and come from it. It is a process of its
 * own, so that the daemon's adverts wait for none of it, and may be killed at any instant.
 */
import type { Result } from './base/result.js';
import { fail, ok } from './base/result.js';
import { later, millis } from './base/time.js';
import type { Instant, WallTime } from './base/time.js';
import type { Alarm, Clock } from './ports/clock.js';
import type { PairTransports } from './ports/pair-transport.js';
import type { PeersListener } from './ports/peers-listener.js';
import type { Random } from './ports/random.js';
import type { Snapshots } from './ports/snapshots.js';
import type { ReplicatorOrders } from './ports/replicator.js';
import type { Keeping } from './tables/kept-rows.js';
import type { LinkHandlers } from './tables/link.js';
import { Link } from './tables/link.js';
import { Mirror } from './tables/mirror.js';
import type { ProxySessionHandlers } from './tables/proxy-session.js';
import { ProxySide } from './tables/proxy-side.js';
import { Refusals } from './pair/refusals.js';
import { Relay } from './tables/relay.js';
import type { RelayTable } from './tables/relay-table.js';
import { RelayTables } from './tables/relay-tables.js';
import { reportTables } from './tables/report.js';
import { RowClock } from './tables/row-clock.js';
import type { HashSeed } from './wire/tables/message.js';
import { Verification } from './tables/verification.js';
import type { TableAudit, TablesReport } from './telemetry/tables.js';

export interface ReplicatorPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly transports: PairTransports;
  readonly listener: PeersListener;
  /** What the process has taken of the machine's memory. */
  readonly memoryBytes: () => number;
  /** Where rows are kept; of no importance where the orders want none. */
  readonly snapshots: Snapshots | undefined;
  /** Called when it listens for HAProxy, before it speaks with the other node: rights that only that needed can go. */
  readonly bound?: () => void;
}

export interface Replicator {
  /** Resolves when it listens for HAProxy, or has found out why it cannot: then its first report says something. */
  readonly tried: Promise<void>;
  /** Resolves when it is of no more use, because its socket is gone: another process has to make a new one. */
  readonly lost: Promise<void>;
  report(): TablesReport;
  /** Has the HAProxy of this node tell all of a table, and compares; a sentence where that cannot be. */
  audit(table: string): Promise<Result<TableAudit, string>>;
  stop(): void;
}

const TICK = millis(1000);
/** A million rows take seconds. */
const AUDIT_PATIENCE = millis(30_000);
const NO_PROXY = 'HAProxy is not connected to the replicator here';
const WORD = 2 ** 32;

export function startReplicator(orders: ReplicatorOrders, ports: ReplicatorPorts): Replicator {
  return new RunningReplicator(orders, ports);
}

class RunningReplicator implements Replicator {
  readonly tried: Promise<void>;
  readonly lost: Promise<void>;
  #lose: () => void = () => undefined;
  #try: () => void = () => undefined;
  #phase: 'running' | 'stopped' = 'running';
  readonly #ports: ReplicatorPorts;
  readonly #tables: RelayTables;
  readonly #refusals = new Refusals();
  readonly #relay: Relay;
  readonly #link: Link;
  readonly #verification: Verification;
  readonly #proxySide: ProxySide<RelayTable>;
  #proxy: { readonly since: WallTime; readonly pid: number | undefined };
  #tick: Alarm | undefined;

  constructor(orders: ReplicatorOrders, ports: ReplicatorPorts) {
    const { clock, random, transports, listener } = ports;
    const { node, peer, address, peerAddress, port } = orders;
    this.#ports = ports;
    this.#proxy = { since: clock.wallTime(), pid: undefined };
    const rowClock = new RowClock({ own: node, peer }, clock);
    const mirror = new Mirror(() => rowClock.now());
    this.#tables = new RelayTables(orders.tables, mirror);
    const relay = new Relay(drawSeed(random, rowClock.now()), {
      clock,
      rowClock,
      mirror,
      tables: this.#tables,
      keeping: this.#keeping(orders),
      link: () => this.#link,
    });
    this.#relay = relay;
    this.#link = new Link(
      {
        own: { name: node, address },
        peer: { name: peer, address: peerAddress },
        port,
        epoch: Math.floor(random.fraction() * WORD),
        seed: () => relay.seed,
      },
      {
        clock,
        random,
        rowClock,
        transport: transports.open(orders.keys.map((key) => Buffer.from(key, 'base64'))),
        handlers: linkHandlers(relay, () => this.#verification),
      },
    );
    this.#verification = new Verification({
      clock,
      rowClock,
      link: this.#link,
      tables: () => this.#tables.all,
      ofPeer: (id) => this.#tables.ofPeer(id),
      isSettled: () => relay.isSettled,
      heal: () => {
        relay.heal();
      },
      // The report says it: the daemon makes an alarm of it.
      told: () => undefined,
    });
    this.#proxySide = new ProxySide<RelayTable>(
      {
        socket: { path: orders.peersSocket, owner: orders.socketOwner },
        names: { own: node, peer },
      },
      {
        clock,
        listener,
        handlers: this.#proxyHandlers(),
        refused: (code, detail) => {
          this.#refusals.add(code, detail);
          this.#try();
        },
      },
    );
    this.tried = new Promise((resolve) => {
      this.#try = resolve;
    });
    this.lost = new Promise((resolve) => {
      this.#lose = resolve;
    });
    void this.#begin();
    this.#verification.begin();
    this.#tickLater();
  }

  audit(name: string): Promise<Result<TableAudit, string>> {
    const table = this.#tables.all.find((each) => each.name === name);
    if (table?.own === undefined) {
      return Promise.resolve(fail(`HAProxy here has no table ${name} that is replicated`));
    }
    const { clock } = this.#ports;
    return new Promise((resolve) => {
      const patience = clock.alarm(later(clock.now(), AUDIT_PATIENCE), () => {
        resolve(fail('HAProxy here has not told all its rows in time'));
      });
      const is = this.#relay.look((how) => {
        patience.cancel();
        const { audit } = table;
        resolve(how === 'no proxy' || audit === undefined ? fail(NO_PROXY) : ok(audit));
      });
      if (is === 'no proxy') {
        patience.cancel();
        resolve(fail(NO_PROXY));
      }
    });
  }

  stop(): void {
    this.#phase = 'stopped';
    this.#tick?.cancel();
    this.#proxySide.stop();
    this.#link.stop();
    this.#verification.stop();
  }

  report(): TablesReport {
    const { clock, memoryBytes } = this.#ports;
    const { state, since, problem } = this.#link.status;
    const now: Instant = clock.now();
    return reportTables({
      proxy: this.#proxyReport(),
      link: problem === undefined ? { state, since } : { state, since, problem },
      isComplete: this.#relay.isComplete,
      tables: this.#tables.all,
      sent: this.#link.underWay,
      received: this.#relay.waiting,
      refused: this.#refusals.all,
      memoryBytes: memoryBytes(),
      verified: (name) => this.#verification.of(name),
      now,
    });
  }

  #keeping({ snapshot }: ReplicatorOrders): Keeping | undefined {
    const { snapshots } = this.#ports;
    const refused = (detail: string): void => {
      this.#refusals.add('snapshot', detail);
    };
    return snapshot === undefined || snapshots === undefined
      ? undefined
      : { snapshots, every: snapshot.every, refused };
  }

  #proxyReport(): TablesReport['proxy'] {
    const { since, pid } = this.#proxy;
    const session = this.#proxySide.session?.state;
    if (session?.name !== 'open') {
      const problem = this.#refusals.latest;
      return problem === undefined
        ? { state: 'unconnected', since }
        : { state: 'unconnected', since, problem };
    }
    const state = session.learning.name === 'yes' ? 'learning' : 'up';
    return pid === undefined ? { state, since } : { state, since, pid };
  }

  #proxyHandlers(): ProxySessionHandlers<RelayTable> {
    const relay = this.#relay;
    return {
      opened: (session, hello) => {
        this.#refusals.settled();
        this.#proxy = { since: this.#ports.clock.wallTime(), pid: hello.pid };
        relay.opened(session);
      },
      ended: () => {
        this.#proxy = { since: this.#ports.clock.wallTime(), pid: undefined };
        relay.ended();
      },
      defined: (table) => relay.defined(table),
      piece: (part) => {
        relay.piece(part);
      },
      row: (table, bytes, body, expiresIn) => relay.row(table, bytes, body, expiresIn),
      acknowledged: () => {
        relay.acknowledged();
      },
      askedForRows: () => {
        relay.askedForRows();
      },
      teachingBegan: () => {
        relay.teachingBegan();
      },
      teachingEnded: (how) => {
        relay.teachingEnded(how);
      },
      drained: () => {
        relay.drained();
      },
    };
  }

  async #begin(): Promise<void> {
    await this.#proxySide.begin();
    if (this.#phase === 'running') {
      this.#ports.bound?.();
      this.#try();
      this.#link.begin();
    }
  }

  #tickLater(): void {
    const { clock } = this.#ports;
    this.#tick = clock.alarm(later(clock.now(), TICK), () => {
      this.#relay.tick();
      if (this.#proxySide.look() === 'gone') {
        this.#refusals.add('socket', 'the socket for HAProxy has been removed');
        this.#lose();
      }
      this.#tickLater();
    });
  }
}

function linkHandlers(relay: Relay, verification: () => Verification): LinkHandlers {
  return {
    up: (seed) => {
      relay.up(seed);
    },
    down: () => {
      relay.down();
      verification().down();
    },
    defined: (table) => {
      relay.definedByPeer(table);
    },
    rows: (batch) => {
      relay.rows(batch);
    },
    acknowledged: (sequence) => {
      relay.acknowledgedByPeer(sequence);
    },
    teachAsked: () => {
      relay.teachAsked();
    },
    teachingEnds: (how) => {
      relay.teachingEnds(how);
    },
    digest: (digest) => {
      verification().heardDigest(digest);
    },
    verdict: (verdict) => {
      verification().heardVerdict(verdict);
    },
    opened: () => {
      relay.openedWindow();
    },
  };
}

function drawSeed(random: Random, since: number): HashSeed {
  const word = (): number => Math.floor(random.fraction() * WORD);
  return { high: word(), low: word(), since };
}
