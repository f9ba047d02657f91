/** The world as the engine sees it, in the hand of a test: nothing happens but what the test lets happen. */
import { virtualMac } from '../../../src/core/virtual-mac.js';
import type { LinkState } from '../../../src/core/notice.js';
import type { Ip } from '../../../src/base/ip.js';
import { formatCidr } from '../../../src/base/ip.js';
import { ipBytes } from '../../../src/base/ip.js';
import type { Failed } from '../../../src/base/result.js';
import { done, fail, ok } from '../../../src/base/result.js';
import type { Instant, WallTime } from '../../../src/base/time.js';
import { centis, instant, millis, wallTime } from '../../../src/base/time.js';
import type { GroupPlan, InstancePlan } from '../../../src/engine/group-plan.js';
import type { EnginePorts } from '../../../src/engine/ports.js';
import type { HeldAddress, KernelRefusal } from '../../../src/ports/address-table.js';
import type { AdvertSocketHandlers, SocketFailure } from '../../../src/ports/advert-socket.js';
import type { FoundSetting, FoundSettings } from '../../../src/ports/found-settings.js';
import type { Moved } from '../../../src/ports/connections.js';
import type { Guarded } from '../../../src/ports/lease-table.js';
import type { NeighbourHandlers } from '../../../src/ports/neighbours.js';
import type { VirtualInterface } from '../../../src/ports/virtual-interfaces.js';
import type { Alarm, Clock } from '../../../src/ports/clock.js';
import type { Sysctls } from '../../../src/ports/sysctl.js';
import type { LogEvent } from '../../../src/telemetry/events.js';
import type { ChecksumForm } from '../../../src/wire/vrrp-checksum.js';
import { VRRP_GROUPS } from '../../../src/wire/vrrp-groups.js';
import type { AdvertV3 } from '../../../src/wire/vrrp.js';
import { SimSigningMemory } from '../../sim/signing-memory.js';
import { encodeAdvert, readAdvert } from '../../../src/wire/vrrp.js';

export const OWN = '198.51.100.10' as Ip;
export const PEER = '198.51.100.11' as Ip;
export const VIPS = ['192.0.2.100' as Ip, '192.0.2.101' as Ip] as const;

const ROUTER = {
  family: 'ipv4',
  version: 3,
  vrid: 51,
  ownAddress: OWN,
  audience: { kind: 'multicast' },
  addresses: VIPS,
} as const;

/** The one virtual router of {@link PLAN}. */
export const INSTANCE: InstancePlan = {
  ...ROUTER,
  interface: 'eth0',
  virtualInterface: undefined,
  virtualMac: virtualMac('ipv4', 51),
  checksum: 'with-pseudo-header',
  authentication: undefined,
  expectations: { ...ROUTER, interval: centis(100), minTtl: 255, password: undefined },
};

export const PLAN: GroupPlan = {
  name: 'web',
  instances: [INSTANCE],
  addresses: VIPS.map((address) => ({ interface: 'eth0', cidr: { address, prefixLength: 24 } })),
  accept: true,
  track: [],
  vrrp: {
    group: 'web',
    version: 3,
    priority: 200,
    peerPriority: 199,
    interval: millis(1000),
    instances: [{ interface: 'eth0', ownAddress: OWN }],
    preempt: 'forbidden',
    foreignPeers: [],
    failback: { kind: 'never' },
    startHold: millis(0),
    duplicateProbe: 'needless',
    inquiry: 'possible',
    things: [],
    keepConnections: undefined,
    agreement: 'alike',
    announce: { burst: 2, burstAgainAfter: millis(5000), refreshEvery: millis(60_000) },
  },
};

/** Time that passes when the test says so. */
export class HandClock implements Clock {
  time: Instant = instant(100_000);
  readonly alarms: { at: Instant; ring: () => void; fate: 'set' | 'rung' | 'cancelled' }[] = [];

  now(): Instant {
    return this.time;
  }

  wallTime(): WallTime {
    return wallTime(1_700_000_000_000 + this.time);
  }

  alarm(at: Instant, ring: () => void): Alarm {
    const alarm: HandClock['alarms'][number] = { at, ring, fate: 'set' };
    this.alarms.push(alarm);
    return {
      cancel: () => {
        alarm.fate = alarm.fate === 'set' ? 'cancelled' : alarm.fate;
      },
    };
  }

  /** The alarms that may still ring. */
  pending(): readonly Instant[] {
    return this.alarms.filter((alarm) => alarm.fate === 'set').map((alarm) => alarm.at);
  }

  /** Lets time pass until the next alarm, and rings it so much late. */
  ringNext(late = 0): void {
    const [next] = this.alarms
      .filter((alarm) => alarm.fate === 'set')
      .toSorted((a, b) => a.at - b.at);
    if (next === undefined) {
      throw new Error('no alarm is set');
    }
    this.time = instant(next.at + late);
    next.fate = 'rung';
    next.ring();
  }
}

