/** One node of a lab: its daemon and its HAProxy, and everything that can happen to them. */
import type { Result } from '../base/result.js';
import { done, fail, ok } from '../base/result.js';
import { millis } from '../base/time.js';
import { daemonCommand, haproxyCommand, keepalivedCommand } from './commands.js';
import type { VipairCommand } from './commands.js';
import type { LabFailure } from './failure.js';
import { from } from './failure.js';
import type { Fault } from './fault.js';
import { timed } from './fault.js';
import { NODE_VARIABLE } from './peers-sections.js';
import { listensIn } from './listening.js';
import { tailOf } from './log-tail.js';
import { isRunning, pidsIn, processesIn, signalAll } from './namespace-processes.js';
import type { NetworkPorts } from './network.js';
import { inNamespace } from './network.js';
import type { NodeProcesses } from './node-processes.js';
import { recallPid, rememberPid, sortProcesses } from './node-processes.js';
import type { NodeStatus } from './node-status.js';
import { readStatus } from './node-status.js';
import { eventually } from './pause.js';
import { cutPower, restorePower } from './power.js';
import type { Engine, LabSettings } from './settings.js';
import type { NodeFiles } from './state-directory.js';
import { nodeFiles } from './state-directory.js';
import type { BackLan, NodeName } from './topology.js';
import { SERVICE_PORT, namespaceOf } from './topology.js';

export interface NodePorts extends NetworkPorts {
  readonly vipair: VipairCommand;
}

/** `for-good` gives the address up; `hand-over` leaves it to the daemon that is about to start. */
export type StopIntent = 'for-good' | 'hand-over';

/** What a signal can do to a running program. */
export type Blow = 'kill' | 'freeze' | 'thaw';

/** A daemon that releases, says goodbye and closes takes milliseconds; keepalived about a second. */
const STOPS_WITHIN = millis(10_000);
const LOOK_EVERY = millis(5);
const ENTERS_WITHIN = millis(5_000);
/** HAProxy starts in 50 ms on an idle machine. */
const PROXY_SERVES_WITHIN = millis(10_000);

const STOP_SIGNALS = {
  'for-good': 'SIGTERM',
  'hand-over': 'SIGUSR2',
} as const satisfies Record<StopIntent, NodeJS.Signals>;

const BLOW_SIGNALS = {
  kill: 'SIGKILL',
  freeze: 'SIGSTOP',
  thaw: 'SIGCONT',
} as const satisfies Record<Blow, NodeJS.Signals>;

export class LabNode {
  readonly name: NodeName;
  readonly namespace: string;
  readonly files: NodeFiles;
  readonly backLan: BackLan;
  readonly #settings: LabSettings;
  readonly #ports: NodePorts;
  #engine: Engine;

  constructor(name: NodeName, settings: LabSettings, ports: NodePorts) {
    this.name = name;
    this.namespace = namespaceOf(settings.name, name);
    this.files = nodeFiles(settings.name, name);
    this.backLan = settings.backLan;
    this.#settings = settings;
    this.#ports = ports;
    this.#engine = settings.engine;
  }

  /** Starts what a boot starts: the daemon, which starts HAProxy; or HAProxy and whoever adopts it. */
  async start(): Promise<Result<undefined, LabFailure>> {
    if (this.#engine === 'keepalived' || this.#settings.proxyRun === 'systemd') {
      const proxy = await this.startProxy();
      return proxy.ok ? this.startEngine() : proxy;
    }
    return this.startEngine();
  }

  /** From the next start on: what a migration does to a node whose engine and proxy are stopped. */
  changeEngine(engine: Engine): void {
    this.#engine = engine;
  }

