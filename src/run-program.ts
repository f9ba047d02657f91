/** The command line, on the real machine. What a command does not need is not even loaded. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DEFAULT_CONFIG } from './cli/configuration.js';
import type { Commands } from './cli/commands.js';
import { EXIT } from './cli/exit-codes.js';
import { runProgram } from './cli/program/program.js';
import { complain, whenWritten } from './cli/terminal.js';
import type { LabPorts } from './lab/lab.js';
import type { ReportPorts } from './cli/drill/reports.js';
import type { MeasuringPorts } from './cli/probe.js';

/** The file of the program itself. */
const MAIN = process.argv[1] ?? '';
const version = readVersion();

const commands: Commands = {
  daemon: async (asked) => {
    const { daemon } = await import('./cli/daemon.js');
    const { ownAddresses, runDaemon } = await import('./run-daemon.js');
    const { ownHostname } = await import('./os/machine.js');
    return daemon(asked, {
      hostname: ownHostname(),
      ownAddresses: await ownAddresses(),
      run: (config, how) =>
        runDaemon({
          ...{ ...how, config, configFile: asked.config, version, pid: process.pid },
          // Without the daemon's own flags: what carries a million rows needs the optimizing compiler.
          vipair: [process.execPath, MAIN],
        }),
    });
  },
  replicator: async () => {
    await (await import('./run-replicator.js')).runReplicator();
    return EXIT.ok;
  },
  flowReplicator: async () => {
    const ran = await (await import('./run-flow-replicator.js')).runFlowReplicator();
    if (!ran.ok) {
      complain(`vipair flow-replicator: ${ran.error}`);
    }
    return ran.ok ? EXIT.ok : EXIT.cannotStart;
  },
  drillHand: async () => {
    await (await import('./run-drill-hand.js')).runDrillHand();
    return EXIT.ok;
  },
  drillBurner: async ({ parent, lastsMs }) => {
    (await import('./os/drill-hand/burners.js')).burnFor(parent, lastsMs);
    return EXIT.ok;
  },
  clean: async (asked) => {
    const { clean } = await import('./cli/clean.js');
    return clean(asked, { run: (await import('./run-clean.js')).runClean });
  },
  status: async (asked, mode) => (await import('./cli/status/status.js')).status(asked, mode),
  top: async (asked) => (await import('./cli/top/top.js')).top(asked, await measuringPorts()),
  explain: async (asked, depth) => (await import('./cli/explain.js')).explain(asked, depth),
  failback: async (asked) => (await import('./cli/failback.js')).failback(asked),
  pause: async (asked) => (await import('./cli/pause.js')).pause(asked),
  maintenance: async (asked) => (await import('./cli/maintenance.js')).maintenance(asked),
  plan: async (asked) => {
    const clock = await import('./os/clock.js');
    return (await import('./cli/plan.js')).plan(asked, new clock.SystemClock());
  },
  listServers: async (asked) => (await import('./cli/server.js')).listServers(asked),
  setServer: async (asked) => (await import('./cli/server.js')).setServer(asked, measuringPorts),
  tables: async (asked) => (await import('./cli/tables.js')).tables(asked),
  flows: async (asked) => {
    const clock = await import('./os/clock.js');
    return (await import('./cli/flows.js')).flows(asked, new clock.SystemClock());
  },
  reloadProxy: async (asked) => (await import('./cli/proxy-reload.js')).reloadProxy(asked),
  proxyPeers: async (asked) => {
    const { proxyPeers } = await import('./cli/proxy.js');
    const { ownAddresses } = await import('./run-daemon.js');
    const common = await import('./os/common-files.js');
    const host = await import('./os/process-host.js');
    const { ownHostname } = await import('./os/machine.js');
    const files = new common.MachineFiles(new host.SystemProcessHost());
    return proxyPeers(asked, {
      hostname: ownHostname(),
      ownAddresses: await ownAddresses(),
      readText: (path) => files.readText(path),
    });
  },
  history: async (asked) => (await import('./cli/history.js')).history(asked),
  events: async (asked) => {
    const { events } = await import('./cli/events.js');
    return events(asked, interruption());
  },
  push: async (asked) => (await import('./cli/push.js')).push(asked),
  reload: async (asked, mode) => (await import('./cli/reload.js')).reload(asked, mode),
  diff: async (asked) => (await import('./cli/diff.js')).diff(asked),
  switchover: async (asked) =>
    (await import('./cli/switchover.js')).switchover(asked, measuringPorts),
  check: async (file, form) => (await import('./cli/check.js')).check(file, form),
  upgradeCheck: async (asked) => {
    // Of this process, from its start: what the next daemon needs, too.
    const bootMs = performance.now();
    const { upgradeCheck } = await import('./cli/upgrade-check.js');
    const { gatherUpgrade } = await import('./run-upgrade-check.js');
    const clock = new (await import('./os/clock.js')).SystemClock();
    return upgradeCheck(asked, { gather: gatherUpgrade, version: readVersion(), bootMs, clock });
  },
  importFiles: async (asked) => (await import('./cli/import.js')).importFiles(asked),
  surveyFiles: async (asked) => (await import('./cli/import.js')).surveyFiles(asked),
  keygen: async (asked) => (await import('./cli/keygen.js')).keygen(asked),
  doctor: async (asked) => {
    const { doctor } = await import('./cli/doctor.js');
    const { runDoctor } = await import('./run-doctor.js');
    const { ownAddresses } = await import('./run-daemon.js');
    const { ownHostname } = await import('./os/machine.js');
    return doctor(asked, {
      hostname: ownHostname(),
      ownAddresses: await ownAddresses(),
      examine: runDoctor,
    });
  },
  drillList: async (form) => (await import('./cli/drill/catalogue.js')).drillList(form),
  drillShow: async (name, form) => (await import('./cli/drill/catalogue.js')).drillShow(name, form),
  drillRun: async (asked) => {
    const { drillRunOn } = await import('./cli/drill/run-ports.js');
    const probes = await import('./os/probe-process.js');
    const reports = await import('./os/drill-reports.js');
    const { noteDrillRun } = await import('./os/drill-run-note.js');
    const { vipairCommand } = await import('./lab/commands.js');
    const { outliveReaders } = await import('./cli/terminal.js');
    const clock = new (await import('./os/clock.js')).SystemClock();
    // Whoever loses the connection has the fault undone at once, and the report is kept.
    outliveReaders();
    const signal = interruption(['SIGTERM', 'SIGINT', 'SIGHUP']);
    return drillRunOn(asked, {
      ...{ clock, signal, probes: new probes.SystemProbeProcesses() },
      vipair: vipairCommand(process.execPath, MAIN),
      note: ({ runtime }, drills) => noteDrillRun(runtime.directory, drills, process.pid),
      reports: ({ runtime }) => new reports.FileDrillReports(runtime.stateDirectory),
    });
  },
  drillUndo: async (asked) => (await import('./cli/drill/undo.js')).drillUndo(asked),
  drillReport: async (asked) =>
    (await import('./cli/drill/reports.js')).drillReport(asked, await reportPorts()),
  drillCompare: async (asked) =>
    (await import('./cli/drill/reports.js')).drillCompare(asked, await reportPorts()),
  drillHistory: async (asked) =>
    (await import('./cli/drill/reports.js')).drillHistory(asked, await reportPorts()),
  labUp: async (asked) => (await import('./cli/lab.js')).labUp(asked, await labPorts()),
  labDown: async (asked) => (await import('./cli/lab.js')).labDown(asked, await labPorts()),
  labStatus: async (asked) => (await import('./cli/lab.js')).labStatus(asked, await labPorts()),
  labMigrate: async (asked) =>
    (await import('./cli/migrate.js')).labMigrate(ofThisProcess(asked), await ownLabPorts()),
  labSplitBrain: async (asked) =>
    (await import('./cli/split-brain.js')).labSplitBrain(ofThisProcess(asked), await ownLabPorts()),
  labIntent: async (asked) =>
    (await import('./cli/intent.js')).labIntent(ofThisProcess(asked), await ownLabPorts()),
  labReloadStorm: async (asked) =>
    (await import('./cli/reload-storm.js')).labReloadStorm(
      ofThisProcess(asked),
      await ownLabPorts(),
    ),
  labAdopt: async (asked) =>
    (await import('./cli/adopt.js')).labAdopt(ofThisProcess(asked), await ownLabPorts()),
  labGeneration: async (asked) =>
    (await import('./cli/generation.js')).labGeneration(ofThisProcess(asked), await ownLabPorts()),
  labPush: async (asked) =>
    (await import('./cli/push-lab.js')).labPush(ofThisProcess(asked), await ownLabPorts()),
  labServers: async (asked) =>
    (await import('./cli/servers-lab.js')).labServers(ofThisProcess(asked), await ownLabPorts()),
  labHash: async (asked) =>
    (await import('./cli/hash-lab.js')).labHash(ofThisProcess(asked), await ownLabPorts()),
  labHashPart: async (asked) =>
    (await import('./cli/hash-lab.js')).labHashPart(asked, await measuringPorts()),
  labDrills: async (asked) => {
    const { labDrills } = await import('./cli/drills-lab.js');
    return labDrills(ofThisProcess(asked), { ...(await ownLabPorts()), main: MAIN });
  },
  labFlows: async (asked) =>
    (await import('./cli/flows-lab.js')).labFlows(ofThisProcess(asked), await ownLabPorts()),
  labPersistence: async (asked) =>
    (await import('./cli/persistence.js')).labPersistence(
      ofThisProcess(asked),
      await ownLabPorts(),
    ),
  demo: async (asked) =>
    (await import('./cli/demo.js')).demo(ofThisProcess(asked), await ownLabPorts()),
  labWeb: async (asked) => (await import('./cli/probe.js')).labWeb(asked, await measuringPorts()),
  probe: async (asked) => {
    if (asked.mode === 'alone') {
      return (await import('./cli/probe.js')).probe(asked, await measuringPorts());
    }
    const { attachedProbe } = await import('./cli/attached-probe.js');
    const clock = await import('./os/clock.js');
    const neighbours = await import('./os/neighbours.js');
    const host = await import('./os/process-host.js');
    const parent = await import('./os/parent.js');
    return attachedProbe(asked, {
      clock: new clock.SystemClock(),
      neighbours: new neighbours.PacketNeighbours(),
      processes: new host.SystemProcessHost(),
      starter: new parent.Parent(),
    });
  },
  labHitless: async (asked) =>
    (await import('./cli/hitless.js')).labHitless(ofThisProcess(asked), await ownLabPorts()),
  labHold: async (asked) => (await import('./cli/probe.js')).labHold(asked, await measuringPorts()),
  labVisit: async (asked) =>
    (await import('./cli/probe.js')).labVisit(asked, await measuringPorts()),
  labTraffic: async (asked) =>
    (await import('./cli/traffic.js')).labTraffic(asked, await measuringPorts()),
  labFlowServer: async (asked) =>
    (await import('./cli/traffic.js')).labFlowServer(asked, await measuringPorts()),
  labWatch: async (asked) => {
    const { labWatch } = await import('./cli/probe.js');
    const os = await import('./os/neighbours.js');
    const ports = await measuringPorts();
    return labWatch(asked, { ...ports, neighbours: new os.PacketNeighbours() });
  },
};

