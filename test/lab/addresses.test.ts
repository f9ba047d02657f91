/** Somebody else meddles with the addresses or with the rules that guard them: the daemon repairs what it needs. */
import { resolve } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { summarize } from '../../src/prober/gaps.js';
import type { NodeName } from '../../src/lab/topology.js';
import { HARDWARE_ADDRESSES, VIRTUAL_ADDRESS } from '../../src/lab/topology.js';
import { ownership } from '../../src/prober/ownership.js';
import { mayRaiseLabs, now, pause, Rig, SECOND, value } from './rig.js';

/** An event of the kernel, a turn of the daemon, and a look of this test. Less than the interval of 1 s. */
const AT_ONCE_MS = 700;
const REMOVE = ['ip', 'address', 'del', `${VIRTUAL_ADDRESS}/24`, 'dev', 'eth0'];
const STALE = '10.77.0.150';
const FROM_SOURCES = ['--import', 'tsx', '--input-type=module'];

describe.skipIf(!mayRaiseLabs)('at 1 s adverts, the address of a master', () => {
  let rig: Rig;
  let master: NodeName;
  let backup: NodeName;

  beforeAll(async () => {
    rig = await Rig.raise('address', { advertInterval: SECOND });
  });

  afterAll(async () => {
    await rig.remove();
  });

  beforeEach(async () => {
    ({ master, backup } = await rig.settled());
  });

  async function has(node: NodeName, address: string): Promise<boolean> {
    return (await rig.told(node, 'ip', 'address', 'show', 'dev', 'eth0')).includes(`${address}/`);
  }

  function backAtOnce(): Promise<boolean> {
    return rig.soon('the address to be back', () => has(master, VIRTUAL_ADDRESS), AT_ONCE_MS);
  }

  it('is put back at once when it is removed, and that is told', async () => {
    const mark = rig.events(master).length;
    await rig.told(master, ...REMOVE);
    await backAtOnce();
    expect(rig.eventsSince(master, mark)).toContainEqual(
      expect.objectContaining({ event: 'address.removed', address: VIRTUAL_ADDRESS }),
    );
    expect(await rig.settled()).toEqual({ master, backup });
  });

  it('that is removed again and again raises one alarm, and still comes back', async () => {
    const mark = rig.events(master).length;
    for (let removal = 0; removal < 8; removal += 1) {
      await rig.told(master, ...REMOVE);
      await rig.soon('the address to be back', () => has(master, VIRTUAL_ADDRESS), 2_500);
    }
    const stolen = rig.eventsSince(master, mark).filter(({ event }) => event === 'address.stolen');
    expect(stolen).toHaveLength(1);
    expect(stolen[0]).toMatchObject({ level: 'error', address: VIRTUAL_ADDRESS });
    expect(await has(master, VIRTUAL_ADDRESS)).toBe(true);
    expect(await rig.settled()).toEqual({ master, backup });
  });

  it.each([
    ['the whole ruleset is flushed', [['flush', 'ruleset']]],
    [
      'the tables are deleted',
      [
        ['delete', 'table', 'arp', 'vipair'],
        ['delete', 'table', 'ip', 'vipair'],
      ],
    ],
    ['one of the tables is deleted', [['delete', 'table', 'ip', 'vipair']]],
    // Which no renewal finds out: rules are looked at every five seconds.
    ['rules are flushed out of a table that stays', [['flush', 'table', 'arp', 'vipair']]],
  ])(
    'is guarded again within an interval or two, or a few seconds, when %s',
    async (_what, commands) => {
      const mark = rig.events(master).length;
      const rules = async (): Promise<string> => {
        const text = await rig.told(master, 'nft', '-s', 'list', 'ruleset');
        return text.replaceAll(/ expires \S+| timeout \S+ms| counter/gu, '');
      };
      const before = await rules();
      const report = await rig.probed(0, async () => {
        for (const command of commands) {
          await rig.told(master, 'nft', ...command);
        }
        await rig.soon(
          'the rules to be back',
          async () => (await rules()).length === before.length,
          9_000,
        );
        await pause(1_500);
      });
      // Between the rules and the lease that goes with them lie a few milliseconds on a machine that has time, and as long as
      // the nft program takes to end on one that has none: less than an interval, of 200 requests.
      expect(summarize(report).failed).toBeLessThan(200);
      expect(rig.eventsSince(master, mark)).toContainEqual(
        expect.objectContaining({ event: 'lease.rules-restored' }),
      );
      expect(await rig.settled()).toEqual({ master, backup });
    },
  );

  it('of a former configuration, with our mark, is gone once a daemon starts', async () => {
    const node = rig.node(backup);
    value(await node.stopEngine('for-good'));
    // By the hand of a daemon: this ip(8) cannot set the mark.
    const table = JSON.stringify(resolve(import.meta.dirname, '../../src/os/address-table.ts'));
    const address = `{ interface: 'eth0', cidr: { address: '${STALE}', prefixLength: 24 } }`;
    const claim = `const { NetlinkAddressTable } = await import(${table});
      const claimed = await NetlinkAddressTable.open().value.claim(${address}, 600);
      process.exit(claimed.ok ? 0 : 1);`;
    await rig.told(backup, process.execPath, ...FROM_SOURCES, '-e', claim);
    expect(await has(backup, STALE)).toBe(true);
    value(await node.startEngine());
    await rig.settled();
    expect(await has(backup, STALE)).toBe(false);
  });

  it('that is a stranger to us stays, whatever we do', async () => {
    const node = rig.node(backup);
    await rig.told(backup, 'ip', 'address', 'add', `${STALE}/24`, 'dev', 'eth0');
    value(await node.stopEngine('for-good'));
    value(await node.startEngine());
    await rig.settled();
    expect(await has(backup, STALE)).toBe(true);
    await rig.told(backup, 'ip', 'address', 'del', `${STALE}/24`, 'dev', 'eth0');
  });

  it('left over without a lease is gone once a daemon starts, and never answered for', async () => {
    const node = rig.node(backup);
    value(await node.stopEngine('for-good'));
    const report = await rig.watched(async () => {
      const mark = rig.events(backup).length;
      // With the rules in place first, so that the left-over cannot draw clients away while the daemon loads.
      await rig.told(
        backup,
        'nft',
        `table arp vipair { set guarded { type ipv4_addr; elements = { ${VIRTUAL_ADDRESS} }; }; set lease { type ipv4_addr; flags timeout; }; chain input { type filter hook input priority 0; arp operation request arp daddr ip @guarded arp daddr ip != @lease drop; }; }`,
      );
      await rig.told(backup, 'ip', 'address', 'add', `${VIRTUAL_ADDRESS}/24`, 'dev', 'eth0');
      const startedAt = now();
      value(await node.startEngine());
      await rig.soon('the left-over to go', async () => !(await has(backup, VIRTUAL_ADDRESS)));
      expect(now() - startedAt).toBeLessThan(5_000);
      await rig.settled();
      expect(rig.eventsSince(backup, mark)).toContainEqual(
        expect.objectContaining({ event: 'address.left-over', outcome: 'released' }),
      );
    });
    expect([...ownership(report).lastAnswers.keys()]).toEqual([HARDWARE_ADDRESSES[master]]);
    expect(await rig.settled()).toEqual({ master, backup });
  });
});
