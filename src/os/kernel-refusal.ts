/** What the kernel answered when it did not do what was asked, and what the ports call it. */
import type { KernelRefusal } from '../ports/address-table.js';

/** `errno` is a name such as `ENOENT`. */
export type NetlinkFailure =
  | { readonly code: 'rejected'; readonly errno: string }
  | { readonly code: 'no-answer'; readonly detail: string };

/** What an adapter of the ports tells of a failure. */
export function asRefusal(failure: NetlinkFailure): KernelRefusal {
  if (failure.code === 'no-answer') {
    return failure;
  }
  switch (failure.errno) {
    case 'EPERM':
    case 'EACCES':
      return { code: 'not-permitted', detail: failure.errno };
    case 'ENODEV':
    case 'ENXIO':
      return { code: 'no-such-interface', detail: failure.errno };
    default:
      return { code: 'refused', detail: failure.errno };
  }
}
