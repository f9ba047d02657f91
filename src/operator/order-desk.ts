/** Where operators order something of the pair itself, on either node; what they are told is what the other node has of it. */
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import { later, millis } from '../base/time.js';
import type { Order } from '../core/orders.js';
import { isOn, maintenanceKey, PAUSE_KEY } from '../core/orders.js';
import type { Clock } from '../ports/clock.js';
import type { OrderAnswer } from '../telemetry/orders.js';
import { ordersStatus } from '../telemetry/orders.js';
import type { Refusal } from '../telemetry/refusal.js';
import { refusalCode } from '../telemetry/refusal.js';
import { readJson } from '../wire/pair/json-answer.js';
import type { MaintenanceAsked, MaintenanceDone } from '../wire/pair/maintenance.js';
import { MAINTENANCE_ASKED, MAINTENANCE_DONE } from '../wire/pair/maintenance.js';
import type { OrdersWord } from '../wire/pair/node-word.js';
import { confirmedBy } from './confirmation.js';
import type { Mind } from './explanations.js';
import { inequality } from './equality.js';
import { heldBy, notRelieved } from './relief.js';
import type { Answers, OrderBook, OwnNode, Peer } from './ports.js';

export interface OrderDeskPorts {
  readonly clock: Pick<Clock, 'now' | 'alarm'>;
  readonly orders: OrderBook;
  readonly mind: Pick<Mind, 'params' | 'state'>;
  readonly own: OwnNode;
  /** Undefined where there is no pair channel. */
  readonly peer: Peer | undefined;
}

export interface MaintenanceOrder extends MaintenanceAsked {
  readonly node: string;
  readonly state: 'on' | 'off';
}

/** What was asked of the other node, and what it has done. */
type AskedThere = Result<'unreached' | readonly string[], Refusal>;

export class OrderDesk {
  readonly #node: string;
  readonly #names: readonly string[];
  readonly #ports: OrderDeskPorts;

  constructor(
    { node, names }: { readonly node: string; readonly names: readonly string[] },
    ports: OrderDeskPorts,
  ) {
    this.#node = node;
    this.#names = names;
    this.#ports = ports;
  }

  /** Stops automatic moves, or lets them go on. What stands already is not ordered again. */
  async pause(state: 'on' | 'off'): Promise<Result<OrderAnswer, Refusal>> {
    const { orders } = this.#ports;
    await orders.read();
    const stood = isOn(orders.orders.pause) === (state === 'on');
    await this.#give(PAUSE_KEY, orders.orders.pause, state);
    const paused = state === 'on' ? 'yes' : 'no';
    const changed = stood ? 'nothing' : 'something';
    return ok(await this.#answer({ changed, holds: [] }, (word) => word.paused === paused));
  }

  /** Puts a node in maintenance, or ends that. Resolves when it has given away what it can. */
  async maintenance(order: MaintenanceOrder): Promise<Result<OrderAnswer, Refusal>> {
    const { node, state } = order;
    if (!this.#names.includes(node)) {
      const detail = `no node is called ${node}; there are: ${this.#names.join(' and ')}`;
      return fail({ code: 'unknown-node', detail });
    }
    const { orders } = this.#ports;
    await orders.read();
    const stood = isOn(this.#orderOf(node)) === (state === 'on');
    // Also where it stands: what the node still holds is asked again.
    const asked: MaintenanceOrder = stood ? { ...order, successor: 'any' } : order;
    const spared = state === 'off' ? ok([]) : await this.#spare(asked);
    if (!spared.ok) {
      return spared;
    }
    await this.#give(maintenanceKey(node), this.#orderOf(node), state);
    const isHere = state === 'on' && node === this.#node;
    const holds = isHere ? await this.#stillHeld() : spared.value;
    return ok(
      await this.#answer(
        { changed: stood ? 'nothing' : 'something', holds },
        ({ maintenance }) => maintenance.includes(node) === (state === 'on'),
      ),
    );
  }

  /** What the other node may ask of this one. */
  answers(): Answers {
    return {
      maintenance: async (body) => {
        const asked = readJson(MAINTENANCE_ASKED, body);
        return asked.ok ? ok(JSON.stringify(await this.#spareHere(asked.value))) : asked;
      },
    };
  }

  #orderOf(node: string): Order {
    const { own, peer } = this.#ports.orders.orders;
    return node === this.#node ? own : peer;
  }

  /** What stands already is not ordered again. */
  async #give(key: string, standing: Order, state: 'on' | 'off'): Promise<void> {
    if (standing.state !== state) {
      await this.#ports.orders.give(key, state);
    }
  }

  /** Whether the node may go into maintenance; a node that can be asked knows best, and does so itself. */
  async #spare(order: MaintenanceOrder): Promise<Result<readonly string[], Refusal>> {
    if (order.node === this.#node) {
      const refusal = await this.#refusal(order);
      return refusal === undefined ? ok([]) : fail(refusal);
    }
    const there = await this.#spareThere(order);
    if (!there.ok) {
      return there;
    }
    return ok(there.value === 'unreached' ? [] : there.value);
  }

