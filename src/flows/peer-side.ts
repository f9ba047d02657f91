/**
 * What the other node says of its flows, given to this node's kernel: believed as far as this node's own configuration selects
 * them, and never over what this kernel follows itself.
 */
import type { Instant } from '../base/time.js';
import { between } from '../base/time.js';
import { unreachable } from '../base/unreachable.js';
import { stageOf } from '../core/flow-selection.js';
import { Refusals } from '../pair/refusals.js';
import type { Clock } from '../ports/clock.js';
import type { FlowTable } from '../ports/flow-table.js';
import type { Flow, FlowKey } from '../wire/conntrack/flow.js';
import { inverseOf } from '../wire/conntrack/protocol.js';
import type { FlowId } from '../wire/conntrack/flow-id.js';
import type { FlowBatch, FlowWord } from '../wire/flows/batch.js';
import { bucketOf, BUCKETS } from '../wire/flows/flow-hash.js';
import type { Buckets, FlowDigest } from '../wire/flows/message.js';
import type { FlowLink } from './flow-link.js';
import type { HeardFlow } from './heard-flows.js';
import { MOST_HEARD } from './heard-flows.js';
import type { KernelOrder } from './kernel-writer.js';
import { KernelWriter } from './kernel-writer.js';
import { Lag } from './lag.js';
import type { Verified } from './own-side.js';
import { UNVERIFIED } from './own-side.js';
import type { Standing } from './standing.js';
import { keyOf } from './standing.js';

export interface PeerPorts {
  readonly clock: Clock;
  readonly table: Pick<FlowTable, 'put' | 'remove'>;
  readonly link: () => FlowLink;
  /** The kernel here follows it now, and this node answers for it. */
  readonly claim: (id: FlowId, flow: Flow) => void;
  /** The other node says that it is, and it is not: this node knows better. */
  readonly gone: (id: FlowId, flow: Flow) => void;
  /** The other node, which has its address, says that it has ended. */
  readonly disown: (id: FlowId, key: FlowKey) => void;
  /** The other node answers for it. */
  readonly yield: (id: FlowId, flow: Flow) => void;
  /** The kernel holds flows that the other node did not tell, or this node claims some that its kernel may call over. */
  readonly wantLook: () => void;
}

export class PeerSide {
  readonly lag: Lag = new Lag();
  readonly refusals: Refusals = new Refusals();
  readonly #standing: Standing;
  readonly #ports: PeerPorts;
  readonly #writer: KernelWriter;
  /** `all`: what the other node has not told on this connection, it has not. */
  #listed: 'not yet' | 'all' = 'not yet';
  #extras: 'none' | 'some' = 'none';
  /** This node answers for flows because the other one told them: what the kernel here had of them already may be over. */
  #claims: 'none' | 'some' = 'none';
  /** Which connection it is: what was begun on another is of no importance. */
  #connection = 0;
  /** How many flows more the kernel's table may be given. */
  #room = Number.POSITIVE_INFINITY;
  /** Told on this connection and not taken for want of room: the kernel may hold them all the same, and that is right. */
  readonly #unroomed = new Set<FlowId>();
  #refusedHere = 0;
  received = 0;
  complete: 'no' | 'yes' = 'no';
  verified: Verified = UNVERIFIED;

