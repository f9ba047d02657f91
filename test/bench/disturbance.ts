/** What keeps a machine and its daemons busy with what is none of their business: bounded, and over when it is told to be. */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { resolve } from 'node:path';
import type { Lab } from '../../src/lab/lab.js';
import { labDirectory } from '../../src/lab/state-directory.js';
import { HOST_ADDRESSES, LAN_INTERFACE, namespaceOf, NODE_NAMES } from '../../src/lab/topology.js';
import type { NamespaceRole } from '../../src/lab/topology.js';
import { VRRP_GROUPS } from '../../src/wire/vrrp-groups.js';
import { GARBAGE } from '../lab/garbage.js';
import type { Volley } from '../lab/packet-sender.js';

/** Each daemon gets so many of both kinds together. */
export const EVENTS_PER_SECOND = 1_000;
const EACH_KIND = EVENTS_PER_SECOND / 2;
/** Whoever started it and died: it ends by itself. */
const LASTS_SECONDS = 120;
const BURST_EVERY_MS = 10;
const MILLIS_PER_SECOND = 1_000;
/** An interface of its own, that nobody needs. */
const FLAPPING = 'flapping0';
const SENDER = resolve(import.meta.dirname, '../lab/packet-sender.ts');

export class Disturbance {
  readonly #children: ChildProcess[] = [];
  readonly #timers: NodeJS.Timeout[] = [];

  /** Every processor is taken by ordinary programs that never rest, two for each. */
  takeProcessors(): void {
    for (const each of [...cpus(), ...cpus()]) {
      this.#start(['sh', '-c', `: ${String(each.speed)}; while :; do :; done`]);
    }
  }

  /** Adverts that are none, from a stranger on the LAN. */
  sendGarbage(lab: Lab): void {
    const packets = Object.entries(GARBAGE)
      .filter(([cause]) => cause !== 'destination')
      .map(([, packet]) => packet.toString('hex'));
    const volley: Volley = {
      interface: LAN_INTERFACE,
      form: 'whole',
      source: HOST_ADDRESSES.client,
      destination: VRRP_GROUPS.ipv4,
      packets,
      count: LASTS_SECONDS * EACH_KIND,
      perSecond: EACH_KIND,
    };
    const file = `${labDirectory(lab.settings.name)}/disturbance.json`;
    writeFileSync(file, JSON.stringify(volley));
    this.#startIn(lab, 'client', [process.execPath, '--import', 'tsx', SENDER, file]);
  }

  /** Beside each daemon an interface goes up and down; the kernel tells everybody who listens. */
  flapLinks(lab: Lab): void {
    for (const node of NODE_NAMES) {
      const batch = this.#startIn(lab, node, ['ip', '-force', '-batch', '-']);
      batch.stdin?.on('error', () => undefined);
      batch.stdin?.write(`link add ${FLAPPING} type dummy\n`);
      const beganAt = performance.now();
      let told = 0;
      const timer = setInterval(() => {
        const due = ((performance.now() - beganAt) * EACH_KIND) / MILLIS_PER_SECOND;
        for (; told < due; told += 1) {
          batch.stdin?.write(`link set ${FLAPPING} ${told % 2 === 0 ? 'up' : 'down'}\n`);
        }
      }, BURST_EVERY_MS);
      this.#timers.push(timer);
    }
  }

  end(): void {
    for (const timer of this.#timers) {
      clearInterval(timer);
    }
    for (const child of this.#children) {
      child.kill('SIGTERM');
    }
  }

  #startIn(lab: Lab, role: NamespaceRole, command: readonly string[]): ChildProcess {
    return this.#start(['ip', 'netns', 'exec', namespaceOf(lab.settings.name, role), ...command]);
  }

  /** `timeout` hands a SIGTERM on to what it started. */
  #start(command: readonly string[]): ChildProcess {
    const child = spawn('timeout', [String(LASTS_SECONDS), ...command], {
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    this.#children.push(child);
    return child;
  }
}
