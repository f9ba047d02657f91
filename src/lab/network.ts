/** Makes and removes a lab's network. */
import { existsSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { LOCK_DIRECTORY, lockFileName } from '../base/lock-file.js';
import type { Result } from '../base/result.js';
import { done, fail } from '../base/result.js';
import type { Millis } from '../base/time.js';
import { millis } from '../base/time.js';
import type { Clock } from '../ports/clock.js';
import type { ProcessHost } from '../ports/process-host.js';
import type { LabFailure } from './failure.js';
import { from } from './failure.js';
import { killAllIn } from './namespace-processes.js';
import { cablePlan, FORWARDING_SYSCTLS, namespacePlans, promptSysctls } from './network-plan.js';
import type { BackLan, LabName } from './topology.js';
import { namespaceOf, namespacesOf, NODE_NAMES, rolesWith } from './topology.js';

/** Where ip(8) keeps the names of network namespaces. */
const NAMESPACES = '/run/netns';

/** Measured: 4 to 15 ms each; a machine at its limit may be a thousand times slower. */
export const IP_DEADLINE: Millis = millis(10_000);

export interface NetworkPorts {
  readonly processes: ProcessHost;
  readonly clock: Clock;
}

/** Expects none of the namespaces to exist: see {@link removeNetwork}. */
export async function makeNetwork(
  { name: lab, backLan }: { readonly name: LabName; readonly backLan: BackLan },
  { processes }: NetworkPorts,
): Promise<Result<undefined, LabFailure>> {
  const cabled = await ipBatch(processes, cablePlan(lab, backLan), []);
  if (!cabled.ok) {
    return cabled;
  }
  const prompted = await Promise.all(
    rolesWith(backLan).map((role) =>
      inNamespace(processes, namespaceOf(lab, role), [
        ...['sysctl', '-qw', ...promptSysctls(role, backLan)],
      ]),
    ),
  );
  const told = await Promise.all([
    ...namespacePlans(lab, backLan).map(({ namespace, lines }) =>
      ipBatch(processes, lines, ['-n', namespace]),
    ),
    // A probe a millisecond uses up the usual range of ports within half a minute of closed connections.
    inNamespace(processes, namespaceOf(lab, 'client'), [
      'sysctl',
      '-qw',
      'net.ipv4.ip_local_port_range=1024 65535',
      'net.ipv4.tcp_tw_reuse=1',
    ]),
    ...(backLan === 'there'
      ? NODE_NAMES.map((node) =>
          inNamespace(processes, namespaceOf(lab, node), ['sysctl', '-qw', ...FORWARDING_SYSCTLS]),
        )
      : []),
  ]);
  const refused = [...prompted, ...told].find((each) => !each.ok);
  return refused?.ok === false ? refused : done;
}

/** Kills everything that lives in the lab, then removes its namespaces and with them every link. Nothing there is success. */
export async function removeNetwork(
  lab: LabName,
  { processes, clock }: NetworkPorts,
): Promise<Result<undefined, LabFailure>> {
  const present = namespacesOf(lab).filter(exists);
  const locks = present.map(daemonLock);
  const gone = await killAllIn(present, clock);
  for (const lock of locks) {
    rmSync(lock, { force: true });
  }
  const removed = await ipBatch(
    processes,
    present.map((namespace) => `netns delete ${namespace}`),
    ['-force'],
  );
  return gone
    ? removed
    : fail({ code: 'not-ready', detail: `processes in ${present.join(', ')} do not end` });
}

/** A daemon that was killed leaves its lock file behind, unlocked. */
function daemonLock(namespace: string): string {
  return join(LOCK_DIRECTORY, lockFileName(statSync(`${NAMESPACES}/${namespace}`).ino));
}

/** True while any of the lab's namespaces is there. */
export function networkExists(lab: LabName): boolean {
  return namespacesOf(lab).some(exists);
}

/** Runs `ip` once with many lines; `options` come before `-batch`. */
export async function ipBatch(
  processes: ProcessHost,
  lines: readonly string[],
  options: readonly string[],
): Promise<Result<undefined, LabFailure>> {
  if (lines.length === 0) {
    return done;
  }
  const ran = await processes.run('ip', [...options, '-batch', '-'], {
    within: IP_DEADLINE,
    input: `${lines.join('\n')}\n`,
  });
  const outcome = from('ip', ran);
  return outcome.ok ? done : outcome;
}

/** Runs a program to its end inside a namespace; what it says is the result. */
export function inNamespace(
  processes: ProcessHost,
  namespace: string,
  command: readonly string[],
): Promise<Result<string, LabFailure>> {
  return runInNamespace(processes, { namespace, command, input: '' });
}

/** The same for one that reads what it is told. */
export async function runInNamespace(
  processes: ProcessHost,
  {
    namespace,
    command,
    input,
  }: { readonly namespace: string; readonly command: readonly string[]; readonly input: string },
): Promise<Result<string, LabFailure>> {
  const ran = await processes.run('ip', ['netns', 'exec', namespace, ...command], {
    within: IP_DEADLINE,
    ...(input === '' ? {} : { input }),
  });
  const outcome = from(command[0] ?? 'ip', ran);
  return outcome.ok ? { ok: true, value: outcome.value.stdout } : outcome;
}

function exists(namespace: string): boolean {
  return existsSync(`${NAMESPACES}/${namespace}`);
}
