/**
 * The kernel of a simulated machine, as far as a virtual address needs one: addresses with lifetimes, leases, a link.
 * It goes on whatever happens to the daemon, and forgets everything when the power fails.
 */
import type { LinkState } from '../../src/core/notice.js';
import type { Result } from '../../src/base/result.js';
import { done, fail, ok } from '../../src/base/result.js';
import type { Ip } from '../../src/base/ip.js';
import type { Instant, Millis } from '../../src/base/time.js';
import { between, later, millis, seconds } from '../../src/base/time.js';
import type {
  AddressTable,
  HeldAddress,
  KernelRefusal,
  Links,
  VirtualAddress,
} from '../../src/ports/address-table.js';
import type { Announcer } from '../../src/ports/announcer.js';
import type { Connections } from '../../src/ports/connections.js';
import type { OpenConnections } from '../../src/ports/open-connections.js';
import type { LeaseRefusal, LeaseTable } from '../../src/ports/lease-table.js';
import { Lifetimes } from './lifetimes.js';
import { MachineClock } from './machine-clock.js';
import type { SimProcess } from './process.js';
import { Refusals } from './refusals.js';
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

export interface SimKernelOptions {
  readonly interface: string;
  readonly ownAddress: Ip;
  readonly clock?: MachineClock;
}

export class SimKernel {
  readonly refusals: Refusals;
  readonly #scheduler: Scheduler;
  readonly #clock: MachineClock;
  readonly #interface: string;
  readonly #ownAddress: Ip;
  #link: LinkState = 'up';
  #mood: 'willing' | 'refusing' = 'willing';
  readonly #addresses = new Map<Ip, VirtualAddress>();
  /** Of them: those that no daemon has put there. */
  readonly #unmarked = new Set<Ip>();
  readonly #lives: Lifetimes<Ip>;
  readonly #leases: Lifetimes<Ip>;
  /** Addresses that went to the other machine, whose connections are served on. */
  servedOn: readonly Ip[] = [];
  #rules: 'there' | 'flushed' = 'there';
  #guarded: readonly Ip[] = [];
  #unaccepted: readonly Ip[] = [];
  readonly #listeners = new Set<Listener>();
  readonly #linkListeners = new Set<LinkListener>();

