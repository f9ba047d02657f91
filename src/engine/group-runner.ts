/** One group at work: hears its packets, and carries out what was decided about it. */
import type { Ip } from '../base/ip.js';
import type { Result } from '../base/result.js';
import { fail } from '../base/result.js';
import type { Instant, Millis } from '../base/time.js';
import { between, later, millis, millisToCentis, sum } from '../base/time.js';
import { unreachable } from '../base/unreachable.js';
import { backstopFor } from '../core/lease.js';
import type { NodeEvent } from '../core/node.js';
import type { SwitchoverOutcome } from '../core/notice.js';
import type { Accepted, Rejection } from '../core/receive-checks.js';
import { judge } from '../core/receive-checks.js';
import type { VrrpEffect } from '../core/vrrp-state.js';
import type { AdvertSocket, SocketFailure } from '../ports/advert-socket.js';
import type { LeaseRefusal } from '../ports/lease-table.js';
import { encodeAdvert, VRRP_GROUP } from '../wire/vrrp.js';
import type { GroupPlan } from './group-plan.js';
import type { EnginePorts } from './ports.js';
import { Seldom } from './seldom.js';
import { Tally } from './tally.js';

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
  readonly plan: GroupPlan;
  readonly tally: Tally = new Tally();
  readonly #options: GroupRunnerOptions;
  readonly #ports: GroupRunnerPorts;
  readonly #addresses: readonly Ip[];
  readonly #rejections = new Seldom<Rejection>(SAY_AGAIN);
  readonly #oddities = new Seldom<string>(SAY_AGAIN);
  #socket: AdvertSocket | undefined;
  #leaseUntil: Instant | undefined;
  /** When the addresses disappear by themselves, as far as is known. */
  #backstopUntil: Instant | undefined;

  constructor(options: GroupRunnerOptions, ports: GroupRunnerPorts) {
    this.plan = options.plan;
    this.#options = options;
    this.#ports = ports;
    this.#addresses = options.plan.addresses.map((address) => address.cidr.address);
  }

  /** Opens the socket, or says why it cannot be; without one the group hears and says nothing. */
  open(): Result<undefined, SocketFailure> {
    this.close();
    const { plan } = this;
    const opened = this.#ports.adverts.open(
      { interface: plan.interface, source: plan.ownAddress, audience: plan.audience },
      {
        received: (packet) => {
          this.#receive(packet);
        },
        failed: (failure) => {
          this.#sendFailed(failure);
        },
      },
    );
    this.#socket = opened.ok ? opened.value : undefined;
    return opened.ok ? { ok: true, value: undefined } : opened;
  }

  /** Whether the group can hear and speak now. A failure is told; whoever asked tries again. */
  openIfClosed(): 'open' | 'closed' {
    const opened = this.#socket === undefined ? this.open() : undefined;
    if (opened?.ok === false) {
      this.#sendFailed(opened.error);
      return 'closed';
    }
    return 'open';
  }

  /** Idempotent. */
  close(): void {
    this.#socket?.close();
    this.#socket = undefined;
  }

  /** Somebody removed an address: the next advert claims it again, whatever its lifetime was. */
  addressRemoved(): void {
    this.#backstopUntil = undefined;
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
      case 'send-advert':
        this.#advertise(effect.priority, effect.interval);
        return;
      case 'announce':
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

  #receive(packet: Uint8Array): void {
    const verdict = judge(packet, this.plan.expectations);
    if (verdict.kind === 'rejected') {
      const count = this.tally.reject(verdict.cause);
      // Another virtual router on the link is common, and our own adverts may come back: counted, not told.
      if (verdict.cause !== 'vrid' && verdict.cause !== 'own') {
        this.#rejections.say(verdict.cause, this.#ports.clock.now(), () => {
          this.#ports.log.tell({
            event: 'vrrp.rejected',
            group: this.plan.name,
            cause: verdict.cause,
            count,
          });
        });
      }
      return;
    }
    this.tally.advertsReceived += 1;
    this.#noteOddities(verdict);
    const { source, advert } = verdict;
    this.#ports.dispatch({ kind: 'advert', group: this.#options.index, source, advert });
  }

  #noteOddities({ source, checksum, warnings }: Accepted): void {
    const now = this.#ports.clock.now();
    const group = this.plan.name;
    if (checksum !== this.plan.checksum) {
      this.#oddities.say('checksum', now, () => {
        this.#ports.log.tell({ event: 'vrrp.checksum-form', group, source, form: checksum });
      });
    }
    if (warnings.length > 0) {
      this.#oddities.say('addresses', now, () => {
        this.#ports.log.tell({ event: 'vrrp.addresses-differ', group, source });
      });
    }
  }

  /** Address and lease in one turn, without waiting for either: the kernel has acted when the calls return. */
  #hold({ lease, confirm }: Extract<VrrpEffect, { kind: 'hold' }>): void {
    this.#leaseUntil = later(this.#ports.clock.now(), lease);
    const answers =
      confirm === 'wanted' || this.#backstopEndsBefore(lease) ? this.#claim(lease) : [];
    if (this.#options.layers === 'lease and backstop') {
      answers.push(this.#renew(lease));
    }
    void this.#judgeHold(answers, confirm);
  }

  #claim(lease: Millis): Promise<Result<undefined, LeaseRefusal>>[] {
    const { addresses, clock } = this.#ports;
    const backstop = backstopFor(lease);
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

  /** The lease first: it silences the kernel at once, whatever becomes of the addresses. */
  #release(): void {
    const { addresses, leases, log } = this.#ports;
    this.#leaseUntil = undefined;
    this.#backstopUntil = undefined;
    const complain = (result: Result<undefined, LeaseRefusal>): void => {
      if (!result.ok) {
        const detail = `not released, ${result.error.code}: ${result.error.detail}`;
        log.tell({ event: 'address.refused', group: this.plan.name, detail });
      }
    };
    if (this.#options.layers === 'lease and backstop') {
      void leases.revoke(this.#addresses).then(complain);
    }
    for (const address of this.plan.addresses) {
      void addresses.release(address).then(complain);
    }
  }

  #advertise(priority: number, interval: Millis): void {
    const { plan } = this;
    const destinations = plan.audience.kind === 'multicast' ? [VRRP_GROUP] : plan.audience.peers;
    const destination = destinations[0] ?? VRRP_GROUP;
    const message = encodeAdvert(
      {
        version: 3,
        vrid: plan.vrid,
        priority,
        maxAdvertInterval: millisToCentis(interval),
        addresses: this.#addresses,
      },
      { checksum: plan.checksum, source: plan.ownAddress, destination },
    );
    this.tally.advertsSent += 1;
    this.#socket?.send(message);
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

  #sendFailed(failure: SocketFailure): void {
    this.tally.sendErrors += 1;
    this.#ports.dispatch({
      kind: 'send-failed',
      group: this.#options.index,
      detail: failure.detail,
    });
    this.#oddities.say('socket', this.#ports.clock.now(), () => {
      this.#ports.log.tell({ event: 'socket.failed', group: this.plan.name, ...failure });
    });
  }
}

const SAY_AGAIN = millis(60_000);
const BACKSTOP_SPARE = millis(1000);
