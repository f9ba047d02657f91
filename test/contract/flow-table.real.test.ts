/** The kernel's table of flows against its contract, in a network namespace of its own. */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { millis } from '../../src/base/time.js';
import { NftFlowEvents } from '../../src/os/flow-events.js';
import { NetlinkFlowTable } from '../../src/os/flow-table.js';
import { SystemProcessHost } from '../../src/os/process-host.js';
import { ProcSysctls, settingNow } from '../../src/os/sysctl.js';
import type { FlowEvent } from '../../src/ports/flow-table.js';
import type { Flow } from '../../src/wire/conntrack/flow.js';
import { ROUTED } from '../unit/wire/conntrack/given-flows.js';
import { cidr, eventually, ip, value } from './expected.js';
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

  it('tells of a selected connection that it is assured, and its end', async () => {
    const told = async (networks: readonly string[]): Promise<readonly string[]> => {
      const rules = new NftFlowEvents(new SystemProcessHost());
      value(await rules.select({ addresses: [ip('fd77::2')], networks: networks.map(cidr) }));
      const table = value(NetlinkFlowTable.open());
      const events: string[] = [];
      const happened = (some: readonly FlowEvent[]): void => {
        for (const { kind, flow } of some) {
          events.push(kind);
          // Whoever puts it elsewhere needs it.
          expect([kind, flow.tcp?.state]).not.toEqual(['is', undefined]);
        }
      };
      value(table.hear({ happened, lost: () => events.push('lost') }));
      await connectAndClose();
      await elapse(50);
      await removeAll();
      await eventually(() => events.includes('gone'), elapse);
      table.close();
      expect(await tables()).toContain('vipair_flows');
      value(await rules.dismantle());
      value(await rules.dismantle());
      expect(await tables()).not.toContain('vipair_flows');
      rules.close();
      return events;
    };
    const selected = ['is', 'gone'];
    expect(await told(['10.77.0.2/32'])).toEqual(selected);
    expect(await told(['10.77.0.0/24', '10.77.0.2/32'])).toEqual(selected);
    expect((await told(['192.0.2.0/24'])).length).toBeGreaterThan(selected.length);
    expect((await told([])).length).toBeGreaterThan(selected.length);
  });

  it('tells the end of a flow that began when nobody listened any more, where the kernel is set to', async () => {
    const rules = new NftFlowEvents(new SystemProcessHost());
    value(await rules.select({ addresses: [], networks: [] }));
    value(await new ProcSysctls().write('net.netfilter.nf_conntrack_events', '1'));
    const former = value(NetlinkFlowTable.open());
    value(former.hear({ happened: () => undefined, lost: () => undefined }));
    former.close();
    await connectAndClose();
    const events: string[] = [];
    const table = value(NetlinkFlowTable.open());
    const happened = (some: readonly FlowEvent[]): void => {
      events.push(...some.map(({ kind }) => kind));
    };
    value(table.hear({ happened, lost: () => undefined }));
    await removeAll();
    await eventually(() => events.includes('gone'), elapse);
    table.close();
    value(await rules.dismantle());
  });

  it('takes its rules away also where somebody has removed half of them', async () => {
    const rules = new NftFlowEvents(new SystemProcessHost());
    value(await rules.select({ addresses: [], networks: [] }));
    await nft('delete', 'table', 'ip', 'vipair_flows');
    value(await rules.dismantle());
    expect(await tables()).not.toContain('vipair_flows');
    rules.close();
  });

  async function nft(...words: readonly string[]): Promise<string> {
    const ran = await new SystemProcessHost().run('nft', words, { within: millis(5_000) });
    return value(ran).stdout;
  }

  function tables(): Promise<string> {
    return nft('list', 'tables');
  }

  it.each<[string, Ending, Readonly<Record<string, string>>, readonly string[]]>([
    ['that it is closed, and that is all', 'closes', {}, ['is 3', 'is 7']],
    ['that it is closed, whatever the timeout', 'closes', { time_wait: '7' }, ['is 3', 'is 7']],
    ['its end, too, where it may not be closed', 'closes', { time_wait: '60' }, CLOSED_AND_GONE],
    ['its end alone, where closed ones go at once', 'closes', { time_wait: '0' }, ['is 3', 'gone']],
    ['that it is reset, and its end', 'resets', {}, ['is 3', 'is 8', 'gone']],
  ])('tells of a selected connection %s', async (_what, ending, timeouts, expected) => {
    const former = Object.keys(timeouts).map((state) => [state, settingNow(timeoutOf(state))]);
    const sysctls = new ProcSysctls();
    for (const [state, seconds] of Object.entries(timeouts)) {
      value(await sysctls.write(timeoutOf(state), seconds));
    }
    const rules = new NftFlowEvents(new SystemProcessHost());
    value(await rules.select({ addresses: [ip(ThrowAwayNetwork.addresses.there)], networks: [] }));
    const table = value(NetlinkFlowTable.open());
    const events: string[] = [];
    const happened = (some: readonly FlowEvent[]): void => {
      for (const { kind, flow } of some) {
        events.push(kind === 'gone' ? kind : `${kind} ${String(flow.tcp?.state)}`);
      }
    };
    value(table.hear({ happened, lost: () => events.push('lost') }));
    await connectAnd(ending);
    await elapse(50);
    await removeAll();
    await putAnother();
    await eventually(() => events.includes(ANOTHER), elapse);
    expect(events.slice(0, events.indexOf(ANOTHER))).toEqual(expected);
    table.close();
    await removeAll();
    value(await rules.dismantle());
    for (const [state, seconds] of former) {
      value(await sysctls.write(timeoutOf(state ?? ''), seconds ?? ''));
    }
  });

  async function removeAll(): Promise<void> {
    const others = value(NetlinkFlowTable.open());
    const flows: Flow[] = [];
    value(await others.list((some) => flows.push(...some)));
    value(await others.remove(flows));
    others.close();
  }

  /** Told behind all that was told before. */
  async function putAnother(): Promise<void> {
    const others = value(NetlinkFlowTable.open());
    value(await others.put([ROUTED], 'create'));
    others.close();
  }

  async function connectAndClose(): Promise<void> {
    const server = createServer((socket) => socket.end('x'));
    network.there(() => server.listen(8080));
    const client = connect(8080, ThrowAwayNetwork.addresses.there);
    client.resume();
    await once(client, 'close');
    server.close();
  }

  /** By this node, whose last packet passes the rules. */
  async function connectAnd(ending: Ending): Promise<void> {
    const server = createServer((socket) => {
      socket.on('error', () => undefined).resume();
      socket.write('x');
    });
    network.there(() => server.listen(8080));
    const client = connect(8080, ThrowAwayNetwork.addresses.there);
    await once(client, 'data');
    if (ending === 'resets') {
      client.resetAndDestroy();
    } else {
      client.end();
    }
    await once(client, 'close');
    await elapse(20);
    server.close();
  }
});

type Ending = 'closes' | 'resets';

/** Of UDP. */
const ANOTHER = 'is undefined';
const CLOSED_AND_GONE = ['is 3', 'is 7', 'gone'];

function timeoutOf(state: string): string {
  return `net.netfilter.nf_conntrack_tcp_timeout_${state}`;
}
