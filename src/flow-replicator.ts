/**
 * A flow replicator, put together from ports: connections that go through this node are copied to the other node's kernel, and
 * come from it. A process of its own: it has to be allowed to write to the kernel's table, which the one that carries HAProxy's
 * tables is not, and nobody's million rows delay it.
 */
import type { Ip } from './base/ip.js';
import { later, millis } from './base/time.js';
import { unreachable } from './base/unreachable.js';
import { FlowLink } from './flows/flow-link.js';
import { OwnSide } from './flows/own-side.js';
import { PeerSide } from './flows/peer-side.js';
import { reportFlows } from './flows/report.js';
import { scopeOf } from './flows/scope.js';
import { Standing } from './flows/standing.js';
import type { Alarm, Clock } from './ports/clock.js';
import type { FlowDuty, FlowOrders, LocalAddresses } from './ports/flow-replicator.js';
import type { FlowTable } from './ports/flow-table.js';
import type { PairTransports } from './ports/pair-transport.js';
import type { Random } from './ports/random.js';
import type { FlowsReport } from './telemetry/flows.js';
import { ALL_BUCKETS } from './wire/flows/message.js';

export interface FlowReplicatorPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly transports: PairTransports;
  readonly table: FlowTable;
  readonly localAddresses: LocalAddresses;
  /** What the process has taken of the machine's memory. */
  readonly memoryBytes: () => number;
}

const TICK = millis(1000);
/** Both nodes compare, every so many ticks. */
const COMPARED_EVERY = 3;
/** The whole table is read, every so many ticks, whether or not anything seems to be missing. */
const LOOKED_EVERY = 600;

export class FlowReplicator {
  readonly #orders: FlowOrders;
  readonly #ports: FlowReplicatorPorts;
  readonly #standing: Standing;
  readonly #link: FlowLink;
  readonly #own: OwnSide;
  readonly #peer: PeerSide;
  #duty: FlowDuty;
  #tick: Alarm | undefined;
  #ticks = 0;
  #room: { readonly flows: number; readonly most: number } | undefined;
  /** The other node has said what it owns: before that, nobody knows whose flows are whose. */
  #met: 'no' | 'yes' = 'no';

