/** Real check scripts: who they run as, what becomes of those that misbehave, and which are not run at all. */
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { Result } from '../../src/base/result.js';
import { millis } from '../../src/base/time.js';
import { ScriptHost } from '../../src/os/script-host.js';
import type { Script, ScriptFailure } from '../../src/ports/scripts.js';
import { eventually } from './expected.js';
import { scriptsContract } from './scripts.contract.js';

const isRoot = process.getuid?.() === 0;
const NOBODY = 65534;
const STRANGER = 1234;

describe.skipIf(!isRoot)('scripts', () => {
  // Not below /tmp, which everyone may write to.
  const directory = mkdtempSync('/run/vipair-ct-scripts-');
  const scripts = new ScriptHost();
  let place = directory;
  let places = 0;

  beforeEach(() => {
    chmodSync(directory, 0o755);
    places += 1;
    place = join(directory, String(places));
    mkdirSync(place);
  });

  afterAll(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  /** A shell script in the test's own directory. */
  function written(body: string, mode = 0o755, name = 'check'): string {
    const path = join(place, name);
    writeFileSync(path, `#!/bin/sh\n${body}\n`);
    chmodSync(path, mode);
    return path;
  }

  function run(
    path: string,
    options: Partial<Script> = {},
  ): Promise<Result<undefined, ScriptFailure>> {
    const script = { path, args: [], user: 'nobody', within: millis(2000), ...options };
    return scripts.run(script, new AbortController().signal);
  }

  /** What the run failed with, as `code: detail`, paths shortened. */
  async function failure(path: string, options: Partial<Script> = {}): Promise<string> {
    const outcome = await run(path, options);
    return outcome.ok
      ? 'well'
      : `${outcome.error.code}: ${outcome.error.detail}`.replaceAll(place, '…');
  }

  scriptsContract('ScriptHost', () => ({
    scripts,
    well: written('exit 0', 0o755, 'well'),
    failing: written('exit 2', 0o755, 'failing'),
    hanging: written('exec sleep 60', 0o755, 'hanging'),
    elapse: (ms) => sleep(ms),
  }));

  describe('who it is', () => {
    it('is the user, in no other group, with no capabilities, in a session of its own', async () => {
      const path = written(
        'grep -E "^(Uid|Gid|Groups|CapEff|CapPrm|CapAmb)" /proc/self/status | tr -s "\\n\\t" " " >&2\nexit 1',
      );
      const ids = (id: number): string => Array.from('1234', () => String(id)).join(' ');
      const none = '0000000000000000';
      expect(await failure(path)).toBe(
        `failed: exit code 1: Uid: ${ids(NOBODY)} Gid: ${ids(NOBODY)} Groups: CapPrm: ${none} CapEff: ${none} CapAmb: ${none}`,
      );
    });

    it('drops the groups of the daemon', async () => {
      const path = written('id -G >&2; exit 1');
      const before = process.getgroups?.() ?? [];
      process.setgroups?.([0, 4, 27]);
      try {
        expect(await failure(path)).toBe(`failed: exit code 1: ${String(NOBODY)}`);
      } finally {
        process.setgroups?.(before);
      }
    });

    it('has next to no environment, no input and the root directory', async () => {
      const path = written('cat; echo "$(env | cut -d= -f1 | sort | tr "\\n" " ")" >&2; exit 1');
      process.env['VIPAIR_SECRET'] = 'secret';
      expect(await failure(path)).toBe('failed: exit code 1: HOME LANG PATH PWD');
      delete process.env['VIPAIR_SECRET'];
    });

    it('gets what it is to know in its environment, which cannot change where programs are found', async () => {
      const path = written('echo "$VIPAIR_GROUP $PATH" >&2\nexit 1');
      const environment = { VIPAIR_GROUP: 'a b', PATH: '/tmp' };
      expect(await failure(path, { environment })).toMatch(/^failed: exit code 1: a b \/usr\//u);
    });

    it('gets its arguments as they are', async () => {
      const path = written('echo "$0 $# $1 $2" >&2; exit 1');
      expect(await failure(path, { args: ['$HOME; *', 'b c'] })).toBe(
        'failed: exit code 1: …/check 2 $HOME; * b c',
      );
    });
  });

  describe('how it misbehaves', () => {
    it('hangs, with children that hang: all are killed', async () => {
      const pids = join(place, 'pids');
      writeFileSync(pids, '');
      chmodSync(pids, 0o666);
      const path = written(`sleep 60 & echo $! >> ${pids}\nsleep 60 & echo $! >> ${pids}\nwait`);
      const started = performance.now();
      expect(await failure(path, { within: millis(150) })).toBe('timed-out: no end within 150 ms');
      expect(performance.now() - started).toBeLessThan(600);
      const children = readFileSync(pids, 'utf8').trim().split('\n');
      expect(children).toHaveLength(2);
      await eventually(() => !children.some(isAlive), sleep);
    });

    it('leaves a child behind that holds its output: killed, and not waited for', async () => {
      const pids = join(place, 'pids');
      writeFileSync(pids, '');
      chmodSync(pids, 0o666);
      const path = written(`sleep 60 & echo $! >> ${pids}\nexit 0`);
      const started = performance.now();
      expect(await failure(path)).toBe('well');
      expect(performance.now() - started).toBeLessThan(600);
      await eventually(() => !isAlive(readFileSync(pids, 'utf8').trim()), sleep);
    });

    it('leaves one behind in a session of its own, which cannot be killed: not waited for', async () => {
      const path = written('setsid sleep 1 & exit 0');
      const started = performance.now();
      expect(await failure(path)).toBe('well');
      expect(performance.now() - started).toBeLessThan(600);
    });

    it('prints a lot: cut', async () => {
      const path = written('head -c 500000 /dev/zero | tr "\\0" x >&2; exit 3');
      const said = await failure(path);
      expect(said).toMatch(/^failed: exit code 3: x+$/u);
      expect(said.length).toBeLessThan(300);
    });

    it('prints megabytes: it fails, because it is cut off', async () => {
      const path = written('exec yes');
      const started = performance.now();
      expect(await failure(path)).toMatch(/^failed: (?:ended by SIGPIPE|exit code 1)/u);
      expect(performance.now() - started).toBeLessThan(1500);
    });

    it('prints what a terminal would obey: made harmless', async () => {
      const path = written('printf "\\033[2Jbad\\001\\nmore\\n" >&2; exit 1');
      expect(await failure(path)).toBe('failed: exit code 1: [2Jbad');
    });

    it('says nothing, or something on the other stream', async () => {
      expect(await failure(written('exit 4'))).toBe('failed: exit code 4');
      expect(await failure(written('echo down; exit 4', 0o755, 'other'))).toBe(
        'failed: exit code 4: down',
      );
      expect(await failure(written('kill -9 $$', 0o755, 'killed'))).toBe(
        'failed: ended by SIGKILL',
      );
    });
  });

  describe('which are not run', () => {
    it.each<readonly [string, string, (path: string) => void]>([
      [
        'everyone may write to it',
        'insecure: …/check is writable by everyone (mode 0777): chmod o-w …/check',
        (path) => {
          chmodSync(path, 0o777);
        },
      ],
      [
        'a group may',
        `insecure: …/check is writable by group ${String(STRANGER)} (mode 0775): chmod g-w …/check`,
        (path) => {
          chownSync(path, 0, STRANGER);
          chmodSync(path, 0o775);
        },
      ],
      [
        'a stranger owns it',
        `insecure: …/check belongs to user ${String(STRANGER)}, neither to root nor to nobody: chown root …/check`,
        (path) => {
          chownSync(path, STRANGER, 0);
        },
      ],
      [
        'its directory may be written to',
        'insecure: … is writable by everyone (mode 1777): chmod o-w …',
        () => {
          chmodSync(place, 0o1777);
        },
      ],
      [
        'one far above may',
        `insecure: /run/x is writable by everyone (mode 0757): chmod o-w /run/x`,
        () => {
          chmodSync(directory, 0o757);
        },
      ],
      [
        'it is not executable',
        'no-program: …/check is not executable (mode 0644): chmod +x …/check',
        (path) => {
          chmodSync(path, 0o644);
        },
      ],
      [
        'its user may not execute it',
        'no-program: its user may not execute it, or a directory above it',
        (path) => {
          chmodSync(path, 0o700);
        },
      ],
      [
        'it is a directory',
        'no-program: …/check is not a regular file',
        (path) => {
          rmSync(path);
          mkdirSync(path);
        },
      ],
      [
        'it is a link to where everyone may write',
        'insecure: /tmp is writable by everyone (mode 1777): chmod o-w /tmp',
        (path) => {
          rmSync(path);
          symlinkSync('/tmp/evil', path);
        },
      ],
      [
        'it is a link to itself',
        'no-program: …/check has too many symbolic links on its way',
        (path) => {
          rmSync(path);
          symlinkSync('check', path);
        },
      ],
    ])('%s', async (_why, expected, spoil) => {
      const path = written(`touch ${join(place, 'ran')}; exit 0`);
      spoil(path);
      expect(await failure(path)).toBe(expected.replaceAll('/run/x', directory));
      expect(existsSync(join(place, 'ran'))).toBe(false);
    });

    it('a user that does not exist', async () => {
      expect(await failure(written('exit 0'), { user: 'no-such-user' })).toBe(
        'no-such-user: no user no-such-user in /etc/passwd',
      );
    });

    it('but links in safe places are followed, and a group of root may write', async () => {
      const path = written('echo "$0" >&2; exit 1');
      chmodSync(path, 0o775);
      mkdirSync(join(place, 'deep'));
      symlinkSync('../check', join(place, 'deep', 'link'));
      symlinkSync(join(place, 'deep'), join(place, 'way'));
      expect(await failure(join(place, 'way', 'link'))).toMatch(/^failed: exit code 1: …/u);
    });

    it('and what belongs to its user', async () => {
      const path = written('exit 0');
      chownSync(path, NOBODY, NOBODY);
      expect(await failure(path)).toBe('well');
      expect(await failure(path, { user: 'root' })).toBe(
        `insecure: …/check belongs to user ${String(NOBODY)}, not to root: chown root …/check`,
      );
    });
  });
});

function isAlive(pid: string): boolean {
  return existsSync(`/proc/${pid}`) && !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
}
