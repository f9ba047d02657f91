/** One node's daemon, put together from a configuration and the ports of a machine, real or simulated. */
import type { Ip } from './base/ip.js';
import type { Result } from './base/result.js';
import { fail, ok } from './base/result.js';
import type { StopMode } from './core/node.js';
import type { SwitchoverOutcome } from './core/notice.js';
import { Drills } from './daemon-drills.js';
import type { Daemon } from './daemon-interface.js';
import { Intents } from './daemon-intents.js';
import type { DaemonOptions, DaemonPorts, RunningOptions } from './daemon-ports.js';
import { pushFor } from './daemon-push.js';
import { prepareDaemon } from './daemon-prepare.js';
import { bindingOf, peerOf } from './daemon-ports.js';
import { nodeParams, RunningConfig } from './daemon-reload.js';
import { loadsOf, otherServers, servicesFor } from './daemon-services.js';
import { Replication, replicatorAwaited, ReplicatorNews } from './daemon-replication.js';
import { Engine } from './engine/engine.js';
import { GroupRequests } from './engine/group-requests.js';
import { GroupRunner } from './engine/group-runner.js';
import { LinkWatch } from './engine/link-watch.js';
import { lastWordsLeave } from './engine/last-words.js';
import { lookAround } from './engine/look-around.js';
import { wantedSettings } from './engine/kernel-settings.js';
import { LeaseGuard } from './engine/lease-guard.js';
import { guarded, undo } from './engine/prepare.js';
import { ProxyRunner } from './engine/proxy-runner.js';
import { groupStatus } from './engine/group-status.js';
import type { StartRefusal } from './engine/start-refusal.js';
import { proxyStatus } from './engine/proxy-status.js';
import { generationFor } from './generation/generation-for.js';
import type { GenerationWatch } from './generation/generation-watch.js';
import { Reloader } from './generation/reloader.js';
import type { ReloadMode } from './generation/reloader.js';
import { Trackers } from './health/trackers.js';
import { Desk } from './operator/desk.js';
import type { PairLink } from './pair/pair-link.js';
import { pairLinkFor } from './pair/pair-link-for.js';
import type { GuardOrder } from './ports/lease-table.js';
import type { Push } from './push/push.js';
import { ProxyServers } from './proxy/proxy-servers.js';
import type { Services } from './services/services.js';
import type {
  FailbackRefusal,
  Successor,
  SwitchoverRefusal,
} from './telemetry/operator-refusals.js';
import type { Refusal } from './telemetry/refusal.js';
import type { ReloadReport } from './telemetry/reload.js';
import type { NodeStatus } from './telemetry/status.js';

export type { Daemon } from './daemon-interface.js';

/** Looks around, then takes part. If it refuses, no address was touched. */
export async function startDaemon(
  options: DaemonOptions,
  ports: DaemonPorts,
): Promise<Result<Daemon, readonly StartRefusal[]>> {
  const startedAt = ports.clock.wallTime();
  const began = ports.clock.now();
  ports.log.tell({ event: 'daemon.starting', pid: options.pid, version: options.version });
  const prepared = await prepareDaemon(options, ports);
  if (!prepared.ok) {
    return prepared;
  }
  const running = new RunningDaemon({ ...prepared.value, startedAt }, ports);
  const opened = running.open();
  if (opened.length > 0) {
    return fail(opened);
  }
  await running.begin();
  const tookMs = Math.round(ports.clock.now() - began);
  ports.log.tell({ event: 'daemon.started', tookMs });
  return ok(running);
}

class RunningDaemon implements Daemon {
  readonly desk: Desk;
  readonly #options: RunningOptions;
  readonly #ports: DaemonPorts;
  readonly #runners: readonly GroupRunner[];
  readonly #trackers: Trackers;
  readonly #proxy: ProxyRunner | undefined;
  readonly #engine: Engine;
  readonly #pair: PairLink | undefined;
  readonly #generation: GenerationWatch | undefined;
  readonly #replication: Replication;
  readonly #running: RunningConfig;
  readonly #reloader: Reloader;
  readonly #requests: GroupRequests;
  readonly #watch: LinkWatch;
  readonly intents: Intents;
  readonly push: Push | undefined;
  readonly drills: Drills;
  readonly #services: Services | undefined;
  readonly #news = new ReplicatorNews();
  readonly #guard: LeaseGuard;
  #stopped: (() => void) | undefined;

