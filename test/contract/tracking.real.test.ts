/** Tracked things on a real machine: from a look to a verdict to a priority, with nothing faked but the neighbours. */
import { spawn } from 'node:child_process';
import { chmodSync, copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fail } from '../../src/base/result.js';
import { millis } from '../../src/base/time.js';
import type { TrackConfig, TrackedThingConfig } from '../../src/config/config.js';
import { explainPriority, priorityOf } from '../../src/core/priority.js';
import type { TrackerState } from '../../src/core/tracking.js';
import { newTracker, sample, settleTracker } from '../../src/core/tracking.js';
import { TrackerRunner } from '../../src/health/tracker-runner.js';
import { SystemClock } from '../../src/os/clock.js';
import { FileValues } from '../../src/os/file-values.js';
import { ProcListeners } from '../../src/os/listeners.js';
import { NetlinkLinks } from '../../src/os/links.js';
import { ProcProcesses } from '../../src/os/process-list.js';
import { ScriptHost } from '../../src/os/script-host.js';
import { eventually, value } from './expected.js';
import { mayMakeNetworks, ThrowAwayNetwork } from './throw-away-network.js';

const RHYTHM = { every: millis(50), rise: 2, fall: 2 };

describe.skipIf(!mayMakeNetworks)('a group that tracks things', () => {
  // Not below /tmp, which everyone may write to.
  const directory = mkdtempSync('/run/vipair-ct-tracking-');
  const [flag, file, program] = ['flag', 'value', 'vipair-ct-daemon'].map((name) =>
    join(directory, name),
  ) as [string, string, string];
  const check = join(directory, 'check');
  const track: readonly TrackConfig[] = [
    weighted('check', -10, {
      kind: 'script',
      path: check,
      args: [],
      user: 'nobody',
      timeout: millis(1000),
      ...RHYTHM,
    }),
    weighted('daemon', -20, { kind: 'process', program: 'vipair-ct-daemon', ...RHYTHM }),
    weighted('value', -1, { kind: 'file', path: file, every: millis(50) }),
    weighted('uplink', 5, { kind: 'interface', interface: 'eth0', debounce: millis(100) }),
  ];
  const clock = new SystemClock();
  let states: readonly TrackerState[] = track.map(() => newTracker());
  let network: ThrowAwayNetwork;
  let links: NetlinkLinks;
  let runner: TrackerRunner;
  const daemon = (): ReturnType<typeof spawn> => spawn(program, ['60'], { stdio: 'ignore' });

  beforeAll(() => {
    network = new ThrowAwayNetwork();
    links = value(NetlinkLinks.open());
    chmodSync(directory, 0o755);
    writeFileSync(flag, '');
    writeFileSync(check, `#!/bin/sh\nexec test -e ${flag}\n`);
    chmodSync(check, 0o755);
    writeFileSync(file, '0\n');
    copyFileSync('/usr/bin/sleep', program);
    const files = new FileValues();
    const refused = { code: 'refused', detail: 'not here' } as const;
    runner = new TrackerRunner(
      { track, senders: [], startAfter: millis(0) },
      {
        clock,
        links,
        files,
        scripts: new ScriptHost(),
        processes: new ProcProcesses(files),
        neighbours: { open: () => fail(refused) },
        listeners: new ProcListeners(),
        reached: () => [],
        servers: { servers: () => Promise.resolve(fail({ detail: 'no proxy' })) },
      },
      (index, seen) => {
        states = states.with(index, sample(track[index]!, states[index]!, seen, clock.now()).state);
      },
    );
    runner.start();
  });

  afterAll(() => {
    runner.stop();
    links.close();
    network.remove();
    rmSync(directory, { recursive: true, force: true });
  });

  function priority(): string {
    states = states.map((state, index) => settleTracker(track[index]!, state, clock.now()).state);
    return explainPriority(priorityOf(100, track, states));
  }

  async function becomes(expected: string): Promise<void> {
    await eventually(() => priority() === expected, sleep);
  }

  it('says at every moment why its priority is what it is', async () => {
    let child = daemon();
    await becomes('100 (base) + 5 (uplink well) = 105');
    rmSync(flag);
    await becomes('100 (base) − 10 (check fails) + 5 (uplink well) = 95');
    child.kill('SIGKILL');
    writeFileSync(file, '7\n');
    await becomes(
      '100 (base) − 10 (check fails) − 20 (daemon fails) − 7 (value holds 7) + 5 (uplink well) = 68',
    );
    writeFileSync(flag, '');
    child = daemon();
    writeFileSync(file, 'seven');
    await becomes('100 (base) + 0 (value cannot be read) + 5 (uplink well) = 105');
    writeFileSync(file, '0');
    network.ip('here', 'link', 'del', 'eth0');
    await becomes('100 (base) + 0 (uplink fails) = 100');
    network.plugIn();
    await becomes('100 (base) + 5 (uplink well) = 105');
    child.kill('SIGKILL');
  });

  it('a link that comes and goes within its debounce changes nothing', async () => {
    const child = daemon();
    await becomes('100 (base) + 5 (uplink well) = 105');
    const said = new Set<string>();
    for (let turn = 0; turn < 5; turn += 1) {
      network.ip('here', 'link', 'set', 'eth0', 'down');
      await sleep(20);
      said.add(priority());
      network.ip('here', 'link', 'set', 'eth0', 'up');
      await sleep(20);
      said.add(priority());
    }
    expect([...said]).toEqual(['100 (base) + 5 (uplink well) = 105']);
    child.kill('SIGKILL');
  });
});

function weighted(name: string, weight: number, thing: TrackedThingConfig): TrackConfig {
  return { name, thing, consequence: { kind: 'weight', weight } };
}
