/** Stick tables as operators have them: on both nodes, shown and looked at again, and waited for by planned moves. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXIT } from '../../src/cli/exit-codes.js';
import { askHaproxy } from '../../src/lab/haproxy-socket.js';
import type { NodeName } from '../../src/lab/topology.js';
import { otherNode } from '../../src/lab/topology.js';
import type { TablesAnswer } from '../../src/telemetry/tables.js';
import type { CommandOutcome } from './rig.js';
import { mayRaiseLabs, Rig, TENTH, value } from './rig.js';

const TABLE = `backend app
  stick-table type ip size 10k expire 10m store gpc0,conn_cnt peers pair
  server a 127.0.0.1:1`;

describe.skipIf(!mayRaiseLabs)('stick tables on both nodes', () => {
  let rig: Rig;

  beforeAll(async () => {
    rig = await Rig.raise('tables', {
      ...{ advertInterval: TENTH, pairChannel: 'open', replicate: 'vipair' },
      furtherHaproxy: TABLE,
    });
  });

  afterAll(async () => {
    await rig.remove();
  });

  const on = (name: NodeName, ...command: readonly string[]): Promise<CommandOutcome> =>
    rig.vipair(...command, '-c', rig.configOf(name));

  async function tables(name: NodeName, ...options: readonly string[]): Promise<TablesAnswer> {
    return JSON.parse((await on(name, 'tables', '--json', ...options)).stdout) as TablesAnswer;
  }

  /** `vipair tables` ends with 0 where both nodes have all of it and compared it. */
  const whole = (name: NodeName): Promise<true> =>
    rig.soon('the tables to be whole', async () => {
      const known = (await tables(name)).nodes.map(({ replication }) => replication?.report);
      const verdicts = known.flatMap((each) =>
        each?.tables.map(({ verified }) => verified.verdict),
      );
      const isWhole =
        known.every((each) => each?.complete) && (await on(name, 'tables')).exit === 0;
      return isWhole && verdicts.length === 2 && verdicts.every((each) => each === 'equal');
    });

  const put = async (name: NodeName, key: string, count: number): Promise<void> => {
    const command = `set table app key ${key} data.gpc0 ${String(count)}`;
    value(await askHaproxy(rig.node(name), command));
  };

  const has = (name: NodeName, key: string, count: number): Promise<true> =>
    rig.soon(`${name} to have the row`, async () =>
      value(await askHaproxy(rig.node(name), `show table app key ${key}`)).includes(
        `gpc0=${String(count)}`,
      ),
    );

  it('a row of one HAProxy is on the other, and both say that they have the same', async () => {
    await put('lb1', '10.9.9.1', 3);
    await has('lb2', '10.9.9.1', 3);
    await put('lb2', '10.9.9.2', 4);
    await has('lb1', '10.9.9.2', 4);
    await whole('lb1');
    await whole('lb2');
    const page = await on('lb1', 'tables', 'app', '--diff');
    expect(page.stdout.match(/HAProxy has 2 rows, all as they should be/gu)).toHaveLength(2);
    expect(page.stdout).toContain('app: key ip, 4 bytes; expires after 600 s; gpc0, conn_cnt');
    expect(page.exit).toBe(EXIT.ok);
    expect((await on('lb1', 'status')).stdout).toMatch(/stick tables: .*1 of 1 verified equal/u);
    expect((await on('lb1', 'tables', 'none')).exit).toBe(EXIT.refused);
  });

  it('haproxy.cfg has what vipair proxy peers asks for', async () => {
    const said = await on('lb2', 'proxy', 'peers', '--node', 'lb2', '--json');
    expect(JSON.parse(said.stdout)).toMatchObject({ found: 'pair', untold: [], problems: [] });
    expect(said.exit).toBe(EXIT.ok);
  });

  it('a replicator that is killed comes back, and planned moves wait for it', async () => {
    await whole('lb1');
    const { master, backup } = await rig.settled();
    const pid = (await rig.status(backup)).replication?.pid;
    expect(pid).toBeGreaterThan(0);
    process.kill(pid ?? 0, 'SIGKILL');
    await rig.soon('the daemon to notice', () =>
      rig.events(backup).some(({ event }) => event === 'replicator.ended'),
    );
    await put(master, '10.9.9.3', 5);
    await has(backup, '10.9.9.3', 5);
    await whole(master);
    expect((await rig.status(backup)).replication).toMatchObject({ state: 'running', restarts: 1 });
    expect(rig.events(backup).map(({ event }) => event)).toContain('tables.awaited');
    expect((await on(master, 'switchover', '--yes')).exit).toBe(EXIT.ok);
    expect(await rig.settled()).toEqual({ master: backup, backup: master });
  });

  it('a node that has restarted has the rows of the other one', async () => {
    const { master, backup } = await rig.settled();
    await put(master, '10.9.9.4', 6);
    await has(backup, '10.9.9.4', 6);
    value(await rig.node(backup).powerOff());
    await put(master, '10.9.9.4', 7);
    value(await rig.node(backup).powerOn());
    await rig.settled();
    await has(otherNode(master), '10.9.9.4', 7);
    await whole(master);
  });
});
