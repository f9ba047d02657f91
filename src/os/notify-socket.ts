/** systemd's notification socket (sd_notify(3)): datagrams to a path, or to an abstract name that is written with an `@`. */
import type { Result } from '../base/result.js';
import { done, fail } from '../base/result.js';
import type { Millis } from '../base/time.js';
import { millis } from '../base/time.js';
import type { ServiceManager, ServiceNews } from '../ports/service-news.js';
import type { Descriptor } from './libc.js';
import { openSocket, sendTo } from './libc.js';

const AF_UNIX = 1;
const SOCK_DGRAM = 2;
/** Of `sun_path` in struct sockaddr_un, less the zero that ends a path (unix(7)). */
const MOST_PATH_BYTES = 107;
const MICROS_PER_MILLI = 1000;
/** systemd cuts what is longer. */
const MOST_STATUS_CHARACTERS = 1000;

export class NotifySocket implements ServiceManager {
  readonly watchdog: Millis | undefined;
  readonly #socket: Descriptor;
  readonly #address: Uint8Array;

  private constructor(socket: Descriptor, address: Uint8Array, watchdog: Millis | undefined) {
    this.#socket = socket;
    this.#address = address;
    this.watchdog = watchdog;
  }

  /**
   * Undefined where no service manager wants to know. The variables are taken out of the environment: HAProxy and
   * scripts, which inherit it, must not speak for the daemon.
   */
  static ofProcess(
    environment: NodeJS.ProcessEnv = process.env,
    pid: number = process.pid,
  ): NotifySocket | undefined {
    const { NOTIFY_SOCKET: name, WATCHDOG_USEC: micros, WATCHDOG_PID: watched } = environment;
    for (const each of ['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID']) {
      Reflect.deleteProperty(environment, each);
    }
    const address = name === undefined ? undefined : addressOf(name);
    const socket = openSocket({ family: AF_UNIX, type: SOCK_DGRAM, protocol: 0 });
    if (address === undefined || !socket.ok) {
      return undefined;
    }
    const isWatched = watched === undefined || watched === String(pid);
    return new NotifySocket(socket.value, address, isWatched ? durationOf(micros) : undefined);
  }

  tell(news: ServiceNews): Result<undefined, { readonly detail: string }> {
    const sent = sendTo(this.#socket, Buffer.from(wordsOf(news), 'utf8'), this.#address);
    return sent.ok ? done : fail({ detail: `${sent.error.call}: ${sent.error.errno}` });
  }
}

function wordsOf(news: ServiceNews): string {
  switch (news.kind) {
    case 'ready':
      return 'READY=1';
    case 'reloading': {
      const micros = Math.floor(news.at * MICROS_PER_MILLI);
      return `RELOADING=1\nMONOTONIC_USEC=${String(micros)}`;
    }
    case 'stopping':
      return 'STOPPING=1';
    case 'works':
      return 'WATCHDOG=1';
    case 'status':
    default:
      // A line break would begin another assignment.
      return `STATUS=${news.text.replaceAll(/[\r\n]+/gu, ' ').slice(0, MOST_STATUS_CHARACTERS)}`;
  }
}

/** Undefined where it is neither a path nor an abstract name, such as a vsock address. */
function addressOf(name: string): Uint8Array | undefined {
  const bytes = Buffer.from(name, 'utf8');
  if (bytes.length < 2 || bytes.length > MOST_PATH_BYTES || !/^[/@]/u.test(name)) {
    return undefined;
  }
  const isAbstract = name.startsWith('@');
  const path = isAbstract ? Buffer.concat([Buffer.of(0), bytes.subarray(1)]) : bytes;
  const family = Buffer.alloc(2);
  family.writeUInt16LE(AF_UNIX);
  // The name of an abstract socket is all of its bytes, so it may not be followed by a zero.
  return Buffer.concat([family, path, Buffer.alloc(isAbstract ? 0 : 1)]);
}

function durationOf(micros: string | undefined): Millis | undefined {
  const value = /^[1-9]\d{0,15}$/u.test(micros ?? '') ? Number(micros) : undefined;
  return value === undefined ? undefined : millis(value / MICROS_PER_MILLI);
}
