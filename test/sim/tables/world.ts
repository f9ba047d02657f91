/** Two nodes, each with a HAProxy and a replicator, and a link between them; all of it fails as chance will. */
import type { Ip } from '../../../src/base/ip.js';
import { later, millis } from '../../../src/base/time.js';
import { startReplicator } from '../../../src/replicator.js';
import type { Replicator } from '../../../src/replicator.js';
import type { TableDefinition } from '../../../src/wire/peers/table.js';
import { Chance } from '../chance.js';
import { MachineClock } from '../machine-clock.js';
import { SimPairWire } from '../pair-wire.js';
import { SimProcess } from '../process.js';
import { Scheduler } from '../scheduler.js';
import { SimHaproxy } from './haproxy.js';
import type { RowValue } from './haproxy.js';
import { LocalSockets } from './local-socket.js';
import { MemorySnapshots } from './memory-snapshots.js';

export const TABLES: readonly TableDefinition[] = [
  {
    id: 1,
    name: 'app',
    keyType: 'string',
    keyLength: 33,
    expire: 1_800_000,
    columns: [
      { type: 'gpc0', elements: 1, period: undefined },
      { type: 'server_key', elements: 1, period: undefined },
    ],
    unknown: [],
    rest: new Uint8Array(0),
  },
  {
    id: 2,
    name: 'short',
    keyType: 'ipv4',
    keyLength: 4,
    expire: 8000,
    columns: [{ type: 'conn_cnt', elements: 1, period: undefined }],
    unknown: [],
    rest: new Uint8Array(0),
  },
  {
    id: 3,
    name: 'lasting',
    keyType: 'string',
    keyLength: 33,
    expire: 0,
    columns: [
      { type: 'gpt0', elements: 1, period: undefined },
      { type: 'server_key', elements: 1, period: undefined },
    ],
    unknown: [],
    rest: new Uint8Array(0),
  },
];

export type NodeName = 'lb1' | 'lb2';
export const NODES: readonly NodeName[] = ['lb1', 'lb2'];
const ADDRESSES: Readonly<Record<NodeName, Ip>> = {
  lb1: '10.77.1.1' as Ip,
  lb2: '10.77.1.2' as Ip,
};

/** Whether rows outlive a loss of power. */
export type Keeping = 'nothing' | 'snapshots';

const SNAPSHOT_EVERY = millis(10_000);

interface Running {
  readonly process: SimProcess;
  readonly replicator: Replicator;
}

interface Node {
  readonly clock: MachineClock;
  replicator: Running | undefined;
  haproxy: { readonly process: SimProcess; readonly is: SimHaproxy } | undefined;
}

