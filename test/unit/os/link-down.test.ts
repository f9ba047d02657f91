import { describe, expect, it } from 'vitest';
import { fail, ok } from '../../../src/base/result.js';
import { wallTime } from '../../../src/base/time.js';
import { noteLink, putLinkUp } from '../../../src/os/drill-hand/link-down.js';
import type { ProcessHost } from '../../../src/ports/process-host.js';
import { cidr, value } from '../../contract/expected.js';

/** A program `ip` that answers so. */
function ip(shown: {
  readonly links: readonly object[] | 'refused';
  readonly routes: readonly object[];
  readonly addresses?: readonly object[];
  readonly neighbours?: readonly object[];
  readonly done?: string[];
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
      if (asked.includes('address show')) {
        return Promise.resolve(say([{ flags: ['UP'], addr_info: shown.addresses ?? [] }]));
      }
      if (asked.includes('neigh show')) {
        const of = asked.includes('-4') && asked.includes('permanent');
        return Promise.resolve(say(of ? (shown.neighbours ?? []) : []));
      }
      if (asked.includes('route show')) {
        return Promise.resolve(say(asked.includes('-4') ? shown.routes : []));
      }
      shown.done?.push(asked);
      return Promise.resolve(say([]));
    },
  };
}

const asked = (processes: Pick<ProcessHost, 'run'>, now = 1_000_000) => ({
  processes,
  clock: { wallTime: () => wallTime(now) },
});

const vlan = (ifname: string, link: string, ...flags: readonly string[]) => ({
  ...{ ifname, link },
  linkinfo: { info_kind: 'vlan', info_data: { flags } },
});
const ALONE = { links: [], routes: [] };

describe('an interface that is to go down', () => {
  it('is not touched where VLANs on it would go down too', async () => {
    const links = [vlan('eth0.7', 'eth0', 'REORDER_HDR'), vlan('eth1.7', 'eth1')];
    const noted = await noteLink('eth0', [], asked(ip({ ...ALONE, links })));
    expect(noted.ok ? '' : noted.error).toMatch(/^eth0 carries eth0\.7, which/u);
    const loose = [vlan('eth0.7', 'eth0', 'LOOSE_BINDING'), { ifname: 'vip51.eth0', link: 'eth0' }];
    expect((await noteLink('eth0', [], asked(ip({ ...ALONE, links: loose })))).ok).toBe(true);
    const unseen = await noteLink('eth0', [], asked(ip({ ...ALONE, links: 'refused' })));
    expect(unseen.ok ? '' : unseen.error).toContain('VLANs on eth0: no netlink');
  });

  it.each([{ encap: 'mpls' }, { tos: '0x10' }, { realms: 5 }, { nhid: 3 }])(
    'is not touched where a route would not be put back as it was: %j',
    async (strange) => {
      const routes = [{ dst: '10.9.0.0/16', gateway: '10.77.0.2', ...strange }];
      const noted = await noteLink('eth0', [], asked(ip({ ...ALONE, routes })));
      expect(noted.ok ? '' : noted.error).toContain('the route to 10.9.0.0/16 over eth0 has');
    },
  );

  it('gets back what somebody lent it for as long as that lasts, and what was entered by hand', async () => {
    const done: string[] = [];
    const lent = { family: 'inet6', dynamic: true, valid_life_time: 600, preferred_life_time: 30 };
    const processes = ip({
      ...{ ...ALONE, done },
      addresses: [
        { ...lent, local: 'fd77::6', prefixlen: 128 },
        { ...lent, local: 'fd77::7', prefixlen: 128, valid_life_time: 60 },
        { ...lent, local: 'fd77::8', prefixlen: 64, temporary: true },
        { ...lent, local: '10.77.0.7', family: 'inet', prefixlen: 24 },
        { ...lent, local: 'fd77::100', prefixlen: 64 },
        { family: 'inet6', local: 'fd77::2', prefixlen: 64 },
      ],
      neighbours: [{ dst: '10.77.0.9', lladdr: '02:00:00:00:00:09', router: null }],
    });
    const noted = await noteLink('eth0', [cidr('fd77::100/64')], asked(processes));
    const undo = value(noted);
    expect(await putLinkUp(undo, asked(processes, 1_100_000))).toEqual({
      ok: true,
      value: undefined,
    });
    expect(done).toEqual([
      'link set eth0 up',
      '-6 address add fd77::6/128 dev eth0 valid_lft 500 preferred_lft 0',
      '-6 address add fd77::2/64 dev eth0',
      '-4 neigh replace 10.77.0.9 lladdr 02:00:00:00:00:09 nud permanent dev eth0 router',
    ]);
    const { neighbours, ...older } = undo;
    expect(neighbours).toHaveLength(1);
    expect((await putLinkUp(older, asked(processes))).ok).toBe(true);
  });

  it('is not touched where more is entered by hand than is put back', async () => {
    const neighbours = Array.from({ length: 257 }, (_, index) => ({
      dst: `10.0.0.${String(index)}`,
    }));
    const noted = await noteLink('eth0', [], asked(ip({ ...ALONE, neighbours })));
    expect(noted.ok ? '' : noted.error).toContain('more than 256 neighbours');
  });
});
