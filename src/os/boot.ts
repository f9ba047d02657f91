/** What happens at the next boot of this machine, by the files that say so. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** As sd_booted(3) tells: without it units are files that nobody heeds. */
export function isSystemdRunning(): boolean {
  return existsSync('/run/systemd/system');
}

/** By the last line of the files that sysctl.d(5) names, in the order of their names; /etc/sysctl.conf is read as 99. */
export function isSetAtBoot(key: string): boolean {
  const files = new Map<string, string>();
  for (const directory of SYSCTL_DIRECTORIES) {
    for (const name of namesIn(directory)) {
      files.set(name, `${directory}/${name}`);
    }
  }
  const pattern = new RegExp(`^\\s*-?${key.replaceAll('.', '[./]')}\\s*=\\s*(\\d+)`, 'gmu');
  const said = [...files.entries()]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, path]) => path)
    .concat('/etc/sysctl.conf')
    .flatMap((path) => [...textOf(path).matchAll(pattern)].map(([, value]) => value));
  return said.at(-1) === '1';
}

/** A file of a later directory takes the place of one of that name in an earlier one. */
const SYSCTL_DIRECTORIES = [
  '/usr/lib/sysctl.d',
  '/usr/local/lib/sysctl.d',
  '/run/sysctl.d',
  '/etc/sysctl.d',
];

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory).filter((name) => name.endsWith('.conf'));
  } catch {
    return [];
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
