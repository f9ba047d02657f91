/** The pair channel over a dedicated link, and over the LAN while that link swallows everything. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HOST_ADDRESSES_IPV6, LINK_INTERFACE, NODE_NAMES } from '../../src/lab/topology.js';
import type { NodeName } from '../../src/lab/topology.js';
import { mayRaiseLabs, ports, Rig, TENTH } from './rig.js';

/** Nothing was heard for two seconds; then a pause of a tenth, and a handshake. The rest is for a busy machine. */
const FALLS_BACK_WITHIN_MS = 5000;
/** It is tried every five seconds at the most, and a handshake that is swallowed takes two. */
const RETURNS_WITHIN_MS = 10_000;

describe.skipIf(!mayRaiseLabs)('with a second address on both nodes, of the other family', () => {
  let rig: Rig;

  beforeAll(async () => {
    rig = await Rig.raise('fallback', {
      advertInterval: TENTH,
      pairChannel: 'open',
      families: ['ipv4', 'ipv6'],
    });
    await rig.reconfigure((text) =>
      NODE_NAMES.reduce(
        (file, name) =>
          file.replace(
            new RegExp(`(${name}: \\{ address: [^ }]+)`, 'u'),
            `$1, fallback: "${HOST_ADDRESSES_IPV6[name]}"`,
          ),
        text,
      ),
    );
    await onPath('preferred', FALLS_BACK_WITHIN_MS);
  });

  afterAll(async () => {
    await rig.remove();
  });

  async function onPath(path: 'preferred' | 'fallback', withinMs: number): Promise<number> {
    const began = ports.clock.now();
    for (const name of NODE_NAMES) {
      await rig.soon(
        `the channel of ${name} to go over the ${path} addresses`,
        async () => (await rig.status(name)).pair?.path === path,
        withinMs,
      );
    }
    return ports.clock.now() - began;
  }

  function told(name: NodeName, mark: number, event: string): readonly unknown[] {
    return rig.eventsSince(name, mark).filter((each) => each.event === event);
  }

  it('falls back when the dedicated link swallows everything, moves nothing, and returns without a gap', async () => {
    const before = await rig.settled();
    const mark = rig.events('lb1').length;
    await rig.told(
      'lb1',
      'nft',
      `table inet cut { chain in { type filter hook input priority -300; iifname ${LINK_INTERFACE} drop; }; }`,
    );
    expect(await onPath('fallback', FALLS_BACK_WITHIN_MS)).toBeLessThan(FALLS_BACK_WITHIN_MS);
    await rig.soon('heartbeats to be fresh again', () =>
      rig
        .eventsSince('lb1', mark)
        .some((each) => each.event === 'pair.peer' && each['to'] === 'fresh'),
    );
    expect(told('lb1', mark, 'pair.path')).toMatchObject([{ to: 'fallback' }]);
    expect((await rig.vipair('status', '-c', rig.configOf('lb1'))).stdout).toContain(
      'over the second addresses',
    );

    const healed = rig.events('lb1').length;
    await rig.told('lb1', 'nft', 'delete', 'table', 'inet', 'cut');
    expect(await onPath('preferred', RETURNS_WITHIN_MS)).toBeLessThan(RETURNS_WITHIN_MS);
    expect(told('lb1', healed, 'pair.path')).toMatchObject([{ to: 'preferred' }]);
    expect(told('lb1', healed, 'pair.peer')).toEqual([]);
    expect(rig.eventsSince('lb1', mark).filter((each) => each.event === 'vrrp.state')).toEqual([]);
    expect(await rig.settled()).toEqual(before);
  });
});
