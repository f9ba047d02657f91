/** Whether the daemon of this node can be restarted as another version without moving anything: line by line, with what to do. */
import { millis } from '../base/time.js';
import { handOverInterval, leaseFor } from '../core/lease.js';
import { isServedBy } from '../telemetry/generation.js';
import type { GroupStatus, PairReport } from '../telemetry/status.js';
import type { PairProtocol } from '../wire/pair/message.js';
import type { UpgradeLine } from './upgrade-line.js';
import { no, ok, warn } from './upgrade-line.js';
import { checkPair, groupOf } from './upgrade-pair.js';

export interface UpgradeFacts {
  /** The one that asks, and would run. */
  readonly program: {
    readonly version: string;
    readonly protocol: PairProtocol;
    /** From its start until it could ask. */
    readonly bootMs: number;
  };
  readonly report: PairReport;
  /** This node's wall clock when it was asked, in Unix milliseconds. */
  readonly now: number;
  /** How long the daemon that runs took to take part, once it was loaded; undefined: it tells no more. */
  readonly startedInMs: number | undefined;
  /** What this program has against the configuration file. */
  readonly problems: readonly string[];
  /** How HAProxy is run, by that file; undefined: none is, or the file is refused. */
  readonly proxyRun: 'supervised' | 'systemd' | undefined;
  /** What runs the daemon; undefined: no unit of systemd. */
  readonly unit: ServiceUnit | undefined;
  readonly files: readonly KeptFile[];
}

export interface ServiceUnit {
  readonly name: string;
  readonly killMode: string;
  /** As systemctl(1) shows it: the number of a signal, 0 for the same as at a stop. */
  readonly restartSignal: string;
}

/** What earlier daemons have kept, as this program reads it. */
export interface KeptFile {
  readonly name: string;
  /** Lines that are not whole, and lines that another version wrote. */
  readonly damaged: number;
  readonly unknown: number;
  /** Why it cannot be read. */
  readonly failure: string | undefined;
}

export function checkUpgrade(facts: UpgradeFacts): readonly UpgradeLine[] {
  const { report } = facts;
  return [
    versions(facts),
    channel(facts),
    configuration(facts),
    ...sameOnBoth(report),
    ...facts.files.map(file),
    ...report.groups.flatMap((group) => [
      role(group),
      restart(group, facts),
      ...connections(group, report),
    ]),
    ...proxy(facts),
    ...checkPair(report, facts.now),
  ];
}

function versions({ program, report }: UpgradeFacts): UpgradeLine {
  const there = report.peer?.release ?? report.pair?.release;
  const other =
    report.peer === undefined ? '' : `, ${report.peer.node} runs ${there ?? 'an unknown version'}`;
  const says = `this program is ${program.version}, the daemon runs ${report.version}${other}`;
  const about = 'versions';
  if (compareVersions(program.version, report.version) < 0) {
    return warn(about, `${says}: this is a way back`, 'see "Upgrading" in operating.md');
  }
  const isMaster = report.groups.some(({ role: each }) => each === 'master');
  return isMaster && there !== undefined && compareVersions(there, program.version) < 0
    ? warn(
        about,
        `${says}, and this node is master`,
        `upgrade ${report.peer?.node ?? ''} first, and switch over`,
      )
    : ok(about, says);
}

/** Both daemons have agreed on the newest version that both speak, so what this program speaks of it both will understand. */
function channel({ program: { protocol }, report: { pair } }: UpgradeFacts): UpgradeLine {
  const about = 'pair channel';
  if (pair === undefined) {
    return ok(about, 'none is configured: VRRP decides alone, and has no versions of ours');
  }
  if (pair.state === 'down' || pair.protocol === undefined) {
    const todo =
      'mend the channel first: without it nobody knows whether the other node understands this program';
    return warn(about, `it is down${pair.problem === undefined ? '' : `: ${pair.problem}`}`, todo);
  }
  const speaks = `this program speaks ${String(protocol.oldest)} to ${String(protocol.newest)}`;
  const says = `both daemons speak version ${String(pair.protocol)} of the channel, ${speaks}`;
  return pair.protocol >= protocol.oldest && pair.protocol <= protocol.newest
    ? ok(about, says)
    : no(about, says, 'upgrade in smaller steps: a version that speaks both comes between');
}

function configuration({ problems, report: { generation } }: UpgradeFacts): UpgradeLine {
  const about = 'configuration';
  const [first] = problems;
  if (first !== undefined) {
    const more = problems.length === 1 ? '' : ` (and ${String(problems.length - 1)} more)`;
    return no(about, `this program refuses it: ${first}${more}`, 'vipair check, with this program');
  }
  if (generation === undefined) {
    return warn(
      about,
      'this program takes it; not compared with what was loaded, as there is no pair channel: a restart would load what was changed since',
      'vipair reload --dry-run says what is different',
    );
  }
  return generation.file === 'changed'
    ? no(
        about,
        'the file has been changed since it was loaded: a restart would load it, on this node alone',
        'vipair reload, or put it back',
      )
    : ok(about, 'this program takes it');
}

function sameOnBoth({ generation }: PairReport): readonly UpgradeLine[] {
  if (generation === undefined) {
    return [];
  }
  const about = 'both nodes';
  const { state, peer: name, why, differences } = generation;
  if (state === 'unknown') {
    return [
      warn(
        about,
        `not compared with ${name}: ${why ?? 'not asked yet'}`,
        'wait some seconds; if it stays so, mend what it says',
      ),
    ];
  }
  const served = differences.filter(isServedBy).map(({ item }) => item);
  return served.length === 0
    ? [ok(about, `have the same configuration, haproxy.cfg and certificates`)]
    : [warn(about, `do not have the same: ${served.join(', ')}`, 'vipair diff')];
}

