/** A lossy LAN: what one node sends reaches the other late, twice, or not at all; each direction fails by itself. */
import type { Ip } from '../../src/base/ip.js';
import type { MacAddress } from '../../src/base/mac.js';
import { done, fail, ok } from '../../src/base/result.js';
import type { Millis } from '../../src/base/time.js';
import { millis } from '../../src/base/time.js';
import type { Arrived } from '../../src/core/receive-checks.js';
import type { AdvertSocketOptions, AdvertSockets } from '../../src/ports/advert-socket.js';
import type { NeighbourHandlers, Neighbours } from '../../src/ports/neighbours.js';
import { VRRP_GROUPS } from '../../src/wire/vrrp-groups.js';
import type { SimProcess } from './process.js';
import { Refusals } from './refusals.js';
import { arriving } from './arriving.js';
import type { Chance } from './chance.js';
import type { Scheduler } from './scheduler.js';

export interface LanPort {
  readonly name: string;
  readonly ownAddress: Ip;
  readonly linkUp: () => boolean;
  readonly mac: MacAddress;
  /** Whether the address could ever be its own: nobody else need be asked. */
  readonly mayHave: (address: Ip) => boolean;
  /** Whether its kernel answers for the address now, its own included. */
  readonly answers: (address: Ip) => boolean;
  /** A neighbour whose packets are never lost: whether it answers tells of the link, and not of chance. */
  readonly sure?: boolean;
}

interface Ear {
  readonly port: LanPort;
  readonly process: SimProcess;
  readonly heard: NeighbourHandlers['heard'];
}

interface Open {
  readonly port: LanPort;
  readonly process: SimProcess;
  readonly options: AdvertSocketOptions;
  readonly received: (arrived: Arrived) => void;
}

export class SimLan {
  /** Share of packets that are lost. */
  #loss = 0;
  /** Share of packets that arrive twice. */
  #duplication = 0;
  #longestDelay: Millis = SHORT_DELAY;
  /** Whom each port cannot reach. */
  readonly #cuts = new Map<LanPort, Set<LanPort>>();
  /** Whose adverts a filter on their way swallows: those that they send, or are sent. */
  readonly #filtered = { in: new Set<LanPort>(), out: new Set<LanPort>() };
  /** Nodes whose own firewall refuses what they send: they are told. */
  readonly #mute = new Set<LanPort>();
  readonly #refusals = new Map<LanPort, Refusals>();
  readonly #scheduler: Scheduler;
  readonly #chance: Chance;
  readonly #sockets = new Set<Open>();
  readonly #ports = new Set<LanPort>();
  readonly #ears = new Set<Ear>();

  constructor(scheduler: Scheduler, chance: Chance) {
    this.#scheduler = scheduler;
    this.#chance = chance;
  }

