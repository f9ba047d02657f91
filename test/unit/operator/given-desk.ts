/** Two desks that ask each other, in the test's hands. */
import type { Ip } from '../../../src/base/ip.js';
import type { Result } from '../../../src/base/result.js';
import { fail, ok } from '../../../src/base/result.js';
import { millis } from '../../../src/base/time.js';
import type { NodeNames, Orders } from '../../../src/core/orders.js';
import { ordersIn } from '../../../src/core/orders.js';
import type { Register } from '../../../src/core/registers.js';
import { NO_REGISTERS, state } from '../../../src/core/registers.js';
import type { PeerState } from '../../../src/core/node-peer.js';
import { NO_PEER } from '../../../src/core/node-peer.js';
import type { RoleName, SwitchoverOutcome } from '../../../src/core/notice.js';
import { unstarted } from '../../../src/core/group-state.js';
import type { Mind } from '../../../src/operator/explanations.js';
import { Desk } from '../../../src/operator/desk.js';
import type { NodeHistory, OrderBook, OwnNode, Peer } from '../../../src/operator/ports.js';
import type { GenerationStatus } from '../../../src/telemetry/generation.js';
import type { GroupStatus, NodeStatus } from '../../../src/telemetry/status.js';
import type { Transition } from '../../../src/telemetry/transition.js';
import { GROUP } from '../doctor/given-observations.js';
import { master, resigning } from '../core/given.js';
import { HandClock, PLAN, VIPS } from '../engine/fakes.js';

export const MOVED: SwitchoverOutcome = {
  kind: 'moved',
  to: '10.77.0.2' as Ip,
  within: millis(12),
};

/** A node that is nothing but its role, and does as it is asked in the role for it. */
export class HandNode implements OwnNode {
  readonly asked: string[] = [];
  groups: readonly GroupStatus[];
  /** What it remembers, oldest first. */
  transitions: readonly Transition[] = [];
  /** The digest of what operators want. */
  intents = 'alike';
  generation: GenerationStatus | undefined;
  readonly #name: string;

  constructor(name: string, role: RoleName) {
    this.#name = name;
    this.groups = [{ ...GROUP, name: 'web', role }];
  }

  readonly history: NodeHistory = {
    answer: ({ limit, skip = 0 }) => {
      const end = Math.max(0, this.transitions.length - skip);
      const transitions = this.transitions.slice(Math.max(0, end - limit), end);
      return { node: this.#name, kept: 'on disk', transitions };
    },
  };

  status(): NodeStatus {
    return {
      node: this.#name,
      version: '0.1.0',
      pid: 1,
      startedAt: 0,
      groups: this.groups,
      proxy: undefined,
      intents: { kept: 'on disk', servers: 0, differing: [], problem: undefined },
      orders: { known: 'yes', paused: undefined, maintenance: [] },
      schedules: [],
      drill: undefined,
      pair: undefined,
      generation: this.generation,
      replication: undefined,
      loop: { samples: 0, p50Ms: 0, p99Ms: 0, maxMs: 0 },
      history: [],
    };
  }

  readonly switchover: OwnNode['switchover'] = (group, successor) => {
    this.asked.push(`switchover ${group} ${successor}`);
    const role = this.#roleIn(group);
    if (role === undefined) {
      return Promise.resolve(fail({ code: 'unknown-group', group, known: ['web'] }));
    }
    return Promise.resolve(
      role === 'master'
        ? ok(MOVED)
        : fail({ code: 'not-master', group, role, master: '10.77.0.1' }),
    );
  };

  readonly failback: OwnNode['failback'] = (group) => {
    this.asked.push(`failback ${group}`);
    const role = this.#roleIn(group);
    return role === 'backup'
      ? ok('10.77.0.1' as Ip)
      : fail({ code: 'not-backup', group, role: role ?? 'stopped' });
  };

  intentDigest(): string {
    return this.intents;
  }

  #roleIn(group: string): RoleName | undefined {
    return this.groups.find(({ name }) => name === group)?.role;
  }
}

