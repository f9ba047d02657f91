/** What the command line can ask for, in words; somebody else carries it out. */
import type { DaemonRequest } from './daemon.js';
import type { StatedOf } from '../core/intents.js';
import type { ExitCode } from './exit-codes.js';
import type { OutputForm } from './terminal.js';

/** Each command resolves with its exit code. */
export interface Commands {
  daemon(asked: DaemonRequest): Promise<ExitCode>;
  clean(asked: { readonly form: OutputForm; readonly config: string }): Promise<ExitCode>;
  /** For the daemon only: its child, which takes its orders from standard input. */
  replicator(): Promise<ExitCode>;
  flowReplicator(): Promise<ExitCode>;
  /** The hand of a drill, and what it has compute. */
  drillHand(): Promise<ExitCode>;
  drillBurner(asked: { readonly parent: number; readonly lastsMs: number }): Promise<ExitCode>;
  status(asked: Asked, mode: 'once' | 'watch'): Promise<ExitCode>;
  top(asked: TopAsked): Promise<ExitCode>;
  diff(asked: Asked): Promise<ExitCode>;
  explain(asked: Asked, depth: 'lines' | 'details'): Promise<ExitCode>;
  reload(asked: Asked, mode: 'applied' | 'planned'): Promise<ExitCode>;
  push(asked: PushAsked): Promise<ExitCode>;
  switchover(asked: SwitchoverAsked): Promise<ExitCode>;
  failback(asked: GroupAsked): Promise<ExitCode>;
  pause(asked: PauseAsked): Promise<ExitCode>;
  maintenance(asked: MaintenanceAsked): Promise<ExitCode>;
  plan(asked: PlanAsked): Promise<ExitCode>;
  listServers(asked: Asked): Promise<ExitCode>;
  setServer(asked: ServerAsked): Promise<ExitCode>;
  tables(asked: TablesAsked): Promise<ExitCode>;
  flows(asked: Asked): Promise<ExitCode>;
  reloadProxy(asked: Asked): Promise<ExitCode>;
  proxyPeers(asked: ProxyPeersAsked): Promise<ExitCode>;
  history(asked: HistoryAsked): Promise<ExitCode>;
  events(asked: EventsAsked): Promise<ExitCode>;
  check(file: string, form: OutputForm): Promise<ExitCode>;
  upgradeCheck(asked: Asked): Promise<ExitCode>;
  importFiles(asked: ImportAsked): Promise<ExitCode>;
  surveyFiles(asked: SurveyAsked): Promise<ExitCode>;
  doctor(asked: DoctorAsked): Promise<ExitCode>;
  keygen(asked: KeygenAsked): Promise<ExitCode>;
  drillList(form: OutputForm): Promise<ExitCode>;
  drillShow(name: string, form: OutputForm): Promise<ExitCode>;
  drillRun(asked: DrillRunAsked): Promise<ExitCode>;
  drillUndo(asked: Asked): Promise<ExitCode>;
  drillReport(asked: DrillReportAsked): Promise<ExitCode>;
  drillCompare(asked: DrillCompareAsked): Promise<ExitCode>;
  drillHistory(asked: DrillHistoryAsked): Promise<ExitCode>;
  labUp(asked: LabUpAsked): Promise<ExitCode>;
  labDown(asked: LabAsked): Promise<ExitCode>;
  labStatus(asked: LabAsked): Promise<ExitCode>;
  labMigrate(asked: LabMigrateAsked): Promise<ExitCode>;
  labIntent(asked: PairLabAsked): Promise<ExitCode>;
  labReloadStorm(asked: LabReloadStormAsked): Promise<ExitCode>;
  labAdopt(asked: PairLabAsked): Promise<ExitCode>;
  labGeneration(asked: PairLabAsked): Promise<ExitCode>;
  labPush(asked: PairLabAsked): Promise<ExitCode>;
  labServers(asked: PairLabAsked): Promise<ExitCode>;
  labHash(asked: PairLabAsked): Promise<ExitCode>;
  labHashPart(asked: { readonly part: string; readonly socket: string }): Promise<ExitCode>;
  labDrills(asked: LabDrillsAsked): Promise<ExitCode>;
  labFlows(asked: LabFlowsAsked): Promise<ExitCode>;
  labPersistence(asked: LabPersistenceAsked): Promise<ExitCode>;
  labSplitBrain(asked: LabSplitBrainAsked): Promise<ExitCode>;
  demo(asked: { readonly form: OutputForm }): Promise<ExitCode>;
  labWeb(asked: { readonly name: string; readonly listen: string }): Promise<ExitCode>;
  probe(asked: ProbeAsked): Promise<ExitCode>;
  labWatch(asked: LabWatchAsked): Promise<ExitCode>;
  labVisit(asked: LabVisitAsked): Promise<ExitCode>;
  labTraffic(asked: LabTrafficAsked): Promise<ExitCode>;
  labFlowServer(asked: LabFlowServerAsked): Promise<ExitCode>;
  labHold(asked: LabHoldAsked): Promise<ExitCode>;
  labHitless(asked: LabHitlessAsked): Promise<ExitCode>;
}

