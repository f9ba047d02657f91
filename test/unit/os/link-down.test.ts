import { describe, expect, it } from 'vitest';
import { fail, ok } from '../../../src/base/result.js';
import { noteLink } from '../../../src/os/drill-hand/link-down.js';
import type { ProcessHost } from '../../../src/ports/process-host.js';

/** A program `ip` that answers so. */
function ip(shown: {
  readonly links: readonly object[] | 'refused';
  readonly routes: readonly object[];
}): Pick<ProcessHost, 'run'> {
  const say = (what: readonly object[]) => ok({ stdout: JSON.stringify(what), stderr: '' });
  return {
    run: (_program, args) => {
      const asked = args.join(' ');
      if (asked.includes('-details link show')) {
        return Promise.resolve(
          shown.links === 'refused'
            ? fail({ code: 'failed', detail: 'no netlink' } as never)
            : say(shown.links),
        );
      }
      return Promise.resolve(
        asked.includes('address show')
          ? say([{ flags: ['UP'], addr_info: [] }])
          : say(asked.includes('-4') ? shown.routes : []),
      );
    },
  };
}

const vlan = (ifname: string, link: string, ...flags: readonly string[]) => ({
  ...{ ifname, link },
  linkinfo: { info_kind: 'vlan', info_data: { flags } },
});
const ALONE = { links: [], routes: [] };

describe('an interface that is to go down', () => {
  it('is not touched where VLANs on it would go down too', async () => {
    const links = [vlan('eth0.7', 'eth0', 'REORDER_HDR'), vlan('eth1.7', 'eth1')];
    const noted = await noteLink('eth0', ip({ ...ALONE, links }));
    expect(noted.ok ? '' : noted.error).toMatch(/^eth0 carries eth0\.7, which/u);
    const loose = [vlan('eth0.7', 'eth0', 'LOOSE_BINDING'), { ifname: 'vip51.eth0', link: 'eth0' }];
    expect((await noteLink('eth0', ip({ ...ALONE, links: loose }))).ok).toBe(true);
    const unseen = await noteLink('eth0', ip({ ...ALONE, links: 'refused' }));
    expect(unseen.ok ? '' : unseen.error).toContain('VLANs on eth0: no netlink');
  });

  it.each([{ encap: 'mpls' }, { tos: '0x10' }, { realms: 5 }, { nhid: 3 }])(
    'is not touched where a route would not be put back as it was: %j',
    async (strange) => {
      const routes = [{ dst: '10.9.0.0/16', gateway: '10.77.0.2', ...strange }];
      const noted = await noteLink('eth0', ip({ ...ALONE, routes }));
      expect(noted.ok ? '' : noted.error).toContain('the route to 10.9.0.0/16 over eth0 has');
    },
  );
});
