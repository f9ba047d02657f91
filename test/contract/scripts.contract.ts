/** What every Scripts does. */
import { describe, expect, it } from 'vitest';
import { millis } from '../../src/base/time.js';
import type { Result } from '../../src/base/result.js';
import type { Script, ScriptFailure, Scripts } from '../../src/ports/scripts.js';
import { code } from './expected.js';

export interface ScriptsSetup {
  readonly scripts: Scripts;
  /** Paths of programs that behave as they are called. */
  readonly well: string;
  readonly failing: string;
  readonly hanging: string;
  readonly elapse: (ms: number) => Promise<void>;
}

export function scriptsContract(name: string, setUp: () => ScriptsSetup): void {
  describe(`${name} as scripts`, () => {
    const script = (path: string): Script => ({
      path,
      args: [],
      user: 'nobody',
      within: millis(2000),
    });
    const run = (
      { scripts }: ScriptsSetup,
      each: Script,
    ): Promise<Result<undefined, ScriptFailure>> => scripts.run(each, new AbortController().signal);

    it('tells well from failing, and from nothing there', async () => {
      const setup = setUp();
      expect(code(await run(setup, script(setup.well)))).toBe('succeeded');
      expect(code(await run(setup, script(setup.failing)))).toBe('failed');
      expect(code(await run(setup, script('/no/such/script')))).toBe('no-program');
    });

    it('runs one again as soon as it has answered', async () => {
      const setup = setUp();
      expect(code(await run(setup, script(setup.well)))).toBe('succeeded');
      expect(code(await run(setup, script(setup.well)))).toBe('succeeded');
    });

    it('ends one that hangs, and runs it again', async () => {
      const setup = setUp();
      const hanging = { ...script(setup.hanging), within: millis(100) };
      expect(code(await run(setup, hanging))).toBe('timed-out');
      await setup.elapse(200);
      expect(code(await run(setup, hanging))).toBe('timed-out');
      await setup.elapse(200);
    });

    it('is not run beside itself', async () => {
      const setup = setUp();
      const hanging = { ...script(setup.hanging), within: millis(100) };
      const first = run(setup, hanging);
      expect(code(await run(setup, hanging))).toBe('still-running');
      expect(code(await first)).toBe('timed-out');
      await setup.elapse(200);
    });

    it('stops when told to', async () => {
      const setup = setUp();
      const stop = new AbortController();
      const stopped = setup.scripts.run(script(setup.hanging), stop.signal);
      await setup.elapse(20);
      stop.abort();
      expect(code(await stopped)).toBe('failed');
      expect(code(await setup.scripts.run(script(setup.well), stop.signal))).toBe('failed');
    });
  });
}
