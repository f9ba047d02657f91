/** Virtual MAC mode as clients, switches and administrators see it (RFC 9568 §7.3, §8.1.2, §8.2.2). */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PROBE_DEFAULTS } from '../../src/lab/measure.js';
import { longestGap } from '../../src/prober/gaps.js';
import type { NodeName } from '../../src/lab/topology.js';
import { NODE_NAMES } from '../../src/lab/topology.js';
import { mayRaiseLabs, Rig, TENTH, value } from './rig.js';

const MACS = { ipv4: '00:00:5e:00:01:33', ipv6: '00:00:5e:00:02:33' } as const;
const NAMES = { ipv4: 'vip51.eth0', ipv6: 'vip51v6.eth0' } as const;
const VIRTUAL_ADDRESS = '10.77.0.100';
const VIRTUAL_ADDRESS_IPV6 = 'fd77::100';
/** A probe's deadline, three intervals and a skew, and room for noise. */
const LONGEST_GAP_MS = 2_500;

interface Link {
  readonly ifname: string;
  readonly address: string;
  readonly ifalias?: string;
  readonly flags: readonly string[];
  readonly linkinfo?: { readonly info_kind?: string };
}

describe.skipIf(!mayRaiseLabs)('a group with virtual MACs, over both families', () => {
  let rig: Rig;

  beforeAll(async () => {
    rig = await Rig.raise('virtual-mac', { advertInterval: TENTH, families: ['ipv4', 'ipv6'] });
    await rig.reconfigure((text) =>
      text.replace('    prefer:', '    virtual_mac: true\n    prefer:'),
    );
  });

  afterAll(async () => {
    await rig.remove();
  });

  beforeEach(() => rig.heal());

  async function links(name: NodeName): Promise<readonly Link[]> {
    const all = JSON.parse(await rig.told(name, 'ip', '-j', '-d', 'link')) as readonly Link[];
    return all.filter(({ ifname }) => ifname.startsWith('vip'));
  }

  async function namesOf(name: NodeName): Promise<readonly string[]> {
    return (await links(name)).map(({ ifname }) => ifname).toSorted();
  }

  /** Whether the client gets a page from it. */
  async function asks(address: string): Promise<boolean> {
    const url = address.includes(':') ? `http://[${address}]/` : `http://${address}/`;
    const asked = await rig.inside('client', 'curl', '-sfg', '-o', '/dev/null', '-m', '2', url);
    return asked.exit === 0;
  }

  /** What the client remembers of an address, after having asked for it. */
  async function neighbour(address: string): Promise<string | undefined> {
    await asks(address);
    const shown = JSON.parse(
      await rig.told('client', 'ip', '-j', 'neigh', 'show', address),
    ) as readonly { readonly lladdr?: string }[];
    return shown[0]?.lladdr;
  }

  /** The frames that pass the LAN while something is done, as source address and destination. */
  async function frames(
    filter: string,
    count: number,
    act: () => Promise<unknown>,
  ): Promise<string> {
    const listening = rig.told(
      'watch',
      ...['tshark', '-n', '-i', 'eth0', '-f', filter, '-c', String(count), '-a', 'duration:20'],
      ...['-T', 'fields', '-e', 'eth.src', '-e', 'arp.src.hw_mac', '-e', 'icmpv6.opt.linkaddr'],
    );
    await rig.told('watch', 'sleep', '1');
    await act();
    return listening;
  }

  async function switchOver(): Promise<NodeName> {
    const { master, backup } = await rig.settled();
    const moved = await rig.vipair('switchover', '--yes', '-c', rig.configOf(master));
    expect(moved).toMatchObject({ exit: 0 });
    await rig.settled();
    return backup;
  }

  it('lives on macvlans with the virtual routers’ MACs, up on the master and down on the backup', async () => {
    const { master, backup } = await rig.settled();
    for (const [name, state] of [
      [master, true],
      [backup, false],
    ] as const) {
      const made = await rig.soon(`the macvlans of ${name}`, async () => {
        const found = await links(name);
        return found.every(({ flags }) => flags.includes('UP') === state) && found;
      });
      expect(made.map(({ ifname, address }) => [ifname, address]).toSorted()).toEqual([
        [NAMES.ipv4, MACS.ipv4],
        [NAMES.ipv6, MACS.ipv6],
      ]);
      expect(made.every(({ linkinfo }) => linkinfo?.info_kind === 'macvlan')).toBe(true);
    }
    for (const [ifname, address] of [
      [NAMES.ipv4, VIRTUAL_ADDRESS],
      [NAMES.ipv6, VIRTUAL_ADDRESS_IPV6],
    ] as const) {
      expect(await rig.told(master, 'ip', 'address', 'show', 'dev', ifname)).toContain(address);
      expect(await rig.told(backup, 'ip', 'address', 'show', 'dev', ifname)).not.toContain(address);
    }
  });

  it('adverts leave from the virtual MACs', async () => {
    for (const [filter, mac] of [
      ['ip proto 112', MACS.ipv4],
      ['ip6 proto 112', MACS.ipv6],
    ] as const) {
      const seen = await frames(filter, 5, () => Promise.resolve());
      expect(new Set(seen.trim().split(/\s+/u))).toEqual(new Set([mac]));
    }
  });

  it('a switchover is announced from the virtual MACs, and no client learns another one', async () => {
    expect(await neighbour(VIRTUAL_ADDRESS)).toBe(MACS.ipv4);
    expect(await neighbour(VIRTUAL_ADDRESS_IPV6)).toBe(MACS.ipv6);
    const probe = value(await rig.lab.startProbe(PROBE_DEFAULTS));
    const announced = await frames(
      `(arp and arp[14:4] = 0x0a4d0064) or (icmp6 and ip6[40] = 136 and ip6 host ${VIRTUAL_ADDRESS_IPV6})`,
      4,
      switchOver,
    );
    const seen = value(await probe.finish());
    expect(new Set(announced.trim().split(/\s+/u))).toEqual(new Set([MACS.ipv4, MACS.ipv6]));
    expect(longestGap(seen)?.length ?? 0).toBeLessThan(LONGEST_GAP_MS);
    expect(await neighbour(VIRTUAL_ADDRESS)).toBe(MACS.ipv4);
    expect(await neighbour(VIRTUAL_ADDRESS_IPV6)).toBe(MACS.ipv6);
  });

  it('traffic goes on when the master loses its power, to the same MAC', async () => {
    const { master, backup } = await rig.settled();
    expect(await neighbour(VIRTUAL_ADDRESS)).toBe(MACS.ipv4);
    value(await rig.node(master).powerOff());
    await rig.soon(
      'the peer to take over',
      async () => (await rig.role(backup)) === 'master',
      LONGEST_GAP_MS,
    );
    await rig.soon('an answer', () => asks(VIRTUAL_ADDRESS));
    expect(await neighbour(VIRTUAL_ADDRESS)).toBe(MACS.ipv4);
  });

  it('a clean stop removes the macvlans, and a killed daemon’s are found again by the next', async () => {
    const { backup } = await rig.settled();
    const indexes = async (): Promise<string> =>
      rig.told(backup, 'ip', '-br', 'link', 'show', 'type', 'macvlan');
    rig.node(backup).strikeEngine('kill');
    const left = await rig.soon('what the killed daemon left', indexes);
    const mark = rig.events(backup).length;
    value(await rig.node(backup).startEngine());
    await rig.settled();
    expect(await indexes()).toBe(left);
    expect(rig.eventsSince(backup, mark).filter(({ level }) => level === 'error')).toEqual([]);
    value(await rig.node(backup).stopEngine('for-good'));
    expect(await namesOf(backup)).toEqual([]);
  });

  it('a killed master is silent at once, and its next daemon is a backup with the same macvlans', async () => {
    const { master, backup } = await rig.settled();
    rig.node(master).strikeEngine('kill');
    await rig.soon('the peer to take over', async () => (await rig.role(backup)) === 'master');
    expect(await neighbour(VIRTUAL_ADDRESS)).toBe(MACS.ipv4);
    value(await rig.node(master).startEngine());
    expect(await rig.settled()).toEqual({ master: backup, backup: master });
    expect(await namesOf(master)).toEqual([NAMES.ipv4, NAMES.ipv6]);
  });

  it('somebody else’s interface of that name is named, and left alone', async () => {
    const { backup } = await rig.settled();
    const node = rig.node(backup);
    value(await node.stopEngine('for-good'));
    await rig.told(backup, 'ip', 'link', 'add', NAMES.ipv4, 'type', 'bridge');
    try {
      value(await node.startEngine());
      await rig.soon('the daemon to say whose it is', async () =>
        (await rig.told(backup, 'cat', node.files.engineLog)).includes(
          `${NAMES.ipv4} is an interface of somebody else's`,
        ),
      );
      await rig.soon('the daemon to end', async () =>
        (await rig.lab.status()).some(
          ({ name, enginePid }) => name === backup && enginePid === undefined,
        ),
      );
      const [left] = (await links(backup)).filter(({ ifname }) => ifname === NAMES.ipv4);
      expect(left?.linkinfo?.info_kind).toBe('bridge');
    } finally {
      await rig.told(backup, 'ip', 'link', 'delete', NAMES.ipv4);
    }
  });

  it('without accept the address answers ARP, and nothing else', async () => {
    await rig.reconfigure((text) => text.replace('    prefer:', '    accept: false\n    prefer:'));
    try {
      await rig.told('client', 'ip', 'neigh', 'flush', 'all');
      for (const [address, mac] of [
        [VIRTUAL_ADDRESS, MACS.ipv4],
        [VIRTUAL_ADDRESS_IPV6, MACS.ipv6],
      ] as const) {
        expect(await asks(address)).toBe(false);
        expect(await neighbour(address)).toBe(mac);
      }
    } finally {
      await rig.reconfigure((text) => text.replace('    accept: false\n', ''));
    }
    expect(await asks(VIRTUAL_ADDRESS)).toBe(true);
    expect(await asks(VIRTUAL_ADDRESS_IPV6)).toBe(true);
  });

  it('both nodes settle as they were', async () => {
    await rig.settled();
    for (const name of NODE_NAMES) {
      expect(await namesOf(name)).toEqual([NAMES.ipv4, NAMES.ipv6]);
    }
  });
});
