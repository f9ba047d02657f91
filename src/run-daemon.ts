/** The daemon on the real machine: adapters, lock, control socket and signals around the portable `startDaemon`. */
import { isServed, serveApi } from './api/server.js';
import type { ControlApi } from './api/contract.js';
import type { Ip } from './base/ip.js';
import type { Result } from './base/result.js';
import { done, fail, ok } from './base/result.js';
import { millis } from './base/time.js';
import type { Config } from './config/config.js';
import type { StopMode } from './core/node.js';
import type { DaemonPorts } from './daemon-ports.js';
import type { Daemon } from './daemon.js';
import { startDaemon } from './daemon.js';
import { ServiceReports } from './engine/service-reports.js';
import { HookRunner } from './hooks/hook-runner.js';
import { NetlinkAddressTable } from './os/address-table.js';
import { RawAdvertSockets } from './os/advert-socket.js';
import { PacketAnnouncer } from './os/announcer.js';
import { SystemClock } from './os/clock.js';
import { MachineFiles } from './os/common-files.js';
import { NftConnections } from './os/connections.js';
import { FileFoundSettings } from './os/found-settings.js';
import { NftFlowEvents } from './os/flow-events.js';
import { NetlinkFlowTable } from './os/flow-table.js';
import { KeyFiles } from './os/key-files.js';
import { FileValues } from './os/file-values.js';
import { ProcListeners } from './os/listeners.js';
import { NftLeaseTable } from './os/lease-table.js';
import { NetlinkLinks } from './os/links.js';
import { TlsPairTransports } from './os/pair-transport.js';
import { SystemRandom } from './os/random.js';
import { ReplicatorProcesses } from './os/replicator-process.js';
import { FileJournal, HISTORY_FILES, INTENT_FILES } from './os/journal.js';
import { LogOutput } from './os/log-output.js';
import { missingCapabilities } from './os/machine.js';
import type { LockRefusal, NodeLock } from './os/node-lock.js';
import { lockNode } from './os/node-lock.js';
import { PacketNeighbours } from './os/neighbours.js';
import { SystemProcessHost } from './os/process-host.js';
import { ProxyReloader } from './proxy/proxy-reloader.js';
import { ProcProcesses } from './os/process-list.js';
import { giveUpPriorities, scheduleRealTime, waitsForHelpers } from './os/scheduling.js';
import { ScriptHost } from './os/script-host.js';
import { FileSigningMemory } from './os/signing-memory.js';
import { NotifySocket } from './os/notify-socket.js';
import { SocketServiceChecks } from './os/service-checks.js';
import { NftServiceRules } from './os/service-rules.js';
import { onReload, onStop } from './os/signals.js';
import { SocketDiagnosis } from './os/open-connections.js';
import { ProcSysctls } from './os/sysctl.js';
import { MachineAccounts } from './os/users.js';
import { MacvlanInterfaces } from './os/virtual-interfaces.js';
import { FirstRequest } from './proxy/first-request.js';
import type { MoveListener } from './record/move-witness.js';
import { MoveWitness } from './record/move-witness.js';
import { RecentEvents } from './record/recent-events.js';
import { TransitionHistory } from './record/transition-history.js';
import { drillHostOf } from './run-drills.js';
import type { ServicesMachine } from './services/services.js';
import type { Log } from './telemetry/events.js';
import type { Refusal } from './telemetry/refusal.js';
import { serviceLine } from './telemetry/service-line.js';
import { openLog } from './telemetry/log.js';
import { proxyPorts } from './run-daemon-proxy.js';

export interface RunOptions {
  readonly config: Config;
  /** Where it was read from. */
  readonly configFile: string;
  readonly node: string;
  readonly version: string;
  readonly pid: number;
  /** Its priority, 1 to 99, where the daemon is to be scheduled in real time. */
  readonly realTime: number | undefined;
  /** How vipair calls itself, as a process of another kind. */
  readonly vipair: readonly [string, ...string[]];
}