  async #spareThere({ node, successor }: MaintenanceOrder): Promise<AskedThere> {
    const { peer, orders } = this.#ports;
    if (peer === undefined) {
      const detail = `without a pair channel ${node} is not told: run vipair maintenance there`;
      return fail({ code: 'peer-refused', detail });
    }
    const answer = await peer.ask('maintenance', JSON.stringify({ successor }), DONE_WITHIN);
    if (!answer.ok) {
      if (answer.error.code === 'refused' || answer.error.code === 'older') {
        const detail = `${node} runs a version that knows no maintenance: ${answer.error.detail}`;
        return fail({ code: 'peer-refused', detail });
      }
      if (answer.error.code !== 'no-channel' && successor === 'ready') {
        const detail = `${node} was asked and has not answered: look at vipair status before you ask again`;
        return fail({ code: 'peer-silent', detail });
      }
      // It learns of it when it is back, before it takes over from anybody.
      return isOn(orders.orders.own) && successor === 'ready' ? fail(BOTH) : ok('unreached');
    }
    const done = readJson(MAINTENANCE_DONE, answer.value);
    if (!done.ok) {
      const detail = `what ${node} answers makes no sense: ${done.error}`;
      return fail({ code: 'peer-refused', detail });
    }
    return done.value.kind === 'refused'
      ? fail({ code: refusalCode(done.value.code), detail: done.value.detail })
      : ok(done.value.holds);
  }

  async #spareHere(asked: MaintenanceAsked): Promise<MaintenanceDone> {
    const { orders } = this.#ports;
    await orders.read();
    const refusal = isOn(orders.orders.own) ? undefined : await this.#refusal(asked);
    if (refusal !== undefined) {
      return { kind: 'refused', code: refusal.code, detail: refusal.detail };
    }
    await this.#give(maintenanceKey(this.#node), orders.orders.own, 'on');
    return { kind: 'ordered', holds: await this.#stillHeld() };
  }

  async #refusal({ successor }: MaintenanceAsked): Promise<Refusal | undefined> {
    const { orders, mind, own, peer } = this.#ports;
    if (successor === 'any') {
      return undefined;
    }
    if (isOn(orders.orders.peer)) {
      return BOTH;
    }
    // Without a channel nobody can say; what is given away to nobody stays here.
    const isRelieved = peer === undefined || heldBy(mind.params(), mind.state()).length === 0;
    if (isRelieved) {
      return undefined;
    }
    const why = notRelieved(mind.params(), mind.state());
    if (why !== undefined) {
      return {
        code: 'not-ready',
        detail: `the other node could not take over: ${why}; --force orders it all the same, and ${this.#node} stays master until it can`,
      };
    }
    const otherwise = await inequality(own, peer);
    return otherwise === undefined
      ? undefined
      : {
          code: 'not-ready',
          detail: `the other node could take over, but ${otherwise}; --force gives everything to it all the same, at once`,
        };
  }

  /** The groups that this node has, when those that are under way have moved. */
  async #stillHeld(): Promise<readonly string[]> {
    const { clock, mind } = this.#ports;
    for (let looks = 0; looks < MOST_LOOKS; looks += 1) {
      if (!mind.state().groups.some(({ vrrp }) => vrrp.name === 'resigning')) {
        break;
      }
      await new Promise<void>((resolve) => {
        clock.alarm(later(clock.now(), LOOK_EVERY), resolve);
      });
    }
    return heldBy(mind.params(), mind.state());
  }

  async #answer(
    done: Pick<OrderAnswer, 'changed' | 'holds'>,
    obeys: (word: OrdersWord) => boolean,
  ): Promise<OrderAnswer> {
    const { orders, peer } = this.#ports;
    const said = peer === undefined ? undefined : await confirmedBy(peer, obeys);
    const other = this.#names.find((each) => each !== this.#node) ?? '';
    return {
      node: this.#node,
      orders: ordersStatus(orders.orders, { own: this.#node, peer: other }),
      kept: orders.kept,
      peer: said,
      ...done,
    };
  }
}

const BOTH: Refusal = {
  code: 'both-in-maintenance',
  detail:
    'the other node is in maintenance: end that first; --force orders it all the same, and whoever has the addresses keeps them',
};
/** Longer than any resignation may take. */
const DONE_WITHIN = millis(5000);
const LOOK_EVERY = millis(20);
/** For 3.6 s: a resignation ends within 3 s. */
const MOST_LOOKS = 180;
