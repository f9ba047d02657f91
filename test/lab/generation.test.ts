/** Two nodes that should have the same configuration, and what becomes of it where they have not. */
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXIT } from '../../src/cli/exit-codes.js';
import { differencesInWords } from '../../src/telemetry/generation.js';
import type { GenerationStatus } from '../../src/telemetry/generation.js';
import type { NodeName } from '../../src/lab/topology.js';
import { NODE_NAMES } from '../../src/lab/topology.js';
import { mayRaiseLabs, must, Rig, TENTH } from './rig.js';

describe.skipIf(!mayRaiseLabs)('two nodes', () => {
  let rig: Rig;

  beforeAll(async () => {
    rig = await Rig.raise('generation', { advertInterval: TENTH, pairChannel: 'open' });
    for (const name of NODE_NAMES) {
      await rig.soon(
        'both to be in sync',
        async () => (await generation(name)).state === 'in sync',
      );
    }
  });

  afterAll(async () => {
    await rig.remove();
  });

  async function generation(name: NodeName): Promise<GenerationStatus> {
    return must((await rig.status(name)).generation, 'a pair channel');
  }

  it('say which line of haproxy.cfg differs, in both directions, and that it no longer does', async () => {
    const { haproxyConfig } = rig.node('lb2').files;
    const before = readFileSync(haproxyConfig, 'utf8');
    writeFileSync(
      haproxyConfig,
      `${before}\n  # A comment is no difference.\n  timeout tunnel 1h\n`,
    );
    for (const name of NODE_NAMES) {
      await rig.soon('the difference', async () => (await generation(name)).state === 'differs');
    }
    const line = before.split('\n').length + 2;
    const expected = `haproxy.cfg line ${String(line)}: timeout tunnel 1h`;
    expect(differencesInWords((await generation('lb1')).differences, 'lb2')).toEqual([
      `${expected} (on lb2)`,
    ]);
    expect(differencesInWords((await generation('lb2')).differences, 'lb1')).toEqual([
      `${expected} (here)`,
    ]);
    const status = await rig.vipair('status', '-c', rig.configOf('lb1'));
    expect(status.stdout).toContain(`configuration: differs from lb2\n  ${expected} (on lb2)`);
    const diff = await rig.vipair('diff', '-c', rig.configOf('lb1'));
    expect([diff.exit, diff.stdout]).toEqual([
      EXIT.failed,
      `haproxy.cfg (- here, + on lb2)\n+ ${String(line)}: timeout tunnel 1h\n`,
    ]);
    writeFileSync(haproxyConfig, before);
    await rig.soon('both to be in sync', async () => (await generation('lb1')).state === 'in sync');
    expect((await rig.vipair('diff', '-c', rig.configOf('lb1'))).exit).toBe(EXIT.ok);
    const told = rig.events('lb1').map(({ event }) => event);
    expect(told.filter((each) => each.startsWith('generation.'))).toEqual([
      ...['generation.in-sync', 'generation.differs', 'generation.in-sync'],
    ]);
  });

  it('say that a file was edited and is not loaded, or could not be', async () => {
    const text = readFileSync(rig.configOf('lb1'), 'utf8');
    rig.editConfig('lb1', () => text.replace('prefer: lb1', 'prefer: lb2'));
    await rig.soon('that it was changed', async () => (await generation('lb1')).file === 'changed');
    rig.editConfig('lb1', () => text.replace('vrid: ', 'vrid: x'));
    await rig.soon('that it is wrong', async () => (await generation('lb1')).file === 'wrong');
    rig.editConfig('lb1', () => text);
    await rig.soon('that it runs', async () => (await generation('lb1')).file === 'runs');
    expect((await generation('lb1')).state).toBe('in sync');
  });

  it('are not compared while one is down', async () => {
    await rig.node('lb2').stopEngine('for-good');
    await rig.soon('the silence', async () => (await generation('lb1')).state === 'unknown');
    const status = await rig.vipair('status', '-c', rig.configOf('lb1'));
    expect(status.stdout).toContain(
      'configuration: not compared with lb2: the pair channel is down',
    );
    await rig.node('lb2').startEngine();
    await rig.soon('both to be in sync', async () => (await generation('lb1')).state === 'in sync');
  });
});
