/**
 * One drill from beginning to end: both hands armed, clients measured, the fault made, watched and undone, the pair waited
 * for, everything looked at. Whatever happens on the way, the fault is undone: by us, or by the hands when their time is up.
 */
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import type { Instant, Millis } from '../base/time.js';
import { later, longer, millis, scale, sum } from '../base/time.js';
import { pause } from '../ports/pause.js';
import { isOver } from '../core/drill-hand.js';
import type { DrillPlan } from '../core/drill-plan.js';
import { SPARE } from '../core/drill-plan.js';
import type { DrillReport, DrillState, HandState } from '../telemetry/drill.js';
import { handsIn } from '../telemetry/drill.js';
import type { PairReport } from '../telemetry/status.js';
import type { NodeTables } from '../telemetry/tables.js';
import type { PairHistory } from '../telemetry/transition.js';
import { aheadIn, answering } from './audits.js';
import type { DrillEvidence } from './evidence.js';
import type { DrillDaemons, DrillPorts, DrillProgress, RunningClients } from './ports.js';
import { settledIn } from './settled.js';
import { isOtherwise, notComparedSince } from './table-troubles.js';
import { reportOf } from './verdict.js';

export interface DrillRequest {
  readonly plan: DrillPlan;
  readonly id: string;
  readonly by: string;
  readonly before: PairReport;
}

/** Fails where nothing was done to anybody; what was begun has a report. Never rejects. */
export async function runDrill(
  request: DrillRequest,
  ports: DrillPorts,
): Promise<Result<DrillReport, string>> {
  const run = new DrillRun(request, ports);
  await run.beginMeasuring();
  const armed = await run.arm();
  if (!armed.ok) {
    await run.measureNoMore();
    return armed;
  }
  return ok(reportOf(await run.carryOut()));
}

class DrillRun {
  readonly #request: DrillRequest;
  readonly #ports: DrillPorts;
  readonly #startedAt: number;
  #clients: RunningClients | undefined;
  #proberProblem: string | undefined;
  #stopped: string | undefined;
  #answer: string | undefined;
  #faultAt: number | undefined;
  #historyBefore: PairHistory | undefined;

  constructor(request: DrillRequest, ports: DrillPorts) {
    this.#request = request;
    this.#ports = ports;
    this.#startedAt = ports.clock.wallTime();
  }

  /** Both nodes, the smaller name first: of two operators who begin at once, one is refused on the first node already. */
  async arm(): Promise<Result<undefined, string>> {
    const { plan, id, by } = this.#request;
    const { daemons } = this.#ports;
    this.#tell('arming', 'a hand on each node is made ready to undo the fault, whatever happens');
    const history = await daemons.history(plan.group);
    this.#historyBefore = history.ok ? history.value : undefined;
    const orders = plan.faults.toSorted((a, b) => (a.node < b.node ? -1 : 1));
    const armed: string[] = [];
    for (const { node, faults } of orders) {
      const order = {
        ...{ id, by, drill: plan.name, faults },
        lastsMs: sum(plan.lasts, SPARE),
        // Without faults it is never fired: it keeps others away, and is looked over, for as long as the other one's lasts.
        armedForMs: faults.length > 0 ? ARMED_FOR : sum(ARMED_FOR, plan.lasts, SPARE),
      };
      const answer = await daemons.arm(node, order);
      if (!answer.ok) {
        await Promise.all(armed.map((each) => daemons.undo(each, id)));
        return fail(`${node}: ${answer.error}`);
      }
      armed.push(node);
    }
    return ok(undefined);
  }

  async carryOut(): Promise<DrillEvidence> {
    // To arm takes a while, in which an operator may think better of it, and clients begin to suffer.
    this.#stopped ??= this.#wantsNoMore() ?? this.#blind();
    if (this.#stopped === undefined) {
      await this.#makeFault();
    }
    if (this.#faultAt !== undefined) {
      await this.#watch();
    }
    const hands = await this.#undo();
    return this.#gather(hands);
  }

  /** Before anything is armed: a prober that starts over ssh takes its time, and an armed hand waits for nobody long. */
  async beginMeasuring(): Promise<void> {
    const { prober } = this.#ports;
    if (prober === undefined) {
      return;
    }
    this.#tell('measuring', `clients measure (${prober.command})`);
    const started = await prober.start();
    if (!started.ok) {
      this.#proberProblem = started.error;
      this.#stopped = `the prober could not be started, so nothing was done: ${started.error}`;
      return;
    }
    this.#clients = started.value;
    await this.#pause(LEAD_IN);
    const { failed, requests, ended } = started.value.seen();
    if (ended !== undefined) {
      this.#stopped = `the prober ended before the fault, so nothing was done: ${ended}`;
    } else if (requests === 0 && !this.#ports.signal.aborted) {
      this.#stopped = 'the prober has asked nothing yet, so nothing was done';
    } else if (failed > 0) {
      this.#stopped = `clients fail already (${String(failed)} of ${String(requests)}), so nothing was done`;
    }
    this.#stopped ??= this.#wantsNoMore();
  }

