/** What operators have ordered of the pair, and whether the other node goes by it. */
import type { OrdersStatus } from '../../telemetry/orders.js';
import { maintenanceTexts, sinceText } from '../../telemetry/orders.js';
import { scheduleLine } from '../../telemetry/schedule.js';
import type { PairReport, PeerStatus } from '../../telemetry/status.js';
import { bad, doubtful } from '../paint.js';

/** Nothing where nothing is ordered on either node. */
export function ordersLines(
  { orders, schedules }: Pick<PairReport, 'orders' | 'schedules'>,
  peer: PeerStatus | undefined,
): string {
  const { paused, known } = orders;
  const awaited =
    known === 'yes' ? [] : [doubtful('orders: what was ordered before is not known yet')];
  const pause =
    paused === undefined
      ? []
      : [doubtful(`automatic moves: paused ${sinceText(paused)} (vipair resume)`)];
  const maintenance = maintenanceTexts(orders).map((each) => doubtful(each));
  const planned = schedules.map((each) =>
    each.state === 'dropped' ? bad(scheduleLine(each)) : scheduleLine(each),
  );
  return [...awaited, ...pause, ...maintenance, ...planned, ...differences(orders, peer)].join(
    '\n',
  );
}

function differences(orders: OrdersStatus, peer: PeerStatus | undefined): readonly string[] {
  if (peer?.word !== 'answer') {
    return [];
  }
  const here = wordsOf(
    orders.paused === undefined ? 'no' : 'yes',
    orders.maintenance.map(({ node }) => node),
  );
  if (peer.orders === undefined) {
    return here === NOTHING ? [] : [bad(`${peer.node} runs a version that obeys no orders`)];
  }
  const there = wordsOf(peer.orders.paused, peer.orders.maintenance);
  return here === there ? [] : [bad(`${peer.node} has it otherwise: ${there}`)];
}

function wordsOf(paused: 'yes' | 'no', maintenance: readonly string[]): string {
  const maintained =
    maintenance.length === 0 ? '' : `, in maintenance: ${maintenance.toSorted().join(' and ')}`;
  return `${paused === 'yes' ? 'paused' : 'not paused'}${maintained}`;
}

const NOTHING = wordsOf('no', []);
