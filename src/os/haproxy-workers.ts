/** HAProxy's workers, by what its master says of them. */
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import { millis } from '../base/time.js';
import type { WorkerSeen } from '../core/former-workers.js';
import type { ProxyWorkers, WorkersSeen } from '../ports/proxy-workers.js';
import type { MasterWorker } from '../wire/haproxy/master-processes.js';
import { readMasterProcesses } from '../wire/haproxy/master-processes.js';
import { readProcessInfo } from '../wire/haproxy/process-info.js';
import { commandLineOf, masterOf } from './haproxy-processes.js';
import { servingWorker } from './haproxy-reload.js';
import { HaproxySession } from './haproxy-session.js';

interface Master {
  readonly pid: number;
  readonly socket: string;
}

export class HaproxyWorkers implements ProxyWorkers {
  readonly #runtimeSocket: string;
  /** As it was when it was looked at last. */
  #master: Master | undefined;

  constructor(runtimeSocket: string) {
    this.#runtimeSocket = runtimeSocket;
  }

  async look(): Promise<Result<WorkersSeen, string>> {
    const serving = await servingWorker(this.#runtimeSocket);
    if (!serving.ok) {
      return fail(serving.error.detail);
    }
    const pid = masterOf(serving.value);
    const socket = commandLineOf(pid).masterSocket;
    if (pid === serving.value || socket === undefined) {
      return fail('it has no master, or one without a socket (-S)');
    }
    this.#master = { pid, socket };
    const answer = await HaproxySession.askOnce(socket, 'show proc');
    const said = answer.ok ? readMasterProcesses(answer.value) : undefined;
    if (said === undefined) {
      return fail('its master does not say');
    }
    const inPlace = (place: MasterWorker['place']): readonly WorkerSeen[] =>
      said.workers
        .filter((each) => each.place === place)
        .map((each) => ({ pid: each.pid, age: millis(each.ageSeconds * 1000) }));
    return ok({
      current: inPlace('current'),
      former: inPlace('former'),
      failedReloads: said.failed,
    });
  }

  async connections(pid: number): Promise<number | undefined> {
    const answer =
      this.#master === undefined
        ? undefined
        : // A former worker has left the runtime socket to the next one: the master passes it on.
          await HaproxySession.askOnce(this.#master.socket, `@!${String(pid)} show info`);
    return answer?.ok === true ? readProcessInfo(answer.value).connections : undefined;
  }

  end(pid: number, how: 'stop' | 'kill'): Promise<void> {
    // The pid may have been given to a stranger meanwhile.
    if (
      this.#master !== undefined &&
      pid !== this.#master.pid &&
      masterOf(pid) === this.#master.pid
    ) {
      try {
        process.kill(pid, how === 'stop' ? 'SIGTERM' : 'SIGKILL');
      } catch {
        // It has ended by itself.
      }
    }
    return Promise.resolve();
  }
}
