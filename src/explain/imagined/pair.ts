/**
 * A pair that exists in thought only: two nodes with the decisions of real ones, a LAN and a channel between them, and
 * a time that goes as fast as it is asked for. It reads no clock, and changes nothing outside of itself.
 */
import type { Ip } from '../../base/ip.js';
import type { MacAddress } from '../../base/mac.js';
import type { Instant, Millis } from '../../base/time.js';
import { earliest, later, millis, millisToCentis } from '../../base/time.js';
import type { NodeEffect, NodeEvent } from '../../core/node.js';
import type { VrrpEffect } from '../../core/vrrp-state.js';
import type { Happened } from '../scene.js';
import type { Actor, Coming } from './actor.js';
import { dueAt, owns, proxyAnswer, soon } from './actor.js';

export interface ImaginedStep extends Happened {
  readonly actor: Actor;
}

export interface PairSetup {
  readonly actors: readonly [Actor, Actor];
  /** The virtual addresses, group by group. */
  readonly addresses: readonly (readonly Ip[])[];
  readonly channel: 'open' | 'broken';
  /** How often heartbeats are said. */
  readonly heartbeat: Millis;
  readonly now: Instant;
}

export class ImaginedPair {
  readonly actors: readonly [Actor, Actor];
  #channel: 'open' | 'broken';
  readonly #addresses: PairSetup['addresses'];
  readonly #heartbeat: Millis;
  #now: Instant;
  #coming: Coming[] = [];

  constructor({ actors, addresses, channel, heartbeat, now }: PairSetup) {
    this.actors = actors;
    this.#channel = channel;
    this.#addresses = addresses;
    this.#heartbeat = heartbeat;
    this.#now = now;
  }

  get now(): Instant {
    return this.#now;
  }

  breakChannel(): void {
    this.#channel = 'broken';
  }

  /** Something happens to a node now. */
  happen(actor: Actor, event: NodeEvent): ImaginedStep {
    const before = actor.state;
    const { state, effects } = actor.decide(event, this.#now);
    for (const effect of effects) {
      this.#carryOut(actor, effect);
    }
    this.#sayNews(actor);
    return { actor, before, event, now: this.#now, after: state, effects };
  }

  /** Lets time pass until the next thing happens; undefined where that is not before `until`. */
  next(until: Instant): ImaginedStep | 'nothing to tell' | undefined {
    const at = earliest(
      ...this.actors.flatMap((each) => [
        dueAt(each),
        each.power === 'on' && this.#channel === 'open' ? each.heartbeatAt : undefined,
      ]),
      ...this.#coming.map((each) => each.at),
    );
    if (at === undefined || at >= until) {
      return undefined;
    }
    this.#now = at > this.#now ? at : this.#now;
    const arrived = this.#coming.find((each) => each.at === at);
    if (arrived !== undefined) {
      this.#coming = this.#coming.filter((each) => each !== arrived);
      return arrived.to.power === 'on' ? this.happen(arrived.to, arrived.event) : 'nothing to tell';
    }
    const speaker = this.actors.find((each) => each.power === 'on' && each.heartbeatAt === at);
    if (speaker !== undefined && this.#channel === 'open') {
      this.#sayHeartbeat(speaker);
      return 'nothing to tell';
    }
    const woken = this.actors.find((each) => dueAt(each) === at);
    return woken === undefined ? undefined : this.happen(woken, { kind: 'alarm' });
  }

  #other(actor: Actor): Actor {
    const [first, second] = this.actors;
    return actor === first ? second : first;
  }

  #carryOut(actor: Actor, effect: NodeEffect): void {
    if (effect.kind === 'group') {
      this.#carryOutGroup(actor, effect.group, effect.effect);
      return;
    }
    const answer = effect.kind === 'proxy' ? proxyAnswer(actor, effect.effect) : undefined;
    if (answer !== undefined) {
      this.#coming.push(soon(actor, { kind: 'proxy', event: answer.event }, this.#now, answer.in));
    }
  }

  #carryOutGroup(actor: Actor, group: number, effect: VrrpEffect): void {
    if (effect.kind === 'send-advert') {
      this.#send(actor, group, effect);
    } else if (effect.kind === 'hold' && effect.confirm === 'wanted') {
      this.#coming.push(soon(actor, { kind: 'addresses-held', group }, this.#now, KERNEL_ANSWERS));
    } else if (effect.kind === 'probe' && owns(this.#other(actor), group)) {
      this.#answerProbe(actor, group);
    }
  }

  #send(
    from: Actor,
    group: number,
    { priority, interval }: Extract<VrrpEffect, { kind: 'send-advert' }>,
  ): void {
    const to = this.#other(from);
    const maxAdvertInterval = millisToCentis(interval);
    // The state machine looks at no more than these two.
    const advert = { version: 3, vrid: 1, priority, maxAdvertInterval, addresses: [] } as const;
    for (const [instance, { interface: name, ownAddress: source }] of (
      from.params.groups[group]?.instances ?? []
    ).entries()) {
      if (!from.down.has(name) && !to.down.has(name)) {
        this.#coming.push(
          soon(to, { kind: 'advert', group, instance, source, advert }, this.#now, FLIGHT),
        );
      }
    }
  }

  #answerProbe(asker: Actor, group: number): void {
    const other = this.#other(asker);
    const name = asker.params.groups[group]?.instances[0]?.interface ?? '';
    const address = this.#addresses[group]?.[0];
    if (address !== undefined && !asker.down.has(name) && !other.down.has(name)) {
      const claim = { address, mac: ITS_MAC };
      this.#coming.push(soon(asker, { kind: 'address-claimed', group, claim }, this.#now, FLIGHT));
    }
  }

  #sayNews(actor: Actor): void {
    if (this.#channel === 'open' && actor.news === 'some') {
      this.#sayHeartbeat(actor);
    }
  }

  #sayHeartbeat(actor: Actor): void {
    const views = actor.say(later(this.#now, this.#heartbeat));
    const interval = this.#heartbeat;
    const event = { kind: 'peer-heartbeat', interval, age: millis(0), views } as const;
    this.#coming.push(soon(this.#other(actor), event, this.#now, FLIGHT));
  }
}

const FLIGHT = millis(0.3);
const KERNEL_ANSWERS = millis(0.3);
const ITS_MAC = '02:00:00:00:00:00' as MacAddress;
