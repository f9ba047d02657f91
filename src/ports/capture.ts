/** VRRP packets as they are on the wire: what arrives is seen before any firewall, what leaves is seen behind it. */
import type { MacAddress } from '../base/mac.js';
import type { Result } from '../base/result.js';
import type { Arrived } from '../core/receive-checks.js';
import type { KernelRefusal } from './address-table.js';

export interface SeenPacket {
  /** Whether it came to this machine or left it. */
  readonly direction: 'in' | 'out';
  /** The Ethernet address that it came from; undefined where the link has none. */
  readonly mac: MacAddress | undefined;
  readonly arrived: Arrived;
}

export interface CaptureHandlers {
  /** Its bytes are the receiver's to keep. */
  readonly seen: (packet: SeenPacket) => void;
}

export interface Capture {
  /** Idempotent. */
  close(): void;
}

export interface Captures {
  /** Everything on IP protocol 112, of both families, that is meant for this machine or leaves it; nothing is sent. */
  open(
    options: { readonly interface: string },
    handlers: CaptureHandlers,
  ): Result<Capture, KernelRefusal>;
}
