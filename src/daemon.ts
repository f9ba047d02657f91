/** One node's daemon, put together from a configuration and the ports of a machine, real or simulated. */
import type { Ip } from './base/ip.js';
import { isIpv4 } from './base/ip.js';
import type { Result } from './base/result.js';
import { fail, ok } from './base/result.js';
import { later, millis } from './base/time.js';
import type { Config, GroupConfig } from './config/config.js';
import type { NodeParams, StopMode } from './core/node.js';
import type { LinkState, RoleName, SwitchoverOutcome } from './core/notice.js';
import { roleOf } from './core/group-state.js';
import { Engine } from './engine/engine.js';
import type { GroupPlan } from './engine/group-plan.js';
import { planGroup } from './engine/group-plan.js';
import { GroupRunner } from './engine/group-runner.js';
import { lookAround, removeStrays } from './engine/look-around.js';
import { guard, guarded, prepareSysctls } from './engine/prepare.js';
import type { EnginePorts } from './engine/ports.js';
import { ProxyRunner } from './engine/proxy-runner.js';
import { groupStatus, proxyStatus } from './engine/status.js';
import type { Watch } from './ports/address-table.js';
import type { Alarm } from './ports/clock.js';
import type { LeaseTable } from './ports/lease-table.js';
import type { Sysctls } from './ports/sysctl.js';
import type { LeaseStatus, NodeStatus } from './telemetry/status.js';

export interface DaemonOptions {
  readonly config: Config;
  /** Which of the pair's nodes this is. */
  readonly node: string;
  readonly version: string;
  readonly pid: number;
}

export interface DaemonPorts extends EnginePorts {
  readonly sysctls: Sysctls;
}

/** Why a daemon cannot start: what was found, and what is needed. */
export interface StartRefusal {
  readonly code: 'interface' | 'socket';
  readonly detail: string;
}

export type SwitchoverRefusal =
  | { readonly code: 'unknown-group'; readonly group: string; readonly known: readonly string[] }
  | {
      readonly code: 'not-master';
      readonly group: string;
      readonly role: RoleName;
      readonly master: string | undefined;
    }
  | { readonly code: 'in-progress'; readonly group: string };

export interface Daemon {
  status(): NodeStatus;
  /** Asks this node to give a group to its peer; resolves when it has moved or was undone. */
  switchover(group: string): Promise<Result<SwitchoverOutcome, SwitchoverRefusal>>;
  /** Resolves when everything is given up or handed over, and the last advert has left. */
  stop(mode: StopMode): Promise<void>;
}

/** Looks around, then takes part. If it refuses, no address was touched. */
export async function startDaemon(
  options: DaemonOptions,
  ports: DaemonPorts,
): Promise<Result<Daemon, readonly StartRefusal[]>> {
  const { config } = options;
  const startedAt = ports.clock.wallTime();
  const began = ports.clock.now();
  ports.log.tell({ event: 'daemon.starting', pid: options.pid, version: options.version });
  const planned = await Promise.all(config.groups.map((group) => plan(options, group, ports)));
  const refusals = planned.flatMap((each) => (each.ok ? [] : [each.error]));
  if (refusals.length > 0) {
    return fail(refusals);
  }
  const plans = planned.flatMap((each) => (each.ok ? [each.value] : []));
  await prepareSysctls(plans, config.proxy === undefined ? 'nothing' : 'proxy', ports);
  const layers = await guard(plans, ports);
  await removeStrays(plans, ports);
  const running = new RunningDaemon({ ...options, plans, layers, startedAt }, ports);
  const opened = running.open();
  if (opened.length > 0) {
    return fail(opened);
  }
  await running.begin();
  const tookMs = Math.round(ports.clock.now() - began);
  ports.log.tell({ event: 'daemon.started', tookMs });
  return ok(running);
}

interface RunningOptions extends DaemonOptions {
  readonly plans: readonly GroupPlan[];
  readonly layers: LeaseStatus['layers'];
  readonly startedAt: number;
}

