/** One node of an imagined pair: the real decisions, and a machine that does what it is asked. */
import type { Instant, Millis } from '../../base/time.js';
import { later, millis } from '../../base/time.js';
import type { NodeEvent, NodeParams, NodeState, NodeStep } from '../../core/node.js';
import { nodeDeadline, stepNode } from '../../core/node.js';
import type { GroupView } from '../../core/peer-view.js';
import { viewOf } from '../../core/peer-view.js';
import type { ProxyEffect, ProxyEvent } from '../../core/proxy-state.js';

export interface ActorBeginning {
  readonly name: string;
  readonly params: NodeParams;
  readonly state: NodeState;
  /** What it says of its LAN in a group, where that is known better than its state has it. */
  readonly lans: ReadonlyMap<string, GroupView['lan']>;
  readonly heartbeatAt: Instant;
}

export class Actor {
  readonly name: string;
  readonly params: NodeParams;
  /** Interfaces without carrier. */
  readonly down: Set<string> = new Set<string>();
  readonly #lans: ActorBeginning['lans'];
  #state: NodeState;
  #heartbeatAt: Instant;
  #power: 'on' | 'off' = 'on';
  #proxy: 'well' | 'dead' = 'well';
  /** What its last heartbeat said. */
  #said: string;

  constructor({ name, params, state, lans, heartbeatAt }: ActorBeginning) {
    this.name = name;
    this.params = params;
    this.#state = state;
    this.#lans = lans;
    this.#heartbeatAt = heartbeatAt;
    this.#said = JSON.stringify(this.views);
  }

  get state(): NodeState {
    return this.#state;
  }

  get power(): 'on' | 'off' {
    return this.#power;
  }

  get proxy(): 'well' | 'dead' {
    return this.#proxy;
  }

  /** When its next heartbeat is due, if nothing new is to be said before. */
  get heartbeatAt(): Instant {
    return this.#heartbeatAt;
  }

  /** What it would say of its groups. */
  get views(): readonly GroupView[] {
    return this.params.groups.flatMap((group, index) => {
      const each = this.#state.groups[index];
      const view = each === undefined ? undefined : viewOf(group, each);
      return view === undefined ? [] : [{ ...view, lan: this.#lans.get(group.group) ?? view.lan }];
    });
  }

  get news(): 'some' | 'none' {
    return JSON.stringify(this.views) === this.#said ? 'none' : 'some';
  }

  decide(event: NodeEvent, now: Instant): NodeStep {
    const step = stepNode(this.params, this.#state, event, now);
    this.#state = step.state;
    return step;
  }

  /** Says how it is, and will again at `next`. */
  say(next: Instant): readonly GroupView[] {
    const { views } = this;
    this.#said = JSON.stringify(views);
    this.#heartbeatAt = next;
    return views;
  }

  losePower(): void {
    this.#power = 'off';
  }

  loseProxy(): void {
    this.#proxy = 'dead';
  }
}

/** When it has something to do by itself. */
export function dueAt(actor: Actor): Instant | undefined {
  return actor.power === 'off' ? undefined : nodeDeadline(actor.params, actor.state);
}

/** What a proxy answers to what is asked of it, and how soon; undefined where it does not answer. */
export function proxyAnswer(
  { proxy }: Actor,
  effect: ProxyEffect,
): { readonly event: ProxyEvent; readonly in: Millis } | undefined {
  const answer = (event: ProxyEvent): { readonly event: ProxyEvent; readonly in: Millis } => ({
    event,
    in: PROXY_ANSWERS,
  });
  switch (effect.kind) {
    case 'proxy-probe':
      return proxy === 'well' ? answer({ kind: 'answered' }) : undefined;
    case 'proxy-connect':
      return answer(
        proxy === 'well'
          ? { kind: 'connected', pid: 1 }
          : { kind: 'connect-refused', found: 'nothing', detail: 'it is dead' },
      );
    case 'proxy-check':
      return answer({ kind: 'check-passed' });
    case 'proxy-start':
      return answer(
        proxy === 'well' ? { kind: 'started' } : { kind: 'start-refused', detail: 'it is dead' },
      );
    case 'proxy-kill':
      return answer({ kind: 'killed' });
    case 'proxy-disconnect':
    case 'tell':
      return undefined;
    default:
      return effect satisfies never;
  }
}

/** Whether it answers for the addresses of a group. */
export function owns(actor: Actor, group: number): boolean {
  const name = actor.state.groups[group]?.vrrp.name;
  return actor.power === 'on' && (name === 'master' || name === 'resigning');
}

/** An event that happens to it after a while. */
export interface Coming {
  readonly at: Instant;
  readonly to: Actor;
  readonly event: NodeEvent;
}

export function soon(to: Actor, event: NodeEvent, now: Instant, wait: Millis): Coming {
  return { at: later(now, wait), to, event };
}

const PROXY_ANSWERS = millis(1);