  constructor(standing: Standing, ports: PeerPorts) {
    this.#standing = standing;
    this.#ports = ports;
    this.#writer = new KernelWriter({
      table: ports.table,
      taken: (order) => {
        this.#taken(order);
      },
      refused: (order, why) => {
        this.#kernelRefused(order, why);
      },
      chore: (id) => this.#chore(id),
      nextTurn: () =>
        new Promise((resolve) => {
          ports.clock.alarm(ports.clock.now(), resolve);
        }),
    });
  }

  stop(): void {
    this.#writer.stop();
  }

  up(): void {
    this.#connection += 1;
    this.#unroomed.clear();
    this.#listed = 'not yet';
    this.#extras = 'none';
    this.#refusedHere = 0;
    this.complete = 'no';
    this.verified = UNVERIFIED;
  }

  /** What the kernel holds of the other node it keeps, and lets it age. */
  down(): void {
    this.up();
  }

  batch({ words, since }: FlowBatch, acknowledge: () => void): void {
    const orders = words.flatMap((word) => this.#hear(word) ?? []);
    this.received += words.length;
    const { clock, link } = this.#ports;
    this.#writer.add({
      orders,
      done: () => {
        const ms = since === 0 ? undefined : link().since(since);
        if (ms !== undefined) {
          this.lag.add(ms, clock.now());
        }
        acknowledge();
      },
    });
  }

  listBegins(): void {
    this.#standing.heard.listBegins();
  }

  listEnds(buckets: Buckets): void {
    const asked = new Set(buckets);
    const unlisted = this.#standing.heard.unlisted((id) =>
      asked.has(bucketOf(id)) ? 'yes' : 'no',
    );
    const orders = unlisted.flatMap((id) => this.#gone(id, 'was not listed') ?? []);
    const connection = this.#connection;
    this.#writer.add({
      orders,
      done: () => {
        if (connection === this.#connection && asked.size === BUCKETS) {
          this.complete = 'yes';
        }
        this.#lookAtClaims();
      },
    });
    if (asked.size === BUCKETS && this.#listed === 'not yet') {
      this.#listed = 'all';
      if (this.#extras === 'some') {
        this.#ports.wantLook();
      }
    }
  }

  #lookAtClaims(): void {
    if (this.#claims === 'some') {
      this.#claims = 'none';
      this.#ports.wantLook();
    }
  }

  digest({ round, counts, sums }: FlowDigest): void {
    const differing = this.#standing.heard.sums.differing({ counts, sums });
    const { clock, link } = this.#ports;
    this.verified = {
      verdict: differing.length === 0 ? 'equal' : 'differs',
      at: clock.wallTime(),
    };
    link().say({ kind: 'verdict', round, differing, refused: this.#refusedHere });
  }

  /** The kernel has forgotten it by itself. */
  lapsed(id: FlowId): void {
    const { heard, own } = this.#standing;
    const lapsed = heard.get(id);
    if (lapsed === undefined) {
      return;
    }
    if (!this.#ports.link().isUp) {
      // On the next connection the other node says all that it has.
      heard.forget(id);
      return;
    }
    if (this.#standing.isMirrored(lapsed.flow)) {
      const how = heard.lapsed(id, this.#ports.clock.now());
      this.#writer.addChores(how === 'revive' ? [id] : []);
    } else if (this.#standing.holderOf(lapsed.flow) === 'here' && !own.has(id)) {
      heard.forget(id);
      this.#ports.gone(id, lapsed.flow);
    }
  }

  /** The kernel holds it, and the other node, whose it is, may not have told it. */
  extra(id: FlowId, flow: Flow): void {
    if (this.#unroomed.has(id)) {
      return;
    }
    if (this.#listed === 'all') {
      this.#writer.add({
        orders: [{ kind: 'remove', id, key: keyOf(flow) }],
        done: () => undefined,
      });
    } else {
      this.#extras = 'some';
    }
  }

  /** What the kernel does not hold of what it should. */
  looked(at: Instant, isMissing: (id: FlowId) => 'yes' | 'no'): void {
    const missing: FlowId[] = [];
    for (const [id, heard] of this.#standing.heard.entries()) {
      if (isMissing(id) === 'yes' && isOlder(heard, at)) {
        missing.push(id);
      }
    }
    this.#writer.addChores(missing);
  }

  /** Once a second. `room`: of the kernel's table. */
  tick(room: { readonly flows: number; readonly most: number } | undefined): void {
    this.#room =
      room === undefined ? Number.POSITIVE_INFINITY : Math.floor(room.most * FULL) - room.flows;
    if (this.#ports.link().isUp) {
      this.#writer.addChores(this.#standing.heard.expiring(this.#ports.clock.now()));
    }
  }

  /** The configuration selects others than it did. */
  choose(): void {
    for (const [id, { flow }] of this.#standing.heard.entries()) {
      if (this.#standing.choiceOf(flow) !== 'selected') {
        this.#standing.heard.forget(id);
      }
    }
  }

  /** This node has got addresses: it answers for what the former one told of routed flows, too. */
  takeOver(): void {
    if ((this.#standing.scope.filter?.networks.length ?? 0) === 0) {
      return;
    }
    for (const [id, { flow }] of this.#standing.heard.entries()) {
      if (!this.#standing.hasGroupAddress(flow)) {
        this.#standing.heard.forget(id);
      }
    }
  }

  #hear(word: FlowWord): KernelOrder | undefined {
    switch (word.kind) {
      case 'is':
        return this.#is(word.flow);
      case 'gone':
        return this.#hearGone(word.key);
      case 'yours':
        this.#standing.heard.forget(this.#standing.idOf(word.key));
        return undefined;
      default:
        return unreachable(word);
    }
  }

  #is(flow: Flow): KernelOrder | undefined {
    const { own, heard } = this.#standing;
    const id = this.#standing.idOf(flow);
    const objection = this.#objectionTo(id, flow);
    if (objection !== undefined) {
      if (objection === NO_ROOM && this.#unroomed.size < MOST_HEARD) {
        this.#unroomed.add(id);
      }
      this.#refuse(objection, flow);
      return undefined;
    }
    this.#unroomed.delete(id);
    this.#room -= heard.get(id) === undefined ? 1 : 0;
    const kept = heard.note(id, this.#standing.hashOf(id, flow), flow);
    if (this.#standing.holderByAddress(flow) === 'there') {
      this.#ports.yield(id, flow);
    }
    const holder = this.#standing.holderOf(flow);
    const isOurs = holder === 'here' || holder === 'both' || own.has(id);
    return { kind: isOurs ? 'create' : 'replace', id, flow: kept };
  }

  #objectionTo(id: FlowId, flow: Flow): string | undefined {
    const choice = this.#standing.choiceOf(flow);
    if (choice !== 'selected') {
      return choice;
    }
    if (stageOf(flow) !== 'established') {
      return 'not established';
    }
    const { heard } = this.#standing;
    if (heard.get(id) !== undefined) {
      return undefined;
    }
    if (heard.size >= MOST_HEARD) {
      return 'too many flows';
    }
    return this.#room <= 0 ? NO_ROOM : undefined;
  }

  #refuse(objection: string, key: FlowKey): void {
    this.#refusedHere += 1;
    this.refusals.add(objection, flowText(key));
  }

  #gone(id: FlowId, why: 'has ended' | 'was not listed'): KernelOrder | undefined {
    const { own, heard } = this.#standing;
    this.#unroomed.delete(id);
    const former = heard.forget(id);
    if (former === undefined || own.has(id)) {
      return undefined;
    }
    const holder = this.#standing.holderOf(former.flow);
    // While nobody has the address, or both, what a list lacks may be a mistake of the node that made it.
    const isKnownToThem = holder !== 'here' || !this.#standing.hasGroupAddress(former.flow);
    const isTheirs = holder === 'there' || (isKnownToThem && why === 'has ended');
    return isTheirs ? { kind: 'remove', id, key: keyOf(former.flow) } : undefined;
  }

  /** One that this node answers for may be known better by the other, which has its address. */
  #hearGone(key: FlowKey): KernelOrder | undefined {
    const id = this.#standing.idOf(key);
    const reply = inverseOf(key.original, key.protocol);
    const isOurs = this.#standing.own.has(id) && this.#standing.heard.get(id) === undefined;
    if (isOurs && this.#standing.holderByAddress({ original: key.original, reply }) === 'there') {
      this.#ports.disown(id, key);
      return { kind: 'remove', id, key };
    }
    return this.#gone(id, 'has ended');
  }

  #chore(id: FlowId): KernelOrder | undefined {
    const heard = this.#standing.heard.get(id);
    if (heard === undefined || !this.#ports.link().isUp) {
      return undefined;
    }
    if (this.#standing.isMirrored(heard.flow)) {
      return { kind: 'replace', id, flow: heard.flow };
    }
    // What this node answers for has ended when its kernel says so: what was told on a former connection counts no more.
    return this.#listed === 'all' ? { kind: 'create', id, flow: heard.flow } : undefined;
  }

  #taken(order: KernelOrder): void {
    const { own, heard } = this.#standing;
    if (order.kind === 'remove' || own.has(order.id)) {
      return;
    }
    heard.put(order.id, this.#ports.clock.now());
    if (!this.#standing.hasGroupAddress(order.flow)) {
      // Whoever tells it answers for it, until there are packets of it here.
      return;
    }
    if (this.#standing.holderOf(order.flow) === 'here') {
      // Also where the other node says nothing of it any more: the kernel has it, and somebody has to answer for it.
      this.#ports.claim(order.id, order.flow);
      this.#claims = 'some';
    } else if (heard.get(order.id) === undefined) {
      this.#writer.add({
        orders: [{ kind: 'remove', id: order.id, key: keyOf(order.flow) }],
        done: () => undefined,
      });
    }
  }

  #kernelRefused(order: KernelOrder, why: string): void {
    if (order.kind !== 'remove') {
      // So that both nodes know that it is not there, and it is told again.
      this.#standing.heard.forget(order.id);
      this.#refuse(`the kernel says ${why}`, order.flow);
    }
  }
}

function isOlder({ putAt }: HeardFlow, at: Instant): boolean {
  return between(putAt, at) > 0;
}

/** As people write it. */
function flowText({ protocol, zone, original }: FlowKey): string {
  const { source, destination, sourcePort, destinationPort } = original;
  const where = zone === 0 ? '' : ` in zone ${String(zone)}`;
  return `protocol ${String(protocol)}, ${source} port ${String(sourcePort)} to ${destination} port ${String(destinationPort)}${where}`;
}

const NO_ROOM = 'the table is full';
/** Of the kernel's table: the rest is for what this node follows itself. */
const FULL = 0.95;
