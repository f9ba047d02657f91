/**
 * The one place where decisions meet the world: events wait in one bounded queue, each becomes a new state and
 * effects, and one alarm wakes it for the next deadline.
 */
import type { Instant } from '../base/time.js';
import { between, millis } from '../base/time.js';
import { unreachable } from '../base/unreachable.js';
import type { NodeEffect, NodeEvent, NodeParams, NodeState } from '../core/node.js';
import { newNode, nodeDeadline, stepNode } from '../core/node.js';
import type { Notice } from '../core/notice.js';
import { carryOver, reconfiguredGroups } from '../core/reload.js';
import type { GroupView } from '../core/peer-view.js';
import { viewOf } from '../core/peer-view.js';
import type { Alarm, Clock } from '../ports/clock.js';
import type { Witness } from '../ports/witness.js';
import type { Log } from '../telemetry/events.js';
import type { GroupRunner } from './group-runner.js';
import { History } from './history.js';
import { Lateness } from './lateness.js';
import type { ProxyRunner } from './proxy-runner.js';
import { Seldom } from './seldom.js';

export interface EngineParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly groups: readonly GroupRunner[];
  readonly proxy: ProxyRunner | undefined;
  /** Undefined: nobody watches. */
  readonly witness: Witness | undefined;
  /** Called after each event that may have changed what this node says of itself. */
  readonly changed: () => void;
  /** Called once, when a stop is complete. */
  readonly stopped: () => void;
}

type GroupEffect = Extract<NodeEffect, { kind: 'group' }>;

export class Engine {
  readonly lateness: Lateness = new Lateness();
  readonly history: History = new History();
  #params: NodeParams;
  readonly #parts: EngineParts;
  readonly #queue: NodeEvent[] = [];
  #state: NodeState;
  #shown: NodeState['groups'] = [];
  #running: 'idle' | 'busy' = 'idle';
  #dropped = 0;
  #steps = 0;
  readonly #forgeable = new Seldom<string>(FORGEABLE_TOLD_EVERY);
  #alarm: { readonly at: Instant; readonly alarm: Alarm } | undefined;

  constructor(params: NodeParams, parts: EngineParts) {
    this.#params = params;
    this.#parts = parts;
    this.#state = newNode(params);
  }

  /** What this node would tell the other one of its groups. */
  get views(): readonly GroupView[] {
    return this.#params.groups.flatMap((group, index) => {
      const state = this.#state.groups[index];
      const view = state === undefined ? undefined : viewOf(group, state);
      return view === undefined ? [] : [view];
    });
  }

  /** What it decides by now: a reload may have changed it. */
  get params(): NodeParams {
    return this.#params;
  }

  get state(): NodeState {
    return this.#state;
  }

  /** Asks for a decision, one that changes nothing unless it was due; tells whether it was made. */
  works(): boolean {
    const before = this.#steps;
    this.dispatch({ kind: 'alarm' });
    return this.#steps > before;
  }

  /** Takes one event in. Events that arrive while one is being worked on wait their turn, a bounded number of them. */
  dispatch(event: NodeEvent): void {
    if (this.#queue.length >= QUEUE_LIMIT) {
      this.#dropped += 1;
      if (this.#dropped === 1) {
        this.#parts.log.tell({ event: 'daemon.overloaded', dropped: this.#dropped });
      }
      return;
    }
    this.#queue.push(event);
    if (this.#running === 'idle') {
      this.#drain();
    }
  }

  /** Other parameters for the same groups. */
  become(params: NodeParams): void {
    const reconfigured = reconfiguredGroups(this.#params, params);
    this.#state = carryOver(this.#params, params, this.#state);
    this.#params = params;
    for (const group of reconfigured) {
      this.dispatch({ kind: 'reconfigured', group });
    }
    // What follows from it follows at once.
    this.dispatch({ kind: 'alarm' });
  }

  /** No alarm rings after it. */
  halt(): void {
    this.#alarm?.alarm.cancel();
    this.#alarm = undefined;
  }

  #drain(): void {
    this.#running = 'busy';
    for (let event = this.#queue.shift(); event !== undefined; event = this.#queue.shift()) {
      const before = this.#state;
      const at = this.#parts.clock.now();
      const next = stepNode(this.#params, before, event, at);
      this.#state = next.state;
      for (const effect of next.effects) {
        this.#carryOut(effect);
      }
      const { state: after, effects } = next;
      this.#parts.witness?.saw({ params: this.#params, before, after, event, effects, at });
      this.#steps += 1;
    }
    this.#running = 'idle';
    this.#setAlarm();
    if (this.#state.groups !== this.#shown) {
      this.#shown = this.#state.groups;
      this.#parts.changed();
    }
  }

  #carryOut(effect: NodeEffect): void {
    switch (effect.kind) {
      case 'group':
        this.#tell(this.#noticeOf(effect));
        this.#countMastership(effect);
        this.#parts.groups[effect.group]?.carryOut(effect.effect);
        return;
      case 'proxy':
        this.#tell(effect.effect.kind === 'tell' ? effect.effect.notice : undefined);
        this.#parts.proxy?.carryOut(effect.effect);
        return;
      case 'tell':
        this.#tell(effect.notice);
        return;
      case 'stopped':
        this.#parts.stopped();
        return;
      default:
        unreachable(effect);
    }
  }

  #tell(notice: Notice | undefined): void {
    if (notice !== undefined && isForgeable(notice)) {
      // Whoever forges adverts or claims sets the rate at which they come.
      this.#forgeable.say(`${notice.event} ${notice.group}`, this.#parts.clock.now(), () => {
        this.#parts.log.tell(notice);
        this.history.record(notice, this.#parts.clock.wallTime());
      });
      return;
    }
    if (notice !== undefined) {
      this.#parts.log.tell(notice);
      this.history.record(notice, this.#parts.clock.wallTime());
    }
  }

  #noticeOf({ group, effect }: GroupEffect): Notice | undefined {
    if (effect.kind === 'tell') {
      return effect.notice;
    }
    const name = this.#params.groups[group]?.group;
    return effect.kind === 'switchover-ended' && name !== undefined
      ? { event: 'switchover.ended', group: name, outcome: effect.outcome }
      : undefined;
  }

  #countMastership({ group, effect }: GroupEffect): void {
    const runner = this.#parts.groups[group];
    if (
      runner !== undefined &&
      effect.kind === 'tell' &&
      effect.notice.event === 'vrrp.state' &&
      effect.notice.to === 'master'
    ) {
      runner.tally.becameMaster += 1;
      runner.tally.newMasterReason = effect.notice.cause;
    }
  }

  #setAlarm(): void {
    const at =
      this.#state.phase === 'stopped' ? undefined : nodeDeadline(this.#params, this.#state);
    if (at === this.#alarm?.at) {
      return;
    }
    this.halt();
    if (at !== undefined) {
      const alarm = this.#parts.clock.alarm(at, () => {
        this.#alarm = undefined;
        this.lateness.record(between(at, this.#parts.clock.now()));
        this.dispatch({ kind: 'alarm' });
      });
      this.#alarm = { at, alarm };
    }
  }
}

type Forgeable = Extract<Notice, { event: 'vrrp.master' | 'vrrp.contest' | 'address.duplicate' }>;

function isForgeable(notice: Notice): notice is Forgeable {
  const { event } = notice;
  return event === 'vrrp.master' || event === 'vrrp.contest' || event === 'address.duplicate';
}

/** Far more than one turn of the event loop can bring; what is over is dropped and said. */
const QUEUE_LIMIT = 1024;
const FORGEABLE_TOLD_EVERY = millis(1000);
