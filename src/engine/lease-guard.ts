/**
 * The rules by which the kernel enforces leases, put back where somebody else has removed them: a lease that is renewed in a table
 * without rules silences nobody. Where the whole table is gone, the next renewal finds out before this does.
 */
import type { Result } from '../base/result.js';
import { later, millis } from '../base/time.js';
import type { Alarm } from '../ports/clock.js';
import type { GuardOrder, LeaseRefusal } from '../ports/lease-table.js';
import type { LeaseStatus } from '../telemetry/status.js';
import type { EnginePorts } from './ports.js';

export interface LeaseGuardPorts extends Pick<EnginePorts, 'clock' | 'log'> {
  readonly leases: Pick<EnginePorts['leases'], 'guard' | 'guarded'>;
  /** What is to be guarded at this moment. */
  readonly order: () => GuardOrder;
}

/** As often as the rules of services are looked at. */
const LOOK_EVERY = millis(5000);

export class LeaseGuard {
  readonly #ports: LeaseGuardPorts;
  #guarding: Promise<Result<undefined, LeaseRefusal>> | undefined;
  #looking: Promise<void> | undefined;
  #alarm: Alarm | undefined;
  /** Rules that were missing could not be written: told once. */
  #refused: 'no' | 'yes' = 'no';
  #phase: 'idle' | 'looking' | 'stopped' = 'idle';

  constructor(ports: LeaseGuardPorts) {
    this.#ports = ports;
  }

  /** One at a time: every advert of every group may find the tables gone. */
  again(): Promise<Result<undefined, LeaseRefusal>> {
    const { leases, order } = this.#ports;
    this.#guarding ??= leases.guard(order()).finally(() => {
      this.#guarding = undefined;
    });
    return this.#guarding;
  }

  /** Which layers are in force: rules that are missing and cannot be put back enforce nothing. */
  inForce(layers: LeaseStatus['layers']): LeaseStatus['layers'] {
    return this.#refused === 'yes' ? 'backstop only' : layers;
  }

  /** Looks from now on, where there are rules. */
  begin(layers: LeaseStatus['layers']): void {
    if (layers === 'lease and backstop' && this.#phase === 'idle') {
      this.#phase = 'looking';
      this.#lookLater();
    }
  }

  /** Nothing is written any more because of a look once it resolves. */
  async stop(): Promise<void> {
    this.#phase = 'stopped';
    this.#alarm?.cancel();
    await this.#looking;
  }

  #lookLater(): void {
    const { clock } = this.#ports;
    this.#alarm = clock.alarm(later(clock.now(), LOOK_EVERY), () => {
      this.#looking = this.#look();
    });
  }

  async #look(): Promise<void> {
    const found = await this.#ports.leases.guarded();
    const isMissing = found.ok && found.value === 'rules missing';
    if (found.ok && found.value === 'yes') {
      // Whoever has written them: a reload, the next renewal, or a person.
      this.#refused = 'no';
    }
    if (isMissing && this.#phase === 'looking' && this.#guarding === undefined) {
      this.#tell(await this.again());
    }
    if (this.#phase === 'looking') {
      this.#lookLater();
    }
  }

  #tell(guarded: Result<undefined, LeaseRefusal>): void {
    const { log } = this.#ports;
    if (guarded.ok) {
      this.#refused = 'no';
      log.tell({
        event: 'lease.rules-restored',
        detail: 'the tables were there without their rules',
      });
    } else if (this.#refused === 'no') {
      this.#refused = 'yes';
      log.tell({ event: 'lease.rules-missing', detail: guarded.error.detail });
    }
  }
}
