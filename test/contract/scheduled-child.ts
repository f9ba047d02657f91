/** A process that asks for real-time scheduling, and says as a line of JSON how it and what it starts are scheduled then. */
import { spawnSync } from 'node:child_process';
import { giveUpPriorities, scheduleRealTime, waitsForHelpers } from '../../src/os/scheduling.js';

const PRIORITY = 10;
const POLICY = /policy: (\S+)$/mu;

const asked = scheduleRealTime(PRIORITY);
giveUpPriorities();
process.stdout.write(
  JSON.stringify({
    asked: asked.ok ? 'granted' : asked.error,
    own: policyIn('chrt', '--pid', String(process.pid)),
    waitsForHelpers: waitsForHelpers(),
    // Of a child: how it is scheduled, and whether it gets what its parent has.
    child: policyIn('sh', '-c', 'chrt --pid $$'),
    again:
      spawnSync('chrt', ['--rr', String(PRIORITY), 'true']).status === 0 ? 'granted' : 'refused',
  }),
);

function policyIn(program: string, ...args: readonly string[]): string | undefined {
  return POLICY.exec(spawnSync(program, args, { encoding: 'utf8' }).stdout)?.[1];
}