type Call =
  | 'claim'
  | 'release'
  | 'renew'
  | 'revoke'
  | 'announce'
  | 'held'
  | 'remaining'
  | 'guard'
  | 'guarded'
  | 'probe'
  | 'ensure'
  | 'turn'
  | 'remove'
  | 'dismantle'
  | 'connections'
  | 'count'
  | 'reset'
  | 'write'
  | 'keep';

/** A machine that notes every call, and refuses what it is told to refuse. */
export class FakeMachine {
  readonly clock = new HandClock();
  readonly calls: string[] = [];
  readonly events: LogEvent[] = [];
  readonly messages: Uint8Array[] = [];
  readonly sockets: { handlers: AdvertSocketHandlers; fate: 'open' | 'closed' }[] = [];
  readonly refusing = new Map<Call, KernelRefusal>();
  socketRefusal: SocketFailure | undefined;
  held: readonly HeldAddress[] = [];
  leases: ReadonlyMap<Ip, ReturnType<typeof millis>> = new Map();
  /** Of the lease. */
  rules: Guarded = 'yes';
  link: LinkState = 'up';
  /** Connections that are open at any address. */
  open = 0;
  /** Who waits for an address to disappear, and for a link to change. */
  readonly removals = new Set<(interfaceName: string, address: Ip) => void>();
  readonly linkChanges = new Set<{ name: string; changed: (state: LinkState) => void }>();
  /** Kernel settings by name; one that is not named cannot be read. */
  readonly settings = new Map<string, string>();
  /** Called with every call, while it is being made. */
  onCall: (call: string) => void = () => undefined;

