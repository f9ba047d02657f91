/** Two paths between the nodes that fail independently: VRRP on the LAN, the pair channel on the dedicated link. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { askPair } from '../../src/api/client.js';
import { EXIT } from '../../src/cli/exit-codes.js';
import { WATCH_DEFAULTS } from '../../src/lab/measure.js';
import { ownership } from '../../src/prober/ownership.js';
import { labDirectory } from '../../src/lab/state-directory.js';
import type { NodeName } from '../../src/lab/topology.js';
import {
  HARDWARE_ADDRESSES,
  LINK_INTERFACE,
  NODE_NAMES,
  nodeOfHardwareAddress,
} from '../../src/lab/topology.js';
import { mayRaiseLabs, pause, ports, Rig, TENTH, value } from './rig.js';

/** Far longer than a backup's patience at 100 ms adverts. */
const WOULD_HAVE_MOVED_MS = 1500;
/** An advert that was lost is followed by the next, a tenth of a second later; the rest is noise. */
const MOST_OVERLAP_MS = 150;

/** Each daemon hears the other now: after a cut or a freeze the connection may be there, and what arrives on it be old. */
async function heartbeats(rig: Rig): Promise<void> {
  for (const name of NODE_NAMES) {
    await rig.soon(`${name} to hear its peer`, async () => {
      const report = await askPair(`${rig.node(name).files.runtimeDirectory}/control.sock`);
      return (
        report.ok && report.value.peer?.word === 'answer' && report.value.peer.life === 'fresh'
      );
    });
  }
}

describe.skipIf(!mayRaiseLabs)('with a pair channel', () => {
  let rig: Rig;

  beforeAll(async () => {
    rig = await Rig.raise('channel', { advertInterval: TENTH, pairChannel: 'open' });
    await channel('up');
  });

  afterAll(async () => {
    await rig.remove();
  });

  afterEach(async () => {
    await rig.inside('lan', 'nft', 'delete', 'table', 'bridge', 'switch');
    await rig.told('lb1', 'ip', 'link', 'set', LINK_INTERFACE, 'up');
    await rig.settled();
    await channel('up');
    await heartbeats(rig);
  });

  async function channel(state: 'up' | 'down'): Promise<void> {
    for (const name of NODE_NAMES) {
      await rig.soon(
        `the channel of ${name} to be ${state}`,
        async () => (await rig.status(name)).pair?.state === state,
      );
    }
  }

  /** The switch drops what matches. */
  async function drop(...rules: readonly string[]): Promise<void> {
    const chain = `chain cut { type filter hook forward priority 0; ${rules.map((rule) => `${rule} drop;`).join(' ')} }`;
    await rig.told('lan', 'nft', `table bridge switch { ${chain}; }`);
  }

  async function cutLink(): Promise<void> {
    await rig.told('lb1', 'ip', 'link', 'set', LINK_INTERFACE, 'down');
  }

  /** Who answered for the address while something was done, and for how long two did. */
  async function watched(
    act: () => Promise<void>,
  ): Promise<{ readonly owners: readonly string[]; readonly twoOwners: number }> {
    const watch = value(await rig.lab.startWatch(WATCH_DEFAULTS));
    await pause(300);
    await act();
    await pause(300);
    const { tenures, twoOwners } = ownership(value(await watch.finish()));
    const owners = tenures.map(
      ({ hardwareAddress }) => nodeOfHardwareAddress(hardwareAddress) ?? hardwareAddress,
    );
    return { owners: owners.filter((owner, index) => owner !== owners[index - 1]), twoOwners };
  }

  function told(name: NodeName, mark: number): readonly string[] {
    return rig.eventsSince(name, mark).map(({ event }) => event);
  }

  it('both nodes say who the other is', async () => {
    expect(await rig.status('lb1')).toMatchObject({
      pair: { peer: 'lb2', state: 'up', protocol: 4 },
    });
    expect(await rig.status('lb2')).toMatchObject({
      pair: { peer: 'lb1', state: 'up', protocol: 4 },
    });
  });

  it.each<[string, (master: NodeName, backup: NodeName) => readonly string[]]>([
    [
      'from the master to the backup',
      (master) => [`ether saddr ${HARDWARE_ADDRESSES[master]} ip protocol 112`],
    ],
    ['both ways', () => ['ip protocol 112']],
  ])(
    'VRRP filtered %s moves nothing: one owner stays, and the path is named',
    async (_how, rules) => {
      const { master, backup } = await rig.settled();
      const mark = rig.events(backup).length;
      const seen = await watched(async () => {
        await drop(...rules(master, backup));
        await rig.soon('the alarm', () => told(backup, mark).includes('vrrp.path-broken'));
        await pause(WOULD_HAVE_MOVED_MS);
      });
      expect(seen).toEqual({ owners: [master], twoOwners: 0 });
      expect(told(backup, mark).filter((event) => event === 'vrrp.path-broken')).toHaveLength(1);
      await rig.told('lan', 'nft', 'flush', 'table', 'bridge', 'switch');
      await rig.soon('that it has healed', () => told(backup, mark).includes('vrrp.path-healed'));
      expect(await rig.settled()).toEqual({ master, backup });
    },
  );

  it('the dedicated link cut moves nothing, and is told', async () => {
    const { master, backup } = await rig.settled();
    const mark = rig.events(backup).length;
    const seen = await watched(async () => {
      await cutLink();
      await rig.soon('the alarm', () => told(backup, mark).includes('pair.peer'));
      await pause(WOULD_HAVE_MOVED_MS);
    });
    expect(seen).toEqual({ owners: [master], twoOwners: 0 });
    expect(await rig.settled()).toEqual({ master, backup });
  });

  it('a LAN port that swallows everything although its carrier is up: the peer takes over', async () => {
    const { master, backup } = await rig.settled();
    const mac = HARDWARE_ADDRESSES[master];
    await drop(`ether saddr ${mac}`, `ether daddr ${mac}`);
    await rig.soon('the peer to take over', async () => (await rig.role(backup)) === 'master');
    await rig.soon('the old master to know', async () => (await rig.role(master)) === 'fault');
    await rig.told('lan', 'nft', 'flush', 'table', 'bridge', 'switch');
    expect(await rig.settled()).toEqual({ master: backup, backup: master });
  });

  it('everything cut and healed: one owner, within an interval and a little', async () => {
    const { master } = await rig.settled();
    const seen = await watched(async () => {
      await cutLink();
      await drop('ip protocol 112');
      await rig.soon(
        'two masters',
        async () => (await rig.role('lb1')) === (await rig.role('lb2')),
      );
      await rig.told('lan', 'nft', 'flush', 'table', 'bridge', 'switch');
      await rig.settled();
    });
    expect(seen.owners[0]).toBe(master);
    const watch = value(await rig.lab.startWatch(WATCH_DEFAULTS));
    await pause(MOST_OVERLAP_MS);
    expect(ownership(value(await watch.finish())).twoOwners).toBe(0);
  });

  it('a master that stops says goodbye: its peer need not wait for silence', async () => {
    const { master, backup } = await rig.settled();
    await drop('ip protocol 112');
    const mark = rig.events(backup).length;
    value(await rig.node(master).stopEngine('for-good'));
    await rig.soon('the peer to take over', async () => (await rig.role(backup)) === 'master');
    expect(told(backup, mark)).toContain('pair.peer');
    value(await rig.node(master).startEngine());
  });

  it('another key lets nobody in, and moves nothing', async () => {
    const { master, backup } = await rig.settled();
    const other = `${labDirectory(rig.lab.settings.name)}/other-${String(Date.now())}.key`;
    expect((await rig.vipair('keygen', other)).exit).toBe(EXIT.ok);
    expect((await rig.vipair('keygen', other)).exit).toBe(EXIT.failed);
    value(await rig.node(backup).stopEngine('for-good'));
    let right = '';
    rig.editConfig(backup, (text) => {
      right = text;
      return text.replace(/key_file: .*/u, `key_file: ${other}`);
    });
    value(await rig.node(backup).startEngine());
    await rig.soon('to be refused', async () =>
      (await rig.status(master)).pair?.problem?.includes('another key'),
    );
    expect(await rig.role(master)).toBe('master');
    value(await rig.node(backup).stopEngine('for-good'));
    rig.editConfig(backup, () => right);
    value(await rig.node(backup).startEngine());
  });
});

