/** An attached prober as a child process: the vipair of this machine, or ssh to another. */
import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { ProbeProcess, ProbeProcesses, ProbeProcessListener } from '../ports/probe-process.js';

/** A report of a million probes has some 40 million characters; whoever says more in one line is ended. */
const MOST_LINE = 64 * 1024 * 1024;
const MOST_COMPLAINT = 4_096;
/** Questions about its clock are some twenty characters each. */
const MOST_UNREAD = 65_536;
/** After it was asked to end: the last probe's deadline, and the way of a long report. Then it is killed. */
const ENDS_WITHIN_MS = 60_000;

export class SystemProbeProcesses implements ProbeProcesses {
  start(command: readonly [string, ...string[]], hears: ProbeProcessListener): ProbeProcess {
    const [program, ...args] = command;
    // A session of its own: Ctrl-C is for us, and we ask it for its report then. The end of its input ends it in any case.
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
    let state: 'running' | 'over' = 'running';
    const end = (how: string): void => {
      if (state === 'running') {
        state = 'over';
        hears.ended(how);
      }
    };
    linesOf(child.stdout, MOST_LINE, (line) => {
      if (line === undefined) {
        child.kill('SIGKILL');
      } else {
        hears.said(line);
      }
    });
    linesOf(child.stderr, MOST_COMPLAINT, (line) => {
      if (line !== undefined && line.trim() !== '') {
        hears.complained(line.trim());
      }
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
    return asProbeProcess(child);
  }
}

function asProbeProcess(child: ChildProcessWithoutNullStreams): ProbeProcess {
  return {
    tell: (line) => {
      if (child.stdin.writable && child.stdin.writableLength < MOST_UNREAD) {
        child.stdin.write(`${line}\n`);
      }
    },
    end: () => {
      child.stdin.end();
      setTimeout(() => child.kill('SIGKILL'), ENDS_WITHIN_MS).unref();
    },
    kill: () => {
      child.kill('SIGKILL');
    },
  };
}

/**
 * Takes each line once it is whole, and at the end what is left. Undefined: it is longer than `most`, and not kept. The
 * pieces of a long one are put together once, not at each piece.
 */
function linesOf(output: Readable, most: number, take: (line: string | undefined) => void): void {
  let pieces: string[] = [];
  let length = 0;
  const add = (piece: string): void => {
    const wasWithin = length <= most;
    length += piece.length;
    if (length <= most) {
      pieces.push(piece);
    } else if (wasWithin) {
      pieces = [];
      take(undefined);
    }
  };
  const endLine = (): void => {
    if (length <= most) {
      take(pieces.join(''));
    }
    pieces = [];
    length = 0;
  };
  output.setEncoding('utf8');
  output.on('data', (text: string) => {
    const [first = '', ...others] = text.split('\n');
    add(first);
    others.forEach((piece) => {
      endLine();
      add(piece);
    });
  });
  output.on('end', () => {
    if (length > 0) {
      endLine();
    }
  });
  output.on('error', () => undefined);
}