/** Something asked of a running daemon. */
export interface Asked {
  readonly form: OutputForm;
  /** The daemon's socket; undefined: as the configuration file says. */
  readonly socket: string | undefined;
  readonly config: string;
}

export interface TopAsked extends Asked {
  readonly mode: 'live' | 'once';
}

export interface PushAsked extends Asked {
  readonly mode: 'push' | 'dry-run' | 'diff' | 'undo';
  /** `active`: although the other node is master of something. */
  readonly to: 'standby' | 'active';
  /** `switchover`: this node's groups are given to the other one before this node loads the files. */
  readonly then: 'wait' | 'switchover';
  /** Whether vipair.yaml goes along. */
  readonly shared: 'newer' | 'always' | 'never';
}

export interface DrillRunAsked extends Asked {
  /** Of drills. */
  readonly names: readonly string[];
  /** Of drills that the configuration lists; `all`: whatever can be done. */
  readonly suite: string | undefined;
  /** Undefined: the only one. */
  readonly group: string | undefined;
  /** `NAME=VALUE` each. */
  readonly limits: readonly string[];
  /** A command in words; undefined: as the configuration says. */
  readonly prober: string | undefined;
  /** Likewise. */
  readonly watcher: string | undefined;
  /** ADDRESS:PORT; undefined: as the configuration says. */
  readonly target: string | undefined;
  readonly measure: 'clients' | 'nothing';
  readonly consent: 'given' | 'asked for';
  readonly really: 'usual' | 'really';
  readonly onFailure: 'stop' | 'go on';
  /** Files to write to. */
  readonly junit: string | undefined;
  readonly html: string | undefined;
}

export interface TablesAsked extends Asked {
  /** Undefined: all. */
  readonly table: string | undefined;
  /** Undefined: both. */
  readonly node: string | undefined;
  readonly look: 'as known' | 'anew';
}

export interface ProxyPeersAsked {
  readonly form: OutputForm;
  readonly config: string;
  /** Undefined: found by this machine's addresses and name. */
  readonly node: string | undefined;
}

export interface GroupAsked extends Asked {
  /** Undefined: the only one. */
  readonly group: string | undefined;
  readonly consent: 'given' | 'asked for';
}

export interface SwitchoverAsked extends GroupAsked {
  /** Undefined: whichever node is not master. */
  readonly to: string | undefined;
  readonly successor: 'ready' | 'any';
  /** What was typed behind `--wait`; undefined: the move itself is all that is waited for. */
  readonly wait: string | undefined;
}

export interface PauseAsked extends Asked {
  readonly state: 'on' | 'off';
  readonly consent: 'given' | 'asked for';
}

export interface MaintenanceAsked extends PauseAsked {
  readonly node: string;
  readonly successor: 'ready' | 'any';
}

export interface PlanAsked extends GroupAsked {
  readonly to: string | undefined;
  /** As it was typed; undefined: what is planned is cancelled. */
  readonly when: string | undefined;
}

export interface ServerAsked extends Asked {
  /** `BACKEND/SERVER`. */
  readonly server: string;
  readonly aspect: StatedOf;
  readonly value: string;
  /** What was typed behind `--wait`; undefined: nothing is waited for. */
  readonly wait: string | undefined;
}

export interface HistoryAsked extends Asked {
  /** Undefined: all. */
  readonly group: string | undefined;
  /** Undefined: both. */
  readonly node: string | undefined;
  readonly limit: number;
  readonly depth: 'lines' | 'details';
}

export interface EventsAsked extends Asked {
  readonly limit: number;
  readonly mode: 'once' | 'follow';
}

export interface DoctorAsked {
  readonly config: string;
  /** Undefined: found by this machine's addresses and name. */
  readonly node: string | undefined;
  /** A duration, such as `5s`; undefined: as long as three adverts of the slowest group take, and more. */
  readonly listen: string | undefined;
  readonly form: OutputForm;
}

export interface ImportAsked {
  /** Of one node, or of both. */
  readonly files: readonly string[];
  /** `NAME=FILE` each. */
  readonly nodes: readonly string[];
  /** Undefined: standard output. */
  readonly output: string | undefined;
  readonly form: OutputForm;
}

export interface SurveyAsked {
  readonly directory: string;
  readonly form: OutputForm;
}

export interface KeygenAsked {
  /** Where the key goes; nothing may be there yet. */
  readonly file: string;
  readonly form: OutputForm;
}

