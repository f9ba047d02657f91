/** A third peer that brings rows to one HAProxy, faster than any client would make them. */
import { rmSync } from 'node:fs';
import type { Server, Socket } from 'node:net';
import { createServer } from 'node:net';
import { encodePeersFrame } from '../../src/wire/peers/frame.js';
import { encodePeersStatus, readPeersHello } from '../../src/wire/peers/hello.js';
import { encodePeersMessage } from '../../src/wire/peers/message.js';
import type { TableDefinition } from '../../src/wire/peers/table.js';
import { EXPIRE_MS, FED_KEY_LENGTH, FED_TABLE, SERVERS } from './tables-sections.js';

const DEFINITION: TableDefinition = {
  id: 1,
  name: FED_TABLE,
  keyType: 'string',
  // And the zero behind it.
  keyLength: FED_KEY_LENGTH + 1,
  expire: EXPIRE_MS,
  columns: [
    { type: 'server_id', elements: 1, period: undefined },
    { type: 'gpc0', elements: 1, period: undefined },
    { type: 'server_key', elements: 1, period: undefined },
  ],
  unknown: [],
  rest: new Uint8Array(0),
};
const ROWS_A_WRITE = 1_000;
const DIALLED_WITHIN_MS = 20_000;

/** Rows numbered from `from` on. Resolves when all are written; HAProxy's own socket tells when they have arrived. */
export async function feed(
  socketPath: string,
  { from, count }: { readonly from: number; readonly count: number },
): Promise<void> {
  rmSync(socketPath, { force: true });
  const server = createServer();
  server.listen(socketPath);
  try {
    const socket = await greeted(server);
    socket.write(encodePeersFrame(encodePeersMessage({ kind: 'definition', table: DEFINITION })));
    for (let at = from; at < from + count; at += ROWS_A_WRITE) {
      const rows = Math.min(ROWS_A_WRITE, from + count - at);
      const numbers = [...Array.from({ length: rows }).keys()].map((index) => at + index);
      const bytes = Buffer.concat(numbers.map((number) => rowFrame(number, number - from)));
      if (!socket.write(bytes)) {
        await new Promise((resolve) => socket.once('drain', resolve));
      }
    }
    await new Promise<void>((resolve) =>
      socket.end(() => {
        resolve();
      }),
    );
  } finally {
    server.close();
    rmSync(socketPath, { force: true });
  }
}

/** HAProxy dials within five seconds. */
function greeted(server: Server): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const patience = setTimeout(() => {
      reject(new Error('HAProxy did not dial its third peer'));
    }, DIALLED_WITHIN_MS);
    server.once('connection', (socket) => {
      clearTimeout(patience);
      let begun = Buffer.alloc(0);
      socket.on('error', reject);
      socket.on('data', (piece: Buffer) => {
        // What follows the greeting is of no interest.
        if (begun.length > MOST_HELLO) {
          return;
        }
        begun = Buffer.concat([begun, piece]);
        const hello = readPeersHello(begun);
        if (hello.ok && hello.value !== undefined) {
          begun = Buffer.alloc(MOST_HELLO + 1);
          socket.write(encodePeersStatus(200));
          resolve(socket);
        }
      });
    });
  });
}

const MOST_HELLO = 2_048;

/** Of the same content whenever it is fed. The texts of servers come with the first rows, and then by their slots. */
function rowFrame(number: number, sequence: number): Uint8Array {
  const key = Buffer.from(`/row/${String(number).padStart(9, '0')}`, 'latin1');
  const server = (number % SERVERS) + 1;
  const text = Buffer.from(`s${String(server)}`, 'latin1');
  const slot = server;
  const dictionary = sequence < SERVERS ? [text.length + 2, slot, text.length, ...text] : [1, slot];
  const body = Uint8Array.from([key.length, ...key, server, number % MOST_ONE_BYTE, ...dictionary]);
  const id = sequence === 0 ? 1 : undefined;
  return encodePeersFrame(encodePeersMessage({ kind: 'update', id, expiresIn: undefined, body }));
}

/** What a varint of one byte holds. */
const MOST_ONE_BYTE = 200;
