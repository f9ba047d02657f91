/** Compare, then move: what one node alone loses moves the group, what both lose leaves it where it is. */
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { NodeName } from '../../src/lab/topology.js';
import { NODE_NAMES, SERVICE_PORT, WEB_SERVER_PORT } from '../../src/lab/topology.js';
import { mayRaiseLabs, pause, Rig, TENTH } from './rig.js';

/** HAProxy needs two seconds to call a server down, the group four looks of 500 ms, an election less than one. */
const WOULD_HAVE_MOVED_MS = 6_000;

describe.skipIf(!mayRaiseLabs)('health', () => {
  let rig: Rig;

  beforeAll(async () => {
    rig = await Rig.raise('health', { advertInterval: TENTH, pairChannel: 'open' });
    const track = [
      '{ backends: all, weight: -20, every: 500ms, rise: 2, fall: 4 }',
      `{ listeners: [${String(SERVICE_PORT)}], fault: true, every: 200ms }`,
    ];
    await rig.reconfigure((text) =>
      text.replace('    prefer:', `    track: [${track.join(', ')}]\n    prefer:`),
    );
  });

  afterAll(async () => {
    await rig.remove();
  });

  afterEach(async () => {
    for (const name of NODE_NAMES) {
      await rig.inside(name, 'nft', 'delete', 'table', 'inet', 'wall');
    }
    for (const name of NODE_NAMES) {
      await tracked(name, 'backends', 'well');
    }
    await rig.settled();
  });

  /** Its HAProxy reaches no server. */
  async function wallOff(name: NodeName): Promise<void> {
    const rule = `tcp dport ${String(WEB_SERVER_PORT)} drop`;
    const chain = `chain out { type filter hook output priority 0; ${rule}; }`;
    await rig.told(name, 'nft', `table inet wall { ${chain}; }`);
  }

  async function tracked(name: NodeName, thing: string, state: string): Promise<void> {
    await rig.soon(`${thing} of ${name} to be ${state}`, async () =>
      (await rig.group(name)).track.find((each) => each.name === thing)?.state.startsWith(state),
    );
  }

  it('a node that alone loses its backends gives the group to the healthier one, which keeps it', async () => {
    const { master, backup } = await rig.settled();
    await wallOff(master);
    await rig.soon('the healthier node to be master', async () => {
      return (await rig.role(backup)) === 'master';
    });
    const { track, priorityWhy } = await rig.group(master);
    expect(track.find(({ name }) => name === 'backends')?.state).toMatch(
      /fails: web has 0 of 2 servers up/u,
    );
    expect(priorityWhy).toContain('− 20 (backends fails)');
    const shown = await rig.vipair('status', '-c', rig.configOf(master));
    expect(shown.stdout).toContain(`servers: 0 of 2 up here, 2 of 2 up on ${backup}`);
    expect(shown.stdout).toMatch(/the nodes do not agree on:[^]*web\/web1 +DOWN, L4TOUT +UP/u);
    await rig.told(master, 'nft', 'delete', 'table', 'inet', 'wall');
    await tracked(master, 'backends', 'well');
    expect(await rig.settled()).toEqual({ master: backup, backup: master });
  });

  it('backends that both nodes lose move nothing', async () => {
    const before = await rig.settled();
    await wallOff(before.backup);
    await pause(300);
    await wallOff(before.master);
    await tracked(before.master, 'backends', 'fails');
    await tracked(before.backup, 'backends', 'fails');
    await pause(WOULD_HAVE_MOVED_MS);
    expect(await rig.settled()).toEqual(before);
  });

  it('with the proxies of both dead, one node keeps the address, until the other one serves', async () => {
    const { master, backup } = await rig.settled();
    const good = new Map(
      NODE_NAMES.map((name) => [name, readFileSync(rig.node(name).files.haproxyConfig, 'utf8')]),
    );
    const write = (name: NodeName, text: string | undefined): void => {
      writeFileSync(rig.node(name).files.haproxyConfig, text ?? '');
    };
    for (const name of [backup, master]) {
      write(name, 'nonsense\n');
      rig.node(name).strikeProxy('kill');
      await rig.soon(`the proxy of ${name} to be refused`, async () => {
        return (await rig.status(name)).proxy?.state === 'waiting';
      });
    }
    expect(await rig.role(master)).toBe('master');
    expect(await rig.owner()).toBe(master);
    expect(rig.events(master).some(({ event }) => event === 'vrrp.kept')).toBe(true);
    write(backup, good.get(backup));
    await rig.soon('the node that serves to be master', async () => {
      return (await rig.role(backup)) === 'master';
    });
    expect(await rig.role(master)).toBe('fault');
    write(master, good.get(master));
    await rig.settled();
  });
});