/** Of the reports that this node keeps; the configuration says where. */
export interface DrillHistoryAsked {
  readonly config: string;
  readonly form: OutputForm;
}

export interface DrillReportAsked extends DrillHistoryAsked {
  readonly ids: readonly string[];
  /** Files to write to; undefined: none. */
  readonly junit: string | undefined;
  readonly html: string | undefined;
  /** Of the page and the suite; undefined: as the drill is called. */
  readonly title: string | undefined;
}

export interface DrillCompareAsked extends DrillHistoryAsked {
  readonly before: string;
  readonly after: string;
}

export interface LabAsked {
  readonly name: string;
  readonly form: OutputForm;
}

export interface LabUpAsked extends LabAsked {
  readonly adverts: string;
  /** Of the virtual addresses. */
  readonly families: 'ipv4' | 'both';
}

export interface LabMigrateAsked {
  /** Of VRRP, which both engines speak during the migration. */
  readonly version: string;
  readonly adverts: string;
  readonly form: OutputForm;
}

export interface LabSplitBrainAsked {
  readonly adverts: string;
  readonly rival: 'keepalived' | 'none';
  readonly form: OutputForm;
}

/** Of a rehearsal in a pair of its own. */
export interface PairLabAsked {
  /** How often adverts are sent, as an operator writes it. */
  readonly adverts: string;
  readonly form: OutputForm;
}

export interface LabDrillsAsked extends PairLabAsked {
  /** Empty: all. */
  readonly only: readonly string[];
  readonly rounds: number;
  /** `sabotage`: on pairs with something wrong; `interrupt`: cut short at random. */
  readonly trick: 'none' | 'sabotage' | 'interrupt';
  /** Of interruptions. */
  readonly count: number;
  readonly seed: number;
  /** A file for a page about the last round; undefined: none. */
  readonly html: string | undefined;
}

export interface LabReloadStormAsked extends PairLabAsked {
  readonly reloads: number;
  readonly seconds: number;
  /** Requests a second meanwhile. */
  readonly rate: number;
}

export interface LabFlowsAsked extends PairLabAsked {
  /** Who replicates the flows; empty: all. */
  readonly only: readonly string[];
  /** Of flows of each protocol. */
  readonly count: number;
  /** `short`: one family, and what is replicated and what is not in one lab. */
  readonly extent: 'whole' | 'short';
}

export interface LabPersistenceAsked extends PairLabAsked {
  /** Who replicates the tables; undefined: vipair, and HAProxy's own peers beside it. */
  readonly only: 'vipair' | 'haproxy' | undefined;
  /** Undefined: the usual steps; otherwise blows at random, in so many rounds. */
  readonly torture: { readonly rounds: number; readonly seed: number } | undefined;
}

export interface LabHitlessAsked extends PairLabAsked {
  /** Planned moves. */
  readonly rounds: number;
  readonly rival: 'keepalived' | 'none';
  /** Who runs HAProxy: the daemon, or what stands for systemd. */
  readonly proxyRun: 'supervised' | 'systemd';
}

export interface LabHoldAsked {
  /** Addresses, with commas between them. */
  readonly targets: string;
  readonly each: number;
  readonly out: string;
}

export interface ProbeAsked {
  readonly target: string;
  readonly every: string;
  readonly for: string;
  readonly streams: number;
  readonly deadline: string;
  readonly stall: string;
  readonly over: 'tcp' | 'http' | 'https';
  readonly path: string;
  /** The status of a good answer. */
  readonly expect: number;
  /** Undefined: the target's address. */
  readonly serverName: string | undefined;
  readonly certificates: 'verified' | 'any';
  /** `attached`: for a program that reads what is seen, line by line. */
  readonly mode: 'alone' | 'attached';
  /** The interface on which is watched who answers for the address; undefined: nobody watches. */
  readonly watch: string | undefined;
  readonly watchEvery: string;
  /** Undefined: a summary on standard output. */
  readonly out: string | undefined;
  readonly form: OutputForm;
}

export interface LabWatchAsked {
  readonly interface: string;
  readonly target: string;
  readonly sender: string;
  readonly every: string;
  readonly for: string;
  readonly out: string;
}

export interface LabVisitAsked {
  /** Addresses, with commas between them. */
  readonly targets: string;
  readonly regulars: number;
  readonly newcomers: number;
  readonly every: string;
  readonly newcomerEvery: string;
  readonly for: string;
  readonly out: string;
}

export interface LabTrafficAsked {
  /** `PROTOCOL/COUNT/ADDRESS:PORT`, with commas between them. */
  readonly flows: string;
  readonly every: string;
  readonly for: string;
  readonly out: string;
}

export interface LabFlowServerAsked {
  readonly number: number;
  /** With commas between them. */
  readonly ports: string;
  readonly every: string;
}
