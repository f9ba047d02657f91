/**
 * Runs check scripts with child_process and not with execa, which waits until nobody holds the output any more: a
 * script may leave somebody behind who does.
 */
import type { ChildProcess, SpawnOptions } from 'node:child_process';
import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Result } from '../base/result.js';
import { done, fail, ok } from '../base/result.js';
import type { Script, ScriptFailure, Scripts } from '../ports/scripts.js';
import { findSafely } from './script-safety.js';
import type { User } from './users.js';
import { findUser } from './users.js';

type Outcome = Result<undefined, ScriptFailure>;

export class ScriptHost implements Scripts {
  /** Runs that have not ended, though their answer may have been given. */
  readonly #running = new Set<string>();

  run(script: Script, stop: AbortSignal): Promise<Outcome> {
    const key = JSON.stringify([script.path, script.args, script.user]);
    if (stop.aborted) {
      return Promise.resolve(fail(STOPPED));
    }
    if (this.#running.has(key)) {
      const detail = 'an earlier run does not end';
      return Promise.resolve(fail({ code: 'still-running', detail }));
    }
    this.#running.add(key);
    return new Promise((answer) => {
      const run = new Run(script);
      const end = (failure: ScriptFailure): void => {
        run.end();
        answer(fail(failure));
      };
      const timer = setTimeout(() => {
        end({ code: 'timed-out', detail: `no end within ${String(script.within)} ms` });
      }, script.within);
      const stopped = (): void => {
        end(STOPPED);
      };
      stop.addEventListener('abort', stopped);
      void run.toTheEnd().then((outcome) => {
        clearTimeout(timer);
        stop.removeEventListener('abort', stopped);
        this.#running.delete(key);
        // Without effect where its time was up before.
        answer(outcome);
      });
    });
  }
}

/** One run of a script. */
class Run {
  readonly #script: Script;
  #child: ChildProcess | undefined;
  #phase: 'wanted' | 'ended' = 'wanted';

  constructor(script: Script) {
    this.#script = script;
  }

  /** Kills what runs, and starts nothing any more. */
  end(): void {
    this.#phase = 'ended';
    this.#killGroup();
  }

  async toTheEnd(): Promise<Outcome> {
    const prepared = await prepare(this.#script);
    if (!prepared.ok || this.#phase === 'ended') {
      return prepared.ok ? done : prepared;
    }
    const { program, identity } = prepared.value;
    const { path, args, environment } = this.#script;
    const env = { ...environment, ...ENVIRONMENT };
    const started = start(program, args, { ...identity, env, argv0: path });
    if (!started.ok) {
      return started;
    }
    const child = started.value;
    this.#child = child;
    const complaint = collect(child.stderr);
    const speech = collect(child.stdout);
    const closed = new Promise((resolve) => child.once('close', resolve));
    const ended = await endOf(child);
    // Before the output is read to its end: somebody left behind may hold it.
    this.#killGroup();
    await Promise.race([closed, sleep(LAST_OUTPUT_MS)]);
    child.stdout?.destroy();
    child.stderr?.destroy();
    const said = firstLine(complaint()) ?? firstLine(speech());
    return ended.ok ? judge(ended.value, said) : ended;
  }

  /**
   * The script and whatever it started, unless that made a group of its own. Its number is not given to another group
   * before the last member has ended, and to another process only when all other numbers were used.
   */
  #killGroup(): void {
    if (this.#child?.pid === undefined) {
      return;
    }
    try {
      process.kill(-this.#child.pid, 'SIGKILL');
    } catch {
      // Nobody is left; or we may not, and then the run counts as running until it ends by itself.
    }
  }
}

interface Prepared {
  readonly program: string;
  readonly identity: { readonly uid?: number; readonly gid?: number };
}

async function prepare({ path, user: name }: Script): Promise<Result<Prepared, ScriptFailure>> {
  const user = await findUser(name);
  if (user === undefined) {
    return fail({ code: 'no-such-user', detail: `no user ${name} in /etc/passwd` });
  }
  const identity = identityFor(user);
  if (!identity.ok) {
    return identity;
  }
  const program = await findSafely(path, user);
  return program.ok ? ok({ program: program.value, identity: identity.value }) : program;
}

/**
 * With either number given, libuv also drops all other groups (setgroups), and the kernel takes the capabilities of
 * a process that stops being root. One that is not root would keep ours, so then it may only be ourselves.
 */
function identityFor(user: User): Result<Prepared['identity'], ScriptFailure> {
  const own = process.geteuid?.();
  if (own === ROOT) {
    return ok({ uid: user.uid, gid: user.gid });
  }
  return own === user.uid
    ? ok({})
    : fail({ code: 'not-permitted', detail: `only root may run a script as ${user.name}` });
}

function start(
  program: string,
  args: readonly string[],
  how: SpawnOptions,
): Result<ChildProcess, ScriptFailure> {
  try {
    const child = spawn(program, [...args], {
      ...how,
      cwd: '/',
      // A process group of its own, which can be killed as a whole.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return ok(child);
  } catch (error) {
    // Some refusals of the kernel are thrown, others reported.
    return fail(asFailure(error));
  }
}

interface End {
  readonly exit: number | null;
  readonly signal: NodeJS.Signals | null;
}

function endOf(child: ChildProcess): Promise<Result<End, ScriptFailure>> {
  return new Promise((resolve) => {
    child.once('error', (error) => {
      resolve(fail(asFailure(error)));
    });
    child.once('exit', (exit, signal) => {
      resolve(ok({ exit, signal }));
    });
  });
}

/** Gathers the beginning of a stream; what is longer is thrown away, and what is far too long is not even read. */
function collect(stream: Readable | null): () => string {
  const chunks: Buffer[] = [];
  let taken = 0;
  stream?.on('data', (chunk: Buffer) => {
    chunks.push(chunk.subarray(0, Math.max(0, KEPT_BYTES - taken)));
    taken += chunk.length;
    if (taken > READ_BYTES) {
      stream.destroy();
    }
  });
  // Closed by us, or by its end.
  stream?.on('error', () => undefined);
  return () => Buffer.concat(chunks).toString('utf8');
}

function judge({ exit, signal }: End, said: string | undefined): Outcome {
  if (exit === 0) {
    return done;
  }
  const how = signal === null ? `exit code ${String(exit)}` : `ended by ${signal}`;
  return fail({ code: 'failed', detail: said === undefined ? how : `${how}: ${said}` });
}

function firstLine(text: string): string | undefined {
  const line = text
    .trim()
    .split('\n')[0]
    ?.replaceAll(/\p{C}+/gu, ' ')
    .trim()
    .slice(0, SHOWN_CHARACTERS);
  return line === '' ? undefined : line;
}

function asFailure(error: unknown): ScriptFailure {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EPERM') {
    const detail = 'changing the user needs CAP_SETUID and CAP_SETGID';
    return { code: 'not-permitted', detail };
  }
  return code === 'EACCES'
    ? { code: 'no-program', detail: 'its user may not execute it, or a directory above it' }
    : { code: 'no-program', detail: error instanceof Error ? error.message : String(error) };
}

const STOPPED: ScriptFailure = { code: 'failed', detail: 'stopped' };
const ROOT = 0;
const ENVIRONMENT: Readonly<Record<string, string>> = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/',
  LANG: 'C',
};
const KEPT_BYTES = 2048;
/** Whoever writes more is cut off, and mostly dies of it: reading it all would delay our adverts. */
const READ_BYTES = 1 << 20;
const SHOWN_CHARACTERS = 200;
/** To read what was written before the end. */
const LAST_OUTPUT_MS = 50;
