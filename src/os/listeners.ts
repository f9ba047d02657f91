/** The sockets that take connections, of every program, as the kernel lists them (proc(5), /proc/net/tcp). */
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import type { Family, Ip } from '../base/ip.js';
import { ipv4FromBytes } from '../base/ipv4.js';
import { ipv6FromBytes } from '../base/ipv6.js';
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import type { Listening } from '../core/served.js';
import type { Listeners, ServedFailure } from '../ports/served.js';

export class ProcListeners implements Listeners {
  async listening(): Promise<Result<readonly Listening[], ServedFailure>> {
    try {
      const found = await Promise.all(
        TABLES.map(async ([family, path]) => readTable(family, await readListeners(path))),
      );
      return ok(found.flat());
    } catch (error) {
      return fail({ detail: error instanceof Error ? error.message : String(error) });
    }
  }
}

const TABLES: readonly (readonly [Family, string])[] = [
  ['ipv4', '/proc/net/tcp'],
  ['ipv6', '/proc/net/tcp6'],
];

/**
 * The beginning of a table: the kernel lists sockets that listen before all others, of which a busy node has a hundred
 * thousand. A kernel without IPv6 has no table of it.
 */
async function readListeners(path: string): Promise<string> {
  const handle = await openIfThere(path);
  if (handle === undefined) {
    return '';
  }
  try {
    let text = '';
    while (text.length < MOST_CHARACTERS) {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(CHUNK), 0, CHUNK);
      text += buffer.toString('latin1', 0, bytesRead);
      if (bytesRead === 0 || hasOthers(text)) {
        break;
      }
    }
    return text;
  } finally {
    await handle.close();
  }
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      return undefined;
    }
    throw error;
  }
}

function hasOthers(text: string): boolean {
  const lines = text.split('\n').slice(1, -1);
  const last = lines.at(-1);
  return last !== undefined && fieldsOf(last)[STATE] !== LISTEN;
}

/** Lines such as `0: 0100007F:1F90 00000000:0000 0A …`: the address in words of the host's byte order. */
function readTable(family: Family, text: string): readonly Listening[] {
  return text
    .split('\n')
    .slice(1)
    .map(fieldsOf)
    .filter((fields) => fields[STATE] === LISTEN)
    .flatMap((fields) => {
      const [address = '', port = ''] = (fields[LOCAL] ?? '').split(':');
      const bytes = hostWords(address);
      const length = family === 'ipv4' ? 4 : 16;
      return bytes.length === length && port !== '' ? [asListening(family, bytes, port)] : [];
    });
}

/** Whether a socket of `::` takes IPv4 as well the table does not say; most do. */
function asListening(family: Family, bytes: Buffer, port: string): Listening {
  const isAny = bytes.every((each) => each === 0);
  const address: Ip = family === 'ipv4' ? ipv4FromBytes(bytes, 0) : ipv6FromBytes(bytes, 0);
  return {
    address: isAny ? undefined : address,
    family: isAny && family === 'ipv6' ? 'both' : family,
    port: Number.parseInt(port, 16),
  };
}

function hostWords(hexadecimal: string): Buffer {
  const bytes = Buffer.from(hexadecimal, 'hex');
  return bytes.length % 4 === 0 ? bytes.swap32() : Buffer.alloc(0);
}

function fieldsOf(line: string): readonly string[] {
  return line.trim().split(/\s+/u, STATE + 1);
}

const LOCAL = 1;
const STATE = 3;
const LISTEN = '0A';
const CHUNK = 16_384;
const MOST_CHARACTERS = 1 << 20;
