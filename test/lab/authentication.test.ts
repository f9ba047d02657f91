/** A pair that signs its adverts: whoever has no key moves nothing, and keys are changed while the address stays. */
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { labDirectory } from '../../src/lab/state-directory.js';
import type { NodeName } from '../../src/lab/topology.js';
import { HARDWARE_ADDRESSES, HOST_ADDRESSES, NODE_NAMES } from '../../src/lab/topology.js';
import { encodeTrailer } from '../../src/wire/trailer.js';
import { packet, send } from './garbage.js';
import { captured } from './capture-packets.js';
import { mayRaiseLabs, pause, ports, Rig, TENTH, value } from './rig.js';

const SECRETS: Readonly<Record<number, string>> = {
  1: 'a secret of thirty-two bytes: 01',
  2: 'a secret of thirty-two bytes: 02',
};
const IP_HEADER_BYTES = 20;

describe.skipIf(!mayRaiseLabs)('a pair that signs its adverts', () => {
  let rig: Rig;

  beforeAll(async () => {
    rig = await Rig.raise('signed', { advertInterval: TENTH });
    for (const [id, secret] of Object.entries(SECRETS)) {
      writeFileSync(keyFile(id), secret, { mode: 0o600 });
    }
  });

  afterAll(async () => {
    await rig.remove();
  });

  function keyFile(id: number | string): string {
    return `${labDirectory(rig.lab.settings.name)}/key-${String(id)}`;
  }

  /** What a configuration says of it then, in place of what it says now. */
  function authenticated(text: string, mode: string, signWith: number, ids: readonly number[]) {
    const keys = ids.map((id) => `{ id: ${String(id)}, file: ${keyFile(id)} }`).join(', ');
    const line = `    authentication: { mode: ${mode}, keys: [${keys}], sign_with: ${String(signWith)}, window: 60s }`;
    return text.replace(/\n {4}authentication: .*/u, '').replace('vrid: 51', `vrid: 51\n${line}`);
  }

  /** A new daemon takes the place of the old, and the address stays where it is. */
  async function succeed(name: NodeName): Promise<void> {
    value(await rig.node(name).stopEngine('hand-over'));
    value(await rig.node(name).startEngine());
    await rig.settled();
  }

  /** What follows the sweeps begins with a pair that signs by the second key alone, whatever became of the test before. */
  async function signing(): Promise<void> {
    const wanted = (text: string): string => authenticated(text, 'enforce', 2, [2]);
    const texts = NODE_NAMES.map((name) => readFileSync(rig.configOf(name), 'utf8'));
    if (texts.some((text) => wanted(text) !== text)) {
      await rig.reconfigure(wanted);
    }
    await rig.settled();
  }

  /** Nobody changes its role meanwhile. */
  async function unmoved(act: () => Promise<void>): Promise<void> {
    const before = await rig.settled();
    const marks = NODE_NAMES.map((name) => rig.events(name).length);
    await act();
    await pause(200);
    const moves = NODE_NAMES.flatMap((name, index) =>
      rig.eventsSince(name, marks[index] ?? 0).filter(({ event }) => event === 'vrrp.state'),
    );
    expect(moves).toEqual([]);
    expect(await rig.settled()).toEqual(before);
  }

  async function rejected(name: NodeName): Promise<Readonly<Record<string, number>>> {
    return (await rig.group(name)).counters.rejected;
  }

  it('comes to it in three sweeps, and changes its key in three, without a move', async () => {
    const { master, backup } = await rig.settled();
    const sweeps: readonly (readonly [mode: string, signWith: number, ...ids: number[]])[] = [
      ['receive-only', 1, 1],
      ['permissive', 1, 1],
      ['enforce', 1, 1],
      ['enforce', 1, 1, 2],
      ['enforce', 2, 1, 2],
      ['enforce', 2, 2],
    ];
    const seen = await rig.watched(async () => {
      for (const [mode, signWith, ...ids] of sweeps) {
        for (const name of [backup, master]) {
          rig.editConfig(name, (text) => authenticated(text, mode, signWith, ids));
          await succeed(name);
        }
      }
    });
    expect(await rig.settled()).toEqual({ master, backup });
    expect(new Set(seen.answers.map(({ hardwareAddress }) => hardwareAddress))).toEqual(
      new Set([HARDWARE_ADDRESSES[master]]),
    );
    await pause(500);
    expect(await rejected(backup)).toEqual({});
    expect((await rig.group(backup)).counters.advertsReceived).toBeGreaterThan(2);
  });

  /** From a stranger, with whatever stands behind the message. */
  function strangers(signature: (signed: Parameters<typeof encodeTrailer>[1]) => Uint8Array) {
    const bare = packet({ priority: 255 });
    const message = bare.subarray(IP_HEADER_BYTES);
    return Buffer.concat([bare, signature({ version: 3, source: HOST_ADDRESSES.client, message })]);
  }

  function sequence(agoMs = 0): bigint {
    return BigInt(Math.floor((ports.clock.wallTime() - agoMs) / 1000)) << 32n;
  }

  it.each<[string, string, () => Buffer]>([
    ['without a signature', 'trailer-missing', () => packet({ priority: 255 })],
    [
      'signed with another secret',
      'trailer-forged',
      () =>
        strangers((signed) =>
          encodeTrailer({ keyId: 2, sequence: sequence() }, signed, Buffer.alloc(32)),
        ),
    ],
    [
      'signed with a key that was retired',
      'trailer-key',
      () =>
        strangers((signed) =>
          encodeTrailer({ keyId: 1, sequence: sequence() }, signed, Buffer.from(SECRETS[1] ?? '')),
        ),
    ],
    [
      'signed with the right key two minutes ago',
      'trailer-stale',
      () =>
        strangers((signed) =>
          encodeTrailer(
            { keyId: 2, sequence: sequence(120_000) },
            signed,
            Buffer.from(SECRETS[2] ?? ''),
          ),
        ),
    ],
    ['with half a signature', 'length', () => strangers(() => Buffer.alloc(14))],
    ['signed by no known scheme', 'trailer-malformed', () => strangers(() => Buffer.alloc(28, 9))],
  ])('counts an advert of the highest priority %s, and obeys it not', async (_how, cause, lie) => {
    await signing();
    await unmoved(async () => {
      const before = await Promise.all(NODE_NAMES.map(rejected));
      await send(rig, { packets: [lie()], count: 20, perSecond: 200 });
      await pause(100);
      const after = await Promise.all(NODE_NAMES.map(rejected));
      expect(after.map((each) => each[cause] ?? 0)).toEqual(
        before.map((each) => (each[cause] ?? 0) + 20),
      );
    });
  });

  it('obeys one signed with the right key, so the rows above fail for their signature alone', async () => {
    await signing();
    const { master } = await rig.settled();
    const right = strangers((signed) =>
      encodeTrailer({ keyId: 2, sequence: sequence() }, signed, Buffer.from(SECRETS[2] ?? '')),
    );
    const lying = send(rig, { packets: [right], count: 1, perSecond: 1 });
    await rig.soon('the master to yield', () =>
      rig
        .events(master)
        .some(
          ({ event, to, cause }) =>
            event === 'vrrp.state' && to === 'backup' && String(cause).includes('priority 255'),
        ),
    );
    await lying;
    await rig.settled();
  });

  it('does not believe a master’s own words when somebody else says them again', async () => {
    await signing();
    const { master, backup } = await rig.settled();
    const source = HOST_ADDRESSES[master];
    const [word] = await captured(rig, { count: 1, filter: `ip proto 112 and src ${source}` });
    await unmoved(async () => {
      const before = await rejected(backup);
      await send(rig, { packets: [word ?? Buffer.alloc(0)], count: 20, perSecond: 200 });
      await pause(100);
      const after = await rejected(backup);
      expect(after['trailer-replayed']).toBe((before['trailer-replayed'] ?? 0) + 20);
    });
  });

  it('does not believe that a master resigns again when its last word is replayed', async () => {
    await signing();
    const { master } = await rig.settled();
    const source = HOST_ADDRESSES[master];
    const resigns = `ip proto 112 and src ${source} and ip[22] = 0`;
    const capturing = captured(rig, { count: 1, filter: resigns });
    await pause(1_000);
    await rig.vipair('switchover', '--yes', '-c', rig.configOf(master));
    const [word] = await capturing;
    await rig.ownedBy(master);
    await unmoved(async () => {
      await send(rig, { packets: [word ?? Buffer.alloc(0)], count: 20, perSecond: 200 });
    });
  });
});
