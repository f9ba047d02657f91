/** Running other programs through execa: lists of arguments, deadlines, bounded output. */
import { execa } from 'execa';
import type { Result as ExecaResult } from 'execa';
import { closeSync, openSync, statSync } from 'node:fs';
import type { Readable } from 'node:stream';
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import type {
  Launched,
  LaunchOptions,
  ProcessHost,
  ProgramFailure,
  ProgramOutput,
  RunOptions,
} from '../ports/process-host.js';

/** Enough for what we run; what is longer is read and thrown away, so that the program does not block. */
const OUTPUT_BYTES = 256 * 1024;
/** A launched program's log, from one start to the next; HAProxy writes a few lines. */
const LOG_BYTES = 4 << 20;
/** The end of what a program complained about is what explains its failure. */
const DETAIL_CHARACTERS = 2_000;

type Outcome = Pick<
  ExecaResult,
  'failed' | 'timedOut' | 'code' | 'exitCode' | 'signal' | 'shortMessage'
>;

export class SystemProcessHost implements ProcessHost {
  async run(
    program: string,
    args: readonly string[],
    options: RunOptions,
  ): Promise<Result<ProgramOutput, ProgramFailure>> {
    const child = execa(program, [...args], {
      reject: false,
      // Collected below: execa's own limit would kill the program.
      buffer: false,
      timeout: options.within,
      killSignal: 'SIGKILL',
      input: options.input ?? '',
      env: { ...options.env },
    });
    const stdout = collect(child.stdout);
    const stderr = collect(child.stderr);
    const outcome: Outcome = await child;
    const output = { stdout: stdout(), stderr: stderr() };
    return outcome.failed ? fail(asFailure(outcome, output)) : ok(output);
  }

  async launch(
    program: string,
    args: readonly string[],
    options: LaunchOptions,
  ): Promise<Result<Launched, ProgramFailure>> {
    const log = openLog(options.logFile);
    if (!log.ok) {
      return log;
    }
    // Any descriptor will do, but execa's typings know only single digits.
    const file = log.value as 3;
    const child = execa(program, [...args], {
      reject: false,
      buffer: false,
      // A session of its own, which neither our death nor our terminal's ends.
      detached: true,
      cleanup: false,
      // The file itself and not a pipe through us: it has to work when we are gone.
      stdin: 'ignore',
      stdout: file,
      stderr: file,
      env: { ...options.env },
    });
    closeSync(log.value);
    child.unref();
    if (child.pid === undefined) {
      const outcome: Outcome = await child;
      return fail(asFailure(outcome, { stdout: '', stderr: '' }));
    }
    void child.then((outcome: Outcome) => options.exited?.(howItEnded(outcome)));
    return ok({ pid: child.pid });
  }
}

/** Gathers the beginning of a stream; returns what was gathered, as text. */
function collect(stream: Readable): () => string {
  const chunks: Buffer[] = [];
  let room = OUTPUT_BYTES;
  stream.on('data', (chunk: Buffer) => {
    chunks.push(chunk.subarray(0, room));
    room = Math.max(0, room - chunk.length);
  });
  return () => Buffer.concat(chunks).toString('utf8');
}

/** Appends, and begins anew where the file has grown too long. */
function openLog(path: string): Result<number, ProgramFailure> {
  try {
    const length = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    return ok(openSync(path, length > LOG_BYTES ? 'w' : 'a', 0o640));
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return fail({ code: 'failed', exit: undefined, detail });
  }
}

function asFailure(outcome: Outcome, output: ProgramOutput): ProgramFailure {
  const said = [output.stderr.trim(), output.stdout.trim(), outcome.shortMessage ?? ''];
  const detail = (said.find((text) => text !== '') ?? '').slice(-DETAIL_CHARACTERS);
  if (outcome.timedOut) {
    return { code: 'timed-out', detail };
  }
  return outcome.code === 'ENOENT' || outcome.code === 'EACCES'
    ? { code: 'no-program', detail }
    : { code: 'failed', exit: outcome.exitCode, detail };
}

function howItEnded(outcome: Outcome): string {
  return outcome.signal === undefined
    ? `exit code ${String(outcome.exitCode ?? 0)}`
    : `signal ${outcome.signal}`;
}
