/** The pair at rest: one owner, forwarding, and a standby that is ready and silent. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeOfHardwareAddress, SERVICE_PORT, VIRTUAL_ADDRESS } from '../../src/lab/topology.js';
import type { NodeStatus } from '../../src/telemetry/status.js';
import { mayRaiseLabs, must, pause, Rig, TENTH } from './rig.js';
import { WireTap } from './wire-tap.js';

describe.skipIf(!mayRaiseLabs)('a pair at rest', () => {
  let rig: Rig;

  beforeAll(async () => {
    rig = await Rig.raise('rest', { advertInterval: TENTH });
  });

  afterAll(async () => {
    await rig.remove();
  });

  it('has one owner', async () => {
    const { master } = await rig.settled();
    expect(await rig.owner()).toBe(master);
    // Whichever proxy served first has won; the rest of this file looks at lb1 as the owner.
    await rig.ownedBy('lb1');
    expect(await rig.owner()).toBe('lb1');
  });

  it('forwards a page through the virtual address', async () => {
    const url = `http://${VIRTUAL_ADDRESS}:${String(SERVICE_PORT)}/`;
    const script = `fetch('${url}').then(async (r) => console.log(r.status, r.headers.get('x-node'), (await r.text()).length))`;
    const page = await rig.told('client', process.execPath, '-e', script);
    expect(page).toMatch(/^200 lb1 [1-9]\d*\n$/u);
  });

  it('has a standby whose proxy listens on an address it does not own', async () => {
    const listening = await rig.told('lb2', 'ss', '-Htln');
    expect(listening).toContain(`${VIRTUAL_ADDRESS}:${String(SERVICE_PORT)}`);
    expect(await rig.told('lb2', 'ip', 'address', 'show')).not.toContain(VIRTUAL_ADDRESS);
  });

  it('answers ARP from the owner alone', async () => {
    const report = await rig.watched(() => pause(500));
    const nodes = new Set(
      report.answers.map(({ hardwareAddress }) => nodeOfHardwareAddress(hardwareAddress)),
    );
    expect([...nodes]).toEqual(['lb1']);
    expect(report.answers.length).toBeGreaterThan(report.asks.length / 2);
  });

  it('advertises from the owner alone, about every 100 ms', async () => {
    const tap = await WireTap.open(rig);
    await pause(2_000);
    await tap.close();
    const adverts = tap.adverts();
    expect(new Set(adverts.map(({ source }) => source))).toEqual(new Set(['10.77.0.2']));
    expect(adverts.length).toBeGreaterThanOrEqual(15);
    expect(adverts.length).toBeLessThanOrEqual(25);
  });

  it('tells its state on both nodes, to people and to programs', async () => {
    const told = await Promise.all(
      (['lb1', 'lb2'] as const).map((name) =>
        rig.vipair('status', '--json', '-c', rig.configOf(name)),
      ),
    );
    expect(told.map(({ exit }) => exit)).toEqual([0, 0]);
    const [one, two] = told.map(({ stdout }) => JSON.parse(stdout) as NodeStatus);
    expect(must(one, 'lb1')).toMatchObject({
      node: 'lb1',
      groups: [{ role: 'master', addresses: [`${VIRTUAL_ADDRESS}/24`], priority: 254 }],
      proxy: { state: 'serving' },
    });
    expect(must(two, 'lb2')).toMatchObject({
      node: 'lb2',
      groups: [{ role: 'backup', master: { address: '10.77.0.2', priority: 254 } }],
      proxy: { state: 'serving' },
    });
    expect(one?.groups[0]?.lease.layers).toBe('lease and backstop');
    const page = await rig.vipair('status', '-c', rig.configOf('lb1'));
    expect(page.stdout).toContain('master');
  });

  it('writes nothing but typed events into its log', () => {
    const lines = readFileSync(rig.node('lb1').files.engineLog, 'utf8').trimEnd().split('\n');
    expect(lines.length).toBeGreaterThan(5);
    expect(rig.events('lb1').every(({ event }) => typeof event === 'string')).toBe(true);
    expect(rig.events('lb1')).toHaveLength(lines.length);
  });
});