  async measureNoMore(): Promise<void> {
    await this.#clients?.finish();
  }

  async #makeFault(): Promise<void> {
    const { plan, id } = this.#request;
    const { daemons, clock } = this.#ports;
    this.#tell('fault', plan.summary);
    if (plan.act === 'switchover') {
      this.#faultAt = clock.wallTime();
      this.#answer = await daemons.switchover(plan.group);
      return;
    }
    for (const { node } of plan.faults.filter(({ faults }) => faults.length > 0)) {
      // What the hand itself says of it is known later; an answer that does not come may have been cut off by the fault.
      this.#faultAt ??= clock.wallTime();
      const fired = await daemons.fire(node, id);
      if (!fired.ok) {
        this.#tell('fault', `${node} gave no answer: ${fired.error}`);
      }
    }
  }

  async #watch(): Promise<void> {
    const { plan } = this.#request;
    const { clock } = this.#ports;
    const until = later(clock.now(), plan.lasts);
    while (clock.now() < until && this.#stopped === undefined) {
      await this.#pause(LOOK_EVERY);
      this.#stopped = this.#wantsNoMore() ?? this.#blind() ?? this.#suffering();
      this.#tell('fault', plan.summary);
    }
  }

  #wantsNoMore(): string | undefined {
    return this.#ports.signal.aborted ? 'the operator has ended it' : undefined;
  }

  /** What clients suffer that nobody sees, nobody can end. */
  #blind(): string | undefined {
    const ended = this.#clients?.seen().ended;
    return ended === undefined ? undefined : `the prober measures no more: ${ended}`;
  }

  /** Clients who wait for longer than the limit, and some more, wait for nothing that a drill should go on for. */
  #suffering(): string | undefined {
    const { gapMs, failed: failures } = this.#request.plan.limits;
    const { gapMs: gap = 0, failed = 0 } = this.#clients?.seen() ?? {};
    if (gapMs !== undefined && gap > Math.max(gapMs * 2, gapMs + PATIENCE)) {
      return `clients had no answer for ${gap.toFixed(0)} ms, and ${String(gapMs)} ms are allowed: it was ended at once`;
    }
    // Every other one may fail without a gap that lasts.
    return failures !== undefined && failed > Math.max(failures * 2, failures + MOST_FAILED_BESIDES)
      ? `${String(failed)} requests failed, and ${String(failures)} may: it was ended at once`
      : undefined;
  }

  /** Asks until both hands say that they are done, or their time has long been up. */
  async #undo(): Promise<readonly HandState[]> {
    const { plan, id } = this.#request;
    const { clock, daemons } = this.#ports;
    this.#tell('undoing', plan.undo);
    const giveUpAt = later(clock.now(), sum(plan.lasts, SPARE, UNDONE_WITHIN));
    let hands: readonly HandState[] = [];
    for (;;) {
      await Promise.all(plan.faults.map(({ node }) => daemons.undo(node, id)));
      const state = await daemons.state();
      hands = state.ok ? handsOf(state.value, id) : hands;
      const over = answering(plan).every((node) =>
        hands.some((each) => each.node === node && isOver(each.phase)),
      );
      if (over || clock.now() >= giveUpAt) {
        return hands;
      }
      await pause(clock, UNDO_EVERY);
    }
  }

  async #gather(hands: readonly HandState[]): Promise<DrillEvidence> {
    const { plan, id, by, before } = this.#request;
    const { daemons, clock, prober } = this.#ports;
    const undoneAt = clock.wallTime();
    const unsettled = await this.#settle(undoneAt);
    if (this.#clients !== undefined) {
      // What comes back must not take the address along: clients would see it.
      await pause(clock, LEAD_OUT);
    }
    this.#tell('auditing', 'what clients saw, and what is left behind, is looked at');
    const seen = await this.#clients?.finish();
    const [history, tables, after] = await Promise.all([
      daemons.history(plan.group),
      this.#tablesInTheEnd(),
      daemons.report(),
    ]);
    const problem = seen?.ok === false ? seen.error : this.#proberProblem;
    return {
      ...{ plan, id, by, hands, before, unsettled },
      historyBefore: this.#historyBefore,
      startedAt: this.#startedAt,
      endedAt: clock.wallTime(),
      faultAt: this.#whenItWas(hands),
      answer: this.#answer,
      stopped: this.#stopped,
      after: after.ok ? after.value : undefined,
      history: history.ok ? history.value : undefined,
      tables: tables.ok ? tables.value : undefined,
      comparedSince: this.#faultAt === undefined ? undefined : undoneAt,
      clients: seen?.ok === true ? seen.value : undefined,
      prober: prober === undefined ? undefined : { command: prober.command, problem },
    };
  }

  /** By the hand's own word where it has one, on the clock of the node that was asked. */
  #whenItWas(hands: readonly HandState[]): number | undefined {
    const { plan, before } = this.#request;
    const hand = hands.find(({ fired }) => fired !== undefined);
    if (plan.act === 'switchover' || hands.length === 0) {
      return this.#faultAt;
    }
    return hand?.fired === undefined ? undefined : hand.fired.from - aheadIn(before)(hand.node);
  }

  /** Until the pair is redundant again, and everything is the same on both nodes: tables by a comparison since then. */
  async #settle(undoneAt: number): Promise<readonly string[]> {
    const { plan } = this.#request;
    const { clock, daemons } = this.#ports;
    const giveUpAt = later(clock.now(), longer(SETTLES_WITHIN, scale(plan.lasts, 3)));
    let compareUntil: Instant | undefined;
    for (;;) {
      this.#tell('settling', 'the pair is waited for');
      const [report, tables] = await Promise.all([daemons.report(), daemons.tables('as known')]);
      const lacks = settledIn(plan.group, report, tables);
      if (lacks.length === 0) {
        compareUntil ??= later(clock.now(), COMPARED_WITHIN);
      }
      const isCompared = !tables.ok || this.#areCompared(tables.value ?? [], undoneAt);
      const isDone =
        lacks.length === 0 && (isCompared || clock.now() >= (compareUntil ?? giveUpAt));
      if (isDone || clock.now() >= giveUpAt) {
        return lacks;
      }
      await pause(clock, LOOK_EVERY);
    }
  }

  /** Where there was no fault, or the operator has had enough, nobody waits for it. */
  #areCompared(tables: readonly NodeTables[], since: number): boolean {
    const ahead = aheadIn(this.#request.before);
    return (
      this.#faultAt === undefined ||
      this.#ports.signal.aborted ||
      notComparedSince(tables, { since, ahead }).length === 0
    );
  }

  /** Rows that came while HAProxy told all of its own may be missing in what it told: such a look is taken again. */
  async #tablesInTheEnd(): ReturnType<DrillDaemons['tables']> {
    const { clock, daemons } = this.#ports;
    if (this.#request.plan.tables === 'as known' || this.#faultAt === undefined) {
      return daemons.tables('as known');
    }
    for (let look = 1; ; look += 1) {
      const tables = await daemons.tables('anew');
      const audits = tables.ok ? (tables.value ?? []).flatMap((each) => each.audits) : [];
      if (look === MOST_LOOKS || !audits.some(isOtherwise)) {
        return tables;
      }
      await pause(clock, LOOK_AGAIN_AFTER);
    }
  }

  /** Shorter where the operator has had enough. */
  async #pause(lasting: Millis): Promise<void> {
    const { clock, signal } = this.#ports;
    const until = later(clock.now(), lasting);
    while (!signal.aborted && clock.now() < until) {
      await pause(clock, millis(Math.min(LOOK_EVERY, until - clock.now())));
    }
  }

  #tell(phase: DrillProgress['phase'], text: string): void {
    this.#ports.tell({ phase, text, clients: this.#clients?.seen() });
  }
}

function handsOf(state: DrillState, id: string): readonly HandState[] {
  return handsIn(state).filter((each) => each.id === id);
}

/** What clients see of a pair that is well: a prober that fails already measures nothing. */
const LEAD_IN = millis(2000);
const LEAD_OUT = millis(1000);
const LOOK_EVERY = millis(200);
const UNDO_EVERY = millis(250);
/** From arming to firing. */
const ARMED_FOR = millis(10_000);
const UNDONE_WITHIN = millis(15_000);
/** HAProxy that was killed too often is left alone for a minute; a lost node boots. */
const SETTLES_WITHIN = millis(60_000);
/** Replicators compare every five seconds; rows that are under way make some of that worthless. */
const COMPARED_WITHIN = millis(20_000);
const MOST_LOOKS = 3;
const LOOK_AGAIN_AFTER = millis(2000);
/** In milliseconds. */
const PATIENCE = 1000;
/** Half a second of the prober's, and of a slower one's more. */
const MOST_FAILED_BESIDES = 100;
