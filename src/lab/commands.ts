/** The command lines of the programs a lab runs. */
import { withPort } from '../base/ip.js';
import { formatDuration } from '../config/duration.js';
import type { WatchOptions } from '../prober/owner-watch.js';
import type { ProbeOptions } from '../prober/sample.js';
import type { FlowServerOptions } from './flows/flow-server.js';
import type { TrafficOptions } from './flows/traffic.js';
import type { HoldOptions } from './hitless/holding.js';
import type { VisitOptions } from './persistence/visiting.js';
import type { LabSettings, Scheduling } from './settings.js';
import type { NodeFiles } from './state-directory.js';
import type { WebServerName } from './topology.js';
import { HOST_ADDRESSES, WEB_SERVER_PORT } from './topology.js';

/** How vipair itself is called, such as `['/usr/bin/node', '--single-threaded', '--no-opt', '--always-sparkplug', '/opt/vipair/dist/main.js']`. */
export type VipairCommand = readonly string[];

/**
 * With real-time scheduling only a process's main thread has it. V8's helper threads do not: on a busy machine they are put
 * aside while they hold a lock that the main thread needs, for 0.1 to 0.9 s as measured, and the lease ends meanwhile. So
 * the main thread does everything itself; and as it would then stand still for up to 17 ms while V8's optimizing compiler
 * runs, that one is left out, and the quick compiler translates everything.
 */
const REAL_TIME_FLAGS = ['--single-threaded', '--no-opt', '--always-sparkplug'];

/** How to call the program `main` (a path of main.js) with the given Node. */
export function vipairCommand(node: string, main: string): VipairCommand {
  return [node, ...REAL_TIME_FLAGS, main];
}

/**
 * For programs that make or answer a load: nobody's lease depends on them, and the optimizing compiler makes them cheaper,
 * so that on a small machine more is left for the pair.
 */
function forLoad(vipair: VipairCommand): VipairCommand {
  return vipair.filter((each) => !REAL_TIME_FLAGS.includes(each));
}

/** The priority keepalived's documentation starts from as well: above everything that is not real-time. */
const REAL_TIME_PRIORITY = 10;

/** As the package's unit has it: enough of a busy processor for the daemon to be loaded in time, and some of it left for HAProxy. */
const WHILE_LOADING = ['nice', '-n', '-10'];

/** What the daemon starts, HAProxy above all, is scheduled as usual: only the daemon itself goes first, once it is loaded. */
export function daemonCommand(
  vipair: VipairCommand,
  files: NodeFiles,
  scheduling: Scheduling,
): readonly string[] {
  const daemon = [...vipair, 'daemon', '-c', files.vipairConfig];
  return scheduling === 'round-robin'
    ? [...WHILE_LOADING, ...daemon, '--real-time', String(REAL_TIME_PRIORITY)]
    : daemon;
}

/** In the foreground, logging to its standard error, with every file of its own kept inside the lab. */
export function keepalivedCommand(files: NodeFiles): readonly string[] {
  return [
    ...['keepalived', '--dont-fork', '--log-console', '--log-detail', '--vrrp'],
    ...['--use-file', files.keepalivedConfig],
    ...['--pid', files.keepalivedPid, '--vrrp_pid', files.keepalivedVrrpPid],
  ];
}

/**
 * HAProxy in master-worker mode, as a service manager runs it; `systemd`: with the words of Debian's unit, and in the
 * foreground although its file says `daemon`, as that unit's `-Ws` does.
 */
export function haproxyCommand(files: NodeFiles, run: LabSettings['proxyRun']): readonly string[] {
  const mode = run === 'systemd' ? ['-Ws', '-S', `${files.directory}/haproxy-master.sock`] : ['-W'];
  return ['haproxy', ...mode, '-f', files.haproxyConfig, '-p', files.haproxyPid];
}

export function webServerCommand(vipair: VipairCommand, name: WebServerName): readonly string[] {
  const listen = withPort(HOST_ADDRESSES[name], WEB_SERVER_PORT);
  return [...forLoad(vipair), 'lab-web', '--name', name, '--listen', listen];
}

export function probeCommand(
  vipair: VipairCommand,
  options: ProbeOptions,
  file: string,
): readonly string[] {
  return [
    ...[
      ...forLoad(vipair),
      'probe',
      '--target',
      withPort(options.target.host, options.target.port),
    ],
    ...['--every', formatDuration(options.every), '--for', formatDuration(options.lasting)],
    ...['--streams', String(options.streams), '--deadline', `${String(options.deadline)}ms`],
    ...['--stall', `${String(options.streamStall)}ms`, '--out', file],
  ];
}

export function watchCommand(
  vipair: VipairCommand,
  options: WatchOptions,
  file: string,
): readonly string[] {
  const { interface: name, target, sender } = options.question;
  return [
    ...[...vipair, 'lab-watch', '--interface', name, '--target', target, '--sender', sender],
    ...['--every', `${String(options.every)}ms`, '--for', `${String(options.lasting)}ms`],
    ...['--out', file],
  ];
}

export function visitCommand(
  vipair: VipairCommand,
  options: VisitOptions,
  file: string,
): readonly string[] {
  const { targets, every, regulars, newcomers, newcomerEvery, lasting } = options;
  return [
    ...[...vipair, 'lab-visit', '--targets', targets.join(), '--out', file],
    ...['--regulars', String(regulars), '--newcomers', String(newcomers)],
    ...['--every', `${String(every)}ms`, '--newcomer-every', `${String(newcomerEvery)}ms`],
    ...['--for', `${String(lasting)}ms`],
  ];
}

/** The bunches as {@link readBunch} of the command line reads them: `tcp/50/10.77.0.100:7001`. */
export function trafficCommand(
  vipair: VipairCommand,
  { bunches, every, lasting }: TrafficOptions,
  file: string,
): readonly string[] {
  const flows = bunches.map(
    ({ protocol, count, target: { host, port } }) =>
      `${protocol}/${String(count)}/${withPort(host, port)}`,
  );
  return [
    ...[...vipair, 'lab-traffic', '--flows', flows.join(), '--out', file],
    ...['--every', `${String(every)}ms`, '--for', `${String(lasting)}ms`],
  ];
}

export function flowServerCommand(
  vipair: VipairCommand,
  { number, ports, every }: FlowServerOptions,
): readonly string[] {
  return [
    ...[...vipair, 'lab-flow-server', '--number', String(number)],
    ...['--ports', ports.join(), '--every', `${String(every)}ms`],
  ];
}

export function holdCommand(
  vipair: VipairCommand,
  { targets, each }: HoldOptions,
  file: string,
): readonly string[] {
  return [
    ...[...forLoad(vipair), 'lab-hold'],
    ...['--targets', targets.join(), '--each', String(each), '--out', file],
  ];
}
