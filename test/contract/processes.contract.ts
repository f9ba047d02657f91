/** What every Processes does. */
import { describe, expect, it } from 'vitest';
import type { Processes } from '../../src/ports/processes.js';
import { eventually, value } from './expected.js';

export interface ProcessesSetup {
  readonly processes: Processes;
  /** Starts a program of that name. */
  readonly start: (name: string) => { readonly pid: number; readonly end: () => void };
  readonly elapse: (ms: number) => Promise<void>;
}

export function processesContract(name: string, setUp: () => ProcessesSetup): void {
  describe(`${name} as processes`, () => {
    /** Waits until it is found, or no longer. */
    async function until(
      { processes, elapse }: ProcessesSetup,
      program: string,
      expected: number | undefined,
    ): Promise<void> {
      let found: number | undefined | 'unasked' = 'unasked';
      while (found !== expected) {
        found = value(await processes.find({ kind: 'name', name: program }));
        await elapse(5);
      }
    }

    it('finds a program from its start to its end, and after it another', async () => {
      const setup = setUp();
      await until(setup, 'vipair-ct-one', undefined);
      const first = setup.start('vipair-ct-one');
      await until(setup, 'vipair-ct-one', first.pid);
      const second = setup.start('vipair-ct-one');
      first.end();
      await until(setup, 'vipair-ct-one', second.pid);
      second.end();
      await until(setup, 'vipair-ct-one', undefined);
    });

    it('finds whole names only, long ones too', async () => {
      const setup = setUp();
      const long = 'vipair-ct-with-a-long-name';
      const started = setup.start(long);
      await until(setup, long, started.pid);
      for (const other of [
        'vipair-ct',
        'vipair-ct-with-a',
        'vipair-ct-with-',
        `${long}r`,
        'name',
      ]) {
        expect(value(await setup.processes.find({ kind: 'name', name: other }))).toBeUndefined();
      }
      started.end();
      await eventually(() => true, setup.elapse);
    });
  });
}
