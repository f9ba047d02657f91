/** A machine whose scripts, processes, files, links and neighbours are in the hand of a test. */
import type { Ip } from '../../../src/base/ip.js';
import type { MacAddress } from '../../../src/base/mac.js';
import type { Result } from '../../../src/base/result.js';
import { done, fail, ok } from '../../../src/base/result.js';
import { millis } from '../../../src/base/time.js';
import type { TrackConfig, TrackedThingConfig } from '../../../src/config/config.js';
import type { LinkState } from '../../../src/core/notice.js';
import type { Listening, ServerSeen } from '../../../src/core/served.js';
import type { ServiceReach } from '../../../src/core/service-reach.js';
import type { Sample } from '../../../src/core/tracking.js';
import type { TrackerPorts } from '../../../src/health/tracker-runner.js';
import { TrackerRunner } from '../../../src/health/tracker-runner.js';
import type { KernelRefusal } from '../../../src/ports/address-table.js';
import type { FileFailure } from '../../../src/ports/files.js';
import type { NeighbourHandlers } from '../../../src/ports/neighbours.js';
import type { ProcessFailure } from '../../../src/ports/processes.js';
import type { ScriptFailure } from '../../../src/ports/scripts.js';
import type { ServedFailure } from '../../../src/ports/served.js';
import { HandClock } from '../engine/fakes.js';

export const OWN = ['192.0.2.10' as Ip, 'fe80::10' as Ip] as const;
const RHYTHM = { every: millis(1000), rise: 2, fall: 2 } as const;

export const THINGS = {
  interface: { kind: 'interface', interface: 'eth1', debounce: millis(1000) },
  script: {
    kind: 'script',
    path: '/usr/local/sbin/check',
    args: ['-q'],
    user: 'nobody',
    timeout: millis(800),
    ...RHYTHM,
  },
  process: { kind: 'process', program: 'nginx', ...RHYTHM },
  file: { kind: 'file', path: '/run/maintenance', every: millis(1000) },
  neighbours: {
    kind: 'neighbours',
    interface: 'eth0',
    addresses: ['192.0.2.1' as Ip, 'fe80::1' as Ip],
    timeout: millis(300),
    ...RHYTHM,
  },
  backends: { kind: 'backends', backends: 'all', quorum: 50, ...RHYTHM },
  services: {
    kind: 'services',
    services: 'all',
    addresses: ['192.0.2.100' as Ip],
    quorum: 50,
    ...RHYTHM,
  },
  listeners: { kind: 'listeners', addresses: ['192.0.2.100' as Ip], ports: [80], ...RHYTHM },
  proxy: { kind: 'proxy' },
} as const satisfies Record<string, TrackedThingConfig>;

type Look<T, E> = (outcome: Result<T, E>) => void;

export class FakeHealth {
  readonly clock = new HandClock();
  readonly calls: string[] = [];
  readonly samples: string[] = [];
  /** Questions that wait for the test's answer, oldest first. */
  readonly scripts: Look<undefined, ScriptFailure>[] = [];
  readonly processes: Look<number | undefined, ProcessFailure>[] = [];
  readonly files: Look<number, FileFailure>[] = [];
  readonly links: ((state: LinkState) => void)[] = [];
  readonly watchers = new Set<(state: LinkState) => void>();
  readonly sockets: { handlers: NeighbourHandlers; fate: 'open' | 'closed' }[] = [];
  openRefusal: KernelRefusal | undefined;
  /** By the question's target. */
  readonly askRefusals = new Map<Ip, KernelRefusal>();

  /** What the proxy and the kernel answer at once. */
  served: Result<readonly ServerSeen[], ServedFailure> = ok([]);
  reached: readonly ServiceReach[] = [];
  listening: Result<readonly Listening[], ServedFailure> = ok([]);

  readonly ports: TrackerPorts = {
    clock: this.clock,
    links: {
      state: (name) => {
        this.calls.push(`state ${name}`);
        return new Promise((answer) => this.links.push(answer));
      },
      watch: (_name, changed) => {
        this.watchers.add(changed);
        return { stop: () => void this.watchers.delete(changed) };
      },
    },
    scripts: {
      run: ({ path, args, user, within }, stop) => {
        this.calls.push([path, ...args, user, within].join(' '));
        stop.addEventListener('abort', () => this.calls.push('killed'));
        return new Promise((answer) => this.scripts.push(answer));
      },
    },
    processes: {
      find: (query) => {
        this.calls.push(Object.values(query).join(' '));
        return new Promise((answer) => this.processes.push(answer));
      },
    },
    files: {
      readInteger: (path) => {
        this.calls.push(`read ${path}`);
        return new Promise((answer) => this.files.push(answer));
      },
    },
    servers: { servers: () => Promise.resolve(this.served) },
    reached: () => this.reached,
    listeners: { listening: () => Promise.resolve(this.listening) },
    neighbours: {
      open: (options, handlers) => {
        this.calls.push(`open ${options.interface}`);
        if (this.openRefusal !== undefined) {
          return fail(this.openRefusal);
        }
        const socket: FakeHealth['sockets'][number] = { handlers, fate: 'open' };
        this.sockets.push(socket);
        return ok({
          ask: ({ target, sender }) => {
            this.calls.push(`who has ${target} tell ${sender ?? 'nobody'}`);
            const refusal = this.askRefusals.get(target);
            return refusal === undefined ? done : fail(refusal);
          },
          close: () => {
            socket.fate = 'closed';
          },
        });
      },
    },
  };

  /** Starts looking at these. */
  run(things: readonly TrackedThingConfig[], senders: readonly Ip[] = OWN): TrackerRunner {
    const track = things.map((thing): TrackConfig => ({
      name: thing.kind,
      thing,
      consequence: { kind: 'fault' },
    }));
    const runner = new TrackerRunner(
      { track, senders, startAfter: millis(0) },
      this.ports,
      (index, sample) => {
        this.samples.push(`${String(index)} ${inWords(sample)}`);
      },
    );
    runner.start();
    return runner;
  }

  changeLink(state: LinkState): void {
    for (const changed of this.watchers) {
      changed(state);
    }
  }

  /** Somebody says that it has the address, to all sockets that are open. */
  claim(address: string): void {
    for (const { handlers, fate } of this.sockets) {
      if (fate === 'open') {
        handlers.heard({
          address: address as Ip,
          mac: '02:00:00:00:00:01' as MacAddress,
          kind: 'answer',
        });
      }
    }
  }
}

/** Lets promises that have been answered go on. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) {
    await Promise.resolve();
  }
}

function inWords(sample: Sample): string {
  switch (sample.kind) {
    case 'well':
      return 'well';
    case 'failing':
      return sample.why;
    case 'value':
      return `holds ${String(sample.value)}`;
  }
}
