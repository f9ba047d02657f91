/** Whether something accepts connections on a port of a namespace, read from the kernel's own table. */
import { readFileSync } from 'node:fs';
import type { Family } from '../base/ip.js';

const LISTEN = '0A';
const HEXADECIMAL = 16;
const PORT_DIGITS = 4;

/** `pid` is any process of the namespace. One that listens for both families is in the table of IPv6. */
export function listensIn(pid: number, port: number, family: Family = 'ipv4'): boolean {
  const table = family === 'ipv4' ? 'tcp' : 'tcp6';
  try {
    return hasListener(readFileSync(`/proc/${String(pid)}/net/${table}`, 'latin1'), port);
  } catch {
    return false;
  }
}

/** Reads the lines of /proc/net/tcp: `0: 0100007F:1F90 00000000:0000 0A …`. */
export function hasListener(table: string, port: number): boolean {
  const wanted = `:${port.toString(HEXADECIMAL).toUpperCase().padStart(PORT_DIGITS, '0')}`;
  return table
    .split('\n')
    .map((line) => line.trim().split(/\s+/u))
    .some(([, local, , state]) => state === LISTEN && local?.endsWith(wanted) === true);
}
