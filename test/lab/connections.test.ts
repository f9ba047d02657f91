/** Open connections over planned moves: served on by the former owner, for so long, and by nobody twice. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { HOST_ADDRESSES, NODE_NAMES, otherNode, VIRTUAL_CIDRS } from '../../src/lab/topology.js';
import type { NodeName } from '../../src/lab/topology.js';
import { mayRaiseLabs, pause, Rig, TENTH, value } from './rig.js';

/** As the lab configures it. */
const KEPT_MS = 10_000;
/** The kernel takes an address away up to two seconds late. */
const GONE_AFTER_MS = KEPT_MS + 4_000;
const MOVES = 4;
/** Asks over one connection, again and again, and says how many answers came over how many connections. */
const ASKING = `
  const http = require('node:http');
  const [address, lasting] = process.argv.slice(1);
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const ports = new Set();
  const until = Date.now() + Number(lasting);
  let answers = 0;
  const ask = () => {
    const request = http.get({ host: address, agent, timeout: 3000 }, (response) => {
      ports.add(request.socket.localPort);
      response.resume();
      response.on('end', () => {
        answers += 1;
        if (Date.now() < until) setTimeout(ask, 10);
        else console.log(JSON.stringify({ answers, connections: ports.size }));
      });
    });
    request.on('timeout', () => request.destroy(new Error('no answer within 3 s')));
    request.on('error', (error) => console.log(JSON.stringify({ answers, error: String(error) })));
  };
  ask();
`;

/** Asks for a stream without end, and only listens. */
const LISTENING = `
  const socket = require('node:net').connect(80, process.argv[1]);
  socket.write('GET /stream HTTP/1.1\\r\\nhost: lab\\r\\n\\r\\n');
  socket.resume();
  socket.on('error', ({ code }) => console.log(code));
  socket.on('end', () => console.log('ended'));
  setTimeout(() => process.exit(), 14000).unref();
`;

interface UpgradeAnswer {
  readonly lines: readonly { readonly verdict: string; readonly says: string }[];
  readonly ready: boolean;
}

/** An address that is nobody's, and the chain of the rules that looks at it. */
const STRAY = '10.77.0.222';
const OWNER = 'new_owner_0';
const CONNECTING = `
  const socket = require('node:net').connect(80, process.argv[1]);
  socket.on('error', () => process.exit());
  setTimeout(() => process.exit(), 1500);
`;
/** Once, and again a second later; without the guard of the rules they came 200,000 times. */
const MOST_SENT = 4;

