/** A prober as a program that begins, does not begin, dies, and reports or does not. */
import { describe, expect, it } from 'vitest';
import { AttachedProbing } from '../../../src/drill/attached-probing.js';
import type {
  ProbeProcess,
  ProbeProcesses,
  ProbeProcessListener,
} from '../../../src/ports/probe-process.js';
import { HandClock } from '../engine/fakes.js';

const STARTED = JSON.stringify({
  ...{ kind: 'started', version: 1, target: '10.77.0.100:80', every: 5, lasting: 1_000 },
  ...{ at: 1, wall: 1 },
});
const REPORT = JSON.stringify({
  ...{ kind: 'report', wall: 1 },
  probe: {
    ...{ outcomes: [], names: [], samples: [], streamBreaks: [], startedAt: 1, endedAt: 2 },
    ...{ every: 5, target: '10.77.0.100:80', worstLateness: 0, streamsOpened: 0 },
  },
});

/** Answers for its clock where it is asked, unless told to be mute. */
class FakeProgram implements ProbeProcesses, ProbeProcess {
  readonly clock = new HandClock();
  readonly told: string[] = [];
  fate: 'running' | 'ended' | 'killed' = 'running';
  manner: 'answers' | 'mute' = 'answers';
  hears: ProbeProcessListener | undefined;

  start(_command: readonly [string, ...string[]], hears: ProbeProcessListener): ProbeProcess {
    this.hears = hears;
    return this;
  }

  tell(line: string): void {
    this.told.push(line);
    if (this.manner === 'answers') {
      const id = Number(line.split(' ')[1]);
      this.hears?.said(
        JSON.stringify({ kind: 'clock', id, at: this.clock.now(), wall: this.clock.wallTime() }),
      );
    }
  }

  end(): void {
    this.fate = 'ended';
  }

  kill(): void {
    this.fate = 'killed';
  }
}

/** Whoever waits goes on. */
async function turn(): Promise<void> {
  for (let step = 0; step < 10; step += 1) {
    await Promise.resolve();
  }
}

async function begun(): Promise<{ program: FakeProgram; probing: AttachedProbing }> {
  const program = new FakeProgram();
  const probing = new AttachedProbing(['vipair'], { clock: program.clock, processes: program });
  const beginning = probing.begun();
  program.hears?.said(STARTED);
  await turn();
  while (program.told.length < 8) {
    program.clock.ringNext();
    await turn();
  }
  expect(await beginning).toEqual({ ok: true, value: undefined });
  return { program, probing };
}

describe('an attached probing', () => {
  it('has begun when it measures and its clock is known', async () => {
    const { program, probing } = await begun();
    expect(program.told).toHaveLength(8);
    expect(probing.prober.clock).toMatchObject({ origin: 1_700_000_000_000, within: 1, ahead: 0 });
    program.clock.ringNext();
    expect(program.told).toHaveLength(9);
  });

  it('reports when it is ended', async () => {
    const { program, probing } = await begun();
    const finishing = probing.finish();
    expect(program.fate).toBe('ended');
    program.hears?.said(REPORT);
    expect(await finishing).toMatchObject({ ok: true, value: { report: { wall: 1 } } });
    program.hears?.ended('exit code 0');
    expect(program.clock.pending()).toEqual([]);
    expect(probing.end).toBe('exit code 0');
  });

  it('one that reported by itself, and ended, is asked in vain for nothing', async () => {
    const { program, probing } = await begun();
    program.hears?.said(REPORT);
    program.hears?.ended('exit code 0');
    expect(await probing.finish()).toMatchObject({ ok: true });
  });

  it('one that cannot be started says why', async () => {
    const program = new FakeProgram();
    const probing = new AttachedProbing(['ssh'], { clock: program.clock, processes: program });
    const beginning = probing.begun();
    program.hears?.complained('ssh: Could not resolve hostname ops1');
    program.hears?.ended('exit code 255');
    expect(await beginning).toEqual({
      ok: false,
      error:
        'the prober did not begin to measure: ssh: Could not resolve hostname ops1; exit code 255',
    });
  });

  it('one that says nothing is given up after a while, and killed', async () => {
    const program = new FakeProgram();
    const probing = new AttachedProbing(['ssh'], { clock: program.clock, processes: program });
    const beginning = probing.begun();
    await turn();
    program.clock.ringNext();
    expect(await beginning).toEqual({ ok: false, error: 'the prober did not begin to measure' });
    expect(program.fate).toBe('killed');
  });

  it('so is one that does not answer for its clock', async () => {
    const program = new FakeProgram();
    program.manner = 'mute';
    const probing = new AttachedProbing(['ssh'], { clock: program.clock, processes: program });
    const beginning = probing.begun();
    program.hears?.said(STARTED);
    await turn();
    while (program.fate === 'running') {
      program.clock.ringNext();
      await turn();
    }
    expect(await beginning).toEqual({
      ok: false,
      error: 'the prober did not say what its clock says',
    });
    expect(program.clock.pending()).toEqual([]);
  });

  it('one that dies in the middle has nothing to report', async () => {
    const { program, probing } = await begun();
    program.hears?.ended('signal SIGKILL');
    expect(await probing.finish()).toEqual({
      ok: false,
      error: 'the prober did not report what it saw: signal SIGKILL',
    });
  });
});
