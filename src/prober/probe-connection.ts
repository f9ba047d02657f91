/** One probe on the wire: a new connection, and whatever counts as an answer on it. */
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import type { SecureContext } from 'node:tls';
import { connect as connectSecurely, createSecureContext } from 'node:tls';
import type { Instant, Millis } from '../base/time.js';
import { later, millis } from '../base/time.js';
import type { Clock } from '../ports/clock.js';
import type { AnswerHead } from './http-head.js';
import { END_OF_HEAD, HEAD_MAX_BYTES, hostOf, parseHead, requestFor } from './http-head.js';
import type { ProbeManner, ProbeOptions, ProbeOutcome } from './sample.js';

export interface ProbeHandlers {
  /** Called exactly once, unless the probe is given up first. */
  readonly ended: (ending: ProbeEnding) => void;
}

export interface ProbeEnding {
  readonly at: Instant;
  readonly outcome: ProbeOutcome;
  readonly head: AnswerHead | undefined;
}

export interface ProbeConnection {
  /** Closes it without a word; `ended` is not called any more. Idempotent. */
  giveUp(): void;
}

/** Launches one probe after the other, all in the same manner. */
export type ProbeLauncher = (handlers: ProbeHandlers) => ProbeConnection;

/**
 * Over TCP alone, a connection counts as answered when the other side has kept it open for so long: a proxy without a
 * server accepts, and closes at once.
 */
export const TCP_HOLD: Millis = millis(50);

/** So much of an answer's body is read, and thrown away; then the connection is reset. */
const BODY_MAX_BYTES = 65_536;
/** A side that answers and then neither sends nor closes is left after this. */
const LINGER: Millis = millis(1_000);

export function probeLauncher(options: ProbeOptions, clock: Clock): ProbeLauncher {
  const { manner } = options;
  if (manner.over === 'tcp') {
    return (handlers) => launchTcp(options, clock, handlers);
  }
  const secure = manner.over === 'https' ? secureContext(manner.authorities) : undefined;
  return (handlers) => launchHttp({ ...options, manner }, { clock, secure }, handlers);
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
      return code !== undefined && UNTRUSTED.test(code) ? 'untrusted' : 'reset';
  }
}

/** Node's own codes, and OpenSSL's for what is wrong with a certificate. */
const UNTRUSTED = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|INVALID_CA|HOSTNAME_MISMATCH/u;

type HttpManner = Exclude<ProbeManner, { readonly over: 'tcp' }>;

function launchHttp(
  { target, manner }: ProbeOptions & { readonly manner: HttpManner },
  ports: { readonly clock: Clock; readonly secure: SecureContext | undefined },
  handlers: ProbeHandlers,
): ProbeConnection {
  const socket =
    manner.over === 'https' ? openSecurely(target, manner, ports.secure) : open(target);
  const { end, isOpen, stop } = ending(ports.clock, handlers);
  let received = '';
  let bodyBytes = 0;
  socket.setEncoding('latin1');
  socket.on(manner.over === 'https' ? 'secureConnect' : 'connect', () => {
    socket.write(requestFor(manner.path, manner.serverName ?? hostOf(target)));
  });
  socket.on('data', (chunk: string) => {
    if (!isOpen()) {
      bodyBytes += chunk.length;
      if (bodyBytes > BODY_MAX_BYTES) {
        discard(socket);
      }
      return;
    }
    received += chunk;
    if (received.includes(END_OF_HEAD)) {
      const head = parseHead(received);
      end(head.status === manner.expect ? 'answered' : 'error-answer', head);
      received = '';
      socket.setTimeout(LINGER, () => {
        discard(socket);
      });
    } else if (received.length > HEAD_MAX_BYTES) {
      end('reset');
      discard(socket);
    }
  });
  endWithSocket(socket, end);
  return { giveUp: stop(socket) };
}

function launchTcp(
  { target }: ProbeOptions,
  clock: Clock,
  handlers: ProbeHandlers,
): ProbeConnection {
  const socket = open(target);
  const { end, stop } = ending(clock, handlers);
  const answered = (at: Instant): void => {
    end('answered', undefined, at);
    discard(socket);
  };
  let hold = { cancel: (): void => undefined };
  socket.on('connect', () => {
    const connectedAt = clock.now();
    hold = clock.alarm(later(connectedAt, TCP_HOLD), () => {
      answered(connectedAt);
    });
    socket.on('data', () => {
      answered(connectedAt);
    });
  });
  socket.on('close', () => {
    hold.cancel();
  });
  // The other side's end of sending is the end of what it offers: nothing was said, and nothing will be.
  socket.on('end', () => {
    end('reset');
    discard(socket);
  });
  endWithSocket(socket, end);
  return { giveUp: stop(socket) };
}

interface Ending {
  readonly end: (outcome: ProbeOutcome, head?: AnswerHead, at?: Instant) => void;
  readonly isOpen: () => boolean;
  readonly stop: (socket: Socket) => () => void;
}

/** Says once how a probe ended. */
function ending(clock: Clock, handlers: ProbeHandlers): Ending {
  let state: 'open' | 'ended' = 'open';
  return {
    end: (outcome, head, at = clock.now()) => {
      if (state === 'open') {
        state = 'ended';
        handlers.ended({ at, outcome, head });
      }
    },
    isOpen: () => state === 'open',
    stop: (socket) => () => {
      state = 'ended';
      discard(socket);
    },
  };
}

function endWithSocket(socket: Socket, end: Ending['end']): void {
  socket.on('error', (error: NodeJS.ErrnoException) => {
    end(outcomeOf(error.code));
  });
  socket.on('close', () => {
    end('reset');
  });
}

function open({ host, port }: ProbeOptions['target']): Socket {
  return connect({ host, port, noDelay: true });
}

function openSecurely(
  { host, port }: ProbeOptions['target'],
  manner: Extract<ProbeManner, { readonly over: 'https' }>,
  secure: SecureContext | undefined,
): Socket {
  return connectSecurely({
    ...{ host, port, noDelay: true, rejectUnauthorized: manner.certificates === 'verified' },
    ...(secure === undefined ? {} : { secureContext: secure }),
    ...(manner.serverName === undefined ? {} : { servername: manner.serverName }),
  });
}

/** One for all probes: reading some hundred authorities takes longer than a probe may. */
function secureContext(authorities: readonly string[] | undefined): SecureContext {
  return createSecureContext(authorities === undefined ? {} : { ca: [...authorities] });
}

/** A reset frees the port at once where a connection was made; there is nothing to lose in it. */
function discard(socket: Socket): void {
  if (socket.connecting) {
    socket.destroy();
  } else {
    socket.resetAndDestroy();
  }
}
