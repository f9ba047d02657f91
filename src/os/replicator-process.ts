/** The replicator as a child process, spoken to over its standard input and output, line by line. */
import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { Replicator, ReplicatorListener, Replicators } from '../ports/replicator.js';

export class ReplicatorProcesses implements Replicators {
  readonly #command: readonly [string, ...string[]];

  /** The program and its arguments. */
  constructor(command: readonly [string, ...string[]]) {
    this.#command = command;
  }

  start(hears: ReplicatorListener): Replicator {
    const [program, ...args] = this.#command;
    // Without a session of its own: whoever ends the daemon's ends it, too, and the end of its input ends it in any case.
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    let over = false;
    const end = (how: string): void => {
      if (!over) {
        over = true;
        hears.ended(how);
      }
    };
    linesOf(child.stdout, {
      most: MOST_LINE,
      take: (line) => {
        hears.said(line);
      },
      torn: () => child.kill('SIGKILL'),
    });
    linesOf(child.stderr, {
      most: MOST_LOG_LINE,
      take: (line) => {
        hears.logged(line);
      },
      torn: undefined,
    });
    child.on('error', (error) => {
      end(error.message);
    });
    // Its output may still be read after its end; then `close` comes.
    child.on('close', (code, signal) => {
      end(signal === null ? `exit code ${String(code)}` : `signal ${signal}`);
    });
    // It has ended and does not read: its end says so.
    child.stdin.on('error', () => undefined);
    return asReplicator(child);
  }
}

function asReplicator(child: ChildProcessWithoutNullStreams): Replicator {
  return {
    pid: child.pid,
    tell: (line) => {
      // A process that does not read would have its daemon keep everything for it.
      if (child.stdin.writable && child.stdin.writableLength < MOST_UNREAD) {
        child.stdin.write(`${line}\n`);
      }
    },
    end: () => {
      child.stdin.end();
      const timer = setTimeout(() => child.kill('SIGKILL'), ENDS_WITHIN_MS);
      timer.unref();
    },
    kill: () => {
      child.kill('SIGKILL');
    },
  };
}

interface Lines {
  /** Characters. */
  readonly most: number;
  readonly take: (line: string) => void;
  /** What is done about a line that is longer; undefined: it is cut. */
  readonly torn: (() => void) | undefined;
}

function linesOf(stream: Readable, { most, take, torn }: Lines): void {
  let begun = '';
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    const lines = `${begun}${text}`.split('\n');
    begun = lines.pop() ?? '';
    lines.forEach((line) => {
      take(line.slice(0, most));
    });
    if (begun.length > most) {
      begun = begun.slice(0, most);
      torn?.();
    }
  });
  stream.on('error', () => undefined);
}

/** A report of a thousand tables has less than half of it. */
const MOST_LINE = 4 << 20;
const MOST_LOG_LINE = 64 << 10;
const MOST_UNREAD = 1 << 20;
const ENDS_WITHIN_MS = 1000;
