/** A lossy LAN: what one node sends reaches the other late, twice, or not at all; each direction fails by itself. */
import type { Ip } from '../../src/base/ip.js';
import { ipBytes } from '../../src/base/ip.js';
import { ok } from '../../src/base/result.js';
import type { Instant, Millis } from '../../src/base/time.js';
import { millis } from '../../src/base/time.js';
import type { AdvertSockets } from '../../src/ports/advert-socket.js';
import { VRRP_GROUP } from '../../src/wire/vrrp.js';
import type { SimProcess } from './process.js';
import type { Chance } from './chance.js';
import type { Scheduler } from './scheduler.js';

export interface LanPort {
  readonly name: string;
  readonly ownAddress: Ip;
  readonly linkUp: () => boolean;
}

interface Open {
  readonly port: LanPort;
  readonly process: SimProcess;
  readonly received: (packet: Uint8Array) => void;
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

  constructor(scheduler: Scheduler, chance: Chance) {
    this.#scheduler = scheduler;
    this.#chance = chance;
  }

  adverts(port: LanPort, process: SimProcess): AdvertSockets {
    return {
      open: (_options, { received, failed }) => {
        const socket = { port, process, received };
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
            this.#send(port, message);
          },
          close: () => {
            this.#sockets.delete(socket);
          },
        });
      },
    };
  }

  /** Whether anything gets through from one node to the other. */
  carries(from: LanPort, to: LanPort): boolean {
    return from.linkUp() && to.linkUp() && !this.cuts.has(`${from.name}>${to.name}`);
  }

  #send(from: LanPort, message: Uint8Array): void {
    const packet = ipv4Packet(from.ownAddress, message);
    for (const to of this.#sockets) {
      if (to.port !== from && this.carries(from, to.port) && this.#chance.next() >= this.loss) {
        this.#arrive(to, packet);
        if (this.#chance.next() < this.duplication) {
          this.#arrive(to, packet);
        }
      }
    }
  }

  #arrive(to: Open, packet: Uint8Array): void {
    this.#scheduler.after(millis(0.05 + this.#chance.next() * this.longestDelay), () => {
      if (this.#sockets.has(to) && to.port.linkUp()) {
        to.process.deliver(() => {
          to.received(packet);
        });
      }
    });
  }
}

/** The header a raw socket delivers in front of the message (RFC 791 §3.1). */
function ipv4Packet(source: Ip, message: Uint8Array): Uint8Array {
  const packet = new Uint8Array(20 + message.length);
  packet.set([0x45, 0xc0, 0, packet.length, 0, 0, 0, 0, 255, 112, 0, 0]);
  packet.set(ipBytes(source), 12);
  packet.set(ipBytes(VRRP_GROUP), 16);
  packet.set(message, 20);
  return packet;
}
