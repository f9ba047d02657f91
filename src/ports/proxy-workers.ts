/** The processes of the proxy that serve, or have served: a reload puts another in the place of one, which serves whom it has. */
import type { Result } from '../base/result.js';
import type { WorkerSeen } from '../core/former-workers.js';

export interface WorkersSeen {
  readonly current: readonly WorkerSeen[];
  readonly former: readonly WorkerSeen[];
  /** How many of the last reloads in a row have failed, as the master says it; undefined where it does not. */
  readonly failedReloads: number | undefined;
}

export interface ProxyWorkers {
  /** Fails with a sentence, such as while the master reads its configuration. */
  look(): Promise<Result<WorkersSeen, string>>;
  /** How many connections a worker has open; undefined where it does not say. */
  connections(pid: number): Promise<number | undefined>;
  /** At once, with the connections that it has. A process that is no worker of this proxy any more is left alone. */
  end(pid: number, how: 'stop' | 'kill'): Promise<void>;
}
