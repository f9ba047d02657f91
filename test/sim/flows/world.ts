/** Two kernels that follow flows, a flow replicator beside each, and a link between them; all of it fails as chance will. */
import type { Cidr, Ip } from '../../../src/base/ip.js';
import { later, millis } from '../../../src/base/time.js';
import { chooseFlow, stageOf } from '../../../src/core/flow-selection.js';
import { FlowReplicator } from '../../../src/flow-replicator.js';
import { scopeOf } from '../../../src/flows/scope.js';
import type { FlowDuty } from '../../../src/ports/flow-replicator.js';
import type { Flow } from '../../../src/wire/conntrack/flow.js';
import { PROTOCOL } from '../../../src/wire/conntrack/protocol.js';
import { Chance } from '../chance.js';
import { SimConntrack } from '../conntrack.js';
import { MachineClock } from '../machine-clock.js';
import { SimPairWire } from '../pair-wire.js';
import { SimProcess } from '../process.js';
import { Scheduler } from '../scheduler.js';

export type NodeName = 'lb1' | 'lb2';
export const NODES: readonly NodeName[] = ['lb1', 'lb2'];
export const VIP = '10.77.0.100' as Ip;
const VIP_SIX = 'fd77::100' as Ip;
export const INSIDE = '10.78.0.100' as Ip;
const LINK: Readonly<Record<NodeName, Ip>> = { lb1: '10.77.1.1' as Ip, lb2: '10.77.1.2' as Ip };
const OWN: Readonly<Record<NodeName, Ip>> = { lb1: '10.77.0.1' as Ip, lb2: '10.77.0.2' as Ip };
const GROUP: readonly Ip[] = [VIP, VIP_SIX, INSIDE];

interface Node {
  readonly clock: MachineClock;
  readonly kernel: SimConntrack;
  replicator: { readonly process: SimProcess; readonly is: FlowReplicator } | undefined;
  /** What its daemon has told it last. */
  owned: readonly Ip[];
}

export interface FlowsWorldOptions {
  readonly seed: number;
  /** How many events wait for a replicator that does not read. */
  readonly roomForEvents?: number;
  readonly most?: number;
  /** Flows of these are copied although they have no address of a group. */
  readonly networks?: readonly Cidr[];
}

export class FlowsWorld {
  readonly scheduler: Scheduler = new Scheduler();
  readonly chance: Chance;
  readonly wire: SimPairWire;
  readonly broken: string[] = [];
  readonly story: string[] = [];
  /** Where the addresses are, and so the packets. */
  owner: NodeName = 'lb1';
  readonly #nodes: Readonly<Record<NodeName, Node>>;
  /** Flows that were begun and not ended. */
  readonly living: Flow[] = [];
  readonly #networks: readonly Cidr[];
  #begun = 0;

  constructor(options: FlowsWorldOptions) {
    const { seed, roomForEvents = 10_000, most = 262_144, networks = [] } = options;
    this.#networks = networks;
    this.chance = new Chance(seed);
    this.wire = new SimPairWire(this.scheduler);
    const node = (): Node => ({
      clock: new MachineClock(this.scheduler, 1 + (this.chance.next() - 0.5) / 1000),
      kernel: new SimConntrack(this.scheduler, { roomForEvents, most }),
      ...{ replicator: undefined, owned: [] },
    });
    this.#nodes = { lb1: node(), lb2: node() };
    this.#nodes.lb1.owned = GROUP;
  }

  run(ms: number): Promise<void> {
    return this.scheduler.run(later(this.scheduler.now, millis(ms)), () => undefined);
  }

  tell(what: string): void {
    this.story.push(`${(this.scheduler.now / 1000).toFixed(3)} ${what}`);
  }

  kernel(name: NodeName): SimConntrack {
    return this.#nodes[name].kernel;
  }

  replicator(name: NodeName): FlowReplicator | undefined {
    return this.#nodes[name].replicator?.is;
  }

