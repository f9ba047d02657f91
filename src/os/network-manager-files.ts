/** The records that systemd-networkd and NetworkManager keep of an interface, under /run. */
import { closeSync, openSync, readSync, readlinkSync } from 'node:fs';
import type { ManagerFiles } from '../ports/network-managers.js';
import { interfaceIndex } from './libc.js';

/** Far more than any of these files has. */
const MOST_BYTES = 64 * 1024;
const MOST_FILES = 32;

/** `fileNames` tells from networkd's record of a link which files it was configured from. */
export function managerFiles(
  interfaceName: string,
  fileNames: (link: string) => readonly string[],
): ManagerFiles {
  const nothing = { interface: interfaceName, networkd: undefined, networkManager: undefined };
  const index = interfaceIndex(interfaceName);
  // The managers' numbers are those of the machine's own network namespace.
  if (!index.ok || !inMachinesNamespace()) {
    return nothing;
  }
  const number = String(index.value);
  const link = textOf(`/run/systemd/netif/links/${number}`);
  const files = link === undefined ? [] : fileNames(link).slice(0, MOST_FILES);
  const settings = files.map((path) => ({ path, text: textOf(path) ?? '' }));
  return {
    interface: interfaceName,
    networkd: link === undefined ? undefined : { link, settings },
    networkManager: textOf(`/run/NetworkManager/devices/${number}`),
  };
}

function inMachinesNamespace(): boolean {
  try {
    return readlinkSync('/proc/1/ns/net') === readlinkSync('/proc/self/ns/net');
  } catch {
    return false;
  }
}

/** The beginning of a file; undefined where it cannot be read. */
function textOf(path: string): string | undefined {
  try {
    const file = openSync(path, 'r');
    try {
      const bytes = Buffer.alloc(MOST_BYTES);
      return bytes.toString('utf8', 0, readSync(file, bytes, 0, MOST_BYTES, 0));
    } finally {
      closeSync(file);
    }
  } catch {
    return undefined;
  }
}
