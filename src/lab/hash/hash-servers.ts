/** The servers of a service in the lab: one process with many addresses, each of which says its name to whoever comes. */
import type { Server, Socket } from 'node:net';
import { createServer } from 'node:net';
import type { Result } from '../../base/result.js';
import { done, fail } from '../../base/result.js';
import type { LabFailure } from '../failure.js';
import { HASH_PORT, HASH_SERVERS } from './hash-scene.js';
import { serveLines } from './line-socket.js';

/** `down NAME`: it listens no more, and serves on what it has; `up NAME`: it listens again. */
export async function runHashServers(socket: string): Promise<Result<undefined, LabFailure>> {
  const listening = new Map<string, Server>();
  const listen = (name: string, host: string): Promise<boolean> =>
    new Promise((resolve) => {
      const server = createServer((client) => {
        speak(client, name);
      });
      server.once('error', () => {
        resolve(false);
      });
      server.listen({ host, port: HASH_PORT, backlog: 4096 }, () => {
        listening.set(name, server);
        resolve(true);
      });
    });
  for (const { name, address } of HASH_SERVERS) {
    if (!(await listen(name, address))) {
      return fail({ code: 'not-ready', detail: `${address} cannot be listened on` });
    }
  }
  const served = await serveLines(socket, async (line) => {
    const [what, name = ''] = line.split(' ');
    const address = HASH_SERVERS.find((each) => each.name === name)?.address;
    if (what === 'up' && address !== undefined) {
      return await listen(name, address);
    }
    if (what === 'down') {
      listening.get(name)?.close();
    }
    return true;
  });
  return served.ok ? done : served;
}

/** Its name at once, and again for each line. */
function speak(client: Socket, name: string): void {
  client.on('error', () => undefined);
  client.setNoDelay(true);
  client.on('data', () => client.write(`${name}\n`));
  client.write(`${name}\n`);
}
