/**
 * The kernel of a simulated machine, as far as a virtual address needs one: addresses with lifetimes, leases, a link.
 * It goes on whatever happens to the daemon, and forgets everything when the power fails.
 */
import type { LinkState } from '../../src/core/notice.js';
import { done, fail, ok } from '../../src/base/result.js';
import type { Ip } from '../../src/base/ip.js';
import type { Instant } from '../../src/base/time.js';
import { between, later, millis, seconds } from '../../src/base/time.js';
import type {
  AddressTable,
  HeldAddress,
  KernelRefusal,
  Links,
  VirtualAddress,
} from '../../src/ports/address-table.js';
import type { Announcer } from '../../src/ports/announcer.js';
import type { LeaseTable } from '../../src/ports/lease-table.js';
import type { SimProcess } from './process.js';
import type { Scheduler } from './scheduler.js';

const REFUSED = fail<KernelRefusal>({ code: 'refused', detail: 'simulated failure' });

/** A whole turn: whatever the daemon does next starts from there. */
const ANSWER_TAKES = millis(0.05);

interface Listener {
  readonly process: SimProcess;
  readonly removed: (interfaceName: string, address: Ip) => void;
}

interface LinkListener {
  readonly process: SimProcess;
  readonly changed: (state: LinkState) => void;
}

export class SimKernel {
  link: LinkState = 'up';
  mood: 'willing' | 'refusing' = 'willing';
  /** A daemon that was refused tries again after a second. */
  lastRefusal: Instant | undefined;
  readonly #scheduler: Scheduler;
  readonly #interface: string;
  readonly #ownAddress: Ip;
  readonly #addresses = new Map<Ip, { address: VirtualAddress; until: Instant }>();
  readonly #leases = new Map<Ip, Instant>();
  #guarded: readonly Ip[] = [];
  #unaccepted: readonly Ip[] = [];
  readonly #listeners = new Set<Listener>();
  readonly #linkListeners = new Set<LinkListener>();

  constructor(scheduler: Scheduler, options: { interface: string; ownAddress: Ip }) {
    this.#scheduler = scheduler;
    this.#interface = options.interface;
    this.#ownAddress = options.ownAddress;
  }

  /** Whether this kernel answers for the address at this moment. */
  answers(address: Ip): boolean {
    const now = this.#scheduler.now;
    const held = this.#addresses.get(address);
    const lease = this.#leases.get(address);
    const leased = !this.#guarded.includes(address) || (lease !== undefined && now < lease);
    return this.link === 'up' && held !== undefined && now < held.until && leased;
  }

  /** Whether packets to the address reach a program here: not where it is held without being accepted. */
  accepts(address: Ip): boolean {
    return this.answers(address) && !this.#unaccepted.includes(address);
  }

  powerLoss(): void {
    this.#addresses.clear();
    this.#leases.clear();
    this.#guarded = [];
    this.#unaccepted = [];
    this.#listeners.clear();
    this.#linkListeners.clear();
    this.link = 'down';
  }

  setLink(state: LinkState): void {
    this.link = state;
    for (const { process, changed } of this.#linkListeners) {
      process.deliver(() => {
        changed(state);
      });
    }
  }

  /** A network manager that does not know us. */
  steal(address: Ip): void {
    if (this.#addresses.delete(address)) {
      this.#tellRemoved(address);
    }
  }

  addressTable(process: SimProcess): AddressTable {
    return {
      claim: (address, validFor) =>
        process.answer(() => {
          if (address.interface !== this.#interface) {
            return fail({ code: 'no-such-interface' as const, detail: address.interface });
          }
          if (this.mood === 'refusing') {
            this.lastRefusal = this.#scheduler.now;
            return REFUSED;
          }
          const until = later(this.#scheduler.now, millis(validFor * 1000));
          this.#addresses.set(address.cidr.address, { address, until });
          this.#scheduler.at(until, () => {
            this.#expire(address.cidr.address);
          });
          return done;
        }),
      release: (address) =>
        process.answer(() => {
          if (this.#addresses.delete(address.cidr.address)) {
            this.#tellRemoved(address.cidr.address);
          }
          return done;
        }),
      held: (name) =>
        process.answerAfter(ANSWER_TAKES, () =>
          name === this.#interface
            ? ok(this.#held())
            : fail({ code: 'no-such-interface' as const, detail: name }),
        ),
      watch: (removed) => {
        const listener = { process, removed };
        this.#listeners.add(listener);
        return {
          stop: () => {
            this.#listeners.delete(listener);
          },
        };
      },
    };
  }

  links(process: SimProcess): Links {
    return {
      state: (name) =>
        process.answerAfter(ANSWER_TAKES, () => (name === this.#interface ? this.link : 'missing')),
      watch: (_name, changed) => {
        const listener = { process, changed };
        this.#linkListeners.add(listener);
        return {
          stop: () => {
            this.#linkListeners.delete(listener);
          },
        };
      },
    };
  }

  leaseTable(process: SimProcess): LeaseTable {
    return {
      guard: ({ addresses, unaccepted }) =>
        process.answerAfter(ANSWER_TAKES, () => {
          this.#guarded = addresses;
          this.#unaccepted = unaccepted;
          return done;
        }),
      renew: (addresses, lasting) =>
        process.answer(() => {
          if (this.mood === 'refusing') {
            this.lastRefusal = this.#scheduler.now;
            return REFUSED;
          }
          for (const address of addresses) {
            const until = later(this.#scheduler.now, lasting);
            this.#leases.set(address, until);
            // So that the observer looks at the moment it ends.
            this.#scheduler.at(until, () => undefined);
          }
          return done;
        }),
      revoke: (addresses) =>
        process.answer(() => {
          for (const address of addresses) {
            this.#leases.delete(address);
          }
          return done;
        }),
      remaining: () =>
        process.answerAfter(ANSWER_TAKES, () => {
          const now = this.#scheduler.now;
          const running = [...this.#leases].filter(([, until]) => now < until);
          return ok(new Map(running.map(([address, until]) => [address, between(now, until)])));
        }),
      dismantle: () =>
        process.answerAfter(ANSWER_TAKES, () => {
          this.#guarded = [];
          this.#unaccepted = [];
          this.#leases.clear();
          return done;
        }),
    };
  }

  announcer(process: SimProcess, heard: (address: VirtualAddress) => void): Announcer {
    return {
      announce: (address) => {
        if (process.fate !== 'gone' && this.link === 'up') {
          heard(address);
        }
        return done;
      },
    };
  }

  #expire(address: Ip): void {
    const held = this.#addresses.get(address);
    if (held !== undefined && held.until <= this.#scheduler.now) {
      this.#addresses.delete(address);
      this.#tellRemoved(address);
    }
  }

  #tellRemoved(address: Ip): void {
    for (const { process, removed } of this.#listeners) {
      this.#scheduler.after(millis(0.1), () => {
        process.deliver(() => {
          removed(this.#interface, address);
        });
      });
    }
  }

  #held(): readonly HeldAddress[] {
    const now = this.#scheduler.now;
    const own: HeldAddress = {
      interface: this.#interface,
      cidr: { address: this.#ownAddress, prefixLength: 24 },
      state: 'usable',
      ours: false,
      validFor: undefined,
    };
    const virtual = [...this.#addresses.values()].map(({ address, until }) => ({
      ...address,
      state: 'usable' as const,
      ours: true,
      validFor: seconds(Math.ceil(between(now, until) / 1000)),
    }));
    return [own, ...virtual];
  }
}