function file({ name, damaged, unknown, failure }: KeptFile): UpgradeLine {
  const about = `file ${name}`;
  if (failure !== undefined) {
    return warn(
      about,
      `cannot be read: ${failure}`,
      'mend the state directory: the next daemon would begin without it',
    );
  }
  if (unknown > 0) {
    return warn(
      about,
      `${String(unknown)} of its lines are of a version that this program does not know: it passes them over and keeps them`,
    );
  }
  return damaged > 0
    ? warn(about, `${String(damaged)} of its lines are damaged, and are passed over`)
    : ok(about, 'this program reads it');
}

function role(group: GroupStatus): UpgradeLine {
  const about = `group ${group.name}`;
  const { role: is, kept, fault } = group;
  if (is === 'master') {
    return kept === undefined
      ? ok(about, 'this node is master, and stays it')
      : no(
          about,
          `this node is master although unfit (${kept}): the next daemon would let go`,
          'mend that, or switch over first',
        );
  }
  if (is === 'backup' || is === 'fault' || is === 'stopped') {
    return ok(
      about,
      `this node is ${is}${fault === undefined ? '' : ` (${fault})`}: nothing can move away from it`,
    );
  }
  return no(about, `this node is ${is} just now`, 'wait until that is over');
}

/** Only a master has something to lose by it. */
function restart(group: GroupStatus, { startedInMs, program, unit }: UpgradeFacts): UpgradeLine {
  const about = `restart, ${group.name}`;
  if (group.role !== 'master') {
    return ok(about, 'of a backup: as long as it takes');
  }
  if (group.lease.layers === 'backstop only') {
    return no(
      about,
      'the kernel enforces no lease, so nothing is adopted',
      'switch over first: see the two layers of a lease',
    );
  }
  const version = group.version === 2 ? 2 : 3;
  const covers = leaseFor(handOverInterval(version, millis(group.advertIntervalMs)));
  const takes = program.bootMs + (startedInMs ?? USUAL_START_MS);
  const how = startedInMs === undefined ? `and ${String(USUAL_START_MS)} ms as usual` : 'measured';
  const says = `a restart takes about ${String(Math.round(takes))} ms (${how}), and the lease lasts ${String(Math.round(covers))} ms`;
  if (takes >= covers) {
    return no(about, says, 'switch over first');
  }
  if (unit !== undefined && unit.restartSignal !== SIGUSR2) {
    return no(
      about,
      `${unit.name} restarts with signal ${unit.restartSignal}, which gives the addresses away`,
      'set RestartKillSignal=SIGUSR2 in the unit, or switch over first',
    );
  }
  return takes * SAFE_FACTOR >= covers
    ? warn(about, says, 'better switch over first')
    : ok(about, says);
}

function connections(
  group: GroupStatus,
  { node, peer: other }: PairReport,
): readonly UpgradeLine[] {
  const about = `connections, ${group.name}`;
  const here = group.connections?.drain;
  const there = groupOf(other?.groups, group.name)?.drain;
  const [serves, drain] = here?.state === 'serving on' ? [node, here] : [other?.node ?? '', there];
  return drain?.state === 'serving on'
    ? [
        no(
          about,
          `${serves} serves on ${drain.open === undefined ? 'connections' : `${String(drain.open)} connections`} after a switchover: they would break`,
          `wait ${String(Math.ceil((drain.leftMs ?? 0) / MS))} s at the most`,
        ),
      ]
    : [];
}

function proxy({ report, proxyRun, unit }: UpgradeFacts): readonly UpgradeLine[] {
  if (report.proxy === undefined) {
    return [];
  }
  const about = 'HAProxy';
  if (report.proxy.state !== 'serving') {
    const says = `it is ${report.proxy.state}${report.proxy.cause === undefined ? '' : `: ${report.proxy.cause}`}`;
    return [
      no(about, `${says}: the next daemon would not adopt the addresses`, 'wait, or mend it'),
    ];
  }
  if (proxyRun === 'systemd') {
    return [ok(about, 'serves, and systemd runs it: it is adopted')];
  }
  if (unit !== undefined && unit.killMode !== 'process') {
    return [
      no(
        about,
        `serves, and would be ended with the daemon: KillMode=${unit.killMode} in ${unit.name}`,
        'set KillMode=process in the unit',
      ),
    ];
  }
  const how =
    unit === undefined ? 'no unit of systemd runs the daemon: end it with SIGUSR2' : unit.name;
  return [ok(about, `serves, survives the daemon, and is adopted (${how})`)];
}

/** Such as 0.10.2; what is no number counts as none. */
function compareVersions(one: string, other: string): number {
  const [ours, theirs] = [partsOf(one), partsOf(other)];
  const differences = PARTS.map((at) => (ours[at] ?? 0) - (theirs[at] ?? 0));
  return differences.find((each) => each !== 0) ?? 0;
}

function partsOf(version: string): readonly number[] {
  return version.split(/[.+-]/u).map((part) => (/^\d+$/u.test(part) ? Number(part) : 0));
}

const PARTS = [0, 1, 2];
const MS = 1000;
/** From being loaded to the first advert, on an idle machine. */
const USUAL_START_MS = 200;
/** Of a machine that is busier then than now. */
const SAFE_FACTOR = 2;
/** As `systemctl show` has it. */
const SIGUSR2 = '12';
