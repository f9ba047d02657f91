/** What operators have ordered of the pair, and whether the other node goes by it. */
import type { OrdersStatus } from '../../telemetry/orders.js';
import { sinceText } from '../../telemetry/orders.js';
import type { PeerStatus } from '../../telemetry/status.js';
import { bad, doubtful } from '../paint.js';

/** Nothing where nothing is ordered on either node. */
export function ordersLines(orders: OrdersStatus, peer: PeerStatus | undefined): string {
  const { paused, known } = orders;
  const awaited =
    known === 'yes' ? [] : [doubtful('orders: what was ordered before is not known yet')];
  const here =
    paused === undefined
      ? []
      : [doubtful(`automatic moves: paused ${sinceText(paused)} (vipair resume)`)];
  return [...awaited, ...here, ...differences(orders, peer)].join('\n');
}

function differences(orders: OrdersStatus, peer: PeerStatus | undefined): readonly string[] {
  const isOrdered = orders.paused !== undefined;
  if (peer?.word !== 'answer') {
    return [];
  }
  if (peer.orders === undefined) {
    return isOrdered ? [bad(`  ${peer.node} runs a version that obeys no orders`)] : [];
  }
  const isSame = isOrdered === (peer.orders.paused === 'yes');
  return isSame ? [] : [bad(`  ${peer.node} has it otherwise: paused ${peer.orders.paused}`)];
}
