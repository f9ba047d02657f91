/** Frames on the lab's LAN, read by tshark and stamped by the kernel: what really was on the wire, and when. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import type { Instant } from '../../src/base/time.js';
import { instant } from '../../src/base/time.js';
import { nodeOfHardwareAddress, VIRTUAL_ADDRESS } from '../../src/lab/topology.js';
import type { NamespaceRole, NodeName } from '../../src/lab/topology.js';
import type { Rig } from './rig.js';
import { wallToMonotonic } from '../interop/wall-clock.js';

/** One VRRP message. */
export interface TappedAdvert {
  readonly at: Instant;
  readonly hardwareAddress: string;
  readonly source: string;
  readonly destination: string;
  readonly priority: number;
  /** As tshark judges it: 1 is good, in the form with a pseudo-header. */
  readonly checksum: string;
  /** What tshark finds malformed; empty where nothing is. */
  readonly complaint: string;
}

/** One ARP answer for the virtual address to whoever asked. Announcements, which nobody asked for, are left out. */
export interface TappedAnswer {
  readonly at: Instant;
  readonly node: NodeName | undefined;
}

const FIELDS = [
  'frame.time_epoch',
  'eth.src',
  'ip.src',
  'ip.dst',
  'vrrp.prio',
  'vrrp.checksum.status',
  '_ws.malformed',
  'arp.src.proto_ipv4',
  'arp.isgratuitous',
];

export interface TapOptions {
  readonly role: NamespaceRole;
  readonly interface: string;
  /** In pcap's language. */
  readonly filter: string;
}

/** Adverts, and every ARP answer. */
export const ON_THE_LAN: TapOptions = {
  role: 'watch',
  interface: 'eth0',
  filter: 'ip proto 112 or (arp and arp[6:2] = 2)',
};

export class WireTap {
  readonly #child: ChildProcess;
  readonly #wallToMonotonic: number;
  #text = '';

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#wallToMonotonic = wallToMonotonic();
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#text += text;
    });
  }

  /** Resolves when frames are being captured. */
  static async open(rig: Rig, options: TapOptions = ON_THE_LAN): Promise<WireTap> {
    const child = spawn(
      'ip',
      [
        ...['netns', 'exec', rig.namespace(options.role), 'tshark', '-n', '-l'],
        ...['-i', options.interface, '-f', options.filter, '-T', 'fields'],
        ...FIELDS.flatMap((field) => ['-e', field]),
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    const tap = new WireTap(child);
    await new Promise<void>((resolve, reject) => {
      let said = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        said += text;
        if (said.includes('Capture started')) {
          resolve();
        }
      });
      child.once('exit', () => {
        reject(new Error(`tshark: ${said}`));
      });
    });
    return tap;
  }

  async close(): Promise<void> {
    if (this.#child.exitCode === null) {
      const ended = new Promise((resolve) => this.#child.once('close', resolve));
      this.#child.kill('SIGINT');
      await ended;
    }
  }

  /** Complete once the tap is closed. */
  adverts(): readonly TappedAdvert[] {
    return this.#rows()
      .filter((row) => row.priority !== '')
      .map(({ priority, ...row }) => ({ ...row, priority: Number(priority) }));
  }

  answers(): readonly TappedAnswer[] {
    return this.#rows()
      .filter((row) => row.answersFor === VIRTUAL_ADDRESS && !isSet(row.gratuitous))
      .map(({ at, hardwareAddress }) => ({ at, node: nodeOfHardwareAddress(hardwareAddress) }));
  }

  #rows(): readonly Row[] {
    return this.#text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => this.#read(line));
  }

  #read(line: string): Row {
    const cells = line.split('\t');
    const cell = (index: number): string => cells[index] ?? '';
    return {
      at: instant(Number(cell(0)) * 1000 - this.#wallToMonotonic),
      hardwareAddress: cell(1),
      source: cell(2),
      destination: cell(3),
      priority: cell(4),
      checksum: cell(5),
      complaint: cell(6),
      answersFor: cell(7),
      gratuitous: cell(8),
    };
  }
}

type Row = Omit<TappedAdvert, 'priority'> & {
  readonly priority: string;
  readonly answersFor: string;
  readonly gratuitous: string;
};

function isSet(flag: string): boolean {
  return flag === '1' || flag === 'True';
}
