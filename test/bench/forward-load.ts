/** A program in the client's namespace: asks a web server as fast as it answers, over connections that stay or ever new ones. */
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import type { ProgramAnswer } from './inside-program.js';
import { serveAsked } from './inside-program.js';

export interface LoadAsked {
  readonly host: string;
  readonly port: number;
  readonly manner: 'keep-alive' | 'new';
  /** At once, each with one request under way. */
  readonly connections: number;
  readonly lastingMs: number;
}

export interface LoadAnswer extends ProgramAnswer {
  readonly answered?: number;
  readonly failed?: number;
  readonly seconds?: number;
}

const END_OF_HEAD = '\r\n\r\n';
const BODY_LENGTH = /\r\ncontent-length: (\d+)\r\n/iu;
const OK = 'HTTP/1.1 200 ';

/** One client: its next request follows the answer to the one before. */
class Client {
  readonly #asked: LoadAsked;
  readonly #request: string;
  #socket: Socket | undefined;
  #text = '';
  answered = 0;
  failed = 0;
  #state: 'asking' | 'over' = 'asking';

  constructor(asked: LoadAsked) {
    this.#asked = asked;
    const connection = asked.manner === 'new' ? 'connection: close\r\n' : '';
    this.#request = `GET / HTTP/1.1\r\nhost: ${asked.host}\r\n${connection}\r\n`;
    this.#connect();
  }

  stop(): void {
    this.#state = 'over';
    this.#socket?.destroy();
  }

  #connect(): void {
    const { host, port } = this.#asked;
    const socket = connect({ host, port, noDelay: true }, () => {
      socket.write(this.#request);
    });
    socket.setEncoding('latin1');
    this.#socket = socket;
    this.#text = '';
    socket.on('data', (text: string) => {
      this.#take(text, socket);
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      if (this.#state === 'asking' && this.#socket === socket) {
        // It ended in the middle of an answer, or was refused.
        this.failed += 1;
        setImmediate(() => {
          this.#connect();
        });
      }
    });
  }

  #take(text: string, socket: Socket): void {
    this.#text += text;
    const end = this.#text.indexOf(END_OF_HEAD);
    const length = Number(BODY_LENGTH.exec(this.#text)?.[1] ?? '0');
    if (end === -1 || this.#text.length < end + END_OF_HEAD.length + length) {
      return;
    }
    if (this.#text.startsWith(OK)) {
      this.answered += 1;
    } else {
      this.failed += 1;
    }
    this.#text = '';
    if (this.#state === 'over') {
      return;
    }
    if (this.#asked.manner === 'keep-alive') {
      socket.write(this.#request);
    } else {
      socket.destroy();
      this.#connect();
    }
  }
}

async function load(asked: LoadAsked): Promise<LoadAnswer> {
  const beganAt = performance.now();
  const clients = Array.from({ length: asked.connections }, () => new Client(asked));
  await new Promise((resolve) => setTimeout(resolve, asked.lastingMs));
  const seconds = (performance.now() - beganAt) / 1_000;
  const answered = clients.reduce((sum, client) => sum + client.answered, 0);
  const failed = clients.reduce((sum, client) => sum + client.failed, 0);
  clients.forEach((client) => {
    client.stop();
  });
  return { answered, failed, seconds };
}

serveAsked(load);
