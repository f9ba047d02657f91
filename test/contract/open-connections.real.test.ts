/** Open connections as the kernel finds them, beside sockets of this process: counted, and reset. */
import type { Server, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { SocketDiagnosis } from '../../src/os/open-connections.js';
import { ip, value } from './expected.js';
import { mayMakeNetworks, ThrowAwayNetwork } from './throw-away-network.js';

const VIP = ip('10.99.0.100');
const OTHER = ip('10.99.0.101');
const VIP6 = ip('fd99::100');
const CLIENT = ThrowAwayNetwork.addresses.here;
/** More than the kernel is told of in one datagram. */
const MANY = 1_200;

describe.skipIf(!mayMakeNetworks)('in a network namespace', () => {
  let network: ThrowAwayNetwork;
  const diagnosis = new SocketDiagnosis();
  const servers: Server[] = [];
  const sockets: Socket[] = [];

  beforeAll(() => {
    network = new ThrowAwayNetwork();
    for (const address of [`${VIP}/32`, `${OTHER}/32`, `${VIP6}/128`]) {
      network.ip('here', 'addr', 'add', address, 'dev', 'lo');
    }
  });

  afterEach(() => {
    for (const socket of sockets.splice(0)) {
      socket.destroy();
    }
    for (const server of servers.splice(0)) {
      server.close();
    }
  });

  afterAll(() => {
    diagnosis.close();
    network.remove();
  });

  /** Clients of an address, and what became of each. */
  async function open(host: string, address: string, count = 1): Promise<readonly string[]> {
    const server = createServer((socket) => {
      sockets.push(socket);
      socket.on('error', () => undefined);
    });
    servers.push(server);
    server.listen({ host, port: 0, backlog: 2 * MANY });
    await once(server, 'listening');
    const { port } = server.address() as { readonly port: number };
    const fates: string[] = Array<string>(count).fill('open');
    for (let nth = 0; nth < count; nth += 1) {
      // Without it the kernel would have them come from the very address that they ask for.
      const localAddress = address === VIP6 ? ThrowAwayNetwork.ipv6.here : CLIENT;
      const client = connect({ host: address, port, localAddress });
      sockets.push(client);
      client.on('error', (error) => {
        fates[nth] = 'code' in error ? String(error.code) : error.message;
      });
      await once(client, 'connect');
    }
    return fates;
  }

  async function soon(so: () => boolean): Promise<void> {
    for (let tries = 0; tries < 100 && !so(); tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(so()).toBe(true);
  }

  it.each([
    ['IPv4', VIP, VIP],
    ['IPv4, of a socket of IPv6', '::', VIP],
    ['IPv6', VIP6, VIP6],
  ])('are counted by the address that clients reach them at: %s', async (_what, host, address) => {
    await open(host, address, 3);
    await open(OTHER, OTHER, 2);
    expect(value(await diagnosis.count([ip(address)]))).toBe(3);
    expect(value(await diagnosis.count([VIP6, VIP]))).toBe(3);
    expect(value(await diagnosis.count([VIP6, OTHER, VIP]))).toBe(5);
    expect(value(await diagnosis.count([]))).toBe(0);
  });

  it.each([
    ['IPv4', VIP, VIP],
    ['IPv4, of a socket of IPv6', '::', VIP],
    ['IPv6', VIP6, VIP6],
  ])('are reset, and their clients hear of it, and no others: %s', async (_what, host, address) => {
    const fates = await open(host, address, 3);
    const others = await open(OTHER, OTHER, 2);
    expect(value(await diagnosis.reset([VIP, VIP6]))).toBe(3);
    await soon(() => fates.every((each) => each === 'ECONNRESET'));
    expect(others).toEqual(['open', 'open']);
    expect(value(await diagnosis.count([VIP, VIP6]))).toBe(0);
    expect(value(await diagnosis.reset([VIP, VIP6]))).toBe(0);
  });

  it('are reset however many there are', async () => {
    const fates = await open(VIP, VIP, MANY);
    expect(value(await diagnosis.count([VIP]))).toBe(MANY);
    expect(value(await diagnosis.reset([VIP]))).toBe(MANY);
    await soon(() => fates.every((each) => each === 'ECONNRESET'));
  });
});