/** Every IPv4 address of this machine: how a node knows itself. */
export async function ownAddresses(): Promise<readonly Ip[]> {
  const table = NetlinkAddressTable.open();
  if (!table.ok) {
    return [];
  }
  const addresses = await table.value.everyAddress();
  table.value.close();
  return addresses;
}

/** Resolves when the daemon has stopped; fails with every reason why it could not start. */
export async function runDaemon(options: RunOptions): Promise<Result<StopMode, readonly string[]>> {
  const lock = await takeNode(options.config);
  if (!lock.ok) {
    return lock;
  }
  const output = LogOutput.ofProcess();
  const memory = remember(options, output);
  const ran = await runLocked(options, memory);
  // The next daemon reads what this one writes.
  await Promise.all([
    memory.history.settled(HISTORY_PATIENCE),
    memory.hooks.settled(HOOKS_PATIENCE),
  ]);
  // First of all the next daemon may start, whatever becomes of our last lines.
  lock.value.release();
  await output.flushed(LOG_PATIENCE);
  return ran;
}

async function runLocked(
  options: RunOptions,
  { clock, log, output, witness, history, ...memory }: Memory,
): Promise<Result<StopMode, readonly string[]>> {
  const stopAsked = firstStop();
  // Before anything is started that would inherit it.
  const service = NotifySocket.ofProcess();
  const kernel = openKernel();
  if (!kernel.ok) {
    return kernel;
  }
  const processes = new SystemProcessHost();
  const [files, sysctls] = [new FileValues(), new ProcSysctls()];
  const virtualInterfaces = MacvlanInterfaces.open(sysctls);
  if (!virtualInterfaces.ok) {
    return fail([virtualInterfaces.error.detail]);
  }
  const proxy = proxyPorts(options, processes, { clock, log });
  goFirst(options, log);
  const started = await startDaemon(options, {
    clock,
    ...{ witness, history },
    adverts: new RawAdvertSockets(),
    signingMemory: new FileSigningMemory(options.config.runtime.directory),
    ...kernel.value,
    leases: new NftLeaseTable(processes),
    connections: new NftConnections(processes, kernel.value.addresses),
    openConnections: new SocketDiagnosis(),
    ...proxy,
    log,
    sysctls,
    foundSettings: new FileFoundSettings(options.config.runtime.directory),
    commonFiles: new MachineFiles(processes),
    secrets: new KeyFiles(),
    pairTransports: new TlsPairTransports(),
    random: new SystemRandom(),
    virtualInterfaces: virtualInterfaces.value,
    neighbours: new PacketNeighbours(),
    listeners: new ProcListeners(),
    scripts: new ScriptHost(),
    processes: new ProcProcesses(files),
    files,
    replication: replicationOn(options, processes, output),
    services: servicesOn(processes),
    drillHost: drillHostOf(options, { processes, clock, addresses: kernel.value.addresses }),
    intentJournal: FileJournal.ofProcess(options.config.runtime.stateDirectory, INTENT_FILES),
  });
  if (!started.ok) {
    return fail(started.error.map(({ detail }) => detail));
  }
  const daemon = started.value;
  memory.firstRequest.askBy((command) => daemon.intents.driver?.ask(command));
  // Only now: what takes part must not wait for a disk.
  void history.load();
  const reports = reportsOf(daemon, service, clock);
  const reload = reloadOf(daemon, reports);
  const reloader = new ProxyReloader(options.node, { clock, log, ...proxy });
  const api = { ...controlApi(daemon, reloader), ...records(daemon, memory.events), reload };
  const served = await serveApi(api, options.config.runtime.controlSocket);
  if (!served.ok) {
    // A daemon of which nothing can be asked is of no use to an operator.
    await daemon.stop('release');
    return fail([served.error.detail]);
  }
  onReload(() => {
    void reload('applied');
  });
  void proxy.former?.begin();
  reports?.ready();
  const mode = await stopAsked;
  reports?.stopping();
  proxy.former?.stop();
  await daemon.stop(mode);
  served.value.close();
  reports?.end();
  return ok(mode);
}

