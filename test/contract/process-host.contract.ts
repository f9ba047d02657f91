/** What every ProcessHost does. */
import { describe, expect, it } from 'vitest';
import { millis } from '../../src/base/time.js';
import type { ProcessHost } from '../../src/ports/process-host.js';
import { code, eventually, value } from './expected.js';

export interface ProcessHostSetup {
  readonly processes: ProcessHost;
  /** A file that launched programs write their output to. */
  readonly logFile: string;
  readonly readLog: () => string;
  readonly elapse: (ms: number) => Promise<void>;
}

export function processHostContract(name: string, setUp: () => ProcessHostSetup): void {
  describe(`${name} as a process host`, () => {
    const within = millis(5_000);

    it('runs a program with input and environment, and without a shell', async () => {
      const { processes } = setUp();
      const program = 'read line; echo "$line $WORD $1"; echo complaint >&2';
      const output = value(
        await processes.run('sh', ['-c', program, 'sh', '$HOME; *'], {
          within,
          input: 'said\n',
          env: { WORD: 'word' },
        }),
      );
      expect(output).toEqual({ stdout: 'said word $HOME; *\n', stderr: 'complaint\n' });
    });

    it('tells a missing program, a failure and a deadline apart', async () => {
      const { processes } = setUp();
      expect(code(await processes.run('no-such-program', [], { within }))).toBe('no-program');
      const failed = await processes.run('sh', ['-c', 'echo reason >&2; exit 3'], { within });
      expect(failed).toEqual({ ok: false, error: { code: 'failed', exit: 3, detail: 'reason' } });
      expect(code(await processes.run('sleep', ['9'], { within: millis(50) }))).toBe('timed-out');
    });

    it('cuts output that is too long, and lets the program end', async () => {
      const { processes } = setUp();
      const flood = 'head -c 3000000 /dev/zero | tr "\\0" x';
      const output = value(await processes.run('sh', ['-c', flood], { within }));
      expect(output.stdout.length).toBeGreaterThan(10_000);
      expect(output.stdout.length).toBeLessThan(1_000_000);
    });

    it('launches a program in a session of its own, and tells how it ended', async () => {
      const { processes, logFile, readLog, elapse } = setUp();
      const ends: string[] = [];
      const program = 'echo session $(ps -o sid= -p $$) of $$; echo also >&2; kill -9 $$';
      const launched = value(
        await processes.launch('sh', ['-c', program], {
          logFile,
          exited: (how) => {
            ends.push(how);
          },
        }),
      );
      await eventually(() => ends.length > 0, elapse);
      expect(ends).toEqual(['signal SIGKILL']);
      const pid = String(launched.pid);
      expect(readLog()).toContain(`session ${pid} of ${pid}\nalso\n`);
    });

    it('says when there is nothing to launch', async () => {
      const { processes, logFile } = setUp();
      expect(code(await processes.launch('no-such-program', [], { logFile }))).toBe('no-program');
    });
  });
}
