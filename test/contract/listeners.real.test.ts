/** The kernel's own list of the sockets that take connections, beside sockets of this process. */
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { ProcListeners } from '../../src/os/listeners.js';

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
  }
});

async function listenAt(host: string, ipv6Only = false): Promise<number> {
  const server = createServer();
  servers.push(server);
  await new Promise<void>((resolve) => {
    server.listen({ host, port: 0, ipv6Only }, resolve);
  });
  return (server.address() as AddressInfo).port;
}

it.each([
  ['127.0.0.1', '127.0.0.1', 'ipv4'],
  ['0.0.0.0', undefined, 'ipv4'],
  ['::1', '::1', 'ipv6'],
  ['::', undefined, 'both'],
])(
  'a socket that listens at %s is found, and gone once it is closed',
  async (host, address, family) => {
    const port = await listenAt(host);
    const table = new ProcListeners();
    const found = await table.listening();
    expect(found.ok && found.value.filter((each) => each.port === port)).toEqual([
      { address, family, port },
    ]);
    await new Promise((resolve) => servers.pop()?.close(resolve));
    const after = await table.listening();
    expect(after.ok && after.value.some((each) => each.port === port)).toBe(false);
  },
);
