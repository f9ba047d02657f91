/** Servers by name in haproxy.cfg: names that nobody knows, and one that has hundreds of addresses. */
import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { millis } from '../../src/base/time.js';
import { HaproxyHost } from '../../src/os/haproxy-host.js';
import { SystemProcessHost } from '../../src/os/process-host.js';
import type { ProxySession } from '../../src/ports/proxy-host.js';
import type { ServerState } from '../../src/wire/haproxy/servers-state.js';
import { readServersState } from '../../src/wire/haproxy/servers-state.js';
import { code, eventually, value } from './expected.js';

const processes = new SystemProcessHost();
const installed = await processes.run('haproxy', ['-v'], { within: millis(5_000) });
/** Never resolves: RFC 6761 §6.4. */
const NOBODY = 'nobody.invalid';

describe.skipIf(!installed.ok)('a server by its name', () => {
  let directory = '';
  let host: HaproxyHost;
  let names: Socket | undefined;

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'vipair-nm-'));
    const config = join(directory, 'haproxy.cfg');
    host = new HaproxyHost({ program: 'haproxy', config, directory, nodeName: 'lb1' }, processes);
    await write('server s 127.0.0.1:1');
  });

  afterEach(async () => {
    await host.kill();
    names?.close();
    names = undefined;
    rmSync(directory, { recursive: true, force: true });
  });

  async function write(server: string, resolvers = ''): Promise<void> {
    const port = await freePort();
    writeFileSync(
      join(directory, 'haproxy.cfg'),
      `${resolvers}
defaults
  timeout connect 1s
  timeout client 1s
  timeout server 1s
frontend f
  bind 127.0.0.1:${String(port)}
  default_backend web
backend web
  ${server}
`,
    );
  }

  async function connected(): Promise<ProxySession> {
    for (;;) {
      const session = await host.connect(() => undefined);
      if (session.ok) {
        return session.value;
      }
      await sleep(20);
    }
  }

  async function servers(): Promise<readonly ServerState[]> {
    const session = await connected();
    const list = value(readServersState(value(await session.ask('show servers state'))));
    session.close();
    return list;
  }

  it('that nobody knows is refused with its name, and what serves goes on', async () => {
    value(await host.start(() => undefined));
    const before = await servers();
    await write(`server s ${NOBODY}:80`);
    for (const refused of [await host.check(), await host.reload()]) {
      expect(code(refused)).toBe('invalid-configuration');
      expect(refused.ok ? '' : refused.error.detail).toContain(NOBODY);
    }
    expect(await servers()).toEqual(before);
  });

  it('that nobody knows may come later with init-addr none: until then it is in maintenance by itself', async () => {
    await write(`server s ${NOBODY}:80 init-addr none`);
    value(await host.check());
    value(await host.start(() => undefined));
    const [server] = await servers();
    expect(server).toMatchObject({ name: 'web/s', inherited: 'maint' });
  });

  it('that has hundreds of addresses fills the places that there are, and no more', async () => {
    const port = await manyAddresses(400);
    await write(
      `server-template s 1-10 many.test:80 resolvers own init-addr none`,
      `resolvers own\n  nameserver ns 127.0.0.1:${String(port)}\n  accepted_payload_size 8192\n`,
    );
    value(await host.check());
    value(await host.start(() => undefined));
    await eventually(
      async () => (await servers()).every(({ inherited }) => inherited === 'nothing'),
      sleep,
    );
    expect(await servers()).toHaveLength(10);
  });

  /** A name server that knows one name; resolves with its port. */
  async function manyAddresses(count: number): Promise<number> {
    const socket = createSocket('udp4');
    names = socket;
    socket.on('message', (question, from) => {
      socket.send(answerTo(question, count), from.port, from.address);
    });
    await new Promise<void>((resolve) => {
      socket.bind(0, '127.0.0.1', resolve);
    });
    return socket.address().port;
  }
});

/** RFC 1035 §4.1: the question again, and as many addresses as are wanted. */
function answerTo(question: Buffer, count: number): Buffer {
  const end = question.indexOf(0, HEADER) + 5;
  const isForIpv4 = question.readUInt16BE(end - 4) === 1;
  const answers = Array.from({ length: isForIpv4 ? count : 0 }, (_, index) =>
    Buffer.from([0xc0, HEADER, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 10, 9, index >> 8, index & 0xff]),
  );
  const header = Buffer.from(question.subarray(0, HEADER));
  header.writeUInt16BE(0x8180, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(answers.length, 6);
  header.writeUInt32BE(0, 8);
  return Buffer.concat([header, question.subarray(HEADER, end), ...answers]);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

const HEADER = 12;
