/** The replicator as the daemon has it: started, listened to, asked, started again, and ended with the daemon. */
import type { Result } from '../base/result.js';
import { fail } from '../base/result.js';
import type { Instant, Millis } from '../base/time.js';
import { instant, later, millis } from '../base/time.js';
import { unreachable } from '../base/unreachable.js';
import type { ReplicatorEffect, ReplicatorEvent, ReplicatorLife } from '../core/replicator-life.js';
import { OFF, replicatorDeadline, stepReplicator } from '../core/replicator-life.js';
import type { Alarm, Clock } from '../ports/clock.js';
import type { Replicator, ReplicatorOrders, Replicators } from '../ports/replicator.js';
import type { Log } from '../telemetry/events.js';
import type { ReplicationStatus, TableAudit, TablesReport } from '../telemetry/tables.js';
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
  readonly #orders: ReplicatorOrders;
  readonly #ports: WatchPorts;
  readonly #asked = new Map<number, { readonly settle: Settle; readonly patience: Alarm }>();
  /** The tables that were otherwise on the other node when they were compared last. */
  readonly #diverged = new Set<string>();
  /** From when on a long line is read again. */
  #longFrom: Instant = instant(0);
  #life: ReplicatorLife = OFF;
  #replicator: Replicator | undefined;
  #report: TablesReport | undefined;
  #alarm: Alarm | undefined;
  #starts = 0;
  #lastQuestion = 0;
  /** What it said that makes no sense, or its last end. */
  #problem: string | undefined;

  constructor(orders: ReplicatorOrders, ports: WatchPorts) {
    this.#orders = orders;
    this.#ports = ports;
  }

  begin(): void {
    this.#take({ kind: 'begin' });
  }

  stop(): void {
    this.#take({ kind: 'stop' });
    this.#forget('the daemon ends');
  }

  status(): ReplicationStatus {
    const { name } = this.#life;
    return {
      state: name === 'ending' ? 'waiting' : name,
      pid: name === 'running' ? this.#replicator?.pid : undefined,
      problem: this.#problem,
      restarts: Math.max(0, this.#starts - 1),
      report: this.#report,
    };
  }

  /** What HAProxy teaches of a table, beside what the replicator has of it; never rejects. */
  audit(table: string, within: Millis): Promise<Result<TableAudit, string>> {
    const replicator = this.#replicator;
    if (this.#life.name !== 'running' || replicator === undefined) {
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
      replicator.tell(JSON.stringify({ ask: 'audit', id, table }));
    });
  }

  #take(event: ReplicatorEvent): void {
    const step = stepReplicator(this.#life, event, this.#ports.clock.now());
    this.#life = step.state;
    for (const effect of step.effects) {
      this.#carryOut(effect);
    }
    this.#alarm?.cancel();
    const at = replicatorDeadline(this.#life);
    this.#alarm =
      at === undefined
        ? undefined
        : this.#ports.clock.alarm(at, () => {
            this.#take({ kind: 'alarm' });
          });
  }

  #carryOut(effect: ReplicatorEffect): void {
    const { log } = this.#ports;
    switch (effect.kind) {
      case 'start':
        this.#start();
        return;
      case 'kill':
        this.#replicator?.kill();
        return;
      case 'end':
        this.#replicator?.end();
        return;
      case 'tell-silent':
        log.tell({ event: 'replicator.silent', forMs: effect.after });
        return;
      case 'tell-ended':
        this.#problem = effect.how;
        log.tell({ event: 'replicator.ended', how: effect.how, retryInMs: effect.retryIn });
        return;
      default:
        unreachable(effect);
    }
  }

  #start(): void {
    this.#starts += 1;
    this.#replicator = this.#ports.replicators.start({
      said: (line) => {
        this.#hear(line);
      },
      logged: this.#ports.passOn,
      ended: (how) => {
        this.#forget('the replicator has ended');
        this.#take({ kind: 'ended', how });
        if (this.#life.name !== 'off') {
          this.#ports.reported();
        }
      },
    });
    this.#replicator.tell(JSON.stringify(this.#orders));
  }

  #hear(line: string): void {
    const now = this.#ports.clock.now();
    if (line.length > LONG_LINE && now < this.#longFrom) {
      // It lives, and that is all that elections have time for.
      this.#take({ kind: 'reported' });
      return;
    }
    this.#longFrom = line.length > LONG_LINE ? later(now, LONG_EVERY) : this.#longFrom;
    const report = readReport(line);
    if (report.ok) {
      this.#tellDiverged(report.value);
      this.#report = report.value;
      this.#problem = undefined;
      this.#take({ kind: 'reported' });
      this.#ports.reported();
      return;
    }
    const answer = readAnswer(line);
    if (answer.ok) {
      this.#settle(answer.value.id, answer.value.audit);
    } else {
      this.#problem = `what it says makes no sense: ${report.error}`;
    }
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

  #forget(why: string): void {
    this.#replicator = undefined;
    this.#report = undefined;
    for (const id of [...this.#asked.keys()]) {
      this.#settle(id, fail(why));
    }
  }
}

/** Hundreds of tables: to read it takes this process some milliseconds, in which no advert leaves. */
const LONG_LINE = 128 * 1024;
const LONG_EVERY = millis(5000);
/** At one moment: several operators, each with several tables. */
const MOST_ASKED = 64;
