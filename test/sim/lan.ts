/** A lossy LAN: what one node sends reaches the other late, twice, or not at all; each direction fails by itself. */
import type { Ip } from '../../src/base/ip.js';
import { ipBytes } from '../../src/base/ip.js';
import type { MacAddress } from '../../src/base/mac.js';
import type { Ipv6 } from '../../src/base/ipv6.js';
import { done, fail, ok } from '../../src/base/result.js';
import type { Instant, Millis } from '../../src/base/time.js';
import { millis } from '../../src/base/time.js';
import type { Arrived } from '../../src/core/receive-checks.js';
import type { AdvertSocketOptions, AdvertSockets } from '../../src/ports/advert-socket.js';
import type { NeighbourHandlers, Neighbours } from '../../src/ports/neighbours.js';
import { checksumOf, wordSum } from '../../src/wire/internet-checksum.js';
import { VRRP_GROUPS } from '../../src/wire/vrrp-groups.js';
import type { SimProcess } from './process.js';
import type { Chance } from './chance.js';
import type { Scheduler } from './scheduler.js';

export interface LanPort {
  readonly name: string;
  readonly ownAddress: Ip;
  readonly linkUp: () => boolean;
  readonly mac: MacAddress;
  /** Whether its kernel answers for the address now, its own included. */
  readonly answers: (address: Ip) => boolean;
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
  loss = 0;
  /** Share of packets that arrive twice. */
  duplication = 0;
  longestDelay: Millis = millis(0.3);
  /** Directions that are cut, as `from>to`. */
  readonly cuts: Set<string> = new Set<string>();
  /** Nodes whose own firewall refuses what they send: they are told. */
  readonly mute: Set<string> = new Set<string>();
  /** When that happened last, by node. */
  readonly refusedAt: Map<string, Instant> = new Map<string, Instant>();
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
            if (this.mute.has(port.name)) {
              this.refusedAt.set(port.name, this.#scheduler.now);
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
      if (ear.port !== from && this.#passes(from, ear.port)) {
        this.#tell(ear, from, address);
      }
    }
  }

  /** A machine that has a network port; it answers from its kernel, whatever its daemon does. */
  attach(port: LanPort): void {
    this.#ports.add(port);
  }

  /** Whether anything gets through from one node to the other. */
  carries(from: LanPort, to: LanPort): boolean {
    return from.linkUp() && to.linkUp() && !this.cuts.has(`${from.name}>${to.name}`);
  }

  #passes(from: LanPort, to: LanPort): boolean {
    return this.carries(from, to) && this.#chance.next() >= this.loss;
  }

  #delay(): Millis {
    return millis(0.05 + this.#chance.next() * this.longestDelay);
  }

  #ask(from: LanPort, target: Ip): void {
    for (const to of this.#ports) {
      if (to !== from && this.#passes(from, to)) {
        this.#scheduler.after(this.#delay(), () => {
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
      const arrived = ARRIVALS[family](source, destination, message);
      for (const to of this.#sockets) {
        if (to.port !== from.port && hears(to, destination) && this.carries(from.port, to.port)) {
          this.#deliver(to, arrived);
        }
      }
    }
  }

  #deliver(to: Open, arrived: Arrived): void {
    if (this.#chance.next() >= this.loss) {
      this.#arrive(to, arrived);
      if (this.#chance.next() < this.duplication) {
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

/** Every simulated machine has one. */
const INTERFACE = 'eth0';

/** Whether a kernel hands the socket what is sent to that address. */
function hears({ options }: Open, destination: Ip): boolean {
  return options.audience.kind === 'multicast'
    ? destination === VRRP_GROUPS[options.family]
    : destination === options.source;
}

const ARRIVALS = {
  ipv4: (source: Ip, destination: Ip, message: Uint8Array): Arrived => ({
    family: 'ipv4',
    packet: ipv4Packet(source, destination, message),
  }),
  ipv6: (source: Ip, destination: Ip, message: Uint8Array): Arrived => ({
    family: 'ipv6',
    source: source as Ipv6,
    destination: destination as Ipv6,
    hopLimit: 255,
    payload: withChecksum(source, destination, message),
  }),
};

/** As the sender's kernel does over IPv6, whatever stood there (RFC 8200 §8.1). */
function withChecksum(source: Ip, destination: Ip, message: Uint8Array): Uint8Array {
  const payload = Uint8Array.from(message);
  payload.set([0, 0], 6);
  const pseudoHeader = [
    ipBytes(source),
    ipBytes(destination),
    Uint8Array.of(0, message.length, 0, 112),
  ];
  const checksum = checksumOf(
    [...pseudoHeader, payload].reduce((sum, part) => wordSum(part, sum), 0),
  );
  payload.set([checksum >>> 8, checksum & 0xff], 6);
  return payload;
}

/** The header a raw socket delivers in front of the message (RFC 791 §3.1). */
function ipv4Packet(source: Ip, destination: Ip, message: Uint8Array): Uint8Array {
  const packet = new Uint8Array(20 + message.length);
  packet.set([0x45, 0xc0, 0, packet.length, 0, 0, 0, 0, 255, 112, 0, 0]);
  packet.set(ipBytes(source), 12);
  packet.set(ipBytes(destination), 16);
  packet.set(message, 20);
  return packet;
}