  async startEngine(): Promise<Result<undefined, LabFailure>> {
    const command =
      this.#engine === 'vipair'
        ? daemonCommand(this.#ports.vipair, this.files, this.#settings.scheduling)
        : keepalivedCommand(this.files);
    const launched = await this.#launch(command, this.files.engineLog);
    if (launched.ok) {
      rememberPid(this.files.enginePid, launched.value);
      return done;
    }
    return launched;
  }

  /** Only where the engine does not start HAProxy. Resolves when it listens. The node binds the address before it owns it. */
  async startProxy(): Promise<Result<undefined, LabFailure>> {
    const allowed = await inNamespace(this.#ports.processes, this.namespace, [
      ...['sysctl', '-qw', 'net.ipv4.ip_nonlocal_bind=1', 'net.ipv6.ip_nonlocal_bind=1'],
    ]);
    const { proxyRun } = this.#settings;
    const launched = allowed.ok
      ? await this.#launch(haproxyCommand(this.files, proxyRun), this.files.haproxyLog)
      : allowed;
    if (!launched.ok) {
      return launched;
    }
    const patience = { within: PROXY_SERVES_WITHIN, every: LOOK_EVERY };
    const serves = (): boolean => listensIn(launched.value, SERVICE_PORT);
    return (await eventually(this.#ports.clock, patience, serves))
      ? done
      : fail({ code: 'not-ready', detail: `haproxy: ${tailOf(this.files.haproxyLog)}` });
  }

  /** Asks the engine to end, and waits until it has. Not running is success. */
  async stopEngine(intent: StopIntent): Promise<Result<Fault, LabFailure>> {
    const { enginePid } = this.processes();
    const asked = timed(this.#ports.clock, () => {
      signalAll(enginePid === undefined ? [] : [enginePid], STOP_SIGNALS[intent]);
    });
    const patience = { within: STOPS_WITHIN, every: LOOK_EVERY };
    const ended = (): boolean => this.processes().enginePid === undefined;
    return (await eventually(this.#ports.clock, patience, ended))
      ? ok(asked)
      : fail({ code: 'not-ready', detail: `the daemon of ${this.name} does not end` });
  }

  /** Asks HAProxy to end, its connections with it, and waits until it has. Not running is success. */
  async stopProxy(): Promise<Result<undefined, LabFailure>> {
    signalAll(this.processes().proxyPids, 'SIGTERM');
    const patience = { within: STOPS_WITHIN, every: LOOK_EVERY };
    const ended = (): boolean => this.processes().proxyPids.length === 0;
    return (await eventually(this.#ports.clock, patience, ended))
      ? done
      : fail({ code: 'not-ready', detail: `HAProxy on ${this.name} does not end` });
  }

  /** Strikes the engine: keepalived with its child, the daemon with its own; never HAProxy. */
  strikeEngine(blow: Blow): Fault {
    const { enginePids } = this.processes();
    return timed(this.#ports.clock, () => {
      // A child that sees its parent die may still say goodbye, as keepalived's does.
      signalAll(blow === 'kill' ? enginePids : [], BLOW_SIGNALS.freeze);
      signalAll(enginePids, BLOW_SIGNALS[blow]);
    });
  }

  /** Strikes HAProxy's master and workers together. */
  strikeProxy(blow: Blow): Fault {
    const { proxyPids } = this.processes();
    return timed(this.#ports.clock, () => {
      signalAll(proxyPids, BLOW_SIGNALS[blow]);
    });
  }

  /** SIGUSR2 to HAProxy's master, as a service manager reloads it. */
  reloadProxy(): void {
    const master = recallPid(
      this.#settings.proxyRun === 'systemd'
        ? this.files.haproxyPid
        : `${this.files.runtimeDirectory}/haproxy.pid`,
    );
    signalAll(master === undefined ? [] : [master], 'SIGUSR2');
  }

  /** Where HAProxy answers operators. */
  get proxySocket(): string {
    return this.#settings.proxyRun === 'systemd'
      ? this.files.haproxySocket
      : `${this.files.runtimeDirectory}/haproxy.sock`;
  }

  /** Resolves when the node is dark. See {@link cutPower}. */
  powerOff(): Promise<Result<Fault, LabFailure>> {
    return cutPower(this, this.#ports);
  }

  /** Restores the links and boots. */
  async powerOn(): Promise<Result<undefined, LabFailure>> {
    const restored = await restorePower(this, this.#ports);
    return restored.ok ? this.start() : restored;
  }

  processes(): NodeProcesses {
    return sortProcesses(processesIn(this.namespace), recallPid(this.files.enginePid));
  }

  status(): Promise<NodeStatus> {
    return readStatus(this, this.#ports.processes);
  }

  async #launch(command: readonly string[], logFile: string): Promise<Result<number, LabFailure>> {
    const launched = await this.#ports.processes.launch(
      'ip',
      ['netns', 'exec', this.namespace, ...command],
      { logFile, env: { [NODE_VARIABLE]: this.name } },
    );
    const outcome = from(command[0] ?? 'ip', launched);
    if (!outcome.ok) {
      return outcome;
    }
    // For some milliseconds it is still outside, on its way into the namespace, and would not be found.
    const { pid } = outcome.value;
    const arrived = (): boolean => pidsIn(this.namespace).includes(pid) || !isRunning(pid);
    await eventually(this.#ports.clock, { within: ENTERS_WITHIN, every: LOOK_EVERY }, arrived);
    return ok(pid);
  }
}
