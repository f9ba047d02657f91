/** One probe on the wire: a new TCP connection, the shortest HTTP request there is, and the head of its answer. */
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { withPort } from '../base/ip.js';
import type { ProbeOutcome, ProbeTarget } from './sample.js';

/** What the head of an answer says. */
export interface AnswerHead {
  readonly status: number;
  readonly node: string | undefined;
  readonly server: string | undefined;
}

export interface ProbeHandlers {
  /** Called exactly once, unless the probe is given up first. */
  readonly ended: (outcome: ProbeOutcome, head: AnswerHead | undefined) => void;
}

export interface ProbeConnection {
  /** Closes it without a word; `ended` is not called any more. Idempotent. */
  giveUp(): void;
}

/** Far more than the lab's answers have; an answer whose head is longer than this counts as reset. */
export const HEAD_MAX_BYTES = 8192;

const STATUS_OK = 200;
export const END_OF_HEAD = '\r\n\r\n';

/** HTTP/1.0: the other side closes after the answer, so the client keeps no TIME_WAIT and no port. */
export function requestFor(path: string, target: ProbeTarget): string {
  return `GET ${path} HTTP/1.0\r\nhost: ${withPort(target.host, target.port)}\r\n\r\n`;
}

export function launchProbe(target: ProbeTarget, handlers: ProbeHandlers): ProbeConnection {
  const socket = connect({ host: target.host, port: target.port, noDelay: true });
  let open = true;
  let received = '';
  const end = (outcome: ProbeOutcome, head?: AnswerHead): void => {
    if (open) {
      open = false;
      handlers.ended(outcome, head);
    }
  };
  socket.setEncoding('latin1');
  socket.on('connect', () => {
    socket.write(requestFor('/', target));
  });
  socket.on('data', (chunk: string) => {
    received = open ? received + chunk : '';
    if (open && received.includes(END_OF_HEAD)) {
      const head = parseHead(received);
      end(head.status === STATUS_OK ? 'answered' : 'error-answer', head);
    } else if (received.length > HEAD_MAX_BYTES) {
      end('reset');
      socket.destroy();
    }
  });
  socket.on('error', (error: NodeJS.ErrnoException) => {
    end(outcomeOf(error.code));
  });
  socket.on('close', () => {
    end('reset');
  });
  return {
    giveUp: () => {
      open = false;
      discard(socket);
    },
  };
}

/** Reads the status line and the two headers that name who answered; anything else is skipped. */
export function parseHead(text: string): AnswerHead {
  const lines = (text.split(END_OF_HEAD, 1)[0] ?? '').split('\r\n');
  const header = (name: string): string | undefined =>
    lines
      .find((line) => line.toLowerCase().startsWith(`${name}:`))
      ?.slice(name.length + 1)
      .trim();
  return {
    status: Number(/^HTTP\/1\.[01] (\d{3})/u.exec(lines[0] ?? '')?.[1] ?? '0'),
    node: header('x-node'),
    server: header('x-server'),
  };
}

/** The outcome that an error of the socket stands for. */
export function outcomeOf(code: string | undefined): ProbeOutcome {
  switch (code) {
    case 'ECONNREFUSED':
      return 'refused';
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'ENETDOWN':
      return 'unreachable';
    case 'ETIMEDOUT':
      return 'timed-out';
    case undefined:
    default:
      return 'reset';
  }
}

/** A reset frees the port at once where a connection was made; there is nothing to lose in it. */
function discard(socket: Socket): void {
  if (socket.connecting) {
    socket.destroy();
  } else {
    socket.resetAndDestroy();
  }
}
