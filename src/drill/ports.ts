/** What a drill is run with: the daemons of the pair, clients somewhere else, an operator who watches. */
import type { Result } from '../base/result.js';
import type { HandOrder, DrillState } from '../telemetry/drill.js';
import type { PairReport } from '../telemetry/status.js';
import type { NodeTables } from '../telemetry/tables.js';
import type { PairHistory } from '../telemetry/transition.js';
import type { ClientsView } from './clients.js';
import type { Clock } from '../ports/clock.js';

export interface DrillPorts {
  readonly clock: Clock;
  readonly daemons: DrillDaemons;
  /** Undefined: nobody measures. */
  readonly prober: DrillClients | undefined;
  /** Aborted when the operator has had enough. */
  readonly signal: AbortSignal;
  readonly tell: (progress: DrillProgress) => void;
}

/** The daemon of the node on which the operator is, and through it the other one. A failure is a sentence. */
export interface DrillDaemons {
  report(): Promise<Result<PairReport, string>>;
  history(group: string): Promise<Result<PairHistory, string>>;
  /** Undefined where none are replicated. `anew`: HAProxy is asked for every row again, on both nodes. */
  tables(look: 'as known' | 'anew'): Promise<Result<readonly NodeTables[] | undefined, string>>;
  /** Resolves when the group has moved; undefined: it has. */
  switchover(group: string): Promise<string | undefined>;
  arm(node: string, order: HandOrder): Promise<Result<DrillState, string>>;
  fire(node: string, id: string): Promise<Result<DrillState, string>>;
  undo(node: string, id: string): Promise<Result<DrillState, string>>;
  state(): Promise<Result<DrillState, string>>;
}

export interface DrillClients {
  /** How it is started, for people. */
  readonly command: string;
  /** Resolves when it measures. */
  start(): Promise<Result<RunningClients, string>>;
}

export interface RunningClients {
  /** What is known by now. */
  seen(): ClientsSeen;
  /** Ends the measurement. */
  finish(): Promise<Result<ClientsView, string>>;
}

export interface ClientsSeen {
  readonly requests: number;
  readonly failed: number;
  readonly longestGapMs: number;
  /** That of now; 0 while clients are answered. */
  readonly gapMs: number;
  /** Why it measures no more; undefined while it does. */
  readonly ended: string | undefined;
}

export interface DrillProgress {
  readonly phase: 'arming' | 'measuring' | 'fault' | 'undoing' | 'settling' | 'auditing';
  readonly text: string;
  readonly clients: ClientsSeen | undefined;
}
