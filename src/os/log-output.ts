/** Standard output as the log's destination: bounded, never waited for, and never a reason to fail. */
import { write } from 'node:fs';
import type { Millis } from '../base/time.js';
import { millis } from '../base/time.js';

const STANDARD_OUTPUT = 1;
const MOST_WAITING_BYTES = 1 << 20;
const STUCK_AFTER = millis(500);
const TRY_AGAIN_AFTER = millis(50);

/**
 * One asynchronous write is under way; what comes meanwhile waits, and goes out with the next one. Lines beyond the
 * bound are dropped, and so is a batch whose write fails (the disk is full, the reader has gone): the next line tries
 * again. Nothing is thrown and nobody is called, because no daemon should end of its log.
 */
export class LogOutput {
  readonly #descriptor: number;
  #waiting: string[] = [];
  #waitingBytes = 0;
  /** A pipe that Node itself has opened, too, no longer blocks: there a full one is asked again. */
  #underWay: { readonly since: bigint; readonly where: 'thread' | 'timer' } | undefined;
  readonly #idle: (() => void)[] = [];
  #patience: 'some' | 'none' = 'some';
  #lost = 0;
  #outcome: 'written' | 'failed' | 'torn' = 'written';

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  /**
   * A thread that is stuck in write(2) cannot be called back, and exit() waits for it, with the node's sockets still
   * open. So a process that exits, or crashes, while its reader stalls is ended by a signal: status 137. `descriptor` is
   * for tests.
   */
  static ofProcess(descriptor: number = STANDARD_OUTPUT): LogOutput {
    const output = new LogOutput(descriptor);
    process.once('exit', () => {
      if (output.#isStuck()) {
        process.kill(process.pid, 'SIGKILL');
      }
    });
    return output;
  }

  /** Lines that nobody will read, so far. */
  get lost(): number {
    return this.#lost;
  }

  /** Whether the last write went well and nothing waits, so that it makes sense to tell what was lost. */
  get flows(): boolean {
    return this.#outcome === 'written' && this.#underWay === undefined;
  }

  /** Takes one or more whole lines. */
  write(text: string): void {
    const bytes = Buffer.byteLength(text);
    if (this.#waitingBytes + bytes > MOST_WAITING_BYTES) {
      this.#lost += linesOf(text);
      return;
    }
    this.#waiting.push(text);
    this.#waitingBytes += bytes;
    if (this.#underWay === undefined) {
      this.#writeWaiting();
    }
  }

  /** Waits until everything was written, or given up because of an error, but not for long. */
  flushed(within: Millis): Promise<'flushed' | 'stalled'> {
    if (this.#underWay === undefined) {
      return Promise.resolve('flushed');
    }
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#patience = 'none';
        resolve('stalled');
      }, within);
      this.#idle.push(() => {
        clearTimeout(timer);
        resolve('flushed');
      });
    });
  }

  #isStuck(): boolean {
    if (this.#underWay?.where !== 'thread') {
      return false;
    }
    const nanos = process.hrtime.bigint() - this.#underWay.since;
    return this.#patience === 'none' || nanos >= BigInt(STUCK_AFTER) * 1_000_000n;
  }

  #writeWaiting(): void {
    if (this.#waiting.length === 0) {
      this.#underWay = undefined;
      this.#idle.splice(0).forEach((idle) => {
        idle();
      });
      return;
    }
    // What failed in the middle of a line must not take the next one with it.
    const batch = Buffer.from(`${this.#outcome === 'torn' ? '\n' : ''}${this.#waiting.join('')}`);
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#writeRest(batch);
  }

  #writeRest(rest: Buffer, before: 'nothing' | 'a-part' = 'nothing'): void {
    this.#underWay = { since: process.hrtime.bigint(), where: 'thread' };
    write(this.#descriptor, rest, (error, written) => {
      if (error?.code === 'EAGAIN') {
        this.#underWay = { since: process.hrtime.bigint(), where: 'timer' };
        setTimeout(() => {
          this.#writeRest(rest, before);
        }, TRY_AGAIN_AFTER);
      } else if (error !== null) {
        this.#lost += linesOf(rest.toString());
        this.#outcome = before === 'a-part' || this.#outcome === 'torn' ? 'torn' : 'failed';
        this.#writeWaiting();
      } else if (written < rest.length) {
        this.#writeRest(rest.subarray(written), 'a-part');
      } else {
        this.#outcome = 'written';
        this.#writeWaiting();
      }
    });
  }
}

function linesOf(text: string): number {
  return text.split('\n').length - 1;
}
