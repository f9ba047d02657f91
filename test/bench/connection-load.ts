/** A program in the client's namespace: connections that come and go at a pace, and carry nothing. */
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProgramAnswer } from './inside-program.js';
import { serveAsked } from './inside-program.js';

export interface ConnectionsAsked {
  readonly host: string;
  readonly port: number;
  readonly count: number;
  readonly perSecond: number;
}

export interface ConnectionsAnswer extends ProgramAnswer {
  readonly made?: number;
  readonly seconds?: number;
}

const TICK_MS = 2;
const MILLIS = 1_000;
/** What is not connected by then has failed. */
const CONNECTS_WITHIN_MS = 3_000;

function visit({ host, port }: ConnectionsAsked): Promise<'made' | 'failed'> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: CONNECTS_WITHIN_MS }, () => {
      socket.end();
    });
    socket.on('timeout', () => {
      socket.destroy();
      resolve('failed');
    });
    socket.on('error', () => {
      resolve('failed');
    });
    // The other side's end is what closes it here: the connection was whole.
    socket.on('end', () => {
      resolve('made');
    });
    socket.resume();
  });
}

async function comeAndGo(asked: ConnectionsAsked): Promise<ConnectionsAnswer> {
  const beganAt = performance.now();
  const visits: Promise<'made' | 'failed'>[] = [];
  while (visits.length < asked.count) {
    const due = ((performance.now() - beganAt) * asked.perSecond) / MILLIS;
    while (visits.length < Math.min(due, asked.count)) {
      visits.push(visit(asked));
    }
    await sleep(TICK_MS);
  }
  const seconds = (performance.now() - beganAt) / MILLIS;
  const ended = await Promise.all(visits);
  return { made: ended.filter((each) => each === 'made').length, seconds };
}

serveAsked(comeAndGo);