/** Processes that carry what there is much of to the other node; their logs become this one's. */
function replicationOn(
  { vipair }: RunOptions,
  processes: SystemProcessHost,
  output: Memory['output'],
): DaemonPorts['replication'] {
  return {
    replicators: new ReplicatorProcesses([...vipair, 'replicator']),
    flowReplicators: new ReplicatorProcesses([...vipair, 'flow-replicator']),
    flowEvents: new NftFlowEvents(processes),
    accounts: new MachineAccounts(),
    passOn: (line) => {
      output.write(`${line}\n`);
    },
  };
}

/** What services need of the machine. */
function servicesOn(processes: SystemProcessHost): ServicesMachine {
  const rules = new NftServiceRules(processes);
  const openFlows = (): ReturnType<ServicesMachine['openFlows']> => NetlinkFlowTable.open();
  return { rules, checks: new SocketServiceChecks(), openFlows };
}

/**
 * Only now: until the whole program is loaded it takes a processor for most of a second, of which HAProxy is to have its share.
 * From here on it works for a few milliseconds at a time.
 */
function goFirst({ realTime }: RunOptions, log: Log): void {
  const granted = realTime === undefined ? done : scheduleRealTime(realTime);
  giveUpPriorities();
  if (!granted.ok) {
    const { call, errno } = granted.error;
    const detail = `real-time scheduling is refused: ${call}: ${errno}; grant it with LimitRTPRIO= or CAP_SYS_NICE`;
    log.tell({ event: 'daemon.scheduling', detail });
  } else if (waitsForHelpers()) {
    const detail =
      'real-time scheduling needs node --single-threaded, or the daemon waits for threads that do not have it';
    log.tell({ event: 'daemon.scheduling', detail });
  }
}

/** Undefined where no service manager started us. */
function reportsOf(
  daemon: Daemon,
  service: NotifySocket | undefined,
  clock: SystemClock,
): ServiceReports | undefined {
  return service === undefined
    ? undefined
    : new ServiceReports({
        ...{ service, clock },
        works: () => daemon.works(),
        line: () => serviceLine(daemon.status()),
      });
}

/** The node is ours when nothing stands in the way; nothing else has been touched by then. */
async function takeNode({ runtime }: Config): Promise<Result<NodeLock, readonly string[]>> {
  const missing = missingCapabilities().map(
    (each) => `${each} is missing: run as root, or grant the capability`,
  );
  const lock = lockNode();
  if (!lock.ok) {
    return fail([...missing, explainLock(lock.error)]);
  }
  const { controlSocket } = runtime;
  const taken = (await isServed(controlSocket))
    ? [`${controlSocket}: another program listens on the control socket`]
    : [];
  const obstacles = [...missing, ...taken];
  if (obstacles.length > 0) {
    lock.value.release();
    return fail(obstacles);
  }
  return lock;
}

function explainLock(refusal: LockRefusal): string {
  if (refusal.code === 'no-lock') {
    return `the node cannot be locked: ${refusal.detail}`;
  }
  const holder = refusal.by === undefined ? '' : `, pid ${String(refusal.by)}`;
  return `another vipair daemon runs on this node${holder}`;
}

/** What outlives a moment: the log, the events of this daemon, the transitions of this node. */
interface Memory {
  readonly clock: SystemClock;
  readonly log: Log;
  readonly output: LogOutput;
  readonly events: RecentEvents;
  readonly history: TransitionHistory;
  readonly hooks: HookRunner;
  readonly witness: MoveWitness;
  readonly firstRequest: FirstRequest;
}

