/** How the kernel schedules a process that asks to go first: as root, and as the package's unit starts the daemon. */
import { execFileSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const CHILD = fileURLToPath(new URL('./scheduled-child.ts', import.meta.url));
/** What the unit's CapabilityBoundingSet= leaves out. */
const WITHOUT_NICE = ['setpriv', '--bounding-set=-sys_nice', '--inh-caps=-all'];

/** Some containers refuse one or the other, whoever asks. */
const mayGoFirst = spawnSync('chrt', ['--rr', '10', 'true']).status === 0;
const mayRaiseLimits = spawnSync('prlimit', ['--rtprio=10:10', 'true']).status === 0;

function asked(before: readonly string[], ...flags: readonly string[]): unknown {
  const [program = '', ...args] = [
    ...before,
    ...[process.execPath, ...flags, '--import', 'tsx', CHILD],
  ];
  return JSON.parse(execFileSync(program, args, { encoding: 'utf8' }));
}

describe.skipIf(!mayGoFirst)('real-time scheduling', () => {
  it('is of the thread that asks alone, and what it starts is scheduled as usual', () => {
    expect(asked([], '--single-threaded')).toEqual({
      ...{ asked: 'granted', own: 'SCHED_RR|SCHED_RESET_ON_FORK', child: 'SCHED_OTHER' },
      // Root may, whatever the limit is.
      ...{ waitsForHelpers: false, again: 'granted' },
    });
  });

  it('is no use to one that waits for threads that do not have it', () => {
    expect(asked([])).toMatchObject({ asked: 'granted', waitsForHelpers: true });
  });

  it.skipIf(!mayRaiseLimits)(
    'needs no privilege where a limit grants it, and grants it to nobody else',
    () => {
      const limited = ['prlimit', '--rtprio=10:10', ...WITHOUT_NICE];
      expect(asked(limited, '--single-threaded')).toEqual({
        ...{ asked: 'granted', own: 'SCHED_RR|SCHED_RESET_ON_FORK', child: 'SCHED_OTHER' },
        ...{ waitsForHelpers: false, again: 'refused' },
      });
    },
  );

  it('is refused without either, and all goes on as before', () => {
    expect(asked(WITHOUT_NICE, '--single-threaded')).toEqual({
      asked: { call: 'sched_setscheduler', errno: 'EPERM' },
      ...{ own: 'SCHED_OTHER', child: 'SCHED_OTHER', waitsForHelpers: false, again: 'refused' },
    });
  });
});
