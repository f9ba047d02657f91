/** Where operators order something of the pair itself, on either node; what they are told is what the other node has of it. */
import type { Result } from '../base/result.js';
import { ok } from '../base/result.js';
import { millis } from '../base/time.js';
import { isOn, PAUSE_KEY } from '../core/orders.js';
import type { OrderAnswer, PeerObeys } from '../telemetry/orders.js';
import { ordersStatus } from '../telemetry/orders.js';
import type { Refusal } from '../telemetry/refusal.js';
import { readJson } from '../wire/pair/json-answer.js';
import type { OrdersWord } from '../wire/pair/node-word.js';
import { NODE_WORD } from '../wire/pair/node-word.js';
import type { OrderBook, Peer } from './ports.js';

export interface OrderDeskPorts {
  readonly orders: OrderBook;
  /** Undefined where there is no pair channel. */
  readonly peer: Peer | undefined;
}

export class OrderDesk {
  readonly #node: string;
  readonly #ports: OrderDeskPorts;

  constructor({ node }: { readonly node: string }, ports: OrderDeskPorts) {
    this.#node = node;
    this.#ports = ports;
  }

  /** Stops automatic moves, or lets them go on. What stands already is not ordered again. */
  async pause(state: 'on' | 'off'): Promise<Result<OrderAnswer, Refusal>> {
    const { orders } = this.#ports;
    await orders.read();
    const stood = isOn(orders.orders.pause) === (state === 'on');
    if (!stood) {
      await orders.give(PAUSE_KEY, state);
    }
    const paused = state === 'on' ? 'yes' : 'no';
    return ok(
      await this.#answer(stood ? 'nothing' : 'something', (word) => word.paused === paused),
    );
  }

  async #answer(
    changed: OrderAnswer['changed'],
    obeys: (word: OrdersWord) => boolean,
  ): Promise<OrderAnswer> {
    const { orders, peer } = this.#ports;
    const said = peer === undefined ? undefined : await this.#ask(peer, obeys);
    return {
      node: this.#node,
      orders: ordersStatus(orders.orders),
      changed,
      kept: orders.kept,
      peer: said,
    };
  }

  /** What was stated before is on the same connection, so it has arrived when this is answered. */
  async #ask(peer: Peer, obeys: (word: OrdersWord) => boolean): Promise<PeerObeys> {
    const node = peer.name;
    const answer = await peer.ask('status', '{}', ANSWER_WITHIN);
    if (!answer.ok) {
      return { node, problem: `it has not confirmed it: ${answer.error.detail}` };
    }
    const word = readJson(NODE_WORD, answer.value);
    if (!word.ok) {
      return { node, problem: `its answer makes no sense: ${word.error}` };
    }
    if (word.value.orders === undefined) {
      return { node, problem: `its vipair ${word.value.release} obeys no such orders` };
    }
    return { node, problem: obeys(word.value.orders) ? undefined : 'it has it otherwise' };
  }
}

/** As for a status: whoever orders something does not want to wait for a dead node. */
const ANSWER_WITHIN = millis(500);
