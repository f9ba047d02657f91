/** What the contract of a table of flows cannot ask of a fake: a full table, a burst, a process of few rights. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { NetlinkFlowTable } from '../../src/os/flow-table.js';
import type { FlowRefusal } from '../../src/ports/flow-table.js';
import { MOST_FLOWS_AT_ONCE } from '../../src/ports/flow-table.js';
import type { Flow } from '../../src/wire/conntrack/flow.js';
import { FlowIds } from '../../src/wire/conntrack/flow-id.js';
import { inverseOf } from '../../src/wire/conntrack/protocol.js';
import { ROUTED, tuple } from '../unit/wire/conntrack/given-flows.js';
import { eventually, value } from './expected.js';
import { mayMakeNetworks, ThrowAwayNetwork } from './throw-away-network.js';

/** More than there is room for. */
const BURST = 150_000;
const CHILD = fileURLToPath(new URL('./confined-child.ts', import.meta.url));
/** A few hundred bytes of the kernel's memory each. */
const MOST_TO_FILL = 300_000;

async function elapse(ms: number): Promise<void> {
  await sleep(ms);
}

function numbered(index: number): Flow {
  const address = `10.${String(64 + (index >>> 14))}.${String((index >>> 6) & 255)}.${String(1 + (index & 63))}`;
  const original = tuple(address, '10.78.0.53', 40_000, 53);
  return { ...ROUTED, original, reply: inverseOf(original, ROUTED.protocol), timeout: 600 };
}

describe.skipIf(!mayMakeNetworks)('in a network namespace', () => {
  let network: ThrowAwayNetwork;
  let table: NetlinkFlowTable;
  let others: NetlinkFlowTable;

  beforeAll(() => {
    network = new ThrowAwayNetwork();
  });

  afterAll(() => {
    network.remove();
  });

  beforeEach(() => {
    table = value(NetlinkFlowTable.open());
    others = value(NetlinkFlowTable.open());
  });

  afterEach(() => {
    table.close();
    others.close();
  });

  async function inBatches<T>(
    all: readonly T[],
    act: (some: readonly T[]) => Promise<unknown>,
  ): Promise<void> {
    for (let at = 0; at < all.length; at += MOST_FLOWS_AT_ONCE) {
      await act(all.slice(at, at + MOST_FLOWS_AT_ONCE));
    }
  }

  it('a burst that nobody reads loses events, says so once it is read, and a list tells all', async () => {
    const ids = new FlowIds();
    const known = new Set<string>();
    let losses = 0;
    value(
      table.hear({
        happened: (events) => {
          for (const { kind, flow } of events) {
            if (kind === 'is') {
              known.add(ids.of(flow));
            } else {
              known.delete(ids.of(flow));
            }
          }
        },
        lost: () => {
          losses += 1;
        },
      }),
    );
    const flows = Array.from({ length: BURST }, (_each, index) => numbered(index));
    // No turn of the event loop in between, so that nothing is read.
    await inBatches(flows, (some) => others.put(some, 'create'));
    expect(known.size).toBe(0);
    await eventually(() => losses > 0 || known.size === BURST, elapse);
    expect(losses > 0).toBe(table.drops > 0);
    known.clear();
    value(
      await table.list((some) => {
        for (const flow of some) {
          known.add(ids.of(flow));
        }
      }),
    );
    expect(known.size).toBe(BURST);
  });

  // Behind the burst, whose flows are still there. The limit is one for all namespaces of the machine, and not ours to change.
  it('a full table takes no more, and says of which', async ({ skip }) => {
    const { flows: before, most } = value(table.room());
    skip(most > MOST_TO_FILL, 'the table is too large to be filled');
    const flows = Array.from({ length: most - before + 100 }, (_each, index) =>
      numbered(before + index),
    );
    const refusals: FlowRefusal[] = [];
    await inBatches(flows, async (some) => {
      refusals.push(...value(await table.put(some, 'create')));
    });
    expect(refusals.length).toBeGreaterThan(0);
    expect(new Set(refusals.map(({ errno }) => errno))).toEqual(new Set(['ENOMEM']));
    expect(value(table.room()).flows).toBe(before + flows.length - refusals.length);
    const full = value(await table.put(flows.slice(-1), 'replace'));
    expect(full.map(({ errno }) => errno)).toEqual(['ENOMEM']);
    expect(value(await table.put([numbered(0)], 'replace'))).toEqual([]);
  });

  it('a process that has given up all rights but one still has its flows, and nothing else', () => {
    const directory = mkdtempSync(join(tmpdir(), 'vipair-confined-'));
    const secret = join(directory, 'secret');
    writeFileSync(secret, 'x', { mode: 0o600 });
    // So that its mode alone keeps others from it.
    chmodSync(directory, 0o755);
    const said: unknown = JSON.parse(
      execFileSync(process.execPath, ['--import', 'tsx', CHILD, secret], { encoding: 'utf8' }),
    );
    rmSync(directory, { recursive: true });
    expect(said).toEqual({
      given: true,
      user: [65_534, 65_534, [65_534]],
      secrets: ['refused', 'EACCES'],
      tables: ['works', 'works'],
      port: 'refused',
      again: 'refused',
      capabilities: '0000000000001000',
    });
  });
});
