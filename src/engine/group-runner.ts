/** One group at work: carries out what was decided about it, and hears through its instances. */
import type { Ip } from '../base/ip.js';
import { formatCidr } from '../base/ip.js';
import type { Result } from '../base/result.js';
import { fail } from '../base/result.js';
import type { Instant, Millis } from '../base/time.js';
import { between, later, millis, sum } from '../base/time.js';
import { unreachable } from '../base/unreachable.js';
import type { Drain } from '../core/drain.js';
import { backstopFor } from '../core/lease.js';
import type { NodeEvent } from '../core/node.js';
import type { SwitchoverOutcome } from '../core/notice.js';
import type { VrrpEffect } from '../core/vrrp-state.js';
import type { VirtualAddress } from '../ports/address-table.js';
import type { SocketFailure } from '../ports/advert-socket.js';
import type { LeaseRefusal } from '../ports/lease-table.js';
import { GroupConnections } from './group-connections.js';
import { GroupNeighbours } from './group-neighbours.js';
import { GroupInterfaces } from './group-interfaces.js';
import type { GroupPlan } from './group-plan.js';
import { InstanceRunner } from './instance-runner.js';
import type { EnginePorts } from './ports.js';
import { Seldom } from './seldom.js';
import { GroupTally } from './tally.js';

export interface GroupRunnerOptions {
  readonly index: number;
  readonly plan: GroupPlan;
  /** `backstop only` where the kernel has no nftables. */
  readonly layers: 'lease and backstop' | 'backstop only';
}

export interface GroupRunnerPorts extends EnginePorts {
  readonly dispatch: (event: NodeEvent) => void;
  /** Puts the rules back that silence every address of this node whose lease does not run. */
  readonly guardAgain: () => Promise<Result<undefined, LeaseRefusal>>;
  readonly switchoverEnded: (index: number, outcome: SwitchoverOutcome) => void;
}

export class GroupRunner {
  plan: GroupPlan;
  readonly instances: readonly InstanceRunner[];
  readonly tally: GroupTally = new GroupTally();
  readonly #options: GroupRunnerOptions;
  readonly #ports: GroupRunnerPorts;
  readonly #oddities = new Seldom<string>(SAY_AGAIN);
  #neighbours: GroupNeighbours;
  readonly #interfaces: GroupInterfaces;
  readonly #connections: GroupConnections;
  #leaseUntil: Instant | undefined;
  /** When the addresses disappear by themselves, as far as is known. */
  #backstopUntil: Instant | undefined;