function remember({ node, config }: RunOptions, output: LogOutput): Memory {
  const clock = new SystemClock();
  const life = { node, epoch: clock.wallTime() };
  const events = new RecentEvents(life, clock);
  const log = events.beside(openLog({ node }, output));
  const journal = FileJournal.ofProcess(config.runtime.stateDirectory, HISTORY_FILES);
  const history = new TransitionHistory(life, { clock, log, journal });
  const hooks = new HookRunner(
    { ...life, hooks: config.hooks },
    { clock, log, scripts: new ScriptHost() },
  );
  const firstRequest = new FirstRequest(clock);
  const listener: MoveListener = {
    moved: (move) => {
      history.moved(move);
      hooks.moved(move);
    },
    announced: (order, phases) => {
      history.announced(order, phases);
    },
    served: (order, phase) => {
      history.served(order, phase);
    },
  };
  const witness = new MoveWitness(clock, listener, firstRequest);
  return { clock, log, output, events, history, hooks, witness, firstRequest };
}

/** For a disk that is slow: longer than most writes take, far shorter than a lease that was stretched. */
const HISTORY_PATIENCE = millis(500);
/** For scripts that are told of the end: the next daemon waits for it, and its lease runs. */
const HOOKS_PATIENCE = millis(1000);
/** For a reader of the log that lags behind. */
const LOG_PATIENCE = millis(500);

function firstStop(): Promise<StopMode> {
  return new Promise((resolve) => {
    onStop(resolve);
  });
}

interface Kernel {
  readonly addresses: NetlinkAddressTable;
  readonly links: NetlinkLinks;
  readonly announcer: PacketAnnouncer;
}

function openKernel(): Result<Kernel, readonly string[]> {
  const addresses = NetlinkAddressTable.open();
  const links = NetlinkLinks.open();
  const announcer = PacketAnnouncer.open();
  if (!addresses.ok || !links.ok || !announcer.ok) {
    const refusals = [addresses, links, announcer].flatMap((each) => (each.ok ? [] : [each.error]));
    return fail(refusals.map(({ code, detail }) => `${code}: ${detail}`));
  }
  return ok({ addresses: addresses.value, links: links.value, announcer: announcer.value });
}

/** The service manager is told while it lasts. */
function reloadOf(daemon: Daemon, reports: ReturnType<typeof reportsOf>): Daemon['reload'] {
  return (how) =>
    how === 'applied' && reports !== undefined
      ? reports.during(() => daemon.reload(how))
      : daemon.reload(how);
}

function controlApi(
  daemon: Daemon,
  reloader: ProxyReloader,
): Omit<ControlApi, keyof Records | 'reload'> {
  return {
    reloadProxy: () => reloader.reload(),
    status: () => daemon.status(),
    report: () => daemon.desk.report(),
    explain: () => daemon.desk.explain(),
    switchover: (order) => daemon.desk.switchover(order),
    failback: (group) => daemon.desk.failback(group),
    pause: (state) => daemon.desk.pause(state),
    maintenance: (order) => daemon.desk.maintenance(order),
    plan: (order) => daemon.desk.plan(order),
    drill: (asked) => daemon.drills.drill(asked),
    drillState: () => daemon.drills.state(),
    push: (order) => daemon.push?.push(order) ?? noProxy(),
    undoPush: () => daemon.push?.undo() ?? noProxy(),
    servers: async (server) => {
      const answer = daemon.intents.servers(server);
      return answer.ok ? ok({ ...answer.value, loads: await daemon.desk.loads(server) }) : answer;
    },
    tables: (order) => daemon.desk.tables(order),
    flows: () => daemon.desk.flows(),
    stateServer: ({ server, aspect, value }) => daemon.intents.stateServer(server, aspect, value),
  };
}

function noProxy(): Promise<Result<never, Refusal>> {
  const detail = 'no proxy is configured, so there is nothing to push';
  return Promise.resolve(fail({ code: 'no-proxy', detail }));
}

type Records = Pick<ControlApi, 'history' | 'events'>;

function records(daemon: Daemon, events: RecentEvents): Records {
  return {
    history: (order) => daemon.desk.history(order),
    events: async (asked, gone) => {
      const answer = await events.follow(asked, { patience: FOLLOW_PATIENCE, gone });
      const detail = 'too many clients follow the events already; end one of them';
      return answer.ok ? answer : fail({ code: 'too-many-followers', detail });
    },
  };
}

/** Shorter than a client waits for an answer. */
const FOLLOW_PATIENCE = millis(20_000);
