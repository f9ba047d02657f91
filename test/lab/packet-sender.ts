/**
 * Sends what no VRRP router would: whole IPv4 packets as they are given, at a given rate, a bounded number of them.
 *
 * A program of its own, because it runs inside a lab's namespace: `packet-sender.ts FILE`, where FILE holds a
 * {@link Volley}. It prints a {@link Salvo}.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { bindSocket, openSocket, sendTo, setOption } from '../../src/os/libc.js';
import type { Descriptor, SocketOption } from '../../src/os/libc.js';

export interface Volley {
  readonly interface: string;
  /** `whole`: with their IP header. `fragmented`: what an IP packet shall carry; the kernel cuts it to pieces. */
  readonly form: 'whole' | 'fragmented';
  readonly source: string;
  readonly destination: string;
  /** In hexadecimal digits; sent in turn. */
  readonly packets: readonly string[];
  readonly count: number;
  readonly perSecond: number;
}

export interface Salvo {
  readonly sent: number;
  readonly refused: number;
  readonly tookMs: number;
}

const AF_INET = 2;
const SOCK_RAW = 3;
const VRRP = 112;
/** Implies that the IP header is given. */
const IPPROTO_RAW = 255;
const BIND_TO_DEVICE: SocketOption = { level: 1, name: 25 };
const MULTICAST_TTL: SocketOption = { level: 0, name: 33 };
/** However it was called, it ends. */
const MOST_PACKETS = 500_000;
const MOST_AT_ONCE = 1_000;

function open(volley: Volley): Descriptor {
  const protocol = volley.form === 'whole' ? IPPROTO_RAW : VRRP;
  const opened = openSocket({ family: AF_INET, type: SOCK_RAW, protocol });
  if (!opened.ok) {
    throw new Error(opened.error.errno);
  }
  const socket = opened.value;
  const set = [
    setOption(socket, BIND_TO_DEVICE, Buffer.from(`${volley.interface}\0`)),
    setOption(socket, MULTICAST_TTL, 255),
    bindSocket(socket, address(volley.source)),
  ];
  if (set.some((each) => !each.ok)) {
    throw new Error(JSON.stringify(set));
  }
  return socket;
}

async function fire(volley: Volley): Promise<Salvo> {
  const socket = open(volley);
  const to = address(volley.destination);
  const packets = volley.packets.map((each) => Buffer.from(each, 'hex'));
  const count = Math.min(volley.count, MOST_PACKETS);
  const startedAt = performance.now();
  let fired = 0;
  let refused = 0;
  while (fired < count) {
    const due = ((performance.now() - startedAt) * volley.perSecond) / 1000 + 1;
    const until = Math.min(count, due, fired + MOST_AT_ONCE);
    for (; fired < until; fired += 1) {
      const packet = packets[fired % packets.length] ?? Buffer.alloc(0);
      refused += sendTo(socket, packet, to).ok ? 0 : 1;
    }
    if (fired < count) {
      await sleep(1);
    }
  }
  return { sent: fired - refused, refused, tookMs: performance.now() - startedAt };
}

/** struct sockaddr_in. */
function address(text: string): Uint8Array {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt16LE(AF_INET, 0);
  bytes.set(text.split('.').map(Number), 4);
  return bytes;
}

const salvo = await fire(JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as Volley);
process.stdout.write(`${JSON.stringify(salvo)}\n`);
process.exit(0);
