/** Sessions with HAProxy as Debian ships it: what it pushes, teaches, learns, and how it comes and goes. */
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { SystemClock } from '../../src/os/clock.js';
import { UnixPeersListener } from '../../src/os/peers-listener.js';
import type { ProxySession } from '../../src/tables/proxy-session.js';
import { ProxySide } from '../../src/tables/proxy-side.js';
import { PayloadReader } from '../../src/wire/peers/payload.js';
import { readEntry } from '../../src/wire/peers/entry.js';
import { DictionaryReader } from '../../src/wire/peers/dictionary.js';
import { encodePeersHello } from '../../src/wire/peers/hello.js';
import type { TableDefinition } from '../../src/wire/peers/table.js';
import { HaproxyWithPeers } from './haproxy-with-peers.js';
import { eventually } from './expected.js';

const clock = new SystemClock();

/** What a session told, in words. */
class Ear {
  readonly words: string[] = [];
  readonly sessions: ProxySession<TableDefinition>[] = [];
  readonly pids: number[] = [];
  readonly refused: string[] = [];
  readonly side: ProxySide<TableDefinition>;
  #dictionary = new DictionaryReader();

  constructor(socket: string) {
    const say = (word: string) => {
      this.words.push(word);
    };
    this.side = new ProxySide<TableDefinition>(
      { socket: { path: socket, owner: undefined }, names: { own: 'lb1', peer: 'lb2' } },
      {
        clock,
        listener: new UnixPeersListener(),
        refused: (code, detail) => this.refused.push(`${code}: ${detail}`),
        handlers: {
          opened: (session, { pid }) => {
            this.sessions.push(session);
            this.pids.push(pid);
            this.#dictionary = new DictionaryReader();
            say('opened');
          },
          defined: (table) => {
            say(`defined ${table.name}`);
            return table;
          },
          piece: () => undefined,
          row: (table, bytes, { at, end }, expiresIn) => {
            const payload = new PayloadReader(bytes.slice(at, end));
            const { key } = readEntry(payload, table.is, this.#dictionary);
            const text =
              table.is.keyType === 'string' ? Buffer.from(key).toString() : key.join('.');
            say(`row ${text}${expiresIn === undefined ? '' : ' taught'}`);
            this.side.session?.settle(table, table.last);
            return payload.violation;
          },
          acknowledged: () => {
            say('acknowledged');
          },
          askedForRows: () => {
            say('asks for rows');
          },
          teachingBegan: () => {
            say('teaching began');
          },
          teachingEnded: (how) => {
            say(`teaching ended ${how}`);
          },
          drained: () => undefined,
          ended: (_session, { code }) => {
            say(`ended ${code}`);
          },
        },
      },
    );
  }

  async heard(word: string, times = 1): Promise<void> {
    await eventually(() => this.words.filter((each) => each === word).length >= times, sleep);
  }
}

describe('HAProxy on our socket', () => {
  const cleanUp: (() => Promise<void> | void)[] = [];

  afterEach(async () => {
    for (const each of cleanUp.splice(0).reverse()) {
      await each();
    }
  });

  async function met(
    mode: 'alone' | 'worker' = 'alone',
    haproxy = new HaproxyWithPeers(),
  ): Promise<{ readonly haproxy: HaproxyWithPeers; readonly ear: Ear }> {
    const ear = new Ear(haproxy.peersSocket);
    cleanUp.push(
      () => haproxy.remove(),
      () => {
        ear.side.stop();
      },
    );
    await ear.side.begin();
    haproxy.start(mode);
    return { haproxy, ear };
  }

  /** It has started, was told that there is nothing, and has told all it has. */
  async function settled(mode: 'alone' | 'worker' = 'alone') {
    const { haproxy, ear } = await met(mode);
    await ear.heard('asks for rows');
    ear.sessions[0]?.step({ kind: 'taught' });
    await ear.heard('teaching ended complete');
    return { haproxy, ear };
  }

  it('asks for rows when it starts, and then tells its tables, empty as they are', async () => {
    const { ear } = await settled();
    expect(ear.words[0]).toBe('opened');
    expect(ear.words).toContain('defined users');
    expect(ear.words).toContain('defined addresses');
  });

  it('pushes what changes, and tells everything when it is asked, with the time that is left', async () => {
    const { haproxy, ear } = await settled();
    await haproxy.ask('set table users key ann data.http_req_cnt 3');
    await haproxy.ask('set table addresses key 10.0.0.1 data.gpc0 3');
    await ear.heard('row ann');
    await ear.heard('row 10.0.0.1');
    ear.sessions[0]?.step({ kind: 'teach' });
    await ear.heard('teaching ended complete', 2);
    expect(ear.words).toContain('row ann taught');
    expect(ear.words).toContain('row 10.0.0.1 taught');
  });

  it('does not push again what was acknowledged', async () => {
    const { haproxy, ear } = await settled();
    await haproxy.ask('set table users key ann data.http_req_cnt 3');
    await ear.heard('row ann');
    await sleep(300);
    ear.sessions[0]?.end({ kind: 'over', code: 'test', detail: 'test' });
    await ear.heard('opened', 2);
    await ear.heard('teaching ended complete', 2);
    const since = ear.words.slice(ear.words.lastIndexOf('opened'));
    expect(since.filter((word) => word === 'row ann')).toEqual([]);
    expect(since).toContain('row ann taught');
    expect(ear.pids[0]).toBe(ear.pids[1]);
  });

  it('takes the rows it is handed, in every form, acknowledges them, and does not send them back', async () => {
    const { haproxy, ear } = await settled();
    const session = ear.sessions[0]!;
    const users = session.tables.find(({ definition }) => definition.name === 'users')!.definition;
    const outgoing = session.define({ ...users, id: 9 });
    // server_id, http_req_cnt | server_key | gpc(3)
    const row = (name: string) => {
      const head = [name.length, ...Buffer.from(name), 1, 7];
      const bytes = Uint8Array.from([...head, 1, 2, 3]);
      return { bytes, headAt: 0, headEnd: head.length, tailAt: head.length, tailEnd: bytes.length };
    };
    session.hand(outgoing, row('whole'), undefined, { text: 'web2' });
    session.hand(outgoing, row('timed'), 60_000, { text: 'web1' });
    session.hand(outgoing, row('nameless'), 60_000, { text: undefined });
    session.flush();
    await eventually(() => outgoing.hasAcknowledged(3), sleep);
    // Now that HAProxy is known to have the table the text is a slot.
    session.hand(outgoing, row('slot'), undefined, { text: 'web2' });
    session.hand(outgoing, row('again'), undefined, { text: 'web2' });
    session.flush();
    await eventually(() => outgoing.hasAcknowledged(5), sleep);
    const table = await haproxy.ask('show table users');
    expect(table).toMatch(
      /key=whole .*exp=1[78]\d{5} server_id=1 http_req_cnt=7 server_key=web2 gpc0=1 gpc1=2 gpc2=3/u,
    );
    expect(table).toMatch(/key=timed .*exp=[56]\d{4} .*server_key=web1/u);
    expect(table).toMatch(/key=nameless .*server_key=-/u);
    expect(table).toMatch(/key=slot .*server_key=web2/u);
    expect(table).toMatch(/key=again .*server_key=web2/u);
    await sleep(200);
    expect(ear.words.filter((word) => word.startsWith('row'))).toEqual([]);
  });

  it('ignores rows of a table that it has not, and those of others are right all the same', async () => {
    const { haproxy, ear } = await settled();
    const session = ear.sessions[0]!;
    const users = session.tables.find(({ definition }) => definition.name === 'users')!.definition;
    const bytes = Uint8Array.from([1, 0x61, 1, 7, 1, 2, 3]);
    const row = { bytes, headAt: 0, headEnd: 4, tailAt: 4, tailEnd: 7 };
    const stranger = session.define({ ...users, id: 1, name: 'strangers' });
    const known = session.define({ ...users, id: 2 });
    session.hand(stranger, row, undefined, { text: 'web2' });
    session.hand(known, row, undefined, { text: 'web1' });
    session.hand(stranger, row, undefined, { text: 'web1' });
    session.hand(known, row, undefined, { text: 'web2' });
    session.flush();
    await eventually(() => known.hasAcknowledged(2), sleep);
    expect(await haproxy.ask('show table users')).toMatch(/key=a .*server_key=web2/u);
    expect(stranger.answers).toBe('never yet');
  });

  it('learns what it is taught before anything else, and is taught nothing twice', async () => {
    const { haproxy, ear } = await met();
    await ear.heard('asks for rows');
    const session = ear.sessions[0]!;
    const addresses: TableDefinition = {
      id: 4,
      name: 'addresses',
      keyType: 'ipv4',
      keyLength: 4,
      expire: 600_000,
      columns: [{ type: 'gpc0', elements: 1, period: undefined }],
      unknown: [],
      rest: new Uint8Array(0),
    };
    const outgoing = session.define(addresses);
    for (let last = 1; last <= 200; last += 1) {
      const bytes = Uint8Array.of(10, 0, 0, last, last & 0x7f);
      const row = { bytes, headAt: 0, headEnd: 5, tailAt: 5, tailEnd: 5 };
      session.hand(outgoing, row, 300_000, undefined);
    }
    session.flush();
    session.step({ kind: 'taught' });
    await ear.heard('teaching ended complete');
    expect(await haproxy.ask('show table addresses')).toContain('used:200');
    expect(ear.words.filter((word) => word.endsWith(' taught'))).toHaveLength(200);
    expect(ear.words.filter((word) => word.startsWith('row') && !word.endsWith('taught'))).toEqual(
      [],
    );
  });

  it('a new process after a reload says so, has learned from the old one, and tells all of it', async () => {
    const { haproxy, ear } = await settled('worker');
    await haproxy.ask('set table users key ann data.http_req_cnt 3');
    await ear.heard('row ann');
    haproxy.reload();
    await ear.heard('opened', 2);
    await eventually(
      () => ear.words.slice(ear.words.lastIndexOf('opened')).includes('row ann taught'),
      sleep,
    );
    expect(ear.pids[1]).not.toBe(ear.pids[0]);
    expect(ear.words).not.toContain('ended fault');
  });

  it('stays connected while nothing happens', async () => {
    const { ear } = await settled();
    await sleep(7000);
    expect(ear.words.filter((word) => word.startsWith('ended'))).toEqual([]);
  });

  it('with another name is sent away, told to nobody but us, and comes again', async () => {
    const { ear } = await met('alone', new HaproxyWithPeers('web7'));
    await eventually(() => ear.refused.length >= 2, sleep);
    expect(ear.refused[0]).toContain('names itself web7; its localpeer has to be lb1');
    expect(ear.words).toEqual([]);
  });
});

describe('whoever else comes to our socket', () => {
  it.each<[string, string | Uint8Array, RegExp]>([
    ['speaks HTTP', 'GET / HTTP/1.1\r\n\r\n', /^hello: protocol/u],
    ['calls somebody else', 'HAProxyS 2.1\nlb9\nlb1 7 1\n', /^hello: HAProxy calls lb9/u],
    ['speaks another version', 'HAProxyS 3.0\nlb2\nlb1 7 1\n', /^hello: protocol/u],
    ['never ends a line', 'x'.repeat(5000), /^hello: line 1/u],
    [
      'sends noise behind a right hello',
      Buffer.concat([
        encodePeersHello({ minor: 1, called: 'lb2', caller: 'lb1', pid: 7 }),
        Uint8Array.of(10, 0x81, 4, 1, 2, 3, 4),
      ]),
      /^bytes: table of an update/u,
    ],
    [
      'claims a message of gigabytes',
      Buffer.concat([
        encodePeersHello({ minor: 1, called: 'lb2', caller: 'lb1', pid: 7 }),
        Uint8Array.of(10, 0x82, 0xff, 0xff, 0xff, 0xff, 0x7f),
      ]),
      /^bytes: message length/u,
    ],
  ])('is sent away, and waits before the next time: who %s', async (_who, bytes, refusal) => {
    const haproxy = new HaproxyWithPeers();
    const ear = new Ear(haproxy.peersSocket);
    await ear.side.begin();
    const knock = () =>
      new Promise((resolve) => {
        const socket = connect(haproxy.peersSocket);
        socket.on('error', () => undefined).resume();
        socket.once('close', resolve);
        socket.write(bytes);
      });
    await knock();
    await eventually(() => ear.refused.length === 1, sleep);
    expect(ear.refused[0]).toMatch(refusal);
    await knock();
    await knock();
    expect(ear.refused).toHaveLength(1);
    ear.side.stop();
    await haproxy.remove();
  });
});
