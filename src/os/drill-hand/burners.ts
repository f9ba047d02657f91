/** Processes that compute without end, for a while: they end when they are told, when their time is up, and with their parent. */
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import type { Result } from '../../base/result.js';
import { done, fail } from '../../base/result.js';
import { processesWith } from '../haproxy-processes.js';

/** A word among their arguments that nobody else has, not even those of the same drill on the other node. */
export function burnerMark({ node, id }: { readonly node: string; readonly id: string }): string {
  return `drill-burner=${node}/${id}`;
}

/** More do not make a machine slower, only fuller. */
export function mostBurners(): number {
  return availableParallelism() * BURNERS_A_PROCESSOR;
}

export async function burn(
  count: number,
  how: {
    readonly command: readonly [string, ...string[]];
    readonly mark: string;
    readonly lastsMs: number;
  },
): Promise<Result<undefined, string>> {
  const [program, ...args] = how.command;
  const all = [...args, how.mark, String(process.pid), String(how.lastsMs)];
  const started = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<string | undefined>((resolve) => {
          const child = spawn(program, all, { stdio: 'ignore' });
          child.unref();
          child.once('spawn', () => {
            resolve(undefined);
          });
          child.once('error', (error) => {
            resolve(error.message);
          });
        }),
    ),
  );
  const problem = started.find((each) => each !== undefined);
  return problem === undefined ? done : fail(`processes that compute: ${problem}`);
}

/** What such a process does: nothing else. Looks up a thousand times a second whether it may go on. */
export function burnFor(parent: number, lastsMs: number): void {
  const ends = performance.now() + lastsMs;
  while (performance.now() < ends && process.ppid === parent) {
    const next = performance.now() + LOOK_EVERY_MS;
    while (performance.now() < next) {
      // Computes.
    }
  }
}

/** None of them is success. */
export function endBurners(mark: string): void {
  for (const pid of processesWith(mark)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
}

const BURNERS_A_PROCESSOR = 4;
const LOOK_EVERY_MS = 1;
