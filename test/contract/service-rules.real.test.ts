/** The kernel's rules of services against their contract, and looks at servers, in a network namespace. */
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { createServer } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { millis } from '../../src/base/time.js';
import { SystemProcessHost } from '../../src/os/process-host.js';
import { SocketServiceChecks } from '../../src/os/service-checks.js';
import { NftServiceRules } from '../../src/os/service-rules.js';
import type { ServiceLook } from '../../src/ports/service-checks.js';
import type { ServiceRule } from '../../src/ports/service-rules.js';
import { ip, value } from './expected.js';
import { serviceRulesContract } from './service-rules.contract.js';
import { mayMakeNetworks, ThrowAwayNetwork } from './throw-away-network.js';

describe.skipIf(!mayMakeNetworks)('in a network namespace', () => {
  let network: ThrowAwayNetwork;
  const host = new SystemProcessHost();
  const rules = new NftServiceRules(host);

  beforeAll(() => {
    network = new ThrowAwayNetwork();
  });

  afterAll(() => {
    rules.close();
    network.remove();
  });

  serviceRulesContract('NftServiceRules', () => ({
    rules,
    passedOn: async (port) => {
      const within = millis(5_000);
      const { stdout } = value(await host.run('nft', ['list', 'ruleset'], { within }));
      const line = stdout
        .split(/\n(?=\t\t\S)/u)
        .find((each) => each.includes(`ip daddr 10.77.0.100 tcp dport ${String(port)} `));
      const places = [...(line ?? '').matchAll(/\d+ : (\S+) \. (\d+)/gu)].map(
        ([, address = '', at = '']) => `${address} ${at}`,
      );
      return line === undefined ? 'nothing' : [...new Set(places)].toSorted();
    },
  }));

  it.each(['ip', 'ip6'])('are not all there where somebody removed those of %s', async (family) => {
    const within = millis(5_000);
    value(await rules.load([]));
    value(await host.run('nft', ['delete', 'table', family, 'vipair_services'], { within }));
    expect(value(await rules.loaded())).toBe('some');
    value(await rules.load([]));
    expect(value(await rules.loaded())).toBe('all');
    value(await host.run('nft', ['delete', 'table', family, 'vipair_services'], { within }));
    value(await rules.dismantle());
    expect(value(await rules.loaded())).toBe('none');
  });

  it.each([
    ['all of one family', 'flush table ip vipair_services'],
    ['those that send on', 'flush chain ip6 vipair_services postrouting'],
    ['all', 'flush ruleset'],
  ])('are not all there where somebody flushed %s', async (what, command) => {
    const within = millis(5_000);
    const sentOn: ServiceRule = {
      ...{ address: ip('fd77::100'), port: 53, protocol: 'udp', hash: 'source', seed: 1 },
      ...{ source: ip('fd77::100'), slots: [{ address: ip('fd78::11'), port: 53 }] },
    };
    value(await rules.load([sentOn]));
    expect(value(await rules.loaded())).toBe('all');
    value(await host.run('nft', command.split(' '), { within }));
    expect(value(await rules.loaded())).toBe(what === 'all' ? 'none' : 'some');
    value(await rules.load([sentOn]));
    expect(value(await rules.loaded())).toBe('all');
    // What another daemon has left.
    const next = new NftServiceRules(host);
    expect(value(await next.loaded())).toBe('all');
    next.close();
    value(await host.run('nft', ['flush', 'table', 'ip', 'vipair_services'], { within }));
    value(await rules.dismantle());
    expect(value(await rules.loaded())).toBe('none');
    const { stdout } = value(await host.run('nft', ['list', 'tables'], { within }));
    expect(stdout).not.toContain('vipair');
  });

  it('leave the tables of others alone', async () => {
    const within = millis(5_000);
    const others =
      'table ip others { chain c { type nat hook prerouting priority -100; policy accept; }\n}';
    value(await host.run('nft', ['-f', '-'], { within, input: others }));
    value(await rules.load([]));
    value(await rules.dismantle());
    const { stdout } = value(await host.run('nft', ['list', 'tables'], { within }));
    expect(stdout.trim()).toBe('table ip others');
  });
});

describe('a look at a server', () => {
  const checks = new SocketServiceChecks();
  const servers: Server[] = [];

  afterEach(() => {
    for (const server of servers.splice(0)) {
      server.close();
    }
  });

  async function listening(server: Server): Promise<number> {
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  }

  function look(port: number, what: ServiceLook['what'], within = 2000) {
    const asked = { address: ip('127.0.0.1'), port, within: millis(within), what };
    return checks.look(asked, new AbortController().signal);
  }

  const http = (path: string): ServiceLook['what'] => {
    return { kind: 'http', path, host: 'mail.example', status: { from: 200, to: 299 } };
  };

  it('finds out whether it listens', async () => {
    const port = await listening(createServer((socket) => socket.destroy()));
    expect(await look(port, { kind: 'tcp' })).toEqual({ kind: 'well' });
    const refused = await look(1, { kind: 'tcp' });
    expect(refused).toMatchObject({ kind: 'failing' });
    expect(refused.kind === 'failing' && refused.why).toContain('ECONNREFUSED');
  });

  it('asks for a page, with the name of the host', async () => {
    const server = createHttpServer(({ url, headers }, response) => {
      response.statusCode = url === '/health' && headers.host === 'mail.example' ? 204 : 503;
      response.end();
    });
    const port = await listening(server);
    expect(await look(port, http('/health'))).toEqual({ kind: 'well' });
    expect(await look(port, http('/'))).toEqual({ kind: 'failing', why: 'it answered 503' });
  });

  it('does not wait for ever, and not at all when it is stopped', async () => {
    const port = await listening(createServer(() => undefined));
    const why = 'no answer within 50 ms';
    expect(await look(port, http('/'), 50)).toEqual({ kind: 'failing', why });
    expect(await look(port, { kind: 'tls', host: 'a.b' }, 50)).toEqual({ kind: 'failing', why });
    const stopping = new AbortController();
    const asked = { address: ip('127.0.0.1'), port, within: millis(2000), what: http('/') };
    const looking = checks.look(asked, stopping.signal);
    stopping.abort();
    expect(await looking).toEqual({ kind: 'failing', why: 'stopped' });
    expect(await checks.look(asked, stopping.signal)).toEqual({ kind: 'failing', why: 'stopped' });
  });

  it('takes what is no TLS for no handshake', async () => {
    const port = await listening(createServer((socket) => socket.end('220 mail\r\n')));
    expect(await look(port, { kind: 'tls', host: undefined })).toMatchObject({ kind: 'failing' });
  });
});
