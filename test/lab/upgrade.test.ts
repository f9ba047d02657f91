/** `vipair upgrade-check` on a pair of real daemons: on either node it sees what has begun on the other. */
import { appendFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { UpgradeLine } from '../../src/operator/upgrade-line.js';
import type { NodeName } from '../../src/lab/topology.js';
import { NODE_NAMES } from '../../src/lab/topology.js';
import { mayRaiseLabs, Rig, TENTH } from './rig.js';

interface Answer {
  readonly ready: boolean;
  readonly lines: readonly UpgradeLine[];
}

/** Both replicators meet, and compare, every three seconds. */
const CALM_WITHIN_MS = 30_000;

describe.skipIf(!mayRaiseLabs)('a pair that is asked whether it can be upgraded', () => {
  let rig: Rig;

  beforeAll(async () => {
    rig = await Rig.raise('upgrade', {
      advertInterval: TENTH,
      pairChannel: 'open',
      furtherVipair: 'push: { accept: true }\nreplicate: { stick_tables: none, flows: {} }',
    });
  });

  afterAll(async () => {
    await rig.remove();
  });

  async function asked(name: NodeName): Promise<Answer & { readonly exit: number }> {
    const { exit, stdout } = await rig.vipair('upgrade-check', '--json', '-c', rig.configOf(name));
    return { exit, ...(JSON.parse(stdout) as Answer) };
  }

  /** All that is not well, on both. */
  async function amiss(): Promise<readonly string[]> {
    const answers = await Promise.all(NODE_NAMES.map(asked));
    return answers.flatMap(({ lines }) =>
      lines.filter(({ verdict }) => verdict !== 'ok').map(({ about, says }) => `${about}: ${says}`),
    );
  }

  async function calm(): Promise<void> {
    await rig.settled();
    let last: readonly string[] = [];
    const isCalm = async (): Promise<boolean> => {
      last = await amiss();
      return last.length === 0;
    };
    await rig
      .soon('nothing to speak against it', isCalm, CALM_WITHIN_MS)
      .catch((error: unknown) => {
        throw new Error(`${String(error)}: ${last.join('; ')}`);
      });
  }

  it('has nothing against it while nothing is under way, flows included', async () => {
    await calm();
    for (const name of NODE_NAMES) {
      const { exit, ready, lines } = await asked(name);
      expect({ exit, ready }).toEqual({ exit: 0, ready: true });
      expect(lines.map(({ about }) => about)).toEqual(
        expect.arrayContaining(['flows', 'under way']),
      );
    }
  });

  it('names a push on both nodes until it is known what became of it', async () => {
    const { master, backup } = await rig.settled();
    appendFileSync(rig.node(master).files.haproxyConfig, '# another line\n');
    const pushing = rig.vipair('push', '-c', rig.configOf(master));
    const expected = [
      `under way: ${master} pushes its files to the other node`,
      `under way: ${backup} watches HAProxy with other files, which may yet be taken back`,
    ];
    for (const name of NODE_NAMES) {
      await rig.soon(`${name} to name both`, async () => {
        const { exit, lines } = await asked(name);
        const said = lines.map(({ about, says }) => `${about}: ${says}`);
        return exit === 1 && expected.every((each) => said.includes(each));
      });
    }
    const shown = await rig.vipair('status', '-c', rig.configOf(backup));
    expect(shown.stdout).toContain(`under way: ${master} pushes its files to the other node`);
    expect((await pushing).stdout).toContain('haproxy.cfg');
    await calm();
  });

  it('names a drill on both nodes, and whoever runs it', async () => {
    const { master, backup } = await rig.settled();
    const drill = ['vrrp-filtered-one-way', '--yes', '--no-measure'];
    const drilling = rig.vipair('drill', 'run', ...drill, '-c', rig.configOf(backup));
    await rig.soon('the master to name it', async () => {
      const { exit, lines } = await asked(master);
      const said = lines.map(({ says }) => says).join('\n');
      return (
        exit === 1 &&
        said.includes(`${backup} runs drills: vrrp-filtered-one-way`) &&
        said.includes(`${master} takes part in the drill vrrp-filtered-one-way`)
      );
    });
    expect((await drilling).exit).toBe(0);
    await calm();
  });
});