  constructor(options: GroupRunnerOptions, ports: GroupRunnerPorts) {
    const { plan, index: group } = options;
    this.plan = plan;
    this.#options = options;
    this.#ports = ports;
    this.instances = plan.instances.map(
      (each, instance) =>
        new InstanceRunner(plan.name, each, {
          ...ports,
          heard: (source, advert) => {
            ports.dispatch({ kind: 'advert', group, instance, source, advert });
          },
          sendFailed: ({ detail }) => {
            ports.dispatch({ kind: 'send-failed', group, detail });
          },
        }),
    );
    this.#connections = new GroupConnections(plan, ports);
    this.#interfaces = new GroupInterfaces(plan.instances, {
      ...ports,
      refused: (detail) => {
        ports.log.tell({ event: 'address.refused', group: plan.name, detail });
      },
    });
    this.#neighbours = this.#askAbout(plan);
  }

  #askAbout({ name, instances }: GroupPlan): GroupNeighbours {
    const { index: group } = this.#options;
    const { dispatch, log, clock } = this.#ports;
    return new GroupNeighbours(instances, {
      ...this.#ports,
      claimed: (claim) => {
        dispatch({ kind: 'address-claimed', group, claim });
      },
      failed: (detail) => {
        dispatch({ kind: 'probe-failed', group, detail });
        this.#oddities.say('probe', clock.now(), () => {
          log.tell({ event: 'probe.failed', group: name, detail });
        });
      },
    });
  }

  /** Opens every socket, or says why one cannot be. */
  open(): Result<undefined, SocketFailure> {
    const refused = this.instances.map((instance) => instance.open()).find((opened) => !opened.ok);
    return refused ?? { ok: true, value: undefined };
  }

  /** Idempotent. */
  close(): void {
    for (const instance of this.instances) {
      instance.close();
    }
    this.#neighbours.close();
    this.#interfaces.close();
    this.#connections.close();
  }

  /** Other things to decide by; its sockets and addresses are what they were. */
  become({ vrrp, track }: GroupPlan): GroupPlan {
    const { instances, keepConnections } = this.plan.vrrp;
    this.plan = { ...this.plan, track, vrrp: { ...vrrp, instances, keepConnections } };
    return this.plan;
  }

  /**
   * Other virtual routers, on the same interfaces: both nodes change them at this moment. What is no address of the group
   * any more is given up at once; what has become one is held with the next advert; the others are left alone.
   */
  reconfigure(plan: GroupPlan): GroupPlan {
    const before = this.plan;
    const instances = this.instances.flatMap((instance, index) => {
      const next = plan.instances[index];
      return next === undefined ? [] : [instance.become(next)];
    });
    this.plan = {
      ...plan,
      instances,
      keepingRefused: before.keepingRefused,
      vrrp: {
        ...plan.vrrp,
        // Adverts leave from where they left from, and the kernel can do what it could.
        instances: before.vrrp.instances,
        keepConnections: before.vrrp.keepConnections,
      },
    };
    this.#connections.become(this.plan);
    const gone = withoutThese(before.addresses, this.plan.addresses);
    if (gone.length > 0) {
      this.#giveUp(gone);
    }
    if (gone.length > 0 || withoutThese(this.plan.addresses, before.addresses).length > 0) {
      this.#neighbours.close();
      this.#neighbours = this.#askAbout(this.plan);
    }
    return this.plan;
  }

  get #addresses(): readonly Ip[] {
    return this.plan.addresses.map(({ cidr }) => cidr.address);
  }

  /** Somebody removed an address: the next advert claims it again, whatever its lifetime was. */
  addressRemoved(): void {
    this.#backstopUntil = undefined;
  }

  /** Of open connections that this node serves on. */
  get drain(): Drain | undefined {
    return this.#connections.drain;
  }

  /** What remains of the lease; undefined where none is held. */
  leaseUntil(): Instant | undefined {
    return this.#leaseUntil;
  }

  carryOut(effect: VrrpEffect): void {
    switch (effect.kind) {
      case 'hold':
        this.#hold(effect);
        return;
      case 'release':
        this.#release();
        return;
      case 'leave-connections':
        this.#connections.leave(effect);
        return;
      case 'take-connections':
        this.#connections.take(effect);
        return;
      case 'end-connections':
        this.#connections.end();
        return;
      case 'send-advert':
        for (const instance of this.instances) {
          instance.advertise(effect.priority, effect.interval);
        }
        return;
      case 'probe':
        this.#neighbours.probe();
        return;
      case 'announce':
        this.#neighbours.listen();
        this.#announce();
        return;
      case 'switchover-ended':
        this.#ports.switchoverEnded(this.#options.index, effect.outcome);
        return;
      case 'tell':
        // The engine tells; nothing is left to do here.
        return;
      default:
        unreachable(effect);
    }
  }

  /** Address and lease in one turn, without waiting for either: the kernel has acted when the calls return. */
  #hold({ lease, confirm }: Extract<VrrpEffect, { kind: 'hold' }>): void {
    const isNew = this.#leaseUntil === undefined;
    this.#leaseUntil = later(this.#ports.clock.now(), lease);
    const answers =
      confirm === 'wanted' || this.#backstopEndsBefore(lease) ? this.#claim(lease) : [];
    if (this.#options.layers === 'lease and backstop') {
      answers.push(this.#renew(lease));
    }
    if (isNew) {
      // Only now: the kernel forgets connections of an address that is away for a moment.
      this.#connections.end();
    }
    void this.#judgeHold(answers, confirm);
  }

  #claim(lease: Millis): Promise<Result<undefined, LeaseRefusal>>[] {
    const { addresses, clock } = this.#ports;
    const backstop = backstopFor(lease);
    this.#interfaces.up();
    this.#backstopUntil = later(clock.now(), millis(backstop * 1000));
    return this.plan.addresses.map((address) => addresses.claim(address, backstop));
  }

  /** The lifetime of an address is whole seconds, so it need not be renewed with each of ten adverts a second. */
  #backstopEndsBefore(lease: Millis): boolean {
    const needed = later(this.#ports.clock.now(), sum(lease, BACKSTOP_SPARE));
    return this.#backstopUntil === undefined || this.#backstopUntil < needed;
  }

  /** Where somebody flushed the rules, nothing silences this node any more: they are put back, and the lease with them. */
  async #renew(lease: Millis): Promise<Result<undefined, LeaseRefusal>> {
    const { leases, clock, log, guardAgain } = this.#ports;
    const endsAt = later(clock.now(), lease);
    const renewed = await leases.renew(this.#addresses, lease);
    if (renewed.ok) {
      return renewed;
    }
    const guarded = await guardAgain();
    const left = between(clock.now(), endsAt);
    if (!guarded.ok) {
      return guarded;
    }
    if (left <= 0 || this.#leaseUntil === undefined) {
      return fail({ code: 'no-answer', detail: 'the lease ended before its rules were back' });
    }
    log.tell({
      event: 'lease.rules-restored',
      group: this.plan.name,
      detail: renewed.error.detail,
    });
    return leases.renew(this.#addresses, left);
  }

  async #judgeHold(
    answers: readonly Promise<Result<undefined, LeaseRefusal>>[],
    confirm: 'wanted' | 'needless',
  ): Promise<void> {
    const group = this.#options.index;
    const refusal = (await Promise.all(answers)).find((answer) => !answer.ok);
    if (refusal?.ok === false) {
      const detail = `${refusal.error.code}: ${refusal.error.detail}`;
      this.#ports.dispatch({ kind: 'address-refused', group, detail });
    } else if (confirm === 'wanted') {
      this.#ports.dispatch({ kind: 'addresses-held', group });
    }
  }

  #release(): void {
    this.#leaseUntil = undefined;
    this.#backstopUntil = undefined;
    this.#giveUp(this.plan.addresses);
    this.#interfaces.downSoon();
  }

  /** The lease first: it silences the kernel at once, whatever becomes of the addresses. */
  #giveUp(gone: readonly VirtualAddress[]): void {
    const { addresses, leases, log } = this.#ports;
    const complain = (result: Result<undefined, LeaseRefusal>): void => {
      if (!result.ok) {
        const detail = `not released, ${result.error.code}: ${result.error.detail}`;
        log.tell({ event: 'address.refused', group: this.plan.name, detail });
      }
    };
    if (this.#options.layers === 'lease and backstop') {
      void leases.revoke(gone.map(({ cidr }) => cidr.address)).then(complain);
    }
    for (const address of gone) {
      void addresses.release(address).then(complain);
    }
  }

  #announce(): void {
    this.tally.announcements += 1;
    for (const address of this.plan.addresses) {
      const told = this.#ports.announcer.announce(address);
      if (!told.ok) {
        this.#oddities.say('announce', this.#ports.clock.now(), () => {
          this.#ports.log.tell({
            event: 'announce.failed',
            group: this.plan.name,
            detail: told.error.detail,
          });
        });
      }
    }
  }
}

/** Those of the first that are none of the second. */
function withoutThese(
  some: readonly VirtualAddress[],
  others: readonly VirtualAddress[],
): readonly VirtualAddress[] {
  const known = new Set(others.map(addressKey));
  return some.filter((each) => !known.has(addressKey(each)));
}

function addressKey({ interface: name, cidr }: VirtualAddress): string {
  return `${name} ${formatCidr(cidr)}`;
}

const SAY_AGAIN = millis(60_000);
const BACKSTOP_SPARE = millis(1000);
