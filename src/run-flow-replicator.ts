/** `vipair flow-replicator`: the flow replicator on the real machine, a child of the daemon that it tells of itself. */
import { later, millis } from './base/time.js';
import { FlowReplicator } from './flow-replicator.js';
import { SystemClock } from './os/clock.js';
import { EventLimits } from './flows/event-limits.js';
import { NftFlowEvents } from './os/flow-events.js';
import { NetlinkFlowTable } from './os/flow-table.js';
import { InterfaceAddresses } from './os/interface-addresses.js';
import { TlsPairTransports } from './os/pair-transport.js';
import { memoryBytes, Parent } from './os/parent.js';
import { SystemProcessHost } from './os/process-host.js';
import { SystemRandom } from './os/random.js';
import type { FlowSelection } from './ports/flow-events.js';
import type { FlowDuty, FlowOrders } from './ports/flow-replicator.js';

const TELL_EVERY = millis(1000);

/** Resolves when the parent is gone or wants an end; rejects where the kernel may not be asked. */
export function runFlowReplicator(): Promise<void> {
  const parent = new Parent();
  const clock = new SystemClock();
  const limits = new EventLimits({
    clock,
    events: new NftFlowEvents(new SystemProcessHost()),
    refused: (detail) => {
      running?.replicator.refused('the kernel was not told which flows', detail);
    },
  });
  let running: { readonly orders: FlowOrders; readonly replicator: FlowReplicator } | undefined;
  return new Promise((resolve, reject) => {
    parent.begin({
      // Our own parent says it: what is no order is a mistake of ours, and ends us.
      line: (line) => {
        if (running !== undefined) {
          const duty = JSON.parse(line) as FlowDuty;
          running.replicator.become(duty);
          limits.set(selectionOf({ ...running.orders, duty }));
          return;
        }
        const orders = JSON.parse(line) as FlowOrders;
        const table = NetlinkFlowTable.open();
        if (!table.ok) {
          reject(new Error(table.error.detail));
          return;
        }
        const replicator = new FlowReplicator(orders, {
          ...{ clock, table: table.value, memoryBytes },
          random: new SystemRandom(),
          transports: new TlsPairTransports(),
          localAddresses: new InterfaceAddresses(),
        });
        running = { orders, replicator };
        limits.set(selectionOf(orders));
        replicator.begin();
        tell(replicator, parent, clock);
      },
      ended: () => {
        running?.replicator.stop();
        void limits.end().then(() => {
          resolve();
        });
      },
    });
  });
}

function selectionOf({ duty: { addresses, services }, filter }: FlowOrders): FlowSelection {
  return filter === undefined
    ? { addresses: services.flatMap((each) => each.addresses), networks: [] }
    : { addresses, networks: filter.networks };
}

function tell(replicator: FlowReplicator, parent: Parent, clock: SystemClock): void {
  parent.say(JSON.stringify({ report: replicator.report() }));
  clock.alarm(later(clock.now(), TELL_EVERY), () => {
    tell(replicator, parent, clock);
  });
}