  start(name: NodeName): void {
    const node = this.#nodes[name];
    if (node.replicator !== undefined) {
      return;
    }
    this.tell(`${name}: the replicator starts`);
    const process = new SimProcess(this.scheduler, node.clock);
    const is = new FlowReplicator(
      {
        ...{ node: name, peer: otherThan(name), address: LINK[name] },
        ...{ peerAddress: LINK[otherThan(name)], port: 5114, keys: ['AAAA'] },
        filter: { networks: this.#networks },
        duty: this.#dutyOf(name),
      },
      {
        clock: process,
        random: { fraction: () => this.chance.next() },
        transports: { open: () => this.wire.transport(process) },
        table: node.kernel.table(process),
        localAddresses: { all: () => [OWN[name], LINK[name]] },
        memoryBytes: () => 0,
      },
    );
    node.replicator = { process, is };
    is.begin();
  }

  kill(name: NodeName): void {
    const node = this.#nodes[name];
    if (node.replicator !== undefined) {
      this.tell(`${name}: the replicator is killed`);
      node.replicator.process.kill();
      node.replicator = undefined;
    }
  }

  losePower(name: NodeName): void {
    this.tell(`${name}: the power fails`);
    this.kill(name);
    this.#nodes[name].kernel.powerLoss();
    this.#become(name, []);
    if (this.owner === name) {
      this.owner = otherThan(name);
      this.#become(this.owner, GROUP);
    }
  }

  /** The addresses move; each daemon tells its replicator when it comes to it. */
  move(): void {
    const [from, to] = [this.owner, otherThan(this.owner)];
    this.tell(`the addresses move to ${to}`);
    this.owner = to;
    this.scheduler.after(millis(this.chance.next() * TOLD_WITHIN_MS), () => {
      this.#become(from, this.owner === from ? GROUP : []);
    });
    this.scheduler.after(millis(this.chance.next() * TOLD_WITHIN_MS), () => {
      this.#become(to, this.owner === to ? GROUP : []);
    });
  }

  /** Of some of the addresses only; what each daemon says. */
  own(owned: Readonly<Record<NodeName, readonly Ip[]>>): void {
    for (const name of NODES) {
      this.#become(name, owned[name]);
    }
  }

  /** A client comes, or goes. */
  visit(): void {
    const { kernel } = this.#nodes[this.owner];
    const roll = this.chance.next();
    if (roll < 0.55 || this.living.length === 0) {
      this.begin();
    } else {
      const [flow] = this.living.splice(Math.floor(this.chance.next() * this.living.length), 1);
      if (flow !== undefined && this.chance.next() < 0.5) {
        this.close(flow);
      } else if (flow !== undefined) {
        kernel.removed(flow);
      }
    }
  }

  /** Packets of those that live, so that the kernel does not forget them. */
  packets(): void {
    const { kernel } = this.#nodes[this.owner];
    for (const flow of this.living) {
      if (kernel.find(flow) !== undefined) {
        kernel.seen(flow);
      }
    }
  }

  /** By both ends, where it is TCP: the kernel keeps it for a while. */
  close(flow: Flow): void {
    const { kernel } = this.#nodes[this.owner];
    if (flow.tcp !== undefined && kernel.find(flow) !== undefined) {
      kernel.seen({ ...flow, timeout: TIME_WAIT_S, tcp: { ...flow.tcp, state: TIME_WAIT } });
    }
  }

  begin(): Flow {
    this.#begun += 1;
    const flow = this.#newFlow(this.#begun);
    this.#nodes[this.owner].kernel.seen({ ...flow, status: 0 });
    this.#nodes[this.owner].kernel.seen(flow);
    this.living.push(flow);
    return flow;
  }

  /** Flows that nobody asked for: to the proxy, routed, of the node itself. */
  strangers(name: NodeName): readonly Flow[] {
    const client = '10.77.0.50' as Ip;
    const pairs: readonly (readonly [Ip, Ip])[] = [
      [client, VIP],
      [client, OWN[name]],
      [client, '10.99.0.9' as Ip],
      [OWN[name], '10.99.0.9' as Ip],
    ];
    return pairs.map(([source, destination]) => ({
      ...{ protocol: PROTOCOL.tcp, zone: 0, status: ASSURED, timeout: 400_000, mark: 0 },
      original: { source, destination, sourcePort: 7, destinationPort: 80 },
      reply: { source: destination, destination: source, sourcePort: 80, destinationPort: 7 },
      tcp: ESTABLISHED,
    }));
  }

  selected(name: NodeName): ReadonlyMap<string, Flow> {
    const scope = scopeOf(this.#dutyOf(name), { networks: this.#networks }, [
      OWN[name],
      LINK[name],
    ]);
    const wanted = this.#nodes[name].kernel.flows.filter(
      (flow) => stageOf(flow) === 'established' && chooseFlow(scope, flow) === 'selected',
    );
    return new Map(wanted.map((flow) => [nameOf(flow), flow]));
  }

  /** What must hold when nothing has failed or happened for a while. */
  check(): void {
    const [here, there] = [this.selected('lb1'), this.selected('lb2')];
    for (const key of new Set([...here.keys(), ...there.keys()])) {
      const [a, b] = [here.get(key), there.get(key)];
      if (a === undefined || b === undefined) {
        this.#break(`${key} is on one node only: ${a === undefined ? 'lb2' : 'lb1'}`);
      } else if (wordsOf(a) !== wordsOf(b)) {
        this.#break(`${key} differs: ${wordsOf(a)}, ${wordsOf(b)}`);
      }
    }
    for (const name of NODES) {
      const report = this.replicator(name)?.report();
      if (report?.link.state !== 'up' || !report.complete) {
        this.#break(`${name} reports ${JSON.stringify(report)}`);
      } else if (report.sent.verified.verdict !== 'equal' || report.sent.waiting > 0) {
        this.#break(`${name} reports ${JSON.stringify(report.sent)}`);
      }
    }
  }

  #break(what: string): void {
    this.broken.push(what);
    this.tell(`BROKEN ${what}`);
  }

  #become(name: NodeName, owned: readonly Ip[]): void {
    const node = this.#nodes[name];
    node.owned = owned;
    node.replicator?.is.become(this.#dutyOf(name));
  }

  #dutyOf(name: NodeName): FlowDuty {
    return { addresses: GROUP, owned: this.#nodes[name].owned, services: [] };
  }

  #newFlow(number: number): Flow {
    const isSix = this.chance.next() < 0.2;
    const isUdp = this.chance.next() < 0.4;
    const client = (isSix ? 'fd77::50' : `10.77.2.${String(number % 200)}`) as Ip;
    const server = (isSix ? 'fd78::11' : `10.78.0.${String(11 + (number % 9))}`) as Ip;
    const sourcePort = 1024 + (number % 60_000);
    const isFull = !isSix && this.chance.next() < 0.5;
    return {
      ...{ protocol: isUdp ? PROTOCOL.udp : PROTOCOL.tcp, zone: 0, status: ASSURED },
      ...{ timeout: isUdp ? 120 : 432_000, mark: number % 3 },
      original: {
        ...{ source: client, destination: isSix ? VIP_SIX : VIP },
        ...{ sourcePort, destinationPort: 25 },
      },
      reply: {
        ...{ source: server, destination: isFull ? INSIDE : client },
        ...{ sourcePort: 2525, destinationPort: sourcePort },
      },
      tcp: isUdp ? undefined : ESTABLISHED,
      sctp: undefined,
    };
  }
}

export function otherThan(name: NodeName): NodeName {
  return name === 'lb1' ? 'lb2' : 'lb1';
}

export function nameOf({ protocol, zone, original }: Flow): string {
  return JSON.stringify([protocol, zone, original]);
}

function wordsOf({ reply, mark, status }: Flow): string {
  return JSON.stringify([reply, mark, status & ASSURED]);
}

/** IPS_SEEN_REPLY and IPS_ASSURED. */
const ASSURED = 0b110;
const ESTABLISHED = {
  ...{ state: 3, original: { windowScale: 7, flags: 35 }, reply: { windowScale: 8, flags: 35 } },
};
/** enum tcp_conntrack, and for how long the kernel keeps it. */
const TIME_WAIT = 7;
const TIME_WAIT_S = 120;
const TOLD_WITHIN_MS = 60;