  constructor(options: RunningOptions, ports: DaemonPorts) {
    this.#options = options;
    this.#ports = ports;
    const order = (): GuardOrder => guarded(this.#running.plans);
    this.#guard = new LeaseGuard({ ...ports, order });
    const runnerPorts = {
      ...ports,
      dispatch: this.#dispatch,
      guardAgain: () => this.#guard.again(),
      switchoverEnded: (index: number, outcome: SwitchoverOutcome) => {
        this.#requests.switchoverEnded(index, outcome);
      },
    };
    this.#runners = options.plans.map(
      (each, index) => new GroupRunner({ index, plan: each, layers: options.layers }, runnerPorts),
    );
    this.intents = new Intents(
      { own: options.node, peer: peerOf(options) },
      {
        ...ports,
        channel: options.pairKeys.length === 0 ? 'none' : 'open',
        say: (registers) => {
          this.#pair?.sayRegisters(registers);
        },
        ordered: (orders) => {
          this.#engine.dispatch({ kind: 'orders', orders });
          this.desk.ordered();
        },
        stated: () => {
          this.#services?.refresh();
        },
        others: otherServers(() => this.#services),
      },
    );
    this.#proxy =
      ports.proxy === undefined
        ? undefined
        : new ProxyRunner({
            ...{ proxy: ports.proxy, dispatch: this.#dispatch },
            companion: this.intents.driver,
            replicator: () => replicatorAwaited(this.#replication.tables?.status()),
          });
    const servers = new ProxyServers(ports);
    const reached = () => this.#services?.reached() ?? [];
    this.#trackers = new Trackers(options.plans, { ...ports, servers, reached }, this.#dispatch);
    this.#engine = new Engine(nodeParams(options.config, options.plans), {
      clock: ports.clock,
      log: ports.log,
      groups: this.#runners,
      proxy: this.#proxy,
      witness: ports.witness,
      changed: () => {
        this.#pair?.refresh();
        this.#replication.refresh();
      },
      stopped: () => {
        this.#stopped?.();
      },
    });
    this.#requests = new GroupRequests(this.#runners, this.#engine);
    this.#watch = new LinkWatch(this.#runners, { ...ports, dispatch: this.#dispatch });
    this.#pair = this.#linkToPeer();
    this.#running = this.#makeRunning();
    this.#services = this.#makeServices();
    this.#replication = this.#makeReplication();
    const settings = wantedSettings(options.plans, bindingOf(options.config));
    this.#generation = generationFor(
      { ...options, settings: settings.map(({ name }) => name) },
      { ...ports, pair: this.#pair, running: () => this.#running.config },
    );
    this.#reloader = this.#makeReloader();
    this.push = pushFor(options, ports, {
      ...{ pair: this.#pair, servers, groups: () => this.status().groups },
      ...{ running: () => this.#running.config, reloader: this.#reloader, desk: () => this.desk },
      refusalOf: (group) => this.#requests.refusalOf(group, 'ready'),
    });
    const running = () => this.#running.config;
    this.drills = new Drills(options, { ...ports, pair: this.#pair, running });
    this.desk = this.#makeDesk(servers);
  }

  #makeServices(): Services | undefined {
    return servicesFor(this.#options.config, this.#ports, {
      register: (key) => this.intents.register(key),
      known: () => this.intents.read(),
      ...{ pair: () => this.#pair, plans: () => this.#running.plans },
      state: () => this.#engine.state,
    });
  }

  #makeReplication(): Replication {
    return new Replication(
      {
        ...{ options: this.#options, running: () => this.#running },
        ...{ reported: this.#hearOfTables, groups: () => this.#engine.state.groups },
      },
      this.#ports,
    );
  }

  #makeDesk(servers: ProxyServers): Desk {
    const { node, config } = this.#options;
    const proxied = this.#ports.proxy === undefined ? undefined : servers;
    return new Desk(
      { node, names: config.pair.nodes.map(({ name }) => name) },
      {
        ...{ ...this.#ports, own: this, peer: this.#pair, orders: this.intents },
        servers: proxied,
        loads: loadsOf(proxied, this.#services),
        ...{ tables: this.#replication.tables, flows: () => this.#replication.flows },
        mind: {
          params: () => this.#engine.params,
          addresses: () =>
            this.#running.plans.map((each) => each.addresses.map(({ cidr }) => cidr.address)),
          state: () => this.#engine.state,
        },
      },
    );
  }

  /** What decides of it is told only what is news to it. */
  readonly #hearOfTables = (): void => {
    const { tables, flows } = this.#replication;
    for (const event of this.#news.of(tables?.status(), this.#engine.state, flows?.status())) {
      this.#engine.dispatch(event);
    }
  };

  #makeReloader(): Reloader {
    const { node, configFile } = this.#options;
    const pair = this.#pair;
    return new Reloader(
      { node, peer: peerOf(this.#options), configFile },
      {
        ...this.#ports,
        ask: pair === undefined ? undefined : (ask, body, within) => pair.ask(ask, body, within),
        dispatch: this.#dispatch,
        running: () => this.#running.config,
        apply: (config) => this.#running.become(config),
        prepare: (config) => this.#running.prepare(config),
      },
    );
  }

  #makeRunning(): RunningConfig {
    const { config, plans, node, layers } = this.#options;
    return new RunningConfig(config, plans, {
      ...this.#ports,
      ...{ node, layers, runners: this.#runners, trackers: this.#trackers },
      ...{ engine: this.#engine, pair: this.#pair },
      changed: () => {
        this.#generation?.changed();
        this.#services?.become(this.#running.config.services ?? []);
        this.#replication.refresh();
      },
    });
  }

  readonly #dispatch: Engine['dispatch'] = (event) => {
    this.#engine.dispatch(event);
  };

  #linkToPeer(): PairLink | undefined {
    return pairLinkFor(this.#options, {
      ...this.#ports,
      dispatch: this.#dispatch,
      views: () => this.#engine.views,
      answer: (ask, body) => {
        const said = this.#generation?.answer(ask, body);
        const answer =
          said === undefined ? this.#reloader.answer(ask, body) : Promise.resolve(said);
        const others = this.push?.answer(ask, body) ?? this.drills.answer(ask, body);
        return answer ?? others ?? this.#services?.answer(ask) ?? this.desk.answer(ask, body);
      },
      met: () => {
        this.#generation?.look();
        this.intents.met();
        void this.#services?.met();
      },
      heardRegisters: (registers) => {
        this.intents.heard(registers);
      },
    });
  }

  open(): readonly StartRefusal[] {
    return this.#runners.flatMap((runner) => {
      const opened = runner.open();
      const where = `group ${runner.plan.name}`;
      return opened.ok
        ? []
        : [{ code: 'socket' as const, detail: `${where}: ${opened.error.detail}` }];
    });
  }

  async begin(): Promise<void> {
    // HAProxy dials once, and then every five seconds: its peer had better be there before it.
    this.#replication.begin();
    this.#watch.begin();
    this.intents.begin();
    void this.#services?.begin();
    await Promise.all([this.push?.recover(), this.drills.begin()]);
    const found = await lookAround(this.#options.plans, this.#ports);
    this.#engine.dispatch({ kind: 'started', found });
    this.#hearOfTables();
    this.#guard.begin(this.#options.layers);
    this.#trackers.start();
    this.#pair?.begin();
    this.#generation?.look();
    this.push?.begin();
  }

  status(): NodeStatus {
    const { node, version, pid, startedAt, layers } = this.#options;
    const inForce = this.#guard.inForce(layers);
    const { state } = this.#engine;
    const now = this.#ports.clock.now();
    return {
      node,
      version,
      pid,
      startedAt,
      groups: this.#runners.flatMap((runner, index) => {
        const group = state.groups[index];
        return group === undefined ? [] : [groupStatus(runner, group, inForce, now)];
      }),
      proxy: proxyStatus(state.proxy, {
        ...this.#ports.proxyNews?.(),
        requests: this.#proxy?.requests,
      }),
      intents: this.intents.status(),
      orders: this.intents.ordersStatus(),
      schedules: this.intents.schedules(),
      pair: this.#pair?.status(),
      generation: this.#generation?.status(),
      replication: this.#replication.tables?.status(),
      services: this.#services?.status(),
      flows: this.#replication.flows?.status(),
      loop: this.#engine.lateness.status(),
      drill: this.drills.hand,
      underWay: [this.push, this.#reloader, this.drills].flatMap((each) => each?.underWay ?? []),
      history: this.#engine.history.entries(),
    };
  }

  works(): boolean {
    return this.#engine.works();
  }

  switchover(
    group: string,
    successor: Successor = 'ready',
  ): Promise<Result<SwitchoverOutcome, SwitchoverRefusal>> {
    return this.#requests.switchover(group, successor);
  }

  failback(group: string): Result<Ip | undefined, FailbackRefusal> {
    return this.#requests.failback(group);
  }

  intentDigest(): string {
    return this.intents.digest;
  }

  reload(mode: ReloadMode): Promise<Result<ReloadReport, Refusal>> {
    return this.#reloader.reload(mode);
  }

  async stop(mode: StopMode): Promise<void> {
    this.#ports.log.tell({ event: 'daemon.stopping', mode });
    this.#trackers.stop();
    this.#replication.stop();
    this.#generation?.stop();
    this.desk.stop();
    this.#reloader.stop();
    this.push?.stop();
    this.drills.stop();
    this.#pair?.stop(mode === 'release' ? 'stopping' : 'handing over');
    const stopped = new Promise<void>((resolve) => {
      this.#stopped = resolve;
    });
    this.#engine.dispatch({ kind: 'stop', mode });
    await stopped;
    await lastWordsLeave(this.#ports.clock);
    this.#engine.halt();
    this.#watch.stop();
    for (const runner of this.#runners) {
      runner.close();
    }
    this.#proxy?.disconnect();
    await this.#services?.stop(mode);
    await this.#replication.end(mode);
    await this.#guard.stop();
    if (mode === 'release') {
      await undo({ ...this.#options, plans: this.#running.plans }, this.#ports);
    }
    await this.intents.stop();
    this.#ports.log.tell({ event: 'daemon.stopped' });
  }
}
