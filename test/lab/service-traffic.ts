/**
 * Both ends of what a lab's services pass on, over TCP and UDP, IPv4 and IPv6.
 *
 * A program of its own, because it runs inside a lab's namespace: `service-traffic.ts servers SOCKET DIRECTORY`, where
 * DIRECTORY holds `cert.pem` and `key.pem`, or `service-traffic.ts clients SOCKET`. Either is told lines over SOCKET.
 */
import type { Socket as DatagramSocket } from 'node:dgram';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import type { Server, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { serveLines } from '../../src/lab/hash/line-socket.js';
import type { Passed, TrafficLine } from './service-traffic-lines.js';
import { CHECK_PORTS, SERVERS, TRAFFIC_PORT } from './service-traffic-lines.js';

const ANSWERS_WITHIN_MS = 1_500;
/** However it was called, it ends. */
const ENDS_AFTER_MS = 300_000;

/** Of which kinds a server fails the check, by `KIND NAME`. */
const failing = new Set<string>();

async function serve(socket: string, directory: string): Promise<void> {
  const identity = {
    cert: readFileSync(`${directory}/cert.pem`),
    key: readFileSync(`${directory}/key.pem`),
  };
  const listening = new Map<string, Server>();
  for (const { name, ipv4, ipv6 } of SERVERS) {
    for (const host of [ipv4, ipv6]) {
      await listen(speaker(name), host, TRAFFIC_PORT, (server) =>
        listening.set(`${name} ${host}`, server),
      );
      await answerDatagrams(host, name);
      const http = createHttpServer((...[, response]) => {
        response.writeHead(failing.has(`http ${name}`) ? 503 : 200).end();
      });
      await listen(http, host, CHECK_PORTS.http);
      const tls = createTlsServer(identity, (client) => client.on('error', () => undefined).end());
      // It takes the connection, as a program does that has hung itself up, and shakes no hands.
      tls.prependListener('connection', (client: Socket) => {
        if (failing.has(`tls ${name}`)) {
          client.destroy();
        }
      });
      await listen(
        tls.on('tlsClientError', () => undefined),
        host,
        CHECK_PORTS.tls,
      );
    }
  }
  await serveLines(socket, async (line) => {
    const [verb = '', kind = '', name = ''] = line.split(' ');
    const { ipv4 = '' } = SERVERS.find((each) => each.name === name) ?? {};
    const failed = failing.has(`${kind} ${name}`);
    failing[verb === 'fail' ? 'add' : 'delete'](`${kind} ${name}`);
    if (kind === 'tcp' && failed !== failing.has(`${kind} ${name}`)) {
      // It listens no more, and serves on what it has.
      listening.get(`${name} ${ipv4}`)?.close();
      if (verb === 'mend') {
        const keep = (server: Server) => listening.set(`${name} ${ipv4}`, server);
        await listen(speaker(name), ipv4, TRAFFIC_PORT, keep);
      }
    }
    return verb;
  });
}

/** Its name at once, and again for whatever is said. */
function speaker(name: string): Server {
  return createServer({ noDelay: true }, (client) => {
    client.on('error', () => undefined).on('data', () => client.write(`${name}\n`));
    client.write(`${name}\n`);
  });
}

async function listen(
  server: Server,
  host: string,
  port: number,
  keep: (server: Server) => unknown = () => undefined,
): Promise<void> {
  server.listen({ host, port });
  await once(server, 'listening');
  keep(server);
}

async function answerDatagrams(host: string, name: string): Promise<void> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  socket.on('message', (_said, { address, port }) => {
    socket.send(name, port, address);
  });
  socket.bind(TRAFFIC_PORT, host);
  await once(socket, 'listening');
}

/** Connections and flows that stay, by the name of what they go through. */
const held = new Map<string, readonly Socket[]>();

async function ask(socket: string): Promise<void> {
  await serveLines(socket, async (line): Promise<Passed> => {
    const { what, protocol, address, port, from, count } = JSON.parse(line) as TrafficLine;
    const place = `${address} ${String(port)}`;
    if (what === 'held') {
      return await Promise.all((held.get(place) ?? []).map((each) => heard(each, '?\n')));
    }
    const ports = [...Array(count).keys()].map((step) => from + step);
    if (protocol === 'udp') {
      return await Promise.all(ports.map((localPort) => datagram(address, port, localPort)));
    }
    const sockets = ports.map((localPort) => {
      const stream = connect({ host: address, port, localPort, noDelay: true });
      return stream.on('error', () => undefined);
    });
    const servers = await Promise.all(sockets.map((each) => heard(each)));
    if (what === 'hold') {
      held.set(place, sockets);
    } else {
      // A reset: the port is free again, without a time to wait.
      sockets.forEach((each) => each.resetAndDestroy());
    }
    return servers;
  });
}

/** What it says next, or `broken`. */
function heard(socket: Socket, said?: string): Promise<string> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ANSWERS_WITHIN_MS, 'broken');
    const end = (answer: string): void => {
      clearTimeout(timer);
      socket.off('data', hear).off('close', refuse);
      resolve(answer);
    };
    const hear = (piece: Buffer): void => {
      end(piece.toString().trim());
    };
    const refuse = (): void => {
      end('broken');
    };
    socket.once('data', hear).once('close', refuse);
    if (socket.destroyed) {
      refuse();
    } else if (said !== undefined) {
      socket.write(said);
    }
  });
}

async function datagram(address: string, port: number, localPort: number): Promise<string> {
  const socket: DatagramSocket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  socket.bind(localPort);
  await once(socket, 'listening');
  const answer = new Promise<string>((resolve) => {
    socket.once('message', (said) => {
      resolve(said.toString());
    });
    // A refusal by ICMP is told of a connected socket; this one is none, and waits.
    setTimeout(resolve, ANSWERS_WITHIN_MS, 'broken');
  });
  socket.send('?', port, address);
  const said = await answer;
  socket.close();
  return said;
}

setTimeout(() => process.exit(1), ENDS_AFTER_MS);
const [part, socket = '', directory = ''] = process.argv.slice(2);
await (part === 'servers' ? serve(socket, directory) : ask(socket));