/** What operators have ordered, without a disk or another node. */
export class HandBook implements OrderBook {
  readonly kept = 'on disk';
  readonly #names: NodeNames;
  #registers = NO_REGISTERS;

  constructor(names: NodeNames) {
    this.#names = names;
  }

  get orders(): Orders {
    return ordersIn(this.#registers, 'yes', this.#names);
  }

  readonly register = (key: string): Register | undefined => this.#registers.byKey.get(key);

  readonly read = (): Promise<void> => Promise.resolve();

  readonly give = (key: string, value: string): Promise<void> => {
    this.#registers = state(this.#registers, {
      key,
      value,
      at: 42,
      node: this.#names.own,
    }).registers;
    return Promise.resolve();
  };
}

export interface GivenDesk {
  readonly node: HandNode;
  readonly desk: Desk;
  readonly orders: HandBook;
  readonly clock: HandClock;
  /** What it asked the other node. */
  readonly asks: string[];
}

/** Of a node whose one group takes no part, or is said to. */
function mindOf(peer: PeerState, vrrp: 'none' | 'master' | 'resigning' = 'none'): Mind {
  const params = { groups: [PLAN.vrrp], proxy: undefined };
  const groups = [{ ...unstarted(PLAN.vrrp), ...(vrrp === 'none' ? {} : { vrrp: VRRP[vrrp] }) }];
  const state = { phase: 'running', peer, groups, proxy: { name: 'none' } } as const;
  return { params: () => params, addresses: () => [VIPS], state: () => state };
}

const VRRP = { master: master(), resigning: resigning() };
const NAMES = ['lb1', 'lb2'];

/** lb1, whose peer answers with what `answer` makes of a question. */
export function deskOf(
  role: RoleName,
  answer:
    ((ask: string, body: string) => Result<string, { code: string; detail: string }>) | undefined,
  heard: PeerState = NO_PEER,
  vrrp: 'none' | 'master' | 'resigning' = 'none',
): GivenDesk {
  const asks: string[] = [];
  const peer: Peer | undefined =
    answer === undefined
      ? undefined
      : {
          name: 'lb2',
          ask: (ask, body) => {
            asks.push(ask);
            return Promise.resolve(answer(ask, body));
          },
        };
  const node = new HandNode('lb1', role);
  const orders = new HandBook({ own: 'lb1', peer: 'lb2' });
  const clock = new HandClock();
  const desk = new Desk(
    { node: 'lb1', names: NAMES },
    {
      ...{ clock, own: node, orders, peer, servers: undefined, log: { tell: () => undefined } },
      ...{
        tables: undefined,
        flows: () => undefined,
        history: node.history,
        mind: mindOf(heard, vrrp),
      },
    },
  );
  return { node, desk, clock, asks, orders };
}

/** Both nodes, each asking the other. */
export function pairOf(first: RoleName, second: RoleName): { lb1: GivenDesk; lb2: GivenDesk } {
  const make = (name: string, other: string, role: RoleName, to: () => Desk): GivenDesk => {
    const asks: string[] = [];
    const node = new HandNode(name, role);
    const orders = new HandBook({ own: name, peer: other });
    const clock = new HandClock();
    const peer: Peer = {
      name: other,
      ask: async (ask, body) => {
        asks.push(ask);
        const answer = await to().answer(ask, body);
        return answer.ok ? answer : fail({ code: 'refused', detail: answer.error });
      },
    };
    const desk = new Desk(
      { node: name, names: NAMES },
      {
        ...{ clock, own: node, orders, peer, servers: undefined, log: { tell: () => undefined } },
        ...{
          tables: undefined,
          flows: () => undefined,
          history: node.history,
          mind: mindOf(NO_PEER),
        },
      },
    );
    return { node, desk, clock, asks, orders };
  };
  const lb1: GivenDesk = make('lb1', 'lb2', first, () => lb2.desk);
  const lb2: GivenDesk = make('lb2', 'lb1', second, () => lb1.desk);
  return { lb1, lb2 };
}
