/** Packets as they were on the lab's LAN, byte by byte, so that they can be said again. */
import type { Rig } from './rig.js';

const ETHERNET_HEADER_BYTES = 14;
const GIVES_UP_AFTER_SECONDS = 20;

export interface Wanted {
  /** In pcap's language. */
  readonly filter: string;
  readonly count: number;
}

/** Resolves with IP packets once there are enough of them; with fewer when they do not come. */
export async function captured(rig: Rig, { filter, count }: Wanted): Promise<readonly Buffer[]> {
  const text = await rig.told(
    'watch',
    ...['tshark', '-n', '-i', 'eth0', '-f', filter, '-c', String(count)],
    ...['-a', `duration:${String(GIVES_UP_AFTER_SECONDS)}`, '-T', 'json', '-x'],
  );
  const frames = JSON.parse(text) as readonly Frame[];
  return frames.map(({ _source: { layers } }) =>
    Buffer.from(layers.frame_raw[0], 'hex').subarray(ETHERNET_HEADER_BYTES),
  );
}

interface Frame {
  readonly _source: { readonly layers: { readonly frame_raw: readonly [string, ...unknown[]] } };
}
