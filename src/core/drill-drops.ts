/** The packets that drills drop: by what of the pair and its servers they are told. */
import { MOST_DROPPED } from '../wire/pair/drill.js';
import type { DrillFault, DroppedPackets } from './drill-fault.js';
import type { DrillScene } from './drill-scene.js';

/** As an order for a hand has room for. */
export const MOST_SERVERS: number = 2 * MOST_DROPPED;

export function drops(packets: readonly DroppedPackets[]): DrillFault {
  return { kind: 'drop', packets };
}

/** All servers, as many in one fault as it takes. */
export function dropServers({ servers }: Pick<DrillScene, 'servers'>): readonly DrillFault[] {
  const faults = Math.ceil(servers.length / MOST_DROPPED);
  return [...Array(faults).keys()].map((index) =>
    drops(servers.slice(index * MOST_DROPPED, (index + 1) * MOST_DROPPED).map(toServer)),
  );
}

export function everythingOn(name: string): DroppedPackets {
  return { what: 'everything', interface: name };
}

export function toServer({ address, port }: DrillScene['servers'][number]): DroppedPackets {
  return { what: 'server', address, port };
}

export function adverts(
  { interfaces }: Pick<DrillScene, 'interfaces'>,
  directions: readonly ('in' | 'out')[],
): readonly DroppedPackets[] {
  return interfaces.flatMap((each) =>
    directions.map((direction) => ({ what: 'adverts', interface: each, direction }) as const),
  );
}
