/** Makes rows at HAProxy by pipelined requests, at a pace or as fast as it answers. */
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** Rows that one request touches. */
export const ROWS_A_REQUEST = 3;

const END_OF_HEAD = '\r\n\r\n';
/** Requests on their way at most, so that a queue stays short enough for what is measured beside it. */
const PACED_WINDOW = 64;
const FLOOD_WINDOW = 1_024;
const TICK_MS = 2;
/** What has fallen behind by so much is not made up for. */
const MOST_BEHIND_MS = 50;
const MILLIS = 1_000;

/** One connection, answers counted by the ends of their heads: they have no body. */
export class Load {
  readonly #socket: Socket;
  #sent = 0;
  #answered = 0;
  #next = 0;
  #tail = '';
  #problem: Error | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => {
      const all = this.#tail + text;
      this.#answered += all.split(END_OF_HEAD).length - 1;
      // An end that was whole was counted.
      this.#tail = all.endsWith(END_OF_HEAD) ? '' : all.slice(-(END_OF_HEAD.length - 1));
    });
    socket.on('error', (error) => {
      this.#problem = error;
    });
    socket.on('close', () => {
      this.#problem ??= new Error('HAProxy has closed the connection');
    });
  }

  static open(path: string): Promise<Load> {
    return new Promise((resolve, reject) => {
      const socket = connect(path);
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new Load(socket));
      });
    });
  }

  /** Rows that have been touched and answered. */
  get rows(): number {
    return this.#answered * ROWS_A_REQUEST;
  }

  /** So many rows with keys of their own, as fast as HAProxy answers. */
  async flood(rows: number, keyed: (row: number) => string): Promise<void> {
    const until = this.#sent + Math.ceil(rows / ROWS_A_REQUEST);
    while (this.#sent < until) {
      this.#send(Math.min(until - this.#sent, FLOOD_WINDOW - this.#underWay), keyed);
      await this.#turn();
    }
    while (this.#underWay > 0) {
      await this.#turn();
    }
  }

  /** Until `ends` says so; says how many rows were touched a second. */
  async pace(
    perSecond: number,
    keyed: (row: number) => string,
    ends: () => boolean,
  ): Promise<number> {
    const beganAt = performance.now();
    const before = this.rows;
    const perMs = perSecond / ROWS_A_REQUEST / MILLIS;
    let due = 0;
    let lookedAt = beganAt;
    while (!ends()) {
      const now = performance.now();
      due = Math.min(due + (now - lookedAt) * perMs, Math.max(1, perMs * MOST_BEHIND_MS));
      lookedAt = now;
      const window = Math.max(PACED_WINDOW, perMs * MOST_BEHIND_MS);
      const count = Math.min(Math.floor(due), Math.floor(window) - this.#underWay);
      this.#send(count, keyed);
      due -= Math.max(0, count);
      await sleep(TICK_MS);
      this.#check();
    }
    return ((this.rows - before) * MILLIS) / (performance.now() - beganAt);
  }

  close(): void {
    this.#socket.destroy();
  }

  get #underWay(): number {
    return this.#sent - this.#answered;
  }

  #send(count: number, keyed: (row: number) => string): void {
    if (count <= 0) {
      return;
    }
    let text = '';
    for (let index = 0; index < count; index += 1) {
      const row = this.#next;
      this.#next += ROWS_A_REQUEST;
      text += `GET /${keyed(row)}/${keyed(row + 1)}/${keyed(row + 2)} HTTP/1.1\r\nhost: x\r\n\r\n`;
    }
    this.#sent += count;
    this.#socket.write(text);
  }

  async #turn(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.#check();
  }

  #check(): void {
    if (this.#problem !== undefined) {
      throw this.#problem;
    }
  }
}
