/** Two network namespaces joined by a cable, made for one test process and removed after it. */
import { execFileSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readdirSync } from 'node:fs';
import koffi from 'koffi';

const PREFIX = 'vipair-ct-';
const CLONE_NEWNET = 0x40000000;

const setns = koffi.load('libc.so.6').func('int setns(int, int)') as (
  fd: number,
  kind: number,
) => number;

export type Side = 'here' | 'there';

/** Namespaces need root; without it the tests of the real adapters are skipped. */
export const mayMakeNetworks = process.getuid?.() === 0;

/**
 * The test's main thread is moved into the side called *here*. Node's thread pool is not, so everything is
 * opened by synchronous calls.
 */
export class ThrowAwayNetwork {
  static readonly interface = 'eth0';
  static readonly addresses = { here: '10.77.0.1', there: '10.77.0.2' } as const;
  static readonly ipv6 = { here: 'fd77::1', there: 'fd77::2' } as const;
  /** Each side's address on the link itself, derived by nobody: usable as soon as the cable is plugged in. */
  static readonly linkLocal = { here: 'fe80::1', there: 'fe80::2' } as const;
  readonly #names: Readonly<Record<Side, string>>;
  readonly #origin: number;

  constructor() {
    removeLeftOvers();
    const stem = `${PREFIX}${String(process.pid)}`;
    this.#names = { here: `${stem}-a`, there: `${stem}-b` };
    this.#origin = openSync('/proc/self/ns/net', 'r');
    ip('netns', 'add', this.#names.here);
    ip('netns', 'add', this.#names.there);
    this.plugIn();
    enter(this.#names.here);
  }

  /** Makes the cable anew, with both ends up. */
  plugIn(): void {
    const { here, there } = this.#names;
    ip('-n', here, 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', there);
    for (const side of ['here', 'there'] as const) {
      const name = this.#names[side];
      ip('-n', name, 'link', 'set', 'lo', 'up');
      ip('-n', name, 'link', 'set', 'eth0', 'addrgenmode', 'none');
      ip('-n', name, 'link', 'set', 'eth0', 'up');
      ip('-n', name, 'addr', 'add', `${ThrowAwayNetwork.addresses[side]}/24`, 'dev', 'eth0');
      for (const address of [ThrowAwayNetwork.ipv6[side], ThrowAwayNetwork.linkLocal[side]]) {
        ip('-n', name, 'addr', 'add', `${address}/64`, 'dev', 'eth0', 'nodad');
      }
    }
  }

  /** Runs `ip` on one side. */
  ip(side: Side, ...args: readonly string[]): string {
    return ip('-n', this.#names[side], ...args);
  }

  /** Opens something on the other side. */
  there<T>(open: () => T): T {
    enter(this.#names.there);
    try {
      return open();
    } finally {
      enter(this.#names.here);
    }
  }

  remove(): void {
    setns(this.#origin, CLONE_NEWNET);
    closeSync(this.#origin);
    ip('netns', 'del', this.#names.here);
    ip('netns', 'del', this.#names.there);
  }
}

function ip(...args: readonly string[]): string {
  return execFileSync('ip', args, { encoding: 'utf8' });
}

function enter(name: string): void {
  const fd = openSync(`/run/netns/${name}`, 'r');
  const answer = setns(fd, CLONE_NEWNET);
  closeSync(fd);
  if (answer !== 0) {
    throw new Error(`setns ${name}`);
  }
}

/** Namespaces of test processes that no longer run. */
function removeLeftOvers(): void {
  const names = existsSync('/run/netns') ? readdirSync('/run/netns') : [];
  for (const name of names.filter((each) => each.startsWith(PREFIX))) {
    const pid = name.slice(PREFIX.length).split('-')[0] ?? '';
    if (!existsSync(`/proc/${pid}`)) {
      ip('netns', 'del', name);
    }
  }
}
