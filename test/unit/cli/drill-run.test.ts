/** What `vipair drill run` does before anything is done to anybody. */
import { describe, expect, it, vi } from 'vitest';
import { ok } from '../../../src/base/result.js';
import type { DrillRunAsked } from '../../../src/cli/commands.js';
import type { DrillRunPorts } from '../../../src/cli/drill/run.js';
import { drillRun } from '../../../src/cli/drill/run.js';
import { EXIT } from '../../../src/cli/exit-codes.js';
import type { Gathered } from '../../../src/drill/scene.js';
import { configOf, EXAMPLE } from '../config/example.js';
import { BEFORE, givenReport, MOVED } from '../drill/given-drill.js';

const config = configOf(EXAMPLE);
const ASKED = {
  ...{ names: ['daemon-crash'], suite: undefined, limits: [], form: 'json' },
  ...{ consent: 'given', really: 'usual', onFailure: 'stop' },
} as unknown as DrillRunAsked;

/** As the pair is when it is looked at for the first time, and for the second. */
function run(...reports: readonly (typeof BEFORE)[]) {
  return runAll(ASKED, reports);
}

async function runAll(asked: DrillRunAsked, reports: readonly (typeof BEFORE)[]) {
  const reached = reports.length === 0 ? EXIT.noDaemon : undefined;
  const armed: string[] = [];
  const said: string[] = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => said.push(String(text)) > 0);
  let looked = 0;
  const gathered = (): Gathered => ({
    ...{ config, group: config.groups[0]!, report: reports[looked++]!, haproxy: undefined },
    ...{ tables: undefined, kept: [], processors: 2, stateDisk: 'shared' },
    drills: { node: 'lb2', here: undefined, there: undefined, problem: undefined },
    now: new Date(0),
  });
  try {
    let now = 0;
    const code = await drillRun(asked, {
      ...{ config, prober: undefined, signal: new AbortController().signal },
      clock: {
        ...{ now: () => now, wallTime: () => now },
        alarm: (at: number, ring: () => void) => {
          now = at;
          queueMicrotask(ring);
        },
      },
      reach: () => Promise.resolve(reached),
      gather: () => Promise.resolve(ok(gathered())),
      daemons: {
        history: () => Promise.resolve({ ok: false, error: 'none' }),
        arm: (node: string) => {
          armed.push(node);
          return Promise.resolve({ ok: false, error: 'enough' });
        },
      },
      output: { suite: () => true },
    } as unknown as DrillRunPorts);
    return { code, armed, said: said.join('') };
  } finally {
    vi.restoreAllMocks();
  }
}

describe('a drill that somebody agrees to', () => {
  it('is begun on the pair that was shown', async () => {
    expect((await run(BEFORE, BEFORE)).armed).toEqual(['lb1']);
  });

  it('is not begun where the pair has changed meanwhile', async () => {
    const moved = await run(BEFORE, MOVED);
    expect([moved.code, moved.armed]).toEqual([EXIT.refused, []]);
    expect(moved.said).toContain('not as it was when the plan was shown');
    const unfit = await run(BEFORE, givenReport({ lb1: 'master', lb2: 'fault' }));
    expect([unfit.code, unfit.armed]).toEqual([EXIT.refused, []]);
    expect(unfit.said).toContain('lb2 is not fit');
  });

  it('is none where no daemon answers, and ends with the code for that', async () => {
    expect(await run()).toMatchObject({ code: EXIT.noDaemon, armed: [] });
  });
});

describe('one drill after another', () => {
  const TWO = { ...ASKED, names: ['daemon-crash', 'daemon-freeze'], onFailure: 'go on' };
  const UNFIT = givenReport({ lb1: 'master', lb2: 'fault' });

  it('waits until the first does not show any more', async () => {
    const two = await runAll(TWO as DrillRunAsked, [
      BEFORE,
      BEFORE,
      UNFIT,
      UNFIT,
      BEFORE,
      BEFORE,
      BEFORE,
    ]);
    expect(two.armed).toEqual(['lb1', 'lb1']);
    expect(two.said).not.toContain('not fit');
  });

  it('is refused where it shows for more than a minute', async () => {
    const reports = [BEFORE, BEFORE, ...Array.from({ length: 62 }, () => UNFIT)];
    const two = await runAll(TWO as DrillRunAsked, reports);
    expect([two.code, two.armed]).toEqual([EXIT.refused, ['lb1']]);
    expect(two.said).toContain('lb2 is not fit');
  });
});
