/** Open connections over planned moves: served on by the former owner, for so long, and by nobody twice. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { NODE_NAMES, otherNode, VIRTUAL_CIDRS } from '../../src/lab/topology.js';
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
