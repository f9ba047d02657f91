/** Everything the engine asks of the world, as one object: the real machine, or a simulated one. */
import type { AddressTable, Links } from '../ports/address-table.js';
import type { AdvertSockets } from '../ports/advert-socket.js';
import type { Announcer } from '../ports/announcer.js';
import type { Connections } from '../ports/connections.js';
import type { OpenConnections } from '../ports/open-connections.js';
import type { Clock } from '../ports/clock.js';
import type { Neighbours } from '../ports/neighbours.js';
import type { LeaseTable } from '../ports/lease-table.js';
import type { ProxyHost } from '../ports/proxy-host.js';
import type { SigningMemory } from '../ports/signing-memory.js';
import type { VirtualInterfaces } from '../ports/virtual-interfaces.js';
import type { Log } from '../telemetry/events.js';

export interface EnginePorts {
  readonly clock: Clock;
  readonly adverts: AdvertSockets;
  readonly signingMemory: SigningMemory;
  readonly addresses: AddressTable;
  readonly links: Links;
  readonly leases: LeaseTable;
  readonly connections: Connections;
  readonly openConnections: OpenConnections;
  readonly announcer: Announcer;
  readonly neighbours: Neighbours;
  readonly virtualInterfaces: VirtualInterfaces;
  /** Undefined where no proxy is configured. */
  readonly proxy: ProxyHost | undefined;
  readonly log: Log;
}
