/** Whether the kernel forwards packets at all: services need it, and whether a machine is a router is the operator's choice. */
import type { Family } from '../base/ip.js';
import { familyOf } from '../base/ip.js';
import type { ServiceConfig } from '../config/config.js';
import type { Sysctls } from '../ports/sysctl.js';
import type { Log } from '../telemetry/events.js';

/** What the kernel must be set to, by its dotted name; for whichever families there are. */
export function forwardingSettings(
  services: readonly Pick<ServiceConfig, 'address'>[],
): readonly string[] {
  return [...new Set(services.map(({ address }) => FORWARDING[familyOf(address)]))];
}

const FORWARDING: Readonly<Record<Family, string>> = {
  ipv4: 'net.ipv4.ip_forward',
  ipv6: 'net.ipv6.conf.all.forwarding',
};

export class Forwarding {
  readonly #ports: { readonly sysctls: Pick<Sysctls, 'read'>; readonly log: Log };
  #off: readonly string[] = [];

  constructor(ports: { readonly sysctls: Pick<Sysctls, 'read'>; readonly log: Log }) {
    this.#ports = ports;
  }

  /** One sentence each. */
  get problems(): readonly string[] {
    return this.#off.map(sentenceOf);
  }

  /** Tells what has changed. */
  async look(services: readonly ServiceConfig[]): Promise<void> {
    const { sysctls, log } = this.#ports;
    const off: string[] = [];
    for (const name of forwardingSettings(services)) {
      const value = await sysctls.read(name);
      if (value.ok && value.value === '0') {
        off.push(name);
      }
    }
    const before = this.#off;
    this.#off = off;
    for (const name of off.filter((each) => !before.includes(each))) {
      log.tell({ event: 'service.not-forwarding', name, detail: sentenceOf(name) });
    }
    for (const name of before.filter((each) => !off.includes(each))) {
      log.tell({ event: 'service.forwarding', name });
    }
  }
}

function sentenceOf(name: string): string {
  return `the kernel forwards nothing, so no connection is passed on: set ${name}=1 in /etc/sysctl.d, on both nodes`;
}
