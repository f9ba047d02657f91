/** The replicator as a real process: lines both ways, its end and the end of whoever listens. */
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ReplicatorProcesses } from '../../src/os/replicator-process.js';
import { eventually } from './expected.js';

const CHILD = fileURLToPath(new URL('./replicator-child.ts', import.meta.url));

function start(
  command: readonly [string, ...string[]] = [process.execPath, '--import', 'tsx', CHILD],
) {
  const seen: string[] = [];
  const replicator = new ReplicatorProcesses(command).start({
    said: (line) => seen.push(`said ${line}`),
    logged: (line) => seen.push(`logged ${line}`),
    ended: (how) => seen.push(`ended ${how}`),
  });
  const has = (how: string) => eventually(() => seen.some((each) => each.startsWith(how)), sleep);
  return { seen, replicator, has };
}

describe('a replicator process', () => {
  it('hears lines and says lines, whichever way they are cut, and ends with its input', async () => {
    const { seen, replicator, has } = start();
    replicator.tell('{"node":"lb1"}');
    await has('said {"half"');
    await has('logged');
    expect(seen.toSorted()).toEqual([
      'logged {"level":"info"}',
      'said {"half":1}',
      'said {"heard":{"node":"lb1"}}',
    ]);
    replicator.end();
    await has('ended');
    expect(seen.at(-1)).toBe('ended exit code 0');
    replicator.tell('{}');
    replicator.kill();
    replicator.end();
  });

  it.each<[string, string, string]>([
    ['that ends by itself', 'exit', 'ended exit code 3'],
    ['that says what no report could be', 'long', 'ended signal SIGKILL'],
  ])('%s is known to have ended', async (_what, what, how) => {
    const { seen, replicator, has } = start();
    replicator.tell(JSON.stringify({ do: what }));
    await has('ended');
    expect(seen).toEqual([how]);
  });

  it('that does not end with its input is killed', async () => {
    const { seen, replicator, has } = start();
    replicator.tell('{"do":"stay"}');
    await has('said');
    replicator.end();
    await has('ended');
    expect(seen.at(-1)).toBe('ended signal SIGKILL');
  });

  it('that cannot be started has ended, and says why', async () => {
    const { seen, replicator, has } = start(['/no/such/program']);
    replicator.tell('{}');
    await has('ended');
    expect(seen).toEqual(['ended spawn /no/such/program ENOENT']);
    replicator.end();
  });
});
