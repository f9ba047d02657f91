/** What a running daemon can be asked, by the control API and by whoever started it. */
import type { Ip } from './base/ip.js';
import type { Result } from './base/result.js';
import type { StopMode } from './core/node.js';
import type { SwitchoverOutcome } from './core/notice.js';
import type { Drills } from './daemon-drills.js';
import type { Intents } from './daemon-intents.js';
import type { ReloadMode } from './generation/reloader.js';
import type { Desk } from './operator/desk.js';
import type { Push } from './push/push.js';
import type {
  FailbackRefusal,
  Successor,
  SwitchoverRefusal,
} from './telemetry/operator-refusals.js';
import type { Refusal } from './telemetry/refusal.js';
import type { ReloadReport } from './telemetry/reload.js';
import type { NodeStatus } from './telemetry/status.js';

export interface Daemon {
  status(): NodeStatus;
  /** Whether its decisions are made: it asks for one. */
  works(): boolean;
  /** Where operators ask of both nodes. */
  readonly desk: Desk;
  /** Asks this node to give a group to its peer; resolves when it has moved or was undone. */
  switchover(
    group: string,
    successor?: Successor,
  ): Promise<Result<SwitchoverOutcome, SwitchoverRefusal>>;
  /** Asks this node to take a group back from the master of lower priority that it hears; tells from whom. */
  failback(group: string): Result<Ip | undefined, FailbackRefusal>;
  /** Reads the configuration file again, and carries out what can be while it runs: all of it or nothing. */
  reload(mode: ReloadMode): Promise<Result<ReloadReport, Refusal>>;
  /** What operators want of the proxy's servers. */
  readonly intents: Intents;
  /** Files of the proxy from one node to the other; undefined where no proxy is configured. */
  readonly push: Push | undefined;
  /** Faults that are rehearsed, on either node. */
  readonly drills: Drills;
  /** Resolves when everything is given up or handed over, and the last advert has left. */
  stop(mode: StopMode): Promise<void>;
}
