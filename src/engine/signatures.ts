/** The signatures of one virtual router: those of its adverts, and those of the adverts that it hears. */
import type { Instant, Millis } from '../base/time.js';
import { later, millis } from '../base/time.js';
import type { AuthenticationParams, AuthenticationState, Moment } from '../core/authentication.js';
import { authenticate, goOnSigning, sign, signingAhead } from '../core/authentication.js';
import type { Accepted, Rejection } from '../core/receive-checks.js';
import type { Clock } from '../ports/clock.js';
import type { SigningMemory } from '../ports/signing-memory.js';
import type { Log } from '../telemetry/events.js';
import type { InstancePlan } from './group-plan.js';
import { Seldom } from './seldom.js';

export interface SignaturesPorts {
  readonly clock: Clock;
  readonly signingMemory: SigningMemory;
  readonly log: Log;
}

interface Kept {
  readonly router: string;
  readonly ahead: Millis | undefined;
}

export class Signatures {
  readonly #group: string;
  readonly #ports: SignaturesPorts;
  readonly #failures = new Seldom<'not-kept'>(SAY_AGAIN);
  #state: AuthenticationState | undefined;
  /** What the next daemon finds, and of which virtual router: both nodes can change its VRID as it runs. */
  #kept: Kept | undefined;
  /** A disk that refuses is not asked with every advert. */
  #retryAt: Instant | undefined;

  constructor(group: string, ports: SignaturesPorts) {
    this.#group = group;
    this.#ports = ports;
  }

  /** The message with its trailer, or as it is where nothing is signed. */
  sign(plan: InstancePlan, message: Uint8Array): Uint8Array {
    const { authentication, version, ownAddress } = plan;
    if (authentication === undefined) {
      return message;
    }
    const { clock } = this.#ports;
    const moment = { wall: clock.wallTime(), now: clock.now() };
    const order = { message, version, source: ownAddress };
    const { state, bytes } = sign(authentication, this.#stateOf(plan), order, moment);
    this.#state = state;
    if (authentication.mode !== 'receive-only') {
      this.#keep(plan, authentication, { state, moment });
    }
    return bytes;
  }

  /** Why it may not be heard. Where nothing is signed here, what a peer signs is not looked at. */
  refusal(plan: InstancePlan, { source, message, trailer }: Accepted): Rejection | undefined {
    const { authentication, version } = plan;
    if (authentication === undefined) {
      return undefined;
    }
    const { state, rejected } = authenticate(
      authentication,
      this.#stateOf(plan),
      { signed: { message, version, source }, trailer },
      this.#ports.clock.wallTime(),
    );
    this.#state = state;
    return rejected;
  }

  #stateOf(plan: InstancePlan): AuthenticationState {
    const { clock } = this.#ports;
    this.#state ??= goOnSigning(this.#keptOf(plan).ahead, clock.now());
    return this.#state;
  }

  #keptOf({ interface: name, vrid, family }: InstancePlan): Kept {
    const router = `${name}-${String(vrid)}-${family}`;
    if (this.#kept?.router !== router) {
      this.#kept = { router, ahead: this.#ports.signingMemory.read(router) };
    }
    return this.#kept;
  }

  /** Before it leaves. Where it cannot be kept the advert leaves all the same: a site without a master is worse. */
  #keep(
    plan: InstancePlan,
    authentication: AuthenticationParams,
    { state, moment }: { readonly state: AuthenticationState; readonly moment: Moment },
  ): void {
    const { signingMemory, log } = this.#ports;
    const { router, ahead: before } = this.#keptOf(plan);
    const ahead = signingAhead(authentication, before, state, moment);
    const isPutOff = this.#retryAt !== undefined && moment.now < this.#retryAt;
    if (ahead === undefined || isPutOff) {
      return;
    }
    const kept = signingMemory.keep(router, ahead);
    if (kept.ok) {
      this.#kept = { router, ahead };
      this.#retryAt = undefined;
      return;
    }
    this.#retryAt = later(moment.now, RETRY_EVERY);
    this.#failures.say('not-kept', moment.now, () => {
      log.tell({ event: 'signing.not-kept', group: this.#group, detail: kept.error.detail });
    });
  }
}

const SAY_AGAIN = millis(60_000);
const RETRY_EVERY = millis(1000);
