/** Which service of systemd a process is the main one of. */
import { readFileSync } from 'node:fs';
import { millis } from '../../base/time.js';
import type { ProcessHost } from '../../ports/process-host.js';
import { isSystemdRunning } from '../boot.js';

/** Undefined where it is none: a process that a person started may be in the control group of that person's service. */
export async function unitWithMain(
  pid: number,
  processes: Pick<ProcessHost, 'run'>,
): Promise<string | undefined> {
  const unit = isSystemdRunning() ? unitNamed(pid) : undefined;
  if (unit === undefined) {
    return undefined;
  }
  return (await unitProperty(unit, 'MainPID', processes)) === String(pid) ? unit : undefined;
}

/** One of its settings, as systemctl(1) shows it; undefined where it does not. */
export async function unitProperty(
  unit: string,
  property: string,
  processes: Pick<ProcessHost, 'run'>,
): Promise<string | undefined> {
  const args = ['show', `--property=${property}`, '--value', '--', unit];
  const shown = await processes.run('systemctl', args, { within: SYSTEMCTL_DEADLINE });
  return shown.ok ? shown.value.stdout.trim() : undefined;
}

function unitNamed(pid: number): string | undefined {
  try {
    const groups = readFileSync(`/proc/${String(pid)}/cgroup`, 'utf8');
    return /\/([\w@:.\\-]+\.service)(?:\/[^\n/]*)?$/mu.exec(groups)?.[1];
  } catch {
    return undefined;
  }
}

const SYSTEMCTL_DEADLINE = millis(5_000);
