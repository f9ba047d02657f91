/** The proxy dies, hangs, refuses its configuration or dies again and again: the peer serves meanwhile. */
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { longestGap } from '../../src/prober/gaps.js';
import type { ProbeReport } from '../../src/prober/sample.js';
import type { NodeName } from '../../src/lab/topology.js';
import { mayRaiseLabs, pause, Rig, TENTH, value } from './rig.js';

/** A dead proxy is noticed at once; the bound leaves room for a machine that does other work too. */
const DEATH_GAP_MS = 2_000;
/** A hung one after a probe every 250 ms that may take 1 s. */
const HANG_GAP_MS = 4_000;
/** Five deaths within a minute are a loop. */
const MOST_STARTS = 6;

describe.skipIf(!mayRaiseLabs)('the supervised proxy', () => {
  let rig: Rig;

  beforeAll(async () => {
    rig = await Rig.raise('proxy', { advertInterval: TENTH });
  });

  afterAll(async () => {
    await rig.remove();
  });

  async function moved(blow: 'kill' | 'freeze'): Promise<{
    readonly report: ProbeReport;
    readonly from: NodeName;
    readonly to: NodeName;
    readonly mark: number;
  }> {
    const { master, backup } = await rig.settled();
    const mark = rig.events(master).length;
    const report = await rig.probed(0, async () => {
      rig.node(master).strikeProxy(blow);
      await rig.soon('the peer to take over', async () => (await rig.role(backup)) === 'master');
    });
    return { report, from: master, to: backup, mark };
  }

  it('is killed: the peer takes over at once, and the node is fit again by itself', async () => {
    const { proxyPids } = rig.node((await rig.settled()).master).processes();
    const { report, from, to } = await moved('kill');
    expect(longestGap(report)?.length ?? 0).toBeLessThan(DEATH_GAP_MS);
    expect(await rig.settled()).toEqual({ master: to, backup: from });
    const restarted = rig.node(from).processes().proxyPids;
    expect(restarted.length).toBeGreaterThanOrEqual(2);
    expect(restarted.filter((pid) => proxyPids.includes(pid))).toEqual([]);
  });

  it('hangs: it is noticed, the peer takes over, and it is killed and started again', async () => {
    const { proxyPids } = rig.node((await rig.settled()).master).processes();
    const { report, from, to, mark } = await moved('freeze');
    expect(longestGap(report)?.length ?? 0).toBeLessThan(HANG_GAP_MS);
    expect(await rig.settled()).toEqual({ master: to, backup: from });
    expect(rig.eventsSince(from, mark)).toContainEqual(
      expect.objectContaining({ event: 'proxy.state', cause: 'no answer within 1000 ms' }),
    );
    expect(
      rig
        .node(from)
        .processes()
        .proxyPids.filter((pid) => proxyPids.includes(pid)),
    ).toEqual([]);
  });

  it('refuses its configuration: its own words are in the log, and it serves once mended', async () => {
    const { master, backup } = await rig.settled();
    const { haproxyConfig } = rig.node(backup).files;
    const proper = readFileSync(haproxyConfig, 'utf8');
    const { pid } = await rig.status(backup);
    writeFileSync(haproxyConfig, proper.replace('balance roundrobin', 'balance merry-go-round'));
    const mark = rig.events(backup).length;
    rig.node(backup).strikeProxy('kill');
    const refused = await rig.soon('the refusal', () =>
      rig.eventsSince(backup, mark).find(({ event }) => event === 'proxy.refused'),
    );
    expect(refused.level).toBe('error');
    expect(String(refused['detail'])).toContain(`parsing [${haproxyConfig}:`);
    expect(String(refused['detail'])).toContain('balance only supports');
    expect(await rig.group(backup)).toMatchObject({ role: 'fault' });
    expect((await rig.status(backup)).pid).toBe(pid);
    writeFileSync(haproxyConfig, proper);
    expect(await rig.settled()).toEqual({ master, backup });
    expect((await rig.status(backup)).pid).toBe(pid);
  });

  it('dies again and again: it is started a few times, then left for a minute, and told', async () => {
    const { master, backup } = await rig.settled();
    const node = rig.node(backup);
    value(await node.stopEngine('for-good'));
    const starts = `${node.files.directory}/starts`;
    const wrapper = `${node.files.directory}/dying-haproxy`;
    writeFileSync(
      wrapper,
      `#!/bin/sh\ncase " $* " in *" -c "*) exit 0;; esac\necho start >>${starts}\nexit 1\n`,
    );
    chmodSync(wrapper, 0o755);
    rig.editConfig(backup, (text) =>
      text.replace('  haproxy:\n', `  haproxy:\n    program: ${wrapper}\n`),
    );
    node.strikeProxy('kill');
    const mark = rig.events(backup).length;
    value(await node.startEngine());
    const told = await rig.soon('the crash loop to be told', () =>
      rig.eventsSince(backup, mark).find(({ event }) => event === 'proxy.crash-loop'),
    );
    expect(told).toMatchObject({ level: 'error', deaths: 5 });
    await pause(2_000);
    expect(existsSync(starts)).toBe(true);
    const count = readFileSync(starts, 'utf8').split('start').length - 1;
    expect(count).toBeGreaterThanOrEqual(5);
    expect(count).toBeLessThanOrEqual(MOST_STARTS);
    expect(await rig.role(master)).toBe('master');
    expect(await rig.role(backup)).toBe('fault');
    value(await node.stopEngine('for-good'));
    rig.editConfig(backup, (text) => text.replace(`    program: ${wrapper}\n`, ''));
    value(await node.startEngine());
    expect(await rig.settled()).toEqual({ master, backup });
  });
});
