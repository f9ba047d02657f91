/** A group with an IPv4 and an IPv6 address: two virtual routers on the wire, one decision. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { EXIT } from '../../src/cli/exit-codes.js';
import { PROBE_DEFAULTS_IPV6, WATCH_DEFAULTS, WATCH_DEFAULTS_IPV6 } from '../../src/lab/measure.js';
import { ownership } from '../../src/prober/ownership.js';
import type { WatchReport } from '../../src/prober/owner-watch.js';
import { longestGap } from '../../src/prober/gaps.js';
import type { NodeName } from '../../src/lab/topology.js';
import { nodeOfHardwareAddress, VIRTUAL_CIDRS } from '../../src/lab/topology.js';
import { mayRaiseLabs, pause, Rig, TENTH, value } from './rig.js';

/** Three intervals and a skew, a probe's own deadline, and room for noise. */
const POWER_LOSS_MS = 2_500;
/** How much later than the one the other address may follow: the claims are one netlink message after the other. */
const TOGETHER_MS = 150;

/** Who hands over keeps the addresses until it hears the other one. */
const OVERLAP_MS = 50;

describe.skipIf(!mayRaiseLabs)('at 100 ms adverts, an IPv4 and an IPv6 address', () => {
  let rig: Rig;

  beforeAll(async () => {
    rig = await Rig.raise('families', { advertInterval: TENTH, families: ['ipv4', 'ipv6'] });
  });

  afterAll(async () => {
    await rig.remove();
  });

  beforeEach(() => rig.heal());

  async function holders(): Promise<readonly (readonly NodeName[])[]> {
    const shown = await Promise.all(
      (['lb1', 'lb2'] as const).map(async (name) => ({
        name,
        text: await rig.told(name, 'ip', '-br', 'address', 'show', 'dev', 'eth0'),
      })),
    );
    return (['ipv4', 'ipv6'] as const).map((family) =>
      shown
        .filter(({ text }) => text.includes(` ${VIRTUAL_CIDRS[family].address}/`))
        .map(({ name }) => name),
    );
  }

  /** Who answered for each while something was done. */
  async function watched(act: () => Promise<void>): Promise<readonly WatchReport[]> {
    const watches = [
      value(await rig.lab.startWatch(WATCH_DEFAULTS)),
      value(await rig.lab.startWatch(WATCH_DEFAULTS_IPV6)),
    ];
    await pause(300);
    await act();
    await pause(500);
    return Promise.all(watches.map(async (watch) => value(await watch.finish())));
  }

  function reigns(
    report: WatchReport,
  ): readonly { readonly node?: string; readonly from: number }[] {
    return ownership(report)
      .tenures.map(({ hardwareAddress, from }) => ({
        node: nodeOfHardwareAddress(hardwareAddress) ?? hardwareAddress,
        from,
      }))
      .filter(({ node }, index, all) => node !== all[index - 1]?.node);
  }

  function expectTogether(reports: readonly WatchReport[], ...nodes: readonly NodeName[]): void {
    const [four = [], six = []] = reports.map(reigns);
    expect(four.map(({ node }) => node)).toEqual(nodes);
    expect(six.map(({ node }) => node)).toEqual(nodes);
    const apart = Math.abs((four.at(-1)?.from ?? 0) - (six.at(-1)?.from ?? Infinity));
    expect(apart).toBeLessThan(TOGETHER_MS);
    for (const report of reports) {
      expect(ownership(report).twoOwners).toBeLessThan(OVERLAP_MS);
    }
  }

  it('are on one node, and neither on the other', async () => {
    const { master } = await rig.settled();
    expect(await holders()).toEqual([[master], [master]]);
  });

  it('move together when an operator asks', async () => {
    const { master, backup } = await rig.settled();
    const reports = await watched(async () => {
      const moved = await rig.vipair('switchover', '--yes', '-c', rig.configOf(master));
      expect(moved.exit).toBe(EXIT.ok);
      await rig.settled();
    });
    expectTogether(reports, master, backup);
    expect(await holders()).toEqual([[backup], [backup]]);
  });

  it('move together when their node loses power, and clients of both notice little', async () => {
    const { master, backup } = await rig.settled();
    const probe = value(await rig.lab.startProbe(PROBE_DEFAULTS_IPV6));
    const reports = await watched(async () => {
      value(await rig.node(master).powerOff());
      await rig.soon('the peer to take over', async () => (await rig.role(backup)) === 'master');
    });
    const seen = value(await probe.finish());
    expectTogether(reports, master, backup);
    expect(longestGap(seen)).toMatchObject({ end: 'answered' });
    expect(longestGap(seen)?.length ?? 0).toBeLessThan(POWER_LOSS_MS);
    value(await rig.node(master).powerOn());
    expect(await rig.settled()).toEqual({ master: backup, backup: master });
    expect(await holders()).toEqual([[backup], [backup]]);
  });

  it('fall silent together when their daemon is killed', async () => {
    const { master, backup } = await rig.settled();
    const reports = await watched(async () => {
      rig.node(master).strikeEngine('kill');
      await rig.soon('the peer to take over', async () => (await rig.role(backup)) === 'master');
    });
    expectTogether(reports, master, backup);
  });
});
