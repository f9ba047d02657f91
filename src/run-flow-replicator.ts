/** `vipair flow-replicator`: the flow replicator on the real machine, a child of the daemon that it tells of itself. */
import type { Result } from './base/result.js';
import { done, fail } from './base/result.js';
import { later, millis } from './base/time.js';
import { FlowReplicator } from './flow-replicator.js';
import { SystemClock } from './os/clock.js';
import { NetlinkFlowTable } from './os/flow-table.js';
import { InterfaceAddresses } from './os/interface-addresses.js';
import { TlsPairTransports } from './os/pair-transport.js';
import { keepOnlyNetAdmin, memoryBytes, Parent } from './os/parent.js';
import { SystemRandom } from './os/random.js';
import type { FlowDuty, FlowOrders } from './ports/flow-replicator.js';

const TELL_EVERY = millis(1000);

/** Who owns nothing on any machine: the kernel's own number for it, so that no list of users has to have a name for it. */
const NOBODY = { uid: 65_534, gid: 65_534 };

/** Resolves when the parent is gone or wants an end; fails with a sentence where it cannot do what it is for. */
export function runFlowReplicator(): Promise<Result<undefined, string>> {
  // Before anything is read: what strangers and the kernel say is never read by root.
  const confined = keepOnlyNetAdmin(NOBODY);
  if (!confined.ok) {
    const { call, errno } = confined.error;
    const detail = `the rights of root cannot be given up (${call}: ${errno}): it takes CAP_SETUID, CAP_SETGID and CAP_NET_ADMIN`;
    return Promise.resolve(fail(detail));
  }
  return replicate(new Parent(), new SystemClock());
}

function replicate(parent: Parent, clock: SystemClock): Promise<Result<undefined, string>> {
  let replicator: FlowReplicator | undefined;
  return new Promise((resolve) => {
    parent.begin({
      // Our own parent says it: what is no order is a mistake of ours, and ends us.
      line: (line) => {
        if (replicator !== undefined) {
          replicator.become(JSON.parse(line) as FlowDuty);
          return;
        }
        const table = NetlinkFlowTable.open();
        if (!table.ok) {
          resolve(fail(`the kernel's table of flows cannot be asked: ${table.error.detail}`));
          return;
        }
        replicator = new FlowReplicator(JSON.parse(line) as FlowOrders, {
          ...{ clock, table: table.value, memoryBytes },
          random: new SystemRandom(),
          transports: new TlsPairTransports(),
          localAddresses: new InterfaceAddresses(),
        });
        replicator.begin();
        tell(replicator, parent, clock);
      },
      ended: () => {
        replicator?.stop();
        resolve(done);
      },
    });
  });
}

function tell(replicator: FlowReplicator, parent: Parent, clock: SystemClock): void {
  parent.say(JSON.stringify({ report: replicator.report() }));
  clock.alarm(later(clock.now(), TELL_EVERY), () => {
    tell(replicator, parent, clock);
  });
}
