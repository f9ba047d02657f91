/** The replicator of stick tables as the daemon has it: a process that is watched, and asked. */
import type { Result } from '../base/result.js';
import { fail } from '../base/result.js';
import type { Millis } from '../base/time.js';
import { later } from '../base/time.js';
import type { Alarm, Clock } from '../ports/clock.js';
import type { ReplicatorOrders, Replicators } from '../ports/replicator.js';
import type { Log } from '../telemetry/events.js';
import type { ReplicationStatus, TableAudit, TablesReport } from '../telemetry/tables.js';
import { ProcessWatch } from './process-watch.js';
import { readAnswer, readReport } from './replicator-lines.js';

export interface WatchPorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly replicators: Replicators;
  /** A line of the replicator's own log. */
  readonly passOn: (line: string) => void;
  /** There is a new report, or none any more. */
  readonly reported: () => void;
}

type Settle = (answer: Result<TableAudit, string>) => void;

export class ReplicatorWatch {
  readonly #ports: WatchPorts;
  readonly #watch: ProcessWatch<TablesReport>;
  readonly #asked = new Map<number, { readonly settle: Settle; readonly patience: Alarm }>();
  /** The tables that were otherwise on the other node when they were compared last. */
  readonly #diverged = new Set<string>();
  #lastQuestion = 0;

  constructor(orders: ReplicatorOrders, ports: WatchPorts) {
    const { log } = ports;
    this.#ports = ports;
    this.#watch = new ProcessWatch<TablesReport>(
      {
        orders: () => JSON.stringify(orders),
        read: readReport,
        heard: (line) => this.#hearAnswer(line),
        reported: (report) => {
          if (report !== undefined) {
            this.#tellDiverged(report);
          }
          ports.reported();
        },
        gone: (why) => {
          for (const id of [...this.#asked.keys()]) {
            this.#settle(id, fail(why));
          }
        },
        silent: (forMs) => {
          log.tell({ event: 'replicator.silent', forMs });
        },
        ended: (how, retryInMs) => {
          log.tell({ event: 'replicator.ended', how, retryInMs });
        },
      },
      ports,
    );
  }

  begin(): void {
    this.#watch.begin();
  }

  stop(): void {
    this.#watch.stop();
  }

  status(): ReplicationStatus {
    return this.#watch.status();
  }

  /** What HAProxy teaches of a table, beside what the replicator has of it; never rejects. */
  audit(table: string, within: Millis): Promise<Result<TableAudit, string>> {
    if (this.#watch.status().state !== 'running') {
      return Promise.resolve(fail('the replicator does not run'));
    }
    if (this.#asked.size >= MOST_ASKED) {
      return Promise.resolve(fail(`${String(MOST_ASKED)} questions wait for an answer already`));
    }
    const { clock } = this.#ports;
    this.#lastQuestion += 1;
    const id = this.#lastQuestion;
    return new Promise((settle) => {
      const patience = clock.alarm(later(clock.now(), within), () => {
        this.#settle(id, fail(`no answer within ${String(within)} ms`));
      });
      this.#asked.set(id, { settle, patience });
      this.#watch.tell(JSON.stringify({ ask: 'audit', id, table }));
    });
  }

  #hearAnswer(line: string): 'understood' | 'not understood' {
    const answer = readAnswer(line);
    if (answer.ok) {
      this.#settle(answer.value.id, answer.value.audit);
    }
    return answer.ok ? 'understood' : 'not understood';
  }

  /** Once each, also where the replicator is another one meanwhile. */
  #tellDiverged({ tables }: TablesReport): void {
    for (const { name, verified } of tables) {
      const wasOtherwise = this.#diverged.has(name);
      if (verified.verdict === 'differs' && !wasOtherwise) {
        this.#diverged.add(name);
        this.#ports.log.tell({ event: 'tables.diverged', table: name });
      } else if (verified.verdict === 'equal' && wasOtherwise) {
        this.#diverged.delete(name);
        this.#ports.log.tell({ event: 'tables.equal-again', table: name });
      }
    }
  }

  #settle(id: number, answer: Result<TableAudit, string>): void {
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    asked?.patience.cancel();
    asked?.settle(answer);
  }
}

/** At one moment: several operators, each with several tables. */
const MOST_ASKED = 64;
