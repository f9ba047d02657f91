/** One virtual router at work: hears its packets, judges them, and advertises. */
import type { Ip } from '../base/ip.js';
import type { Result } from '../base/result.js';
import type { Millis } from '../base/time.js';
import { millis, millisToCentis } from '../base/time.js';
import type { Accepted, Arrived, Rejection } from '../core/receive-checks.js';
import { judge } from '../core/receive-checks.js';
import type { AdvertSocket, AdvertSockets, SocketFailure } from '../ports/advert-socket.js';
import type { Clock } from '../ports/clock.js';
import type { SigningMemory } from '../ports/signing-memory.js';
import type { Log } from '../telemetry/events.js';
import { VRRP_GROUPS } from '../wire/vrrp-groups.js';
import type { Advert } from '../wire/vrrp.js';
import { authenticationFor, encodeAdvert } from '../wire/vrrp.js';
import type { InstancePlan } from './group-plan.js';
import { Seldom } from './seldom.js';
import { Signatures } from './signatures.js';
import { Tally } from './tally.js';

export interface InstanceRunnerPorts {
  readonly adverts: AdvertSockets;
  readonly clock: Clock;
  readonly signingMemory: SigningMemory;
  readonly log: Log;
  readonly heard: (source: Ip, advert: Advert) => void;
  readonly sendFailed: (failure: SocketFailure) => void;
}

export class InstanceRunner {
  plan: InstancePlan;
  readonly tally: Tally = new Tally();
  readonly #group: string;
  readonly #ports: InstanceRunnerPorts;
  readonly #rejections = new Seldom<Rejection>(SAY_AGAIN);
  readonly #oddities = new Seldom<string>(SAY_AGAIN);
  #socket: AdvertSocket | undefined;
  readonly #signatures: Signatures;

  constructor(group: string, plan: InstancePlan, ports: InstanceRunnerPorts) {
    this.#group = group;
    this.plan = plan;
    this.#ports = ports;
    this.#signatures = new Signatures(group, ports);
  }

  /** Opens the socket, or says why it cannot be; without one the virtual router hears and says nothing. */
  open(): Result<undefined, SocketFailure> {
    this.close();
    const { plan } = this;
    const opened = this.#ports.adverts.open(
      {
        interface: plan.interface,
        ...(plan.virtualInterface === undefined ? {} : { transmit: plan.virtualInterface.name }),
        family: plan.family,
        source: plan.ownAddress,
        audience: plan.audience,
      },
      {
        received: (arrived) => {
          this.#receive(arrived);
        },
        failed: (failure) => {
          this.#sendFailed(failure);
        },
      },
    );
    this.#socket = opened.ok ? opened.value : undefined;
    return opened.ok ? { ok: true, value: undefined } : opened;
  }

  /** Whether it can hear and speak now. A failure is told; whoever asked tries again. */
  openIfClosed(): 'open' | 'closed' {
    const opened = this.#socket === undefined ? this.open() : undefined;
    if (opened?.ok === false) {
      this.#sendFailed(opened.error);
      return 'closed';
    }
    return 'open';
  }

  /**
   * Speaks and hears by another plan of the same interface; its socket, and the address that adverts leave from, are what
   * they were. What was heard signed stays heard, so that nothing of it is heard again.
   */
  become(plan: InstancePlan): InstancePlan {
    const { ownAddress } = this.plan;
    this.plan = { ...plan, ownAddress, expectations: { ...plan.expectations, ownAddress } };
    return this.plan;
  }

  /** Idempotent. */
  close(): void {
    this.#socket?.close();
    this.#socket = undefined;
  }

  advertise(priority: number, interval: Millis): void {
    const { plan } = this;
    const destination =
      plan.audience.kind === 'multicast' ? VRRP_GROUPS[plan.family] : plan.audience.peers[0];
    const message = encodeAdvert(this.#advert(priority, interval), {
      checksum: plan.checksum,
      source: plan.ownAddress,
      destination: destination ?? VRRP_GROUPS[plan.family],
    });
    this.tally.sent(priority);
    this.#socket?.send(this.#signatures.sign(plan, message));
  }

  #advert(priority: number, interval: Millis): Advert {
    const { version, vrid, addresses, expectations } = this.plan;
    const fields = { vrid, priority, maxAdvertInterval: millisToCentis(interval), addresses };
    return version === 3
      ? { version, ...fields }
      : { version, ...fields, authentication: authenticationFor(expectations.password) };
  }

  #receive(arrived: Arrived): void {
    const verdict = judge(arrived, this.plan.expectations);
    if (verdict.kind === 'rejected') {
      this.#reject(verdict.cause);
      return;
    }
    const unauthentic = this.#signatures.refusal(this.plan, verdict);
    if (unauthentic !== undefined) {
      this.#reject(unauthentic);
      return;
    }
    this.tally.received(verdict.advert.priority);
    this.#noteOddities(verdict);
    this.#ports.heard(verdict.source, verdict.advert);
  }

  #reject(cause: Rejection): void {
    const count = this.tally.reject(cause);
    // Another virtual router on the link is common, and our own adverts may come back: counted, not told.
    if (cause === 'vrid' || cause === 'own') {
      return;
    }
    this.#rejections.say(cause, this.#ports.clock.now(), () => {
      this.#ports.log.tell({ event: 'vrrp.rejected', group: this.#group, cause, count });
    });
  }

  #noteOddities({ source, checksum, warnings }: Accepted): void {
    const now = this.#ports.clock.now();
    const group = this.#group;
    if (this.plan.version === 3 && this.plan.family === 'ipv4' && checksum !== this.plan.checksum) {
      this.#oddities.say('checksum', now, () => {
        this.#ports.log.tell({ event: 'vrrp.checksum-form', group, source, form: checksum });
      });
    }
    for (const warning of warnings) {
      this.tally.warn(warning);
      this.#oddities.say(warning, now, () => {
        this.#ports.log.tell({ event: WARNINGS[warning], group, source });
      });
    }
  }

  #sendFailed(failure: SocketFailure): void {
    this.tally.sendErrors += 1;
    this.#ports.sendFailed(failure);
    this.#oddities.say('socket', this.#ports.clock.now(), () => {
      this.#ports.log.tell({ event: 'socket.failed', group: this.#group, ...failure });
    });
  }
}

const SAY_AGAIN = millis(60_000);
const WARNINGS = {
  'address-list-differs': 'vrrp.addresses-differ',
  'interval-differs': 'vrrp.interval-differs',
} as const;
