/** What clients hold open: each opens one connection, exchanges something over it without end, and says why it ended. */
import { Agent, request as ask } from 'node:http';
import type { ClientRequest } from 'node:http';
import type { Duplex } from 'node:stream';
import { DOWNLOAD_PATH, ECHO_PATH, SOCKET_PATH } from './held-server.js';
import { corruptBytes, patternFrom } from './pattern.js';
import { acceptKey, FrameReader, frameOf } from './web-socket.js';

export const HELD_KINDS = ['download', 'echo', 'WebSocket'] as const;
export type HeldKind = (typeof HELD_KINDS)[number];

/** What is told of a connection as it goes on. */
export interface Holding {
  readonly host: string;
  readonly port: number;
  /** Aborted: it ends, and nobody minds. */
  readonly signal: AbortSignal;
  /** Something is asked for now: what is waited for from here on is an answer. */
  readonly asked: () => void;
  readonly heard: (bytes: number, corrupt: number) => void;
  /** Between two exchanges. */
  readonly pause: () => Promise<void>;
}

/** Resolves with why it ended. */
export const HOLD: Readonly<Record<HeldKind, (holding: Holding) => Promise<string>>> = {
  download,
  echo,
  WebSocket: webSocket,
};

function download({ host, port, signal, asked, heard }: Holding): Promise<string> {
  asked();
  const request = ask({ host, port, path: DOWNLOAD_PATH, agent: false, signal });
  let offset = 0;
  const ended = endOf(request);
  request.on('response', (response) => {
    response.on('data', (chunk: Buffer) => {
      heard(chunk.length, corruptBytes(chunk, offset));
      offset += chunk.length;
    });
  });
  request.end();
  return ended;
}

/** Over one connection: another one means that the first was lost. */
async function echo({ host, port, signal, asked, heard, pause }: Holding): Promise<string> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const ports = new Set<number | undefined>();
  try {
    for (let turn = 0; !signal.aborted; turn += 1) {
      const sent = patternFrom(turn, MESSAGE_BYTES);
      asked();
      const request = ask({ host, port, path: ECHO_PATH, method: 'POST', agent, signal });
      const answer = answerOf(request);
      request.end(sent);
      const got = await answer;
      if (typeof got === 'string') {
        return got;
      }
      ports.add(request.socket?.localPort);
      if (ports.size > 1) {
        return 'another connection';
      }
      heard(got.length, differing(got, sent));
      await pause();
    }
    return 'done';
  } finally {
    agent.destroy();
  }
}

async function webSocket(holding: Holding): Promise<string> {
  const { host, port, signal, asked, heard, pause } = holding;
  asked();
  const request = ask({
    ...{ host, port, path: SOCKET_PATH, agent: false, signal },
    headers: { ...UPGRADE, 'sec-websocket-key': KEY },
  });
  const opened = new Promise<Duplex | string>((resolve) => {
    request.on('upgrade', (response, socket) => {
      const isRight = response.headers['sec-websocket-accept'] === acceptKey(KEY);
      resolve(isRight ? socket : 'a wrong handshake');
    });
    void endOf(request).then(resolve);
  });
  request.end();
  const socket = await opened;
  if (typeof socket === 'string') {
    return socket;
  }
  const frames = new FrameReader();
  const messages: Buffer[] = [];
  let wake: (word: string) => void = () => undefined;
  let ended: string | undefined;
  const end = (why: string): void => {
    ended ??= why;
    wake(why);
  };
  socket.on('data', (bytes: Buffer) => {
    messages.push(...frames.push(bytes));
    if (messages.length > 0) {
      wake('');
    }
  });
  socket.on('error', (error) => {
    end(codeOf(error));
  });
  socket.on('close', () => {
    end('closed');
  });
  signal.addEventListener('abort', () => socket.destroy());
  for (let turn = 0; ended === undefined && !signal.aborted; turn += 1) {
    const sent = patternFrom(turn, MESSAGE_BYTES);
    asked();
    socket.write(frameOf(sent, MASK));
    if (messages.length === 0) {
      await new Promise<string>((resolve) => {
        wake = resolve;
      });
    }
    const got = messages.shift();
    if (got !== undefined) {
      heard(got.length, differing(got, sent));
      await pause();
    }
  }
  socket.destroy();
  return ended ?? 'done';
}

function answerOf(request: ClientRequest): Promise<Buffer | string> {
  return new Promise((resolve) => {
    request.on('error', (error) => {
      resolve(codeOf(error));
    });
    request.on('response', (response) => {
      const parts: Buffer[] = [];
      response.on('data', (chunk: Buffer) => parts.push(chunk));
      response.on('error', (error) => {
        resolve(codeOf(error));
      });
      response.on('end', () => {
        const { statusCode = 0 } = response;
        resolve(statusCode === OK ? Buffer.concat(parts) : `status ${String(statusCode)}`);
      });
      response.on('close', () => {
        resolve('cut off');
      });
    });
  });
}

function endOf(request: ClientRequest): Promise<string> {
  return new Promise((resolve) => {
    request.on('error', (error) => {
      resolve(codeOf(error));
    });
    request.on('response', (response) => {
      const { statusCode = 0 } = response;
      response.on('error', (error) => {
        resolve(codeOf(error));
      });
      response.on('close', () => {
        resolve(statusCode === OK ? 'ended' : `status ${String(statusCode)}`);
      });
      // Nobody else may be listening, and then it would never end.
      response.resume();
    });
  });
}

function differing(got: Buffer, sent: Buffer): number {
  return got.equals(sent)
    ? 0
    : Math.max(1, Math.abs(got.length - sent.length)) +
        got.filter((byte, at) => byte !== sent[at]).length;
}

function codeOf(error: Error): string {
  return 'code' in error ? String(error.code) : error.message;
}

const OK = 200;
const MESSAGE_BYTES = 1_000;
const UPGRADE = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' };
/** Both are for proxies that would mistake one conversation for another (RFC 6455 §10.3): in the lab any will do. */
const KEY = Buffer.from('vipair lab hitless').subarray(0, 16).toString('base64');
const MASK = Buffer.from([0x5a, 0x17, 0xc3, 0x88]);
