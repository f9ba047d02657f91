/** Every VRRP packet a row's switch carried, read by tshark: the judge of what we say. */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import type { Instant } from '../../src/base/time.js';
import { instant } from '../../src/base/time.js';
import type { Site } from './site.js';
import { SWITCH } from './site.js';
import { wallToMonotonic } from './wall-clock.js';

export interface TapedAdvert {
  readonly at: Instant;
  readonly mac: string;
  readonly source: string;
  readonly destination: string;
  /** TTL or hop limit. */
  readonly hops: number;
  readonly version: number;
  readonly priority: number;
  /** As tshark judges it: `1` is good. It knows the form with a pseudo-header alone. */
  readonly checksum: string;
  /** What tshark finds malformed or worth a remark; empty where nothing is. */
  readonly complaint: string;
}

const FIELDS = [
  ...['frame.time_epoch', 'eth.src', 'ip.src', 'ipv6.src', 'ip.dst', 'ipv6.dst'],
  ...['ip.ttl', 'ipv6.hlim', 'vrrp.version', 'vrrp.prio', 'vrrp.checksum.status'],
  ...['_ws.malformed', '_ws.expert.message'],
];

export class AdvertTape {
  readonly #child: ChildProcess;
  readonly #adverts: TapedAdvert[] = [];
  #rest = '';

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Resolves when packets are being captured. */
  static async open(site: Site): Promise<AdvertTape> {
    const child = spawn(
      'ip',
      [
        ...['netns', 'exec', site.namespace('lan'), 'tshark', '-n', '-l', '-i', SWITCH],
        ...['-f', 'ip proto 112 or ip6 proto 112', '-T', 'fields'],
        ...FIELDS.flatMap((field) => ['-e', field]),
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    const tape = new AdvertTape(child);
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      tape.#read(text);
    });
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
    return tape;
  }

  async close(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const ended = new Promise((done) => this.#child.once('close', done));
      this.#child.kill('SIGINT');
      await ended;
    }
  }

  /** So far; complete once the tape is closed. tshark needs some tens of milliseconds to read a packet. */
  adverts(from?: Instant): readonly TapedAdvert[] {
    return from === undefined ? this.#adverts : this.#adverts.filter(({ at }) => at >= from);
  }

  #read(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    // Each time anew: a row lasts a minute, and a machine's wall clock may be set meanwhile.
    const offset = wallToMonotonic();
    this.#adverts.push(...lines.map((line) => readAdvert(line.split('\t'), offset)));
  }
}

function readAdvert(cells: readonly string[], wallToMonotonicMs: number): TapedAdvert {
  const cell = (index: number): string => cells[index] ?? '';
  return {
    at: instant(Number(cell(0)) * 1000 - wallToMonotonicMs),
    mac: cell(1),
    source: cell(2) + cell(3),
    destination: cell(4) + cell(5),
    hops: Number(cell(6) + cell(7)),
    version: Number(cell(8)),
    priority: Number(cell(9)),
    checksum: cell(10),
    complaint: [cell(11), cell(12)].filter((each) => each !== '').join('; '),
  };
}
