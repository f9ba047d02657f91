/**
 * A third router that is none of ours: RFC 9568 §6.4 (or RFC 3768 §6.4) told anew from the standard, without preemption
 * unless it owns the address. It answers for the address while it is active, and leaves with a word or without.
 */
import type { Ip } from '../../src/base/ip.js';
import { compareIp } from '../../src/base/ip.js';
import type { MacAddress } from '../../src/base/mac.js';
import type { Millis } from '../../src/base/time.js';
import { millis, millisToCentis, scale } from '../../src/base/time.js';
import type { Arrived } from '../../src/core/receive-checks.js';
import type { AdvertSocket } from '../../src/ports/advert-socket.js';
import { readIpv4Packet } from '../../src/wire/ipv4-packet.js';
import { authenticationFor, decodeAdvert, encodeAdvert } from '../../src/wire/vrrp.js';
import { VRRP_GROUPS } from '../../src/wire/vrrp-groups.js';
import type { LanPort, SimLan } from './lan.js';
import { SimProcess } from './process.js';
import type { Scheduler } from './scheduler.js';

export interface ForeignConfig {
  readonly version: 2 | 3;
  readonly vrid: number;
  /** 255: it owns the address, and is active as soon as it runs. */
  readonly priority: number;
  readonly interval: Millis;
  /** `noise`: it advertises whatever it hears, and has no address. */
  readonly manner: 'router' | 'noise';
}

export interface ForeignPorts {
  readonly scheduler: Scheduler;
  readonly lan: SimLan;
  readonly announced: (router: ForeignRouter) => void;
}

export class ForeignRouter {
  readonly name = 'foreign';
  readonly port: LanPort;
  readonly #address: Ip;
  readonly #ports: ForeignPorts;
  #state: 'off' | 'backup' | 'active' = 'off';
  #config: ForeignConfig | undefined;
  #process: SimProcess;
  #socket: AdvertSocket | undefined;
  #timer: (() => void) | undefined;

  constructor(
    own: { readonly ownAddress: Ip; readonly mac: MacAddress; readonly address: Ip },
    ports: ForeignPorts,
  ) {
    this.#address = own.address;
    this.#ports = ports;
    this.#process = new SimProcess(ports.scheduler);
    this.port = {
      name: this.name,
      ownAddress: own.ownAddress,
      linkUp: () => true,
      mac: own.mac,
      mayHave: (asked) => asked === own.ownAddress || asked === own.address,
      answers: (asked) => asked === own.ownAddress || (asked === own.address && this.answers),
    };
    ports.lan.attach(this.port);
  }

  /** Whether it is there, active or not. */
  get present(): boolean {
    return this.#state !== 'off';
  }

  get answers(): boolean {
    return this.#state === 'active' && this.#config?.manner === 'router';
  }

  /** Nothing happens where one already runs. */
  start(config: ForeignConfig): void {
    if (this.#state !== 'off') {
      return;
    }
    this.#config = config;
    this.#process = new SimProcess(this.#ports.scheduler);
    const opened = this.#ports.lan.adverts(this.port, this.#process).open(
      {
        interface: 'eth0',
        family: 'ipv4',
        source: this.port.ownAddress,
        audience: { kind: 'multicast' },
      },
      {
        received: (arrived) => {
          this.#heard(config, arrived);
        },
        failed: () => undefined,
      },
    );
    this.#socket = opened.ok ? opened.value : undefined;
    this.#become('backup');
    if (config.priority === OWNER || config.manner === 'noise') {
      this.#activate(config);
    } else {
      this.#waitFor(config, config.interval);
    }
  }

  /** With a last word where it is active. */
  leave(): void {
    if (this.answers && this.#config !== undefined) {
      this.#say({ ...this.#config, priority: 0 });
    }
    this.die();
  }

  die(): void {
    this.#timer?.();
    this.#process.kill();
    this.#socket?.close();
    this.#become('off');
  }

  #become(state: 'off' | 'backup' | 'active'): void {
    this.#state = state;
    this.#ports.scheduler.changed();
  }

  #activate(config: ForeignConfig): void {
    this.#become('active');
    if (config.manner === 'router') {
      this.#ports.announced(this);
      this.#ports.lan.announce(this.port, this.#address);
    }
    this.#advertise(config);
  }

  #advertise(config: ForeignConfig): void {
    this.#say(config);
    this.#ring(config.interval, () => {
      this.#advertise(config);
    });
  }

  #heard(config: ForeignConfig, arrived: Arrived): void {
    const advert = config.manner === 'noise' ? undefined : understood(config, arrived);
    if (advert === undefined) {
      return;
    }
    if (this.#state === 'backup') {
      this.#waitFor(config, advert.priority === 0 ? NOTHING : advert.interval);
    } else if (advert.priority === 0) {
      this.#advertise(config);
    } else if (
      advert.priority > config.priority ||
      (advert.priority === config.priority && compareIp(advert.source, this.port.ownAddress) > 0)
    ) {
      this.#become('backup');
      this.#waitFor(config, advert.interval);
    } else {
      // RFC 9568 §6.4.3: the loser hears at once that it is one.
      this.#advertise(config);
    }
  }

  /** Active_Down_Interval, or Skew_Time where the interval is nothing. */
  #waitFor(config: ForeignConfig, interval: Millis): void {
    const unit =
      config.version === 2 ? ONE_SECOND : interval === NOTHING ? config.interval : interval;
    const skew = scale(unit, (256 - config.priority) / 256);
    this.#ring(millis(3 * interval + skew), () => {
      this.#activate(config);
    });
  }

  #ring(delay: Millis, act: () => void): void {
    this.#timer?.();
    this.#timer = this.#ports.scheduler.after(delay, act);
  }

  #say({ version, vrid, priority, interval }: ForeignConfig): void {
    const fields = {
      vrid,
      priority,
      maxAdvertInterval: millisToCentis(interval),
      addresses: [this.#address],
    };
    const advert =
      version === 3
        ? { version, ...fields }
        : { version, ...fields, authentication: authenticationFor(undefined) };
    this.#socket?.send(
      encodeAdvert(advert, {
        source: this.port.ownAddress,
        destination: VRRP_GROUPS.ipv4,
        checksum: 'without-pseudo-header',
      }),
    );
  }
}

interface Understood {
  readonly source: Ip;
  readonly priority: number;
  readonly interval: Millis;
}

function understood(config: ForeignConfig, arrived: Arrived): Understood | undefined {
  const packet = arrived.family === 'ipv4' ? readIpv4Packet(arrived.packet) : undefined;
  if (packet?.ok !== true) {
    return undefined;
  }
  const { source, destination, payload } = packet.value;
  const decoded = decodeAdvert(payload, { source, destination }, config.version);
  if (!decoded.ok || decoded.value.advert.vrid !== config.vrid) {
    return undefined;
  }
  const { priority, maxAdvertInterval } = decoded.value.advert;
  return { source, priority, interval: millis(maxAdvertInterval * 10) };
}

const OWNER = 255;
const NOTHING = millis(0);
const ONE_SECOND = millis(1000);
