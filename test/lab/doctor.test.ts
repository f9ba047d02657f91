/** `vipair doctor` beside real mistakes: it names each in one sentence, before everything that follows from it. */
import { writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { EXIT } from '../../src/cli/exit-codes.js';
import type { Finding } from '../../src/doctor/finding.js';
import { labDirectory } from '../../src/lab/state-directory.js';
import type { NodeName } from '../../src/lab/topology.js';
import { HARDWARE_ADDRESSES, HOST_ADDRESSES, NODE_NAMES } from '../../src/lab/topology.js';
import type { CommandOutcome } from './rig.js';
import { mayRaiseLabs, ports, Rig, TENTH, value } from './rig.js';

import { millis } from '../../src/base/time.js';

const SLEEP_WITHIN = millis(10_000);
const VRID = 'vrid: 51';
/** Time enough for a daemon to find out what the mistake makes of it. */
const TAKES_EFFECT_MS = 3_000;

describe.skipIf(!mayRaiseLabs)('vipair doctor', () => {
  let rig: Rig;
  let original: ReadonlyMap<NodeName, string>;

  beforeAll(async () => {
    rig = await Rig.raise('doctor', { advertInterval: TENTH });
    original = new Map(NODE_NAMES.map((name) => [name, configOf(name)]));
  });

  afterAll(async () => {
    await rig.remove();
  });

  afterEach(async () => {
    await rig.inside('client', 'ip', 'address', 'flush', 'to', '10.77.0.100/32', 'dev', 'eth0');
    await rig.inside('lan', 'nft', 'delete', 'table', 'bridge', 'switch');
    await Promise.all(
      NODE_NAMES.filter((name) => configOf(name) !== original.get(name)).map((name) =>
        reconfigure(name, () => original.get(name) ?? ''),
      ),
    );
    await rig.settled();
  });

  function configOf(name: NodeName): string {
    let found = '';
    rig.editConfig(name, (text) => {
      found = text;
      return text;
    });
    return found;
  }

  async function reconfigure(name: NodeName, edit: (text: string) => string): Promise<void> {
    value(await rig.node(name).stopEngine('for-good'));
    rig.editConfig(name, edit);
    value(await rig.node(name).startEngine());
  }

  function doctor(name: NodeName, ...flags: readonly string[]): Promise<CommandOutcome> {
    return rig.inside(name, ...ports.vipair, 'doctor', '-c', rig.configOf(name), ...flags);
  }

  /** The problem that it says to mend first. */
  async function firstOf(name: NodeName, listening = '2s'): Promise<string> {
    await ports.processes.run('sleep', [String(TAKES_EFFECT_MS / 1_000)], { within: SLEEP_WITHIN });
    const outcome = await doctor(name, '--json', '--listen', listening);
    const { first } = JSON.parse(outcome.stdout) as { readonly first?: Finding };
    expect(outcome.exit).toBe(first === undefined ? EXIT.ok : EXIT.unwell);
    return first?.sentence ?? 'nothing';
  }

  it('finds nothing wrong with a healthy pair, on either node', async () => {
    for (const name of NODE_NAMES) {
      expect(await firstOf(name)).toBe('nothing');
      const told = await doctor(name, '--listen', '2s');
      expect(told).toMatchObject({ exit: EXIT.ok });
      expect(told.stdout).toContain('nothing is wrong that can be seen from here');
    }
  });

  it('names a wrong VRID', async () => {
    await reconfigure('lb2', (text) => text.replace(VRID, 'vrid: 52'));
    expect(await firstOf('lb2')).toMatch(
      /^10\.77\.0\.2 advertises VRID 51 on eth0 .* group web, whose VRID is 52/u,
    );
  });

  it('names a wrong interval of version 2', async () => {
    const version2 = (interval: string) => (text: string) =>
      text
        .replace(VRID, `${VRID}\n    version: 2`)
        .replace(/advert_interval: \S+/u, `advert_interval: ${interval}`);
    await reconfigure('lb1', version2('1s'));
    await reconfigure('lb2', version2('2s'));
    expect(await firstOf('lb2', '5s')).toMatch(/every 1 s, and group web every 2 s/u);
  });

  it('names a wrong key', async () => {
    for (const name of NODE_NAMES) {
      const file = `${labDirectory(rig.lab.settings.name)}/doctor-${name}.key`;
      writeFileSync(file, `a secret of thirty-two bytes ${name}`, { mode: 0o600 });
      const line = `    authentication: { mode: enforce, keys: [{ id: 1, file: ${file} }], sign_with: 1 }`;
      await reconfigure(name, (text) => text.replace(VRID, `${VRID}\n${line}`));
    }
    expect(await firstOf('lb2')).toMatch(
      /signed with key 1, but not with this node's key 1: the two secrets differ/u,
    );
  });

  it('names filtered multicast', async () => {
    await rig.told(
      'lan',
      'nft',
      'add table bridge switch; add chain bridge switch passes { type filter hook forward priority 0; }; add rule bridge switch passes ip protocol 112 drop',
    );
    expect(await firstOf('lb2')).toMatch(/no advert of it arrives: .*224\.0\.0\.18.* filtered/u);
  });

  it('names a wrong unicast peer', async () => {
    const unicast = (lb1: string): string =>
      `${VRID}\n    unicast: { lb1: ${lb1}, lb2: ${HOST_ADDRESSES.lb2} }`;
    await reconfigure('lb1', (text) => text.replace(VRID, unicast(HOST_ADDRESSES.lb1)));
    await reconfigure('lb2', (text) => text.replace(VRID, unicast('10.77.0.33')));
    expect(await firstOf('lb2')).toMatch(
      /^10\.77\.0\.2 advertises VRID 51 .* unicast peers of group web are 10\.77\.0\.33/u,
    );
  });

  it('names a duplicate address', async () => {
    await rig.ownedBy('lb1');
    await rig.told('client', 'ip', 'address', 'add', '10.77.0.100/32', 'dev', 'eth0');
    const client = HARDWARE_ADDRESSES.client;
    for (const name of NODE_NAMES) {
      expect(await firstOf(name)).toMatch(
        new RegExp(`^${client} .*10\\.77\\.0\\.100.* duplicate`, 'u'),
      );
    }
  });

  it('says what is wrong with how it was called', async () => {
    expect(await doctor('lb1', '--listen', 'soon')).toMatchObject({ exit: EXIT.usage });
    expect(await doctor('lb1', '--node', 'lb3')).toMatchObject({ exit: EXIT.cannotStart });
  });
});