/** So long that nobody who waits VRRP's timer out would have taken over: three adverts and a skew. */
const TIMER_MS = 3000;

describe.skipIf(!mayRaiseLabs)('with a pair channel and an advert a second', () => {
  let rig: Rig;

  beforeAll(async () => {
    rig = await Rig.raise('pair-second', { pairChannel: 'open' });
    for (const name of NODE_NAMES) {
      await rig.soon(
        `the channel of ${name} to be up`,
        async () => (await rig.status(name)).pair?.state === 'up',
      );
    }
  });

  afterAll(async () => {
    await rig.remove();
  });

  it('a master whose daemon is frozen keeps the address until its lease ends: never two owners', async () => {
    const { master, backup } = await rig.settled();
    const mark = rig.events(backup).length;
    const watch = value(await rig.lab.startWatch(WATCH_DEFAULTS));
    rig.node(master).strikeEngine('freeze');
    await rig.soon('the peer to take over', async () => (await rig.role(backup)) === 'master');
    const tookOver = rig.eventsSince(backup, mark).find(({ event }) => event === 'vrrp.state');
    expect(tookOver?.['cause']).toMatch(/is silent$/u);
    rig.node(master).strikeEngine('thaw');
    const seen = ownership(value(await watch.finish()));
    expect(seen.twoOwners).toBeLessThan(MOST_OVERLAP_MS);
    await rig.settled();
  });

  it('a master that loses its power is followed long before VRRP’s timer ends', async () => {
    const { master, backup } = await rig.settled();
    await heartbeats(rig);
    const mark = rig.events(backup).length;
    const cut = value(await rig.node(master).powerOff());
    await rig.soon('the peer to take over', async () => (await rig.role(backup)) === 'master');
    expect(ports.clock.now() - cut.latest).toBeLessThan(TIMER_MS);
    const tookOver = rig.eventsSince(backup, mark).find(({ event }) => event === 'vrrp.state');
    expect(tookOver?.['cause']).toContain('and so is its kernel');
    value(await rig.node(master).powerOn());
    await rig.settled();
  });
});