async function labPorts(): Promise<LabPorts> {
  const { vipairCommand } = await import('./lab/commands.js');
  const clock = await import('./os/clock.js');
  const host = await import('./os/process-host.js');
  return {
    processes: new host.SystemProcessHost(),
    clock: new clock.SystemClock(),
    vipair: vipairCommand(process.execPath, MAIN),
  };
}

/** For a command that raises a lab of its own, and removes it when it ends or is interrupted. */
async function ownLabPorts(): Promise<LabPorts & { readonly signal: AbortSignal }> {
  return { ...(await labPorts()), signal: interruption() };
}

/** By its number the lab has a name of its own. */
function ofThisProcess<Asked extends object>(asked: Asked): Asked & { readonly pid: number } {
  return { ...asked, pid: process.pid };
}

async function reportPorts(): Promise<ReportPorts> {
  const clock = await import('./os/clock.js');
  const reports = await import('./os/drill-reports.js');
  return {
    clock: new clock.SystemClock(),
    keptIn: (directory) => new reports.FileDrillReports(directory),
  };
}

async function measuringPorts(): Promise<MeasuringPorts> {
  const clock = await import('./os/clock.js');
  return { clock: new clock.SystemClock(), signal: interruption() };
}

/** Ctrl-C, for commands that end by themselves then. */
function interruption(by: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGINT']): AbortSignal {
  const ended = new AbortController();
  for (const signal of by) {
    process.on(signal, () => {
      ended.abort();
    });
  }
  return ended.signal;
}

function readVersion(): string {
  const text = readFileSync(join(dirname(MAIN), '../package.json'), 'utf8');
  return (JSON.parse(text) as { readonly version: string }).version;
}

// The machine's clock alone keeps no process running, and a command may wait for nothing else.
const running = setInterval(() => undefined, 2 ** 30);
process.exitCode = await runProgram(process.argv.slice(2), commands, {
  version,
  defaultConfig: DEFAULT_CONFIG,
  screen: process.stdout.isTTY ? 'terminal' : 'none',
});
await whenWritten();
clearInterval(running);
process.exit();
