/** The prober against servers of our own, each of which answers in a way of its own. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createSecureServer } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { millis } from '../../src/base/time.js';
import type { Ip } from '../../src/base/ip.js';
import { SystemClock } from '../../src/os/clock.js';
import { summarize } from '../../src/prober/gaps.js';
import { runProbe } from '../../src/prober/run-probe.js';
import type { ProbeManner, ProbeReport } from '../../src/prober/sample.js';

const clock = new SystemClock();
const directory = mkdtempSync(join(tmpdir(), 'vipair-ct-'));
const certificate = join(directory, 'www.pem');
const key = join(directory, 'www.key');
const HTTP: ProbeManner = { over: 'http', path: '/', expect: 200, serverName: undefined };
const TCP: ProbeManner = { over: 'tcp' };
const OK = 'HTTP/1.1 200 OK\r\nx-node: lb1\r\nx-server: web1\r\n\r\nhello';

let servers: readonly Server[] = [];
let sockets: readonly Socket[] = [];

beforeAll(() => {
  const subject = ['-subj', '/CN=www.example', '-addext', 'subjectAltName=DNS:www.example'];
  const files = ['-keyout', key, '-out', certificate];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
  execFileSync('openssl', ['req', '-x509', '-nodes', '-days', '2', ...kind, ...files, ...subject], {
    stdio: 'ignore',
  });
});

afterEach(() => {
  sockets.forEach((each) => each.destroy());
  servers.forEach((each) => each.close());
  servers = [];
  sockets = [];
});

afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

async function listening(server: Server): Promise<number> {
  servers = [...servers, server];
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

function plain(accepted: (socket: Socket) => void): Promise<number> {
  return listening(createServer(watched(accepted)));
}

function watched(accepted: (socket: Socket) => void): (socket: Socket) => void {
  return (socket) => {
    sockets = [...sockets, socket];
    socket.on('error', () => undefined);
    accepted(socket);
  };
}

function answering(text: string): (socket: Socket) => void {
  return (socket) => {
    socket.once('data', () => socket.end(text));
  };
}

function probing(port: number, manner: ProbeManner): Promise<ProbeReport> {
  return runProbe(
    {
      ...{ target: { host: '127.0.0.1' as Ip, port }, manner, every: millis(20) },
      ...{ lasting: millis(100), streams: 0, deadline: millis(300), streamStall: millis(1_500) },
    },
    { clock, signal: new AbortController().signal },
  );
}

async function outcomes(port: number, manner: ProbeManner): Promise<readonly string[]> {
  const { samples } = await probing(port, manner);
  expect(samples).toHaveLength(5);
  return [...new Set(samples.map(({ outcome }) => outcome))];
}

describe('over TCP alone', () => {
  it('a connection that stays open is an answer, as early as it was made', async () => {
    const report = await probing(await plain(() => undefined), TCP);
    expect(summarize(report)).toMatchObject({ answered: 5, failed: 0 });
    expect(summarize(report).slowestAnswer).toBeLessThan(50);
  });

  it.each<[string, string, (socket: Socket) => void]>([
    ['one whose server speaks first is too', 'answered', (socket) => socket.write('220 ready')],
    ['one that is closed at once is none', 'reset', (socket) => socket.end()],
    ['one that is reset at once is none', 'reset', (socket) => socket.resetAndDestroy()],
  ])('%s', async (_what, outcome, accepted) => {
    expect(await outcomes(await plain(accepted), TCP)).toEqual([outcome]);
  });

  it('nobody listening is a refusal', async () => {
    const port = await plain(() => undefined);
    await Promise.all(servers.map((each) => once(each.close(), 'close')));
    expect(await outcomes(port, TCP)).toEqual(['refused']);
  });
});

describe('over HTTP', () => {
  it('says who answered', async () => {
    const { samples } = await probing(await plain(answering(OK)), HTTP);
    expect(samples[0]).toMatchObject({ outcome: 'answered', node: 'lb1', server: 'web1' });
  });

  it('asks for the path and by the name that it was given', async () => {
    let asked = '';
    const port = await plain((socket) => {
      socket.once('data', (text: Buffer) => {
        asked = text.toString();
        socket.end('HTTP/1.1 204 No Content\r\n\r\n');
      });
    });
    const manner = { ...HTTP, path: '/health', expect: 204, serverName: 'www.example' };
    expect(await outcomes(port, manner)).toEqual(['answered']);
    expect(asked).toBe('GET /health HTTP/1.0\r\nhost: www.example\r\n\r\n');
  });

  it('another status than the expected one is an error', async () => {
    expect(await outcomes(await plain(answering(OK)), { ...HTTP, expect: 204 })).toEqual([
      'error-answer',
    ]);
  });

  it('a server that never ends its answer is left', async () => {
    const port = await plain((socket) => {
      socket.once('data', () => {
        socket.write(OK);
        socket.write('x'.repeat(200_000));
      });
    });
    expect(await outcomes(port, HTTP)).toEqual(['answered']);
    await expect.poll(() => sockets.every(({ destroyed }) => destroyed)).toBe(true);
  });
});

describe('over HTTPS', () => {
  const secure = (accepted: (socket: Socket) => void): Promise<number> =>
    listening(
      createSecureServer(
        { key: readFileSync(key), cert: readFileSync(certificate) },
        watched(accepted),
      ).on('tlsClientError', () => undefined),
    );
  const manner = (
    more: Partial<Extract<ProbeManner, { readonly over: 'https' }>>,
  ): ProbeManner => ({
    ...HTTP,
    over: 'https',
    serverName: 'www.example',
    certificates: 'verified',
    authorities: undefined,
    ...more,
  });

  it.each<[string, string, () => ProbeManner]>([
    [
      'a certificate that somebody known vouches for counts',
      'answered',
      () => manner({ authorities: [readFileSync(certificate, 'utf8')] }),
    ],
    [
      'one of another name does not',
      'untrusted',
      () =>
        manner({ authorities: [readFileSync(certificate, 'utf8')], serverName: 'else.example' }),
    ],
    ['one that nobody vouches for does not', 'untrusted', () => manner({})],
    ['unless any will do', 'answered', () => manner({ certificates: 'any' })],
  ])('%s', async (_what, outcome, asked) => {
    expect(await outcomes(await secure(answering(OK)), asked())).toEqual([outcome]);
  });

  it('a server that does not speak TLS is no answer', async () => {
    const port = await plain((socket) => socket.end('hello\r\n'));
    expect(await outcomes(port, manner({ certificates: 'any' }))).toEqual(['reset']);
  });
});
