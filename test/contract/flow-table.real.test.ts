/** The kernel's table of flows against its contract, in a network namespace of its own. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe } from 'vitest';
import { NetlinkFlowTable } from '../../src/os/flow-table.js';
import { value } from './expected.js';
import { flowTableContract } from './flow-table.contract.js';
import { mayMakeNetworks, ThrowAwayNetwork } from './throw-away-network.js';

async function elapse(ms: number): Promise<void> {
  await sleep(ms);
}

describe.skipIf(!mayMakeNetworks)('in a network namespace', () => {
  let network: ThrowAwayNetwork;

  beforeAll(() => {
    network = new ThrowAwayNetwork();
  });

  afterAll(() => {
    network.remove();
  });

  flowTableContract('NetlinkFlowTable', () => ({
    table: value(NetlinkFlowTable.open()),
    others: value(NetlinkFlowTable.open()),
    elapse,
  }));
});