  adverts(port: LanPort, process: SimProcess): AdvertSockets {
    return {
      open: (options, { received, failed }) => {
        const socket = { port, process, options, received };
        this.#sockets.add(socket);
        return ok({
          send: (message: Uint8Array) => {
            if (!this.#sockets.has(socket) || process.fate === 'gone') {
              return;
            }
            if (this.#mute.has(port)) {
              this.#refusals.get(port)?.note();
              this.#scheduler.after(millis(0.1), () => {
                process.deliver(() => {
                  failed({ code: 'not-permitted', detail: 'simulated firewall' });
                });
              });
              return;
            }
            this.#send(socket, message);
          },
          close: () => {
            this.#sockets.delete(socket);
          },
        });
      },
    };
  }

  neighbours(port: LanPort, process: SimProcess): Neighbours {
    return {
      open: (options, { heard }) => {
        if (options.interface !== INTERFACE) {
          return fail({ code: 'no-such-interface', detail: options.interface });
        }
        const ear = { port, process, heard };
        this.#ears.add(ear);
        return ok({
          ask: ({ target }) => {
            if (!this.#ears.has(ear)) {
              return fail({ code: 'no-such-interface', detail: options.interface });
            }
            this.#ask(port, target);
            return done;
          },
          close: () => {
            this.#ears.delete(ear);
          },
        });
      },
    };
  }

  /** Says to all neighbours that the port has the address. */
  announce(from: LanPort, address: Ip): void {
    for (const ear of this.#ears) {
      if (ear.process.fate === 'gone') {
        this.#ears.delete(ear);
      } else if (ear.port !== from && this.#passes(from, ear.port)) {
        this.#tell(ear, from, address);
      }
    }
  }

  /** A machine that has a network port; it answers from its kernel, whatever its daemon does. */
  attach(port: LanPort): void {
    this.#ports.add(port);
    this.#refusals.set(port, new Refusals(this.#scheduler));
  }

  /** Whether anything gets through from one node to the other. */
  carries(from: LanPort, to: LanPort): boolean {
    return from.linkUp() && to.linkUp() && this.#cuts.get(from)?.has(to) !== true;
  }

  cut(from: LanPort, to: LanPort): void {
    this.#cuts.set(from, (this.#cuts.get(from) ?? new Set()).add(to));
    this.#scheduler.changed();
  }

  mend(from: LanPort, to: LanPort): void {
    this.#cuts.get(from)?.delete(to);
    this.#scheduler.changed();
  }

  /** Adverts alone; nobody is told. */
  filterAdverts(port: LanPort, direction: 'in' | 'out'): void {
    this.#filtered[direction].add(port);
    this.#scheduler.changed();
  }

  passAdverts(port: LanPort, direction: 'in' | 'out'): void {
    this.#filtered[direction].delete(port);
    this.#scheduler.changed();
  }

  muffle(port: LanPort): void {
    this.#mute.add(port);
    this.#scheduler.changed();
  }

  unmuffle(port: LanPort): void {
    this.#mute.delete(port);
    this.#scheduler.changed();
  }

  isMute(port: LanPort): boolean {
    return this.#mute.has(port);
  }

  /** Whether something that the node sent was refused a moment ago. */
  wasMute(port: LanPort): boolean {
    return this.#refusals.get(port)?.recent === true;
  }

  /** Whether packets arrive, and nobody is kept from sending. */
  get reliable(): boolean {
    return this.#loss === 0 && this.#mute.size === 0;
  }

  lose(share: number): void {
    this.#loss = share;
    this.#scheduler.changed();
  }

  /** Packets take their time, and some arrive twice. */
  dawdle(how: { readonly longestDelay: Millis; readonly duplication: number }): void {
    this.#longestDelay = how.longestDelay;
    this.#duplication = how.duplication;
  }

  hurry(): void {
    this.dawdle({ longestDelay: SHORT_DELAY, duplication: 0 });
  }

  /** Heals everything. */
  heal(): void {
    this.#cuts.clear();
    this.#filtered.in.clear();
    this.#filtered.out.clear();
    this.#mute.clear();
    this.hurry();
    this.lose(0);
  }

  #carriesAdverts(from: LanPort, to: LanPort): boolean {
    const { in: entering, out: leaving } = this.#filtered;
    return this.carries(from, to) && !leaving.has(from) && !entering.has(to);
  }

  #passes(from: LanPort, to: LanPort): boolean {
    const isSure = from.sure === true || to.sure === true;
    return this.carries(from, to) && (isSure || this.#chance.next() >= this.#loss);
  }

  #delay(): Millis {
    return millis(0.05 + this.#chance.next() * this.#longestDelay);
  }

  #ask(from: LanPort, target: Ip): void {
    for (const to of this.#ports) {
      if (to !== from && this.#passes(from, to)) {
        const delay = this.#delay();
        if (!to.mayHave(target)) {
          continue;
        }
        this.#scheduler.after(delay, () => {
          if (to.linkUp() && to.answers(target) && this.#passes(to, from)) {
            this.#answer(to, from, target);
          }
        });
      }
    }
  }

  /** All programs of the asking machine hear the answer. */
  #answer(from: LanPort, to: LanPort, address: Ip): void {
    for (const ear of this.#ears) {
      if (ear.port === to) {
        this.#tell(ear, from, address);
      }
    }
  }

  #tell(ear: Ear, from: LanPort, address: Ip): void {
    this.#scheduler.after(this.#delay(), () => {
      if (ear.port.linkUp()) {
        ear.process.deliver(() => {
          if (this.#ears.has(ear)) {
            this.#scheduler.answered();
            ear.heard({ address, mac: from.mac, kind: 'answer' });
          }
        });
      }
    });
  }

  #send(from: Open, message: Uint8Array): void {
    const { audience, family, source } = from.options;
    const destinations = audience.kind === 'multicast' ? [VRRP_GROUPS[family]] : audience.peers;
    for (const destination of destinations) {
      const arrived = arriving({ family, source, destination }, message);
      for (const to of this.#sockets) {
        if (to.process.fate === 'gone') {
          this.#sockets.delete(to);
        } else if (
          to.port !== from.port &&
          hears(to, destination) &&
          this.#carriesAdverts(from.port, to.port)
        ) {
          this.#deliver(to, arrived);
        }
      }
    }
  }

  #deliver(to: Open, arrived: Arrived): void {
    if (this.#chance.next() >= this.#loss) {
      this.#arrive(to, arrived);
      if (this.#chance.next() < this.#duplication) {
        this.#arrive(to, arrived);
      }
    }
  }

  #arrive(to: Open, arrived: Arrived): void {
    this.#scheduler.after(this.#delay(), () => {
      if (this.#sockets.has(to) && to.port.linkUp()) {
        to.process.deliver(() => {
          to.received(arrived);
        });
      }
    });
  }
}

const SHORT_DELAY = millis(0.3);

/** Every simulated machine has one. */
const INTERFACE = 'eth0';

/** Whether a kernel hands the socket what is sent to that address. */
function hears({ options }: Open, destination: Ip): boolean {
  return options.audience.kind === 'multicast'
    ? destination === VRRP_GROUPS[options.family]
    : destination === options.source;
}
