/** What the priority of a service is worth beside other services, where the kernel shares the processors out among sessions. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const CHILD = fileURLToPath(new URL('./session-child.ts', import.meta.url));
const NODE = [process.execPath, '--import', 'tsx', CHILD];
const PREFERRED = ['nice', '-n', '-10'];
/** What the unit's CapabilityBoundingSet= leaves out. */
const WITHOUT_NICE = ['setpriv', '--bounding-set=-sys_nice', '--inh-caps=-all'];

/** After it was preferred, and after that was taken back. */
function sessionOf(...command: readonly string[]): unknown {
  return JSON.parse(execFileSync('setsid', ['--wait', ...command], { encoding: 'utf8' }));
}

const AS_IT_WAS = ['nice 0', 'nice 0'];

// A kernel without the feature shares out among processes, and then a nice value is worth what it says.
describe.skipIf(!existsSync('/proc/self/autogroup'))('a session', () => {
  it('has the priority that the process that leads it was started with, until that is taken back', () => {
    expect(sessionOf(...PREFERRED, ...NODE)).toEqual(['nice -10', 'nice 0']);
  });

  it('stays as it is where the process has no priority before others', () => {
    expect(sessionOf(...NODE)).toEqual(AS_IT_WAS);
    expect(sessionOf('nice', '-n', '10', ...NODE)).toEqual(AS_IT_WAS);
  });

  it('stays as it is where somebody else leads it, such as a shell', () => {
    expect(sessionOf('sh', '-c', `${[...PREFERRED, ...NODE].join(' ')}; true`)).toEqual(AS_IT_WAS);
  });

  it('stays as it is where the kernel refuses it', () => {
    expect(sessionOf(...PREFERRED, ...WITHOUT_NICE, ...NODE)).toEqual(AS_IT_WAS);
  });
});