  constructor(scheduler: Scheduler, options: SimKernelOptions) {
    const { clock = new MachineClock(scheduler) } = options;
    this.refusals = new Refusals(scheduler);
    this.#scheduler = scheduler;
    this.#clock = clock;
    this.#interface = options.interface;
    this.#ownAddress = options.ownAddress;
    this.#lives = new Lifetimes(clock, (address) => {
      this.#remove(address);
    });
    this.#leases = new Lifetimes(clock, () => {
      scheduler.changed();
    });
  }

  get link(): LinkState {
    return this.#link;
  }

  get mood(): 'willing' | 'refusing' {
    return this.#mood;
  }

  feel(mood: 'willing' | 'refusing'): void {
    this.#mood = mood;
    this.#scheduler.changed();
  }

  /** Whether this kernel answers for the address at this moment. */
  answers(address: Ip): boolean {
    const isGuarded = this.#rules === 'there' && this.#guarded.includes(address);
    const leased = !isGuarded || this.#leases.until(address) !== undefined;
    return this.#link === 'up' && leased && this.#addresses.has(address);
  }

  /** Somebody else empties the tables by which leases are enforced. */
  flushRules(): void {
    this.#rules = 'flushed';
    this.#scheduler.changed();
  }

  /** Whether packets to the address reach a program here: not where it is held without being accepted. */
  accepts(address: Ip): boolean {
    return this.answers(address) && !this.#unaccepted.includes(address);
  }

  powerLoss(): void {
    this.#addresses.clear();
    this.#unmarked.clear();
    this.#lives.clear();
    this.#leases.clear();
    this.#guarded = [];
    this.#unaccepted = [];
    this.#listeners.clear();
    this.#linkListeners.clear();
    this.#link = 'down';
    this.#scheduler.changed();
  }

  setLink(state: LinkState): void {
    this.#link = state;
    this.#scheduler.changed();
    for (const { process, changed } of this.#linkListeners) {
      process.deliver(() => {
        changed(state);
      });
    }
  }

  /** A network manager that does not know us. */
  steal(address: Ip): void {
    this.#remove(address);
  }

  /** Somebody puts an address on the interface, for ever and without our mark. */
  assign(address: VirtualAddress): void {
    const { address: added } = address.cidr;
    if (!this.#addresses.has(added)) {
      this.#addresses.set(added, address);
      this.#unmarked.add(added);
      this.#scheduler.changed();
    }
  }

  /** Takes away what was put there so, unless a daemon has claimed it since. */
  unassign(address: Ip): void {
    if (this.#unmarked.has(address)) {
      this.#remove(address);
    }
  }

  addressTable(process: SimProcess): AddressTable {
    return {
      claim: (address, validFor) =>
        process.answer(() => {
          if (address.interface !== this.#interface) {
            return fail({ code: 'no-such-interface' as const, detail: address.interface });
          }
          if (this.#mood === 'refusing') {
            return this.#refuse();
          }
          const { address: added } = address.cidr;
          this.#addresses.set(added, address);
          this.#unmarked.delete(added);
          const until = later(this.#clock.now, millis(validFor * 1000));
          if (this.#lives.keep(added, until) === 'begun') {
            this.#scheduler.changed();
          }
          return done;
        }),
      release: (address) =>
        process.answer(() => {
          this.#remove(address.cidr.address);
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
        process.answerAfter(ANSWER_TAKES, () =>
          name === this.#interface ? this.#link : 'missing',
        ),
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
          this.#rules = 'there';
          this.#guarded = addresses;
          this.#unaccepted = unaccepted;
          this.#scheduler.changed();
          return done;
        }),
      guarded: () =>
        process.answerAfter(ANSWER_TAKES, () =>
          ok(this.#rules === 'there' ? 'yes' : 'rules missing'),
        ),
      renew: (addresses, lasting) =>
        process.answer(() => {
          if (this.#mood === 'refusing') {
            return this.#refuse();
          }
          const until = later(this.#clock.now, lasting);
          for (const address of addresses) {
            if (this.#leases.keep(address, until) === 'begun') {
              this.#scheduler.changed();
            }
          }
          return done;
        }),
      revoke: (addresses) =>
        process.answer(() => {
          for (const address of addresses) {
            this.#leases.end(address);
          }
          this.#scheduler.changed();
          return done;
        }),
      remaining: () =>
        process.answerAfter(ANSWER_TAKES, () => {
          const running = this.#leases
            .keys()
            .map((address) => [address, left(this.#clock, this.#leases.until(address))] as const);
          return ok(new Map(running));
        }),
      dismantle: () =>
        process.answerAfter(ANSWER_TAKES, () => {
          this.#guarded = [];
          this.#unaccepted = [];
          this.#leases.clear();
          this.#scheduler.changed();
          return done;
        }),
    };
  }

  /** Packets of connections are no part of the simulation. */
  connections(process: SimProcess): Connections {
    const told = (become: readonly Ip[]): Promise<Result<undefined, LeaseRefusal>> =>
      process.answer(() => {
        if (this.#mood === 'refusing') {
          return REFUSED;
        }
        this.servedOn = become;
        return done;
      });
    const nothing = (): ReturnType<typeof told> => told([]);
    return {
      prepare: nothing,
      leave: (moved) => told(moved.map(({ address }) => address)),
      take: nothing,
      end: nothing,
      dismantle: nothing,
    };
  }

  /** Nobody's packets, nobody's connections. */
  openConnections(process: SimProcess): OpenConnections {
    const none = (): Promise<Result<number, KernelRefusal>> =>
      process.answer(() => (this.#mood === 'refusing' ? REFUSED : ok(0)));
    return { count: none, reset: none };
  }

  announcer(process: SimProcess, heard: (address: VirtualAddress) => void): Announcer {
    return {
      announce: (address) => {
        if (process.fate !== 'gone' && this.#link === 'up') {
          heard(address);
        }
        return done;
      },
    };
  }

  #refuse(): typeof REFUSED {
    this.refusals.note();
    return REFUSED;
  }

  #remove(address: Ip): void {
    this.#lives.end(address);
    this.#unmarked.delete(address);
    if (this.#addresses.delete(address)) {
      this.#scheduler.changed();
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
    const own: HeldAddress = {
      interface: this.#interface,
      cidr: { address: this.#ownAddress, prefixLength: 24 },
      state: 'usable',
      ours: false,
      validFor: undefined,
    };
    const virtual = [...this.#addresses.values()].map((address) => ({
      ...address,
      state: 'usable' as const,
      ours: !this.#unmarked.has(address.cidr.address),
      validFor: this.#unmarked.has(address.cidr.address)
        ? undefined
        : seconds(Math.ceil(left(this.#clock, this.#lives.until(address.cidr.address)) / 1000)),
    }));
    return [own, ...virtual];
  }
}

function left(clock: MachineClock, until: Instant | undefined): Millis {
  return between(clock.now, until ?? clock.now);
}
