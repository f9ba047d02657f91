/** A connection that begins as the address moves: both nodes answer its SYN, and it is of whom the client hears first. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { askSwitchover } from '../../src/api/client.js';
import { VIRTUAL_CIDRS } from '../../src/lab/topology.js';
import type { NamespaceRole, NodeName } from '../../src/lab/topology.js';
import { mayRaiseLabs, Rig, TENTH, value } from './rig.js';

/**
 * Of a family. Both nodes of a lab have one kernel, and so one secret of sequence numbers (RFC 6528): the new owner's are
 * always the greater ones here. Where they are smaller, what acknowledges the former owner's is invalid to conntrack, and
 * belongs to no connection of the new owner anyway.
 */
const CONNECTIONS = 12;
/**
 * Opens connections, asks over each once it is open, and again three seconds later; says which node answered how often,
 * and what became of those that broke.
 */
const OPENING = `
  const net = require('node:net');
  const [address, count] = process.argv.slice(1);
  const told = {};
  const tell = (what) => { told[what] = (told[what] ?? 0) + 1; };
  let left = Number(count);
  const over = () => { left -= 1; if (left === 0) { console.log(JSON.stringify(told)); process.exit(); } };
  for (let nth = 0; nth < Number(count); nth += 1) {
    const socket = net.connect({ host: address, port: 80, noDelay: true });
    const ask = () => socket.write('GET / HTTP/1.1\\r\\nhost: lab\\r\\n\\r\\n');
    let answers = 0;
    socket.on('connect', ask);
    socket.on('data', (data) => {
      tell(/x-node: (\\S+)/u.exec(String(data))?.[1] ?? 'nobody');
      answers += 1;
      if (answers === 1) setTimeout(ask, 3000);
      else over();
    });
    socket.on('error', ({ code }) => { tell(code); over(); });
    setTimeout(() => { tell('no answer'); over(); }, 30000);
  }
`;
const MAC = /link\/ether (\S+)/u;
const ANSWERS = 'tcp flags & (syn | ack) == (syn | ack)';
const DEAF = ['add table inet deaf; add set inet deaf to { type ether_addr; };'];

describe.skipIf(!mayRaiseLabs)('a SYN that is sent again while the address moves', () => {
  let rig: Rig;

  beforeAll(async () => {
    rig = await Rig.raise('syn', {
      advertInterval: TENTH,
      pairChannel: 'open',
      families: ['ipv4', 'ipv6'],
    });
  });

  afterEach(async () => {
    await rig.inside('client', 'nft', 'delete', 'table', 'inet', 'deaf');
    await rig.heal();
  });

  afterAll(async () => {
    await rig.remove();
  });

  const macOf = async (name: NodeName): Promise<string> =>
    MAC.exec(await rig.told(name, 'ip', 'link', 'show', 'eth0'))?.[1] ?? '';

  /** From now on the client does not hear these nodes say SYN-ACK. */
  async function deafen(...macs: readonly string[]): Promise<void> {
    await rig.told(
      ...(['client', 'nft', ...DEAF] as const),
      'add chain inet deaf in { type filter hook input priority -300; };',
      `add rule inet deaf in ether saddr @to ${ANSWERS} counter drop;`,
      `add element inet deaf to { ${macs.join()} }`,
    );
  }

  const hear = (mac: string): Promise<string> =>
    rig.told('client', 'nft', 'delete', 'element', 'inet', 'deaf', 'to', `{ ${mac} }`);

  const opening = (): readonly ReturnType<Rig['inside']>[] =>
    Object.values(VIRTUAL_CIDRS).map(({ address }) =>
      rig.inside('client', process.execPath, '-e', OPENING, address, String(CONNECTIONS)),
    );

  /** Of both families. */
  async function inState(role: NamespaceRole, state: string): Promise<boolean> {
    const sockets = await rig.told(
      role,
      'ss',
      '-Htn',
      'state',
      state,
      '( sport = 80 or dport = 80 )',
    );
    return sockets.trim().split('\n').length >= 2 * CONNECTIONS;
  }

  /** Connections that the address leaves before the client has heard anything of their former owner. */
  async function openWhileMoving(): Promise<{
    readonly former: NodeName;
    readonly owner: NodeName;
    readonly formerMac: string;
    readonly ownerMac: string;
    readonly clients: readonly ReturnType<Rig['inside']>[];
  }> {
    const { master: former, backup: owner } = await rig.settled();
    const [formerMac, ownerMac] = [await macOf(former), await macOf(owner)];
    await deafen(formerMac, ownerMac);
    const clients = opening();
    await rig.soon('the former owner to have answered all of them', () =>
      inState(former, 'syn-recv'),
    );
    // Not by the command line: it takes as long to start as a client waits before it says SYN again.
    value(await askSwitchover(`${rig.node(former).files.runtimeDirectory}/control.sock`, {}));
    await rig.soon('the new owner to have answered them too', () => inState(owner, 'syn-recv'));
    return { former, owner, formerMac, ownerMac, clients };
  }

  it('is the former owner’s where its answer is heard first, whatever the new owner says later', async () => {
    const { former, formerMac, ownerMac, clients } = await openWhileMoving();
    await hear(formerMac);
    await rig.soon('all of them to be open', () => inState('client', 'established'));
    await hear(ownerMac);
    for (const client of await Promise.all(clients)) {
      expect(JSON.parse(client.stdout)).toEqual({ [former]: 2 * CONNECTIONS });
    }
  });

  it('is the new owner’s where its answer is heard first, whatever the former owner says later', async () => {
    const { owner, formerMac, ownerMac, clients } = await openWhileMoving();
    await hear(ownerMac);
    await rig.soon('all of them to be open', () => inState('client', 'established'));
    await hear(formerMac);
    for (const client of await Promise.all(clients)) {
      expect(JSON.parse(client.stdout)).toEqual({ [owner]: 2 * CONNECTIONS });
    }
  });
});
