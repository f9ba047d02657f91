/** Daemons that are killed in the middle of a planned move, whose connections are kept: what they left is gone afterwards. */
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askSwitchover } from '../../src/api/client.js';
import { Dice } from '../../src/lab/persistence/dice.js';
import { controlSocketOf } from '../../src/lab/readiness.js';
import type { NodeName } from '../../src/lab/topology.js';
import { NODE_NAMES } from '../../src/lab/topology.js';
import { MAIN, mayRaiseLabs, must, pause, Rig, TENTH, value } from './rig.js';

const SEED = Number(process.env['CRASH_SEED'] ?? 1);
/** Of either node in turn. */
const ROUNDS = Number(process.env['CRASH_ROUNDS'] ?? 4);
/** A move is over within that, in milliseconds, from the request: before, between and after each of its steps. */
const A_MOVE = 14;
const SETTINGS = ['arp_ignore', 'arp_announce', 'promote_secondaries'].map(
  (key) => `net.ipv4.conf.eth0.${key}`,
);

describe.skipIf(!mayRaiseLabs)('a daemon that is killed in the middle of a planned move', () => {
  let rig: Rig;

  beforeAll(async () => {
    rig = await Rig.raise('crash', {
      advertInterval: TENTH,
      pairChannel: 'open',
      families: ['ipv4', 'ipv6'],
    });
  });

  afterAll(async () => {
    await rig.remove();
  });

  /** What only a node that serves on, passes on, or owns has in its kernel. */
  async function leftOn(name: NodeName): Promise<readonly string[]> {
    const shown = await rig.told(name, 'ip', '-oneline', 'address', 'show', 'dev', 'lo');
    const rules = await rig.told(name, 'nft', 'list', 'ruleset');
    const moving = [...rules.matchAll(/(map (?:left|taken)|set left) \{[^}]*elements = /gu)];
    return [
      ...(/10\.77\.0\.100|fd77::100/u.test(shown) ? ['the address is on lo'] : []),
      ...moving.map(([, what]) => `${what ?? ''} has elements`),
    ];
  }

  it('leaves nothing that its successor does not end, whichever node, at whatever step', async () => {
    const dice = new Dice(SEED);
    for (let round = 0; round < ROUNDS; round += 1) {
      const { master, backup } = await rig.settled();
      const victim = round % 2 === 0 ? master : backup;
      const after = dice.between(0, A_MOVE);
      // Looked up before: a look takes as long as a move.
      const { enginePid } = rig.node(victim).processes();
      const asked = askSwitchover(controlSocketOf(rig.node(master)), {});
      await pause(after);
      process.kill(must(enginePid, 'a daemon'), 'SIGKILL');
      await asked;
      await rig.soon('it to be gone', () =>
        Promise.resolve(rig.node(victim).processes().enginePid === undefined),
      );
      // As a service manager does.
      value(await rig.node(victim).startEngine());
      const story = `seed ${String(SEED)}, round ${String(round)}: ${victim}, the ${victim === master ? 'master' : 'backup'}, after ${after.toFixed(2)} ms`;
      const now = await rig.settled();
      expect({ story, left: await leftOn(victim) }).toEqual({ story, left: [] });
      expect({ story, owner: await rig.owner() }).toEqual({ story, owner: now.master });
      const seen = await rig.probed(0, () => pause(300));
      const failed = seen.samples.filter(({ outcome }) => outcome !== 'answered');
      expect({ story, failed }).toEqual({ story, failed: [] });
    }
  });

  it('leaves nothing that vipair clean does not remove, where none succeeds it', async () => {
    const { master: former } = await rig.settled();
    value(await askSwitchover(controlSocketOf(rig.node(former)), {}));
    expect(await leftOn(former)).not.toEqual([]);
    for (const name of NODE_NAMES) {
      rig.node(name).strikeEngine('kill');
    }
    for (const name of NODE_NAMES) {
      const { files } = rig.node(name);
      const clean = [MAIN, 'clean', '-c', files.vipairConfig];
      const cleaned = await rig.inside(name, process.execPath, ...clean);
      expect(cleaned).toMatchObject({ exit: 0, stderr: '' });
      expect(await leftOn(name)).toEqual([]);
      expect(await rig.told(name, 'nft', 'list', 'tables')).not.toContain('vipair');
      expect(await rig.told(name, 'ip', '-oneline', 'address', 'show')).not.toContain(
        '10.77.0.100',
      );
      // As the kernel has them before anybody changes them.
      expect(await rig.told(name, 'sysctl', '-n', ...SETTINGS)).toBe('0\n0\n0\n');
      expect(existsSync(`${files.runtimeDirectory}/settings-found`)).toBe(false);
    }
  });
});