class RunningDaemon implements Daemon {
  readonly #options: RunningOptions;
  readonly #ports: DaemonPorts;
  readonly #runners: readonly GroupRunner[];
  readonly #proxy: ProxyRunner | undefined;
  readonly #engine: Engine;
  readonly #waiting = new Map<number, (outcome: SwitchoverOutcome) => void>();
  readonly #watches: Watch[] = [];
  readonly #reopenings = new Map<number, Alarm>();
  #guarding: ReturnType<LeaseTable['guard']> | undefined;
  #stopped: (() => void) | undefined;

  constructor(options: RunningOptions, ports: DaemonPorts) {
    this.#options = options;
    this.#ports = ports;
    const runnerPorts = {
      ...ports,
      dispatch: this.#dispatch,
      guardAgain: () => {
        // One at a time: every advert of every group may find the rules gone.
        this.#guarding ??= ports.leases
          .guard({ addresses: guarded(options.plans), unaccepted: [] })
          .finally(() => {
            this.#guarding = undefined;
          });
        return this.#guarding;
      },
      switchoverEnded: (index: number, outcome: SwitchoverOutcome) => {
        this.#waiting.get(index)?.(outcome);
        this.#waiting.delete(index);
      },
    };
    this.#runners = options.plans.map(
      (each, index) => new GroupRunner({ index, plan: each, layers: options.layers }, runnerPorts),
    );
    this.#proxy =
      ports.proxy === undefined
        ? undefined
        : new ProxyRunner({ proxy: ports.proxy, dispatch: this.#dispatch });
    this.#engine = new Engine(nodeParams(options), {
      clock: ports.clock,
      log: ports.log,
      groups: this.#runners,
      proxy: this.#proxy,
      stopped: () => {
        this.#stopped?.();
      },
    });
  }

  readonly #dispatch: Engine['dispatch'] = (event) => {
    this.#engine.dispatch(event);
  };

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
    this.#watch();
    const found = await lookAround(this.#options.plans, this.#ports);
    this.#engine.dispatch({ kind: 'started', found });
  }

  status(): NodeStatus {
    const { node, version, pid, startedAt, layers } = this.#options;
    const { state } = this.#engine;
    const now = this.#ports.clock.now();
    return {
      node,
      version,
      pid,
      startedAt,
      groups: this.#runners.flatMap((runner, index) => {
        const group = state.groups[index];
        return group === undefined ? [] : [groupStatus(runner, group, layers, now)];
      }),
      proxy: proxyStatus(state.proxy),
      loop: this.#engine.lateness.status(),
      history: this.#engine.history.entries(),
    };
  }

  async switchover(group: string): Promise<Result<SwitchoverOutcome, SwitchoverRefusal>> {
    const index = this.#runners.findIndex((runner) => runner.plan.name === group);
    const state = this.#engine.state.groups[index];
    if (state === undefined) {
      const known = this.#runners.map((runner) => runner.plan.name);
      return fail({ code: 'unknown-group', group, known });
    }
    if (this.#waiting.has(index) || state.vrrp.name === 'resigning') {
      return fail({ code: 'in-progress', group });
    }
    if (state.vrrp.name !== 'master') {
      const master = state.vrrp.name === 'backup' ? state.vrrp.master?.address : undefined;
      return fail({ code: 'not-master', group, role: roleOf(state), master });
    }
    const ended = new Promise<SwitchoverOutcome>((resolve) => {
      this.#waiting.set(index, resolve);
    });
    this.#engine.dispatch({ kind: 'switchover', group: index });
    if (this.#engine.state.groups[index]?.vrrp.name !== 'resigning') {
      // The lease had just ended: the master we asked was none any more.
      this.#waiting.delete(index);
      return fail({ code: 'not-master', group, role: 'backup', master: undefined });
    }
    return ok(await ended);
  }

  async stop(mode: StopMode): Promise<void> {
    this.#ports.log.tell({ event: 'daemon.stopping', mode });
    const stopped = new Promise<void>((resolve) => {
      this.#stopped = resolve;
    });
    this.#engine.dispatch({ kind: 'stop', mode });
    await stopped;
    await this.#settle();
    this.#engine.halt();
    for (const reopening of this.#reopenings.values()) {
      reopening.cancel();
    }
    for (const watch of this.#watches) {
      watch.stop();
    }
    for (const runner of this.#runners) {
      runner.close();
    }
    this.#proxy?.disconnect();
    if (mode === 'release' && this.#options.layers === 'lease and backstop') {
      const gone = await this.#ports.leases.dismantle();
      if (!gone.ok) {
        this.#ports.log.tell({ event: 'lease.rules-left', detail: gone.error.detail });
      }
    }
    this.#ports.log.tell({ event: 'daemon.stopped' });
  }

  /** Gives the last messages time to leave: a socket sends in a later turn of the event loop. */
  #settle(): Promise<void> {
    const { clock } = this.#ports;
    return new Promise((resolve) => {
      clock.alarm(later(clock.now(), LAST_WORDS), resolve);
    });
  }

  #watch(): void {
    const { addresses, links } = this.#ports;
    const { plans } = this.#options;
    this.#watches.push(
      addresses.watch((name, address) => {
        const group = plans.findIndex((each) => holds(each, name, address));
        if (group >= 0) {
          this.#runners[group]?.addressRemoved();
          this.#engine.dispatch({ kind: 'address-removed', group, address });
        }
      }),
      ...plans.map((each, group) =>
        links.watch(each.interface, (state) => {
          this.#engine.dispatch({ kind: 'link', group, state: this.#hearing(group, state) });
        }),
      ),
    );
  }

  /** A node that cannot hear must not take part, so an interface without a socket counts as missing. */
  #hearing(group: number, state: LinkState): LinkState {
    const runner = this.#runners[group];
    this.#reopenings.get(group)?.cancel();
    if (state === 'missing') {
      // An interface that is made again has a new index, which the old socket would never know.
      runner?.close();
      return state;
    }
    if (runner?.openIfClosed() !== 'closed') {
      return state;
    }
    // The address that adverts leave from may come back a moment after its interface.
    const { clock } = this.#ports;
    const again = clock.alarm(later(clock.now(), REOPEN_EVERY), () => {
      this.#engine.dispatch({ kind: 'link', group, state: this.#hearing(group, state) });
    });
    this.#reopenings.set(group, again);
    return 'missing';
  }
}

async function plan(
  { config, node }: DaemonOptions,
  group: GroupConfig,
  ports: DaemonPorts,
): Promise<Result<GroupPlan, StartRefusal>> {
  const held = await ports.addresses.held(group.interface);
  if (!held.ok) {
    return fail({ code: 'interface', detail: `group ${group.name}: ${held.error.detail}` });
  }
  const virtual = new Set(config.groups.flatMap((each) => each.addresses.map((a) => a.address)));
  const own =
    group.unicast?.get(node) ??
    held.value.find(({ ours, cidr }) => isIpv4(cidr.address) && !ours && !virtual.has(cidr.address))
      ?.cidr.address;
  return own === undefined
    ? fail({
        code: 'interface',
        detail: `group ${group.name}: interface ${group.interface} has no IPv4 address of its own to send adverts from`,
      })
    : ok(planGroup(config, group, node, own));
}

function nodeParams({ config, plans }: RunningOptions): NodeParams {
  return { groups: plans.map((each) => each.vrrp), proxy: config.proxy };
}

function holds(plan: GroupPlan, name: string, address: Ip): boolean {
  return plan.interface === name && plan.expectations.addresses.includes(address);
}

const LAST_WORDS = millis(20);
const REOPEN_EVERY = millis(1000);