  constructor(orders: FlowOrders, ports: FlowReplicatorPorts) {
    const { clock, table } = ports;
    this.#orders = orders;
    this.#ports = ports;
    this.#duty = orders.duty;
    this.#standing = new Standing(scopeOf(orders.duty, orders.filter, ports.localAddresses.all()));
    this.#standing.here = new Set(orders.duty.owned);
    const link = (): FlowLink => this.#link;
    this.#own = new OwnSide(this.#standing, {
      ...{ clock, table, link },
      lapsed: (id) => {
        this.#peer.lapsed(id);
      },
      extra: (id, flow) => {
        this.#peer.extra(id, flow);
      },
      looked: (at, isMissing) => {
        this.#peer.looked(at, isMissing);
      },
      refused: (detail) => {
        this.#peer.refusals.add('the table could not be read', detail);
      },
    });
    this.#peer = new PeerSide(this.#standing, {
      ...{ clock, table, link },
      claim: (id, flow) => {
        this.#own.claim(id, flow, clock.now());
        this.#own.flush();
      },
      gone: (id, flow) => {
        this.#own.end(id, flow);
      },
      disown: (id, key) => {
        this.#own.end(id, key);
      },
      yield: (id, flow) => {
        this.#own.yield(id, flow);
      },
      wantLook: () => {
        this.#own.lookAt(ALL_BUCKETS);
      },
    });
    this.#link = this.#makeLink();
  }

  begin(): void {
    const heard = this.#ports.table.hear({
      happened: (events) => {
        this.#own.happened(events);
      },
      lost: () => {
        this.#lookAtAll();
      },
    });
    if (!heard.ok) {
      this.#peer.refusals.add('the kernel tells nothing', heard.error.detail);
    }
    this.#leaveOut();
    this.#look();
    this.#link.begin();
    this.#tickLater();
  }

  /** The daemon says so. */
  become(duty: FlowDuty): void {
    const former = this.#duty;
    this.#duty = duty;
    this.#standing.here = new Set(duty.owned);
    this.#choose();
    const isGain = duty.owned.some((each) => !former.owned.includes(each));
    if (isGain) {
      this.#peer.takeOver();
    }
    if (!isSame(former.owned, duty.owned) && this.#link.isUp) {
      this.#sayOwned();
      if (isGain) {
        this.#lookAtAll();
      }
    }
  }

  stop(): void {
    this.#tick?.cancel();
    this.#link.stop();
    this.#own.stop();
    this.#peer.stop();
    this.#ports.table.close();
  }

  report(): FlowsReport {
    const { clock, memoryBytes, table } = this.#ports;
    return reportFlows({
      ...{ standing: this.#standing, link: this.#link, own: this.#own, peer: this.#peer },
      ...{ room: this.#room, drops: table.drops },
      ...{ memoryBytes: memoryBytes(), now: clock.now() },
    });
  }

  #makeLink(): FlowLink {
    const { node, peer, address, peerAddress, port, keys } = this.#orders;
    const { clock, random, transports } = this.#ports;
    return new FlowLink(
      { own: { name: node, address }, peer: { name: peer, address: peerAddress }, port },
      {
        ...{ clock, random },
        transport: transports.open(keys.map((key) => Buffer.from(key, 'base64'))),
        handlers: {
          up: () => {
            this.#met = 'no';
            this.#own.up();
            this.#peer.up();
            this.#sayOwned();
          },
          down: () => {
            this.#met = 'no';
            this.#standing.there = new Set();
            this.#own.down();
            this.#peer.down();
          },
          heard: (word) => {
            this.#heard(word);
          },
          batch: (batch, acknowledge) => {
            this.#peer.batch(batch, acknowledge);
            // Of what the other node answers for this one says so.
            this.#own.flush();
          },
          opened: () => {
            this.#own.opened();
          },
        },
      },
    );
  }

  #heard(
    word: Parameters<ConstructorParameters<typeof FlowLink>[1]['handlers']['heard']>[0],
  ): void {
    switch (word.kind) {
      case 'owns':
        this.#meet(word.addresses);
        return;
      case 'list-begins':
        this.#peer.listBegins();
        return;
      case 'list-ends':
        this.#peer.listEnds(word.buckets);
        return;
      case 'digest':
        this.#peer.digest(word);
        return;
      case 'verdict':
        this.#own.verdict(word);
        return;
      default:
        unreachable(word);
    }
  }

  #meet(addresses: readonly Ip[]): void {
    const isNews = this.#met === 'no' || !isSame(addresses, [...this.#standing.there]);
    this.#standing.there = new Set(addresses);
    this.#met = 'yes';
    if (isNews) {
      // What nobody answered for, or both, is somebody's now.
      this.#own.lookAt(ALL_BUCKETS);
    }
  }

  #lookAtAll(): void {
    if (this.#met === 'yes') {
      this.#own.lookAt(ALL_BUCKETS);
    }
  }

  #sayOwned(): void {
    this.#link.say({ kind: 'owns', addresses: this.#duty.owned });
  }

  /** What is selected may be something else now: by the daemon's orders, or because the machine has other addresses. */
  #choose(): void {
    const scope = scopeOf(this.#duty, this.#orders.filter, this.#ports.localAddresses.all());
    const former = this.#standing.scope;
    this.#standing.scope = scope;
    const isOther =
      JSON.stringify(scope.services) !== JSON.stringify(former.services) ||
      !isSame([...scope.addresses], [...former.addresses]) ||
      !isSame([...scope.local], [...former.local]);
    if (isOther) {
      this.#leaveOut();
      this.#peer.choose();
      this.#lookAtAll();
    }
  }

  /** What ends on the machine is never selected. */
  #leaveOut(): void {
    const { addresses, local } = this.#standing.scope;
    const left = this.#ports.table.leaveOut([...addresses, ...local]);
    if (!left.ok) {
      this.#peer.refusals.add('the kernel tells of every flow', left.error.detail);
    }
  }

  #look(): void {
    const room = this.#ports.table.room();
    this.#room = room.ok ? room.value : undefined;
  }

  #tickLater(): void {
    const { clock } = this.#ports;
    this.#tick = clock.alarm(later(clock.now(), TICK), () => {
      this.#ticks += 1;
      this.#look();
      this.#peer.tick(this.#room);
      this.#own.tick();
      if (this.#met === 'yes' && this.#ticks % COMPARED_EVERY === 0) {
        this.#own.compare();
      }
      if (this.#ticks % LOOKED_EVERY === 0) {
        this.#choose();
        this.#lookAtAll();
      }
      this.#tickLater();
    });
  }
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((each) => b.includes(each));
}
