/**
 * Which server of a service takes which share of new connections. The kernel hashes a connection to one of so many slots,
 * and each slot has a server.
 *
 * At home, each server has as many slots as its weight says, exactly; which ones, is a matter of rendezvous hashing: each
 * slot has an order of its own of all servers, and goes to the first that has room. Where that one does not serve, the slot
 * goes to the first of its order that does. So a server that goes moves its own slots and no others, and takes just them
 * back. A change of the configured servers or weights moves a few more, because every home is measured anew.
 *
 * Nothing but names, weights and states counts, neither their order in the file nor what was before: both nodes come to
 * the same.
 */

/**
 * The kernel scales its hash to the number of slots and takes no remainder (reciprocal_scale), so no number is more even
 * than another. This many tell weights apart by a tenth of a per cent, and are written into the kernel in a few milliseconds.
 */
export const SLOTS = 1024;

export interface SlotServer {
  /** No other server of the service has it. */
  readonly name: string;
  /** As configured. */
  readonly weight: number;
  /** Whether it gets new connections. */
  readonly use: 'used' | 'unused';
}

/** Of each slot, its server; empty where none is used. */
export function serversOfSlots<Server extends SlotServer>(
  service: string,
  servers: readonly Server[],
): readonly Server[] {
  const homes = homesOf(service, servers);
  const used = homes.filter(({ server }) => server.use === 'used');
  if (used.length === 0) {
    return [];
  }
  return [...Array(SLOTS).keys()].map((slot) => {
    const home = firstOf(
      homes.filter(({ room }) => room > 0),
      slot,
    );
    home.room -= 1;
    return (home.server.use === 'used' ? home : firstOf(used, slot)).server;
  });
}

/** How many slots each has, by name. */
export function sharesOf(slots: readonly Pick<SlotServer, 'name'>[]): ReadonlyMap<string, number> {
  const shares = new Map<string, number>();
  for (const { name } of slots) {
    shares.set(name, (shares.get(name) ?? 0) + 1);
  }
  return shares;
}

/** Where the kernel's hash begins: the same on both nodes, and another one for each service. */
export function hashSeed(service: string): number {
  return hashOf(service);
}

interface Home<Server> {
  readonly server: Server;
  readonly seed: number;
  /** Slots that it has still to get. */
  room: number;
}

/** With as much room as the weights say: by the largest remainder, and of equal ones the first by name; together all slots. */
function homesOf<Server extends SlotServer>(
  service: string,
  servers: readonly Server[],
): Home<Server>[] {
  const all = servers.reduce((sum, { weight }) => sum + weight, 0);
  const measured = servers
    .filter(({ weight }) => weight > 0)
    .map((server) => ({ server, exact: (server.weight * SLOTS) / all }))
    .toSorted((a, b) => (a.server.name < b.server.name ? -1 : 1));
  const whole = measured.reduce((sum, { exact }) => sum + Math.floor(exact), 0);
  return measured
    .toSorted((a, b) => (b.exact % 1) - (a.exact % 1))
    .map(({ server, exact }, index) => ({
      server,
      seed: hashOf(`${service}/${server.name}`),
      room: Math.floor(exact) + (index < SLOTS - whole ? 1 : 0),
    }));
}

/** Of one or more, by weighted rendezvous hashing: each is the first in proportion to its weight. */
function firstOf<Server extends SlotServer>(
  homes: readonly Home<Server>[],
  slot: number,
): Home<Server> {
  return homes.reduce((first, each) => (score(each, slot) > score(first, slot) ? each : first));
}

function score({ seed, server }: Home<SlotServer>, slot: number): number {
  const chance = (mixed(seed ^ Math.imul(slot + 1, GOLDEN)) + 0.5) / 2 ** 32;
  return -server.weight / Math.log(chance);
}

/** FNV-1a, 32 bits, mixed once more. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) {
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return mixed(hash);
}

/** The finalizer of MurmurHash3: each bit of the input moves half of the output's. */
function mixed(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
const GOLDEN = 0x9e3779b1;