describe.skipIf(!mayRaiseLabs)('connections that are kept over planned moves', () => {
  let rig: Rig;

  beforeAll(async () => {
    rig = await Rig.raise('conns', {
      advertInterval: TENTH,
      pairChannel: 'open',
      families: ['ipv4', 'ipv6'],
    });
  });

  afterEach(async () => {
    await rig.heal();
  });

  afterAll(async () => {
    await rig.remove();
  });

  const asking = (address: string, ms: number): ReturnType<Rig['inside']> =>
    rig.inside('client', process.execPath, '-e', ASKING, address, String(ms));

  async function move(): Promise<NodeName> {
    const { master, backup } = await rig.settled();
    const moved = await rig.vipair('switchover', '--yes', '-c', rig.configOf(master));
    expect(moved).toMatchObject({ exit: 0 });
    return backup;
  }

  const onLoopback = (name: NodeName): Promise<string> =>
    rig.told(name, 'ip', '-oneline', 'address', 'show', 'dev', 'lo', 'scope', 'global');

  it('go on, back and forth, for both families; streams break nowhere, and no request fails', async () => {
    const clients = Object.values(VIRTUAL_CIDRS).map(({ address }) => asking(address, 6_000));
    const seen = await rig.probed(2, async () => {
      for (let moves = 0; moves < MOVES; moves += 1) {
        await move();
        await pause(500);
      }
    });
    expect(seen.streamBreaks).toEqual([]);
    expect(seen.samples.filter(({ outcome }) => outcome !== 'answered')).toEqual([]);
    for (const client of await Promise.all(clients)) {
      expect(client.stdout).toMatch(/^\{"answers":\d+,"connections":1\}\n$/u);
    }
  });

  it('go on after one move, for both families, for longer than a client would try again', async () => {
    const clients = Object.values(VIRTUAL_CIDRS).map(({ address }) => asking(address, 7_000));
    await pause(1_000);
    await move();
    for (const client of await Promise.all(clients)) {
      expect(client.stdout).toMatch(/^\{"answers":\d+,"connections":1\}\n$/u);
    }
  });

  it('end at their time, which is waited for: the rest is reset, and nothing is left in the kernel', async () => {
    const { master: former } = await rig.settled();
    const listening = Object.values(VIRTUAL_CIDRS).map(({ address }) =>
      rig.inside('client', process.execPath, '-e', LISTENING, address),
    );
    await pause(500);
    const waiting = rig.vipair(
      ...['switchover', '--yes', '--wait', '--json', '-c', rig.configOf(former)],
    );
    await pause(1_500);
    expect(await onLoopback(former)).toContain('10.77.0.100/32');
    const shown = await rig.vipair('status', '-c', rig.configOf(otherNode(former)));
    expect(shown.stdout).toMatch(
      new RegExp(
        `${former} serves on what it had: 2 of \\d+ still open; the rest is reset in`,
        'u',
      ),
    );
    // Neither daemon may be restarted before that is over.
    for (const name of NODE_NAMES) {
      const asked = await rig.vipair('upgrade-check', '-c', rig.configOf(name));
      expect(asked.stdout).toMatch(new RegExp(`no +connections, web: ${former} serves on`, 'u'));
      expect(asked.exit).toBe(1);
    }
    const waited = await waiting;
    expect(waited.exit).toBe(0);
    expect(JSON.parse(waited.stdout)).toMatchObject({
      ...{ kind: 'moved', connections: { keptMs: KEPT_MS } },
      wait: { outcome: 'reset', node: former, drain: { reset: 2 } },
    });
    for (const name of NODE_NAMES) {
      const asked = await rig.vipair('upgrade-check', '--json', '-c', rig.configOf(name));
      const { lines, ready } = JSON.parse(asked.stdout) as UpgradeAnswer;
      expect(lines.filter(({ verdict }) => verdict !== 'ok')).toEqual([]);
      expect({ ready, exit: asked.exit }).toEqual({ ready: true, exit: 0 });
    }
    for (const client of await Promise.all(listening)) {
      expect(client.stdout).toBe('ECONNRESET\n');
    }
    await rig.soon(
      'the address to leave the loopback interface',
      async () => !/10\.77\.0\.100|fd77::100/u.test(await onLoopback(former)),
      GONE_AFTER_MS,
    );
    const rules = await rig.told(former, 'nft', 'list', 'map', 'ip', 'vipair_connections', 'left');
    expect(rules).not.toContain('elements');
  });

  it('are passed on once, where each node believes that the other one has them: nothing goes to and fro', async () => {
    const { master, backup } = await rig.settled();
    const counted = async (name: NodeName): Promise<number> => {
      const rules = await rig.told(name, 'nft', 'list', 'chain', 'ip', 'vipair_connections', OWNER);
      const counters = [...rules.matchAll(/counter packets (\d+)/gu)];
      return counters.reduce((sum, [, packets]) => sum + Number(packets), 0);
    };
    for (const name of NODE_NAMES) {
      const other = HOST_ADDRESSES[otherNode(name)];
      await rig.told(name, 'sysctl', '-qw', 'net.ipv4.ip_forward=1');
      await rig.told(
        ...([name, 'nft', 'add', 'element', 'ip', 'vipair_connections', 'taken'] as const),
        `{ ${STRAY} timeout 30s : ${other} }`,
      );
    }
    const shown = await rig.told(master, 'ip', 'link', 'show', 'eth0');
    const mac = /link\/ether (\S+)/u.exec(shown)?.[1] ?? '';
    await rig.told('client', 'ip', 'neigh', 'replace', STRAY, 'lladdr', mac, 'dev', 'eth0');
    // What begins a connection leaves the client as a packet out of the middle of one.
    await rig.told(
      ...(['client', 'nft', 'add table ip stray; add chain ip stray out'] as const),
      '{ type filter hook output priority 0; };',
      `add rule ip stray out ip daddr ${STRAY} tcp flags set ack`,
    );
    const before = { first: await counted(master), second: await counted(backup) };
    await rig.inside('client', process.execPath, '-e', CONNECTING, STRAY);
    const after = { first: await counted(master), second: await counted(backup) };
    await rig.told('client', 'nft', 'delete', 'table', 'ip', 'stray');
    const sent = after.first - before.first;
    expect(sent).toBeGreaterThan(0);
    expect(sent).toBeLessThanOrEqual(MOST_SENT);
    // Each was passed on, and came no further than that.
    expect(after.second - before.second).toBe(sent);
  });

  it('are nobody’s where the new owner dies meanwhile: the former one is asked for new ones at once', async () => {
    const { master: former } = await rig.settled();
    const successor = await move();
    value(await rig.node(successor).powerOff());
    await rig.soon('it to own them again', async () => (await rig.role(former)) === 'master');
    const seen = await rig.probed(0, () => pause(1_000));
    expect(seen.samples.length).toBeGreaterThan(50);
    expect(seen.samples.filter(({ outcome }) => outcome !== 'answered')).toEqual([]);
    expect(await onLoopback(former)).not.toContain('10.77.0.100');
  });

  it('are cut with the daemon’s end, and its rules go with it', async () => {
    const { master: former } = await rig.settled();
    await move();
    value(await rig.node(former).stopEngine('for-good'));
    await rig.soon(
      'the new owner to pass nothing on',
      async () => {
        const map = ['list', 'map', 'ip', 'vipair_connections', 'taken'];
        return !(await rig.told(otherNode(former), 'nft', ...map)).includes('elements');
      },
      KEPT_MS / 2,
    );
    expect(await onLoopback(former)).not.toContain('10.77.0.100');
    expect(await rig.told(former, 'nft', 'list', 'tables')).not.toContain('vipair');
  });
});