  readonly ports: EnginePorts = {
    clock: this.clock,
    proxy: undefined,
    log: {
      tell: (event) => {
        this.events.push(event);
      },
    },
    signingMemory: new SimSigningMemory(),
    adverts: {
      open: (options, handlers) => {
        this.#note(`open ${options.interface} from ${options.source} ${options.audience.kind}`);
        if (this.socketRefusal !== undefined) {
          return fail(this.socketRefusal);
        }
        const socket: FakeMachine['sockets'][number] = { handlers, fate: 'open' };
        this.sockets.push(socket);
        return ok({
          send: (message) => {
            this.messages.push(message);
            this.#note(describeAdvert(message));
          },
          close: () => {
            socket.fate = 'closed';
            this.#note('close');
          },
        });
      },
    },
    addresses: {
      claim: ({ cidr }, validFor) =>
        this.#answer('claim', `claim ${formatCidr(cidr)} for ${String(validFor)} s`),
      release: ({ cidr }) => this.#answer('release', `release ${formatCidr(cidr)}`),
      held: (name) => {
        const refusal = this.#refusal('held');
        const here = this.held.filter((each) => each.interface === name);
        return Promise.resolve(refusal ?? ok(here));
      },
      watch: (removed) => {
        this.removals.add(removed);
        return { stop: () => void this.removals.delete(removed) };
      },
    },
    links: {
      state: () => Promise.resolve(this.link),
      watch: (name, changed) => {
        const listener = { name, changed };
        this.linkChanges.add(listener);
        return { stop: () => void this.linkChanges.delete(listener) };
      },
    },
    leases: {
      guard: ({ addresses, unaccepted }) =>
        this.#answer(
          'guard',
          `guard ${addresses.join()}${unaccepted.length === 0 ? '' : ` but not take ${unaccepted.join()}`}`,
        ),
      guarded: () => {
        this.#note('guarded?');
        return Promise.resolve(this.#refusal('guarded') ?? ok(this.rules));
      },
      renew: (addresses, lasting) =>
        this.#answer('renew', `renew ${addresses.join()} for ${String(lasting)} ms`),
      revoke: (addresses) => this.#answer('revoke', `revoke ${addresses.join()}`),
      remaining: () => {
        this.#note('remaining');
        return Promise.resolve(this.#refusal('remaining') ?? ok(this.leases));
      },
      dismantle: () => this.#answer('dismantle', 'dismantle'),
    },
    connections: {
      prepare: (interfaces) => this.#answer('connections', `prepare ${interfaces.join()}`),
      leave: (moved, lasting) =>
        this.#answer('connections', `leave ${describeMoved(moved)} for ${String(lasting)} ms`),
      take: (moved, lasting) =>
        this.#answer('connections', `take ${describeMoved(moved)} for ${String(lasting)} ms`),
      end: (moved) => this.#answer('connections', `end ${describeMoved(moved)}`),
      dismantle: () => this.#answer('connections', 'dismantle connections'),
    },
    openConnections: {
      count: (addresses) => {
        this.#note(`count ${addresses.join()}`);
        return Promise.resolve(this.#refusal('count') ?? ok(this.open));
      },
      reset: (addresses) => {
        this.#note(`reset ${addresses.join()}`);
        return Promise.resolve(this.#refusal('reset') ?? ok(this.open));
      },
    },
    neighbours: {
      open: ({ interface: name }, handlers) => {
        const refusal = this.#refusal('probe');
        if (refusal !== undefined) {
          return refusal;
        }
        this.neighbours.set(name, handlers);
        return ok({
          ask: ({ target, sender }) => {
            this.#note(`ask ${target} as ${sender ?? 'nobody'}`);
            return this.#refusal('probe') ?? done;
          },
          close: () => {
            this.neighbours.delete(name);
          },
        });
      },
    },
    virtualInterfaces: {
      ensure: ({ name, parent, mac }) => this.#answer('ensure', `make ${name} on ${parent} ${mac}`),
      turn: (name, state) => this.#answer('turn', `turn ${name} ${state}`),
      remove: (name) => this.#answer('remove', `unmake ${name}`),
      ours: () => Promise.resolve(this.#refusal('ensure') ?? ok(this.virtual)),
    },
    announcer: {
      announce: ({ cidr }) => {
        this.#note(`announce ${cidr.address}`);
        return this.#refusal('announce') ?? done;
      },
    },
  };

  /** Who listens for neighbours, by interface. */
  readonly neighbours = new Map<string, NeighbourHandlers>();
  /** Virtual interfaces that a former life left. */
  virtual: readonly VirtualInterface[] = [];

  readonly sysctls: Sysctls = {
    read: (name) => {
      const value = this.settings.get(name);
      const missing = { code: 'refused', detail: `no ${name}` } as const;
      return Promise.resolve(value === undefined ? fail(missing) : ok(value));
    },
    write: (name, value) => this.#answer('write', `write ${name} ${value}`),
  };

  /** Settings that a former daemon has changed. */
  found: readonly FoundSetting[] = [];
  readonly foundSettings: FoundSettings = {
    read: () => this.found,
    keep: (settings) => {
      this.#note(`keep ${settings.map(({ name, found }) => `${name} was ${found}`).join()}`);
      const refusal = this.#refusal('keep');
      this.found = refusal === undefined ? settings : this.found;
      return refusal ?? done;
    },
  };

  changeLink(name: string, state: LinkState): void {
    this.link = state;
    for (const each of this.linkChanges) {
      if (each.name === name) {
        each.changed(state);
      }
    }
  }

  /** Somebody removes an address. */
  remove(name: string, address: Ip): void {
    for (const removed of this.removals) {
      removed(name, address);
    }
  }

  refuse(call: Call): void {
    this.refusing.set(call, { code: 'refused', detail: `no ${call}` });
  }

  /** A packet reaches the socket that was opened last. */
  receive(packet: Uint8Array): void {
    this.sockets.at(-1)?.handlers.received({ family: 'ipv4', packet });
  }

  /** What was told, by name. */
  told(): readonly string[] {
    return this.events.map((event) => event.event);
  }

  #note(call: string): void {
    this.calls.push(call);
    this.onCall(call);
  }

  #refusal(call: Call): Failed<KernelRefusal> | undefined {
    const refusal = this.refusing.get(call);
    return refusal === undefined ? undefined : fail(refusal);
  }

  #answer(call: Call, text: string): Promise<typeof done | Failed<KernelRefusal>> {
    this.#note(text);
    return Promise.resolve(this.#refusal(call) ?? done);
  }
}

/** As far as a test waits for anything: every promise that is kept already has been heard. */
export async function settled(): Promise<void> {
  for (let layer = 0; layer < 20; layer += 1) {
    await Promise.resolve();
  }
}

function describeAdvert(message: Uint8Array): string {
  const read = readAdvert(message, 3, 'ipv4');
  return read.ok
    ? `send priority ${String(read.value.priority)} every ${String(read.value.maxAdvertInterval)} cs`
    : `send ${read.error.code}`;
}

interface Shape extends Partial<AdvertV3> {
  readonly source?: Ip;
  readonly ttl?: number;
  readonly checksum?: ChecksumForm;
}

/** A packet as a raw socket delivers it: an advert of the peer to the group. */
export function packet(shape: Shape = {}): Uint8Array {
  const { source = PEER, ttl = 255, checksum = INSTANCE.checksum, ...advert } = shape;
  const message = encodeAdvert(
    {
      version: 3,
      vrid: 51,
      priority: 254,
      maxAdvertInterval: centis(100),
      addresses: VIPS,
      ...advert,
    },
    { checksum, source, destination: VRRP_GROUPS.ipv4 },
  );
  const header = [0x45, 0xc0, 0, 20 + message.length, 0, 1, 0, 0, ttl, 112, 0, 0];
  return Uint8Array.from([...header, ...ipBytes(source), ...ipBytes(VRRP_GROUPS.ipv4), ...message]);
}

function describeMoved(moved: readonly Moved[]): string {
  return moved.map(({ address, other }) => `${address} (${other})`).join();
}
