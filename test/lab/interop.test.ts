/** Beside other people's routers: every row of the matrix, and the matrix as a table at the end. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { feasibleScheduling } from '../../src/lab/raise.js';
import { keepalivedAbilities } from '../interop/keepalived-router.js';
import { renderMatrix } from '../interop/matrix-table.js';
import { matrix, nameOf } from '../interop/row.js';
import type { RowOutcome } from '../interop/run-row.js';
import { runRow } from '../interop/run-row.js';
import { labName, mayRaiseLabs, ports, removeLeftOvers } from './rig.js';

/** Two cores: rows wait most of the time, but a daemon that starts needs half a second of one. */
const AT_ONCE = 4;
/** A row at 1 s adverts takes about a minute. */
const ROW_TIMEOUT_MS = 180_000;

vi.setConfig({ maxConcurrency: AT_ONCE });

/** `pairs`: half of the rows, for each change. */
const extent = process.env['VIPAIR_INTEROP'] === 'pairs' ? 'pairs' : 'every';
const all = matrix(await keepalivedAbilities(), extent);

describe.skipIf(!mayRaiseLabs)('one owner, whatever happens, beside', () => {
  const outcomes = new Map<string, RowOutcome>();
  let scheduling: Awaited<ReturnType<typeof feasibleScheduling>>;

  beforeAll(async () => {
    await removeLeftOvers();
    scheduling = await feasibleScheduling('round-robin', ports);
  });

  afterAll(() => {
    process.stdout.write(`\n${renderMatrix([...outcomes.values()], all)}\n`);
  });

  it.concurrent.each(all.rows.map((row, index) => [nameOf(row), row, index] as const))(
    '%s',
    async (name, row, index) => {
      const outcome = await runRow(row, labName(`row${String(index)}`), { ...ports, scheduling });
      outcomes.set(name, outcome);
      expect(outcome.failures.join('\n')).toBe('');
    },
    ROW_TIMEOUT_MS,
  );
});
