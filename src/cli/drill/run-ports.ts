/** What `vipair drill run` needs of this node, put together from its configuration file and the command line. */
import type { Result } from '../../base/result.js';
import { fail, ok } from '../../base/result.js';
import { withPort } from '../../base/ip.js';
import type { Config } from '../../config/config.js';
import { formatProblem } from '../../config/problem.js';
import type { DrillClients } from '../../drill/ports.js';
import { ON_THIS_NODE } from '../../drill/evidence.js';
import { probingClients } from '../../drill/probing-clients.js';
import type { Clock } from '../../ports/clock.js';
import type { ProbeProcesses } from '../../ports/probe-process.js';
import type { DrillReports } from '../../ports/drill-reports.js';
import { askPair } from '../../api/client.js';
import { reportFailure, socketOf } from '../asking.js';
import type { DrillRunAsked } from '../commands.js';
import { readConfig } from '../configuration.js';
import { daemonsAt } from './daemons.js';
import { gather } from './gather.js';
import { DrillOutput } from './output.js';
import type { DrillRunPorts } from './run.js';
import { drillRun } from './run.js';
import type { ExitCode } from '../exit-codes.js';
import { EXIT } from '../exit-codes.js';
import { complain } from '../terminal.js';

export interface Machine {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly probes: ProbeProcesses;
  /** How vipair itself is called. */
  readonly vipair: readonly string[];
  /** Says on this node that drills run, until what it returns is called. */
  readonly note: (config: Config, drills: string) => () => void;
  /** Where reports are kept. */
  readonly reports: (config: Config) => DrillReports;
}

/** Where the configuration file has mistakes they are all said, and nothing is done. */
export async function drillRunOn(asked: DrillRunAsked, machine: Machine): Promise<ExitCode> {
  const ports = drillRunPorts(asked, machine);
  if (!ports.ok) {
    ports.error.forEach(complain);
    return EXIT.configuration;
  }
  const { names, suite } = asked;
  const ended = machine.note(
    ports.value.config,
    suite === undefined ? names.join(', ') : `suite ${suite}`,
  );
  try {
    return await drillRun(asked, ports.value);
  } finally {
    ended();
  }
}

/** Fails with every mistake of the configuration file. */
function drillRunPorts(
  asked: DrillRunAsked,
  machine: Machine,
): Result<DrillRunPorts, readonly string[]> {
  const read = readConfig(asked.config);
  if (!read.ok) {
    return fail(read.error.map(formatProblem));
  }
  const config = read.value;
  const socket = socketOf(asked);
  const daemons = daemonsAt(socket);
  const { clock, signal } = machine;
  const reports = machine.reports(config);
  return ok({
    ...{ clock, signal, config, daemons },
    reach: () => reach(socket, asked),
    prober: asked.measure === 'nothing' ? undefined : clientsOf(asked, config, machine),
    gather: () => gather(asked.group, { config, daemons, reports, clock }),
    output: new DrillOutput(reports, clock),
  });
}

/** Only of a daemon that does not answer: what else it says is said where it concerns a drill. */
async function reach(socket: string, { form }: DrillRunAsked): Promise<ExitCode | undefined> {
  const pair = await askPair(socket);
  return !pair.ok && pair.error.code === 'no-daemon' ? reportFailure(pair.error, form) : undefined;
}

function clientsOf(
  { prober, watcher, target, group }: DrillRunAsked,
  config: Config,
  { clock, probes, vipair }: Machine,
): DrillClients {
  const words = wordsOf(prober) ?? config.drills?.prober;
  const watching = wordsOf(watcher) ?? config.drills?.watcher;
  const asked = ['--attached', '--target', target ?? targetOf(config, group)];
  const [program = 'vipair', ...rest] = words ?? [...vipair, 'probe'];
  const [watchProgram = 'vipair', ...watchRest] = watching ?? [];
  return probingClients(
    {
      command: [program, ...rest, ...asked, ...rhythmOf(rest)],
      shown: words?.join(' ') ?? ON_THIS_NODE,
      watcher:
        watching === undefined
          ? undefined
          : [watchProgram, ...watchRest, ...asked, '--every', WATCHER_PROBES_EVERY],
    },
    { clock, processes: probes },
  );
}

/** What the command says itself goes before. Streams are asked for there alone: where a site serves none each would break at once. */
function rhythmOf(words: readonly string[]): readonly string[] {
  return words.includes('--every') ? [] : ['--every', PROBE_EVERY];
}

/** A command as it is typed in one word of a shell. */
function wordsOf(typed: string | undefined): readonly string[] | undefined {
  return typed?.split(/\s+/u).filter((each) => each !== '');
}

function targetOf({ drills, groups }: Config, group: string | undefined): string {
  const found = groups.find(({ name }) => name === group) ?? groups[0];
  const first = found?.instances[0]?.addresses[0]?.address;
  const target = drills?.target;
  return target === undefined
    ? withPort(first ?? ('' as never), HTTP_PORT)
    : withPort(target.host, target.port);
}

const HTTP_PORT = 80;
const PROBE_EVERY = '5ms';
/** It is there to watch. */
const WATCHER_PROBES_EVERY = '1s';