export class TablesWorld {
  readonly scheduler: Scheduler = new Scheduler();
  readonly chance: Chance;
  readonly wire: SimPairWire;
  /** What went wrong, in words. */
  readonly broken: string[] = [];
  /** What happened, for whoever reads why. */
  readonly story: string[] = [];
  readonly #keeping: Keeping;
  readonly #disks: Readonly<Record<NodeName, MemorySnapshots>> = {
    lb1: new MemorySnapshots(),
    lb2: new MemorySnapshots(),
  };
  readonly #sockets: LocalSockets;
  readonly #nodes: Readonly<Record<NodeName, Node>>;
  /** All marks that were ever written, by table and key. */
  readonly #written = new Map<string, Set<number>>();
  /** Of keys that one node alone writes: the mark that at least one living HAProxy holds. */
  readonly #floors = new Map<string, number>();
  #marks = 0;
  #pids = 100;

  constructor(seed: number, keeping: Keeping = 'nothing') {
    this.#keeping = keeping;
    this.chance = new Chance(seed);
    this.wire = new SimPairWire(this.scheduler);
    const { chance, scheduler } = this;
    const travels = millis(chance.next() < 0.5 ? 0.05 : chance.next() * MOST_TRAVELS_MS);
    this.#sockets = new LocalSockets({ scheduler, chance, travels });
    const node = (): Node => ({
      clock: new MachineClock(this.scheduler, 1 + (this.chance.next() - 0.5) / 1000),
      replicator: undefined,
      haproxy: undefined,
    });
    this.#nodes = { lb1: node(), lb2: node() };
    for (const name of NODES) {
      // What was kept counts where the clock is not behind it: then both go alike.
      const ahead = keeping === 'nothing' ? (this.chance.next() - 0.5) * 7_200_000 : 0;
      this.#nodes[name].clock.wallOffset = millis(1_700_000_000_000 + ahead);
    }
  }

  run(ms: number): Promise<void> {
    return this.scheduler.run(later(this.scheduler.now, millis(ms)), () => undefined);
  }

  haproxy(name: NodeName): SimHaproxy | undefined {
    return this.#nodes[name].haproxy?.is;
  }

  replicator(name: NodeName): Replicator | undefined {
    return this.#nodes[name].replicator?.replicator;
  }

  tell(what: string): void {
    this.story.push(`${(this.scheduler.now / 1000).toFixed(3)} ${what}`);
  }

  startReplicator(name: NodeName): void {
    const node = this.#nodes[name];
    if (node.replicator !== undefined) {
      return;
    }
    this.tell(`${name}: the replicator starts`);
    const process = new SimProcess(this.scheduler, node.clock);
    const peer = otherThan(name);
    const replicator = startReplicator(
      {
        node: name,
        peer,
        address: ADDRESSES[name],
        peerAddress: ADDRESSES[peer],
        port: 5113,
        keys: ['AAAA'],
        peersSocket: name,
        socketOwner: undefined,
        tables: 'all',
        snapshot: this.#keeping === 'nothing' ? undefined : { file: '/s', every: SNAPSHOT_EVERY },
      },
      {
        clock: process,
        random: { fraction: () => this.chance.next() },
        transports: { open: () => this.wire.transport(process) },
        listener: this.#sockets.listener(process),
        memoryBytes: () => 0,
        snapshots: this.#disks[name],
      },
    );
    node.replicator = { process, replicator };
  }

  disk(name: NodeName): MemorySnapshots {
    return this.#disks[name];
  }

  killReplicator(name: NodeName): void {
    const node = this.#nodes[name];
    if (node.replicator !== undefined) {
      this.tell(`${name}: the replicator is killed`);
      node.replicator.process.kill();
      this.#sockets.gone(node.replicator.process);
      node.replicator = undefined;
    }
  }

  /** `reload`: the new process is told everything by the old one. */
  startHaproxy(name: NodeName, how: 'anew' | 'reload'): void {
    const node = this.#nodes[name];
    const former = node.haproxy;
    if (how === 'anew' && former !== undefined) {
      return;
    }
    this.tell(`${name}: HAProxy starts ${how}`);
    const process = new SimProcess(this.scheduler, node.clock);
    this.#pids += 1;
    node.haproxy = {
      process,
      is: new SimHaproxy(
        TABLES,
        {
          process,
          chance: this.chance,
          names: { own: name, peer: otherThan(name) },
          pid: this.#pids,
          dial: () => this.#sockets.dial(process, name),
          tell: (what) => {
            this.tell(`${name}: HAProxy: ${what}`);
          },
          learned: ({ table, key }, value, lost) => {
            this.#learned(name, `${table} ${key}`, value);
            // As between two HAProxies: what is told last counts, until it has been told itself.
            if (lost !== undefined && this.#floors.get(`${table} ${key}`) === lost) {
              this.#floors.set(`${table} ${key}`, value.mark);
            }
          },
        },
        former?.is,
      ),
    };
    former?.process.kill();
    if (former !== undefined) {
      this.#sockets.gone(former.process);
    }
  }

  killHaproxy(name: NodeName): void {
    const node = this.#nodes[name];
    if (node.haproxy === undefined) {
      return;
    }
    this.tell(`${name}: HAProxy is killed`);
    node.haproxy.process.kill();
    this.#sockets.gone(node.haproxy.process);
    node.haproxy = undefined;
    const left = this.haproxy(otherThan(name));
    for (const key of this.#floors.keys()) {
      const [table = '', of = ''] = key.split(' ');
      this.#floors.set(key, left?.table(table).rows.get(of)?.mark ?? 0);
    }
  }

  /** A visitor comes to one of the nodes. */
  visit(): void {
    const node = this.#pick(NODES);
    const haproxy = this.haproxy(node);
    if (haproxy === undefined) {
      return;
    }
    const isShort = this.chance.next() < 0.3;
    const writer = this.chance.next() < 0.3 ? 'both' : node;
    const number = Math.floor(this.chance.next() * 40);
    const key = isShort
      ? String.fromCharCode(10, writer === 'both' ? 0 : Number(node.slice(2)), 1, number + 33)
      : `${writer}-${String(number)}`;
    const lasting = this.chance.next() < 0.3 ? 'lasting' : 'app';
    const table = isShort ? 'short' : lasting;
    this.#touch(haproxy, table, key);
    const name = `${table} ${key}`;
    // Rows that never expire do not say which of two is newer, where nobody remembers it.
    if (writer !== 'both' && table === 'app') {
      this.#floors.set(name, this.#marks);
    }
  }

  /** Visitors come to both nodes within a moment, again and again, and all of them touch the same row. */
  rush(): void {
    const key = `both-${String(Math.floor(this.chance.next() * 40))}`;
    const table = this.#pick(['app', 'lasting']);
    for (const node of NODES) {
      const visits = Math.floor(this.chance.next() * 6);
      for (let visit = 0; visit < visits; visit += 1) {
        this.scheduler.after(millis(this.chance.next() * RUSH_MS), () => {
          const haproxy = this.haproxy(node);
          if (haproxy !== undefined) {
            this.#touch(haproxy, table, key);
          }
        });
      }
    }
  }

  #touch(haproxy: SimHaproxy, table: string, key: string): void {
    this.#marks += 1;
    const server = table === 'short' ? undefined : `web${String(this.#marks % 200)}`;
    haproxy.touch(table, key, { mark: this.#marks, server });
    const name = `${table} ${key}`;
    const marks = this.#written.get(name) ?? new Set();
    this.#written.set(name, marks.add(this.#marks));
  }

  /** What must hold when nothing has failed or been written for a while. */
  check(): void {
    const [one, other] = NODES.map((name) => this.haproxy(name)!);
    for (const { name } of TABLES) {
      const [here, there] = [one!.living(name), other!.living(name)];
      for (const key of new Set([...here.keys(), ...there.keys()])) {
        this.#checkRow(`${name} ${key}`, here.get(key), there.get(key));
      }
    }
    for (const [key, floor] of this.#floors) {
      const [table = '', of = ''] = key.split(' ');
      const mark = one!.living(table).get(of)?.mark ?? 0;
      if (mark < floor) {
        this.#break(`${key}: ${String(mark)} is older than ${String(floor)}, which was never lost`);
      }
    }
    for (const name of NODES) {
      const report = this.replicator(name)!.report();
      const isGood = report.complete && report.link.state === 'up' && report.proxy.state === 'up';
      if (!isGood || report.tables.some(({ verified }) => verified.verdict !== 'equal')) {
        this.#break(`${name} reports ${JSON.stringify(report)}`);
      }
    }
  }

  #checkRow(
    key: string,
    here: ReturnType<SimHaproxy['living']> extends ReadonlyMap<string, infer R>
      ? R | undefined
      : never,
    there: typeof here,
  ): void {
    if (here === undefined || there === undefined) {
      const [left] = [here, there].filter((row) => row !== undefined);
      // One of them may expire a moment before the other.
      if (left !== undefined && left.expiresAt - this.scheduler.now > EXPIRY_TOLERANCE) {
        this.#break(`${key} is on one node only: ${JSON.stringify([here, there])}`);
      }
    } else if (here.mark !== there.mark || here.server !== there.server) {
      this.#break(`${key} differs: ${JSON.stringify([here, there])}`);
    } else {
      const [a, b] = NODES.map((name, index) => {
        const { clock } = this.#nodes[name];
        return (index === 0 ? here : there).expiresAt - clock.now;
      });
      if (a !== b && Math.abs(a! - b!) > EXPIRY_TOLERANCE) {
        this.#break(`${key} expires in ${String(a)} and in ${String(b)} ms`);
      }
    }
  }

  #learned(node: NodeName, key: string, { mark }: RowValue): void {
    if (this.#written.get(key)?.has(mark) !== true) {
      this.#break(`${node} was handed ${key} ${String(mark)}, which nobody wrote`);
    }
  }

  #break(what: string): void {
    this.broken.push(what);
    this.tell(`BROKEN ${what}`);
  }

  #pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.chance.next() * from.length)]!;
  }
}

export function otherThan(name: NodeName): NodeName {
  return name === 'lb1' ? 'lb2' : 'lb1';
}

const EXPIRY_TOLERANCE = 1000;
/** HAProxy pushes every millisecond: on its slow socket some pushes are always under way. */
const MOST_TRAVELS_MS = 5;
const RUSH_MS = 15;
