/** What the other node says of an order that was given here. */
import { millis } from '../base/time.js';
import type { PeerObeys } from '../telemetry/orders.js';
import { readJson } from '../wire/pair/json-answer.js';
import type { OrdersWord } from '../wire/pair/node-word.js';
import { NODE_WORD } from '../wire/pair/node-word.js';
import type { Peer } from './ports.js';

/** What was stated before is on the same connection, so it has arrived when this is answered. */
export async function confirmedBy(
  peer: Peer,
  obeys: (word: OrdersWord) => boolean,
): Promise<PeerObeys> {
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

/** As for a status: whoever orders something does not want to wait for a dead node. */
const ANSWER_WITHIN = millis(500);
