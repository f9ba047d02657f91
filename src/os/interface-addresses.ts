/** The addresses of this machine, on all of its interfaces. */
import { networkInterfaces } from 'node:os';
import type { Ip } from '../base/ip.js';
import { parseIp } from '../base/ip.js';
import type { LocalAddresses } from '../ports/flow-replicator.js';

export class InterfaceAddresses implements LocalAddresses {
  all(): readonly Ip[] {
    return Object.values(networkInterfaces())
      .flatMap((each) => each ?? [])
      .flatMap(({ address }) => {
        const parsed = parseIp(address.replace(/%.*$/u, ''));
        return parsed.ok ? [parsed.value] : [];
      });
  }
}
