/** `vipair lab migrate`: a keepalived pair becomes a vipair pair in a lab of its own, and a client tells what that cost. */
import { millisToCentis } from '../base/time.js';
import { parseDuration } from '../config/duration.js';
import type { LabPorts } from '../lab/lab.js';
import type { Migrated } from '../lab/migrate.js';
import { migrate } from '../lab/migrate.js';
import { raiseLab, removeLab } from '../lab/raise.js';
import type { LabSettings } from '../lab/settings.js';
import { defaultSettings } from '../lab/settings.js';
import { parseLabName } from '../lab/topology.js';
import type { LabMigrateAsked } from './commands.js';
import type { ExitCode } from './exit-codes.js';
import { EXIT } from './exit-codes.js';
import { reportLabFailure } from './lab.js';
import { renderTable } from './table.js';
import { complain, print, printJson } from './terminal.js';

export interface MigrateRequest extends LabMigrateAsked {
  /** Makes the lab's name this run's own, so that two migrations can run beside each other. */
  readonly pid: number;
}

export interface MigratePorts extends LabPorts {
  readonly signal: AbortSignal;
}

export async function labMigrate(asked: MigrateRequest, ports: MigratePorts): Promise<ExitCode> {
  const settings = settingsOf(asked);
  if (settings === undefined) {
    return EXIT.usage;
  }
  const tell = asked.form === 'text' ? print : complain;
  tell(
    `Building a lab: a keepalived pair (VRRPv${String(settings.version)}), a client, two web servers.`,
  );
  const raised = await raiseLab(settings, ports);
  if (!raised.ok) {
    return reportLabFailure(raised.error);
  }
  try {
    tell('A client opens a new connection every 5 ms, and keeps two streams open.');
    const migrated = await migrate(raised.value, {
      clock: ports.clock,
      signal: ports.signal,
      tell: ({ name, story }) => {
        tell(`- ${name}: ${story}`);
      },
    });
    if (!migrated.ok) {
      return reportLabFailure(migrated.error);
    }
    if (asked.form === 'json') {
      printJson({ version: settings.version, ...migrated.value });
    } else {
      print(`\n${report(migrated.value)}\n`);
    }
    return migrated.value.verdict === 'as planned' ? EXIT.ok : EXIT.failed;
  } finally {
    const removed = await removeLab(settings.name, ports);
    tell(removed.ok ? 'Nothing of the lab is left.' : `Not all gone: ${removed.error.detail}`);
  }
}

function settingsOf({ version, adverts, pid }: MigrateRequest): LabSettings | undefined {
  const name = parseLabName(`migrate-${String(pid)}`);
  const interval = parseDuration(adverts);
  if (!interval.ok) {
    complain(`vipair lab migrate: --adverts ${adverts}: ${interval.error}`);
  } else if (version !== '2' && version !== '3') {
    complain(`vipair lab migrate: --version ${version}: expected 2 or 3`);
  } else if (version === '2' && interval.value % WHOLE_SECOND !== 0) {
    complain(`vipair lab migrate: --adverts ${adverts}: VRRPv2 knows whole seconds only`);
  } else if (name.ok) {
    return {
      ...defaultSettings(name.value),
      engine: 'keepalived',
      version: version === '2' ? 2 : 3,
      advertInterval: millisToCentis(interval.value),
    };
  }
  return undefined;
}
const WHOLE_SECOND = 1_000;

function report(migrated: Migrated): string {
  const rows = migrated.steps.map((step) => [
    step.name,
    step.planned === 'move' ? 'moves' : 'stays',
    step.owners.join(' → '),
    String(step.moves),
    step.gapMs.toFixed(0),
    `${String(step.failed)} of ${String(step.requests)}`,
    step.twoOwnersMs.toFixed(0),
    step.noOwnerMs.toFixed(0),
  ]);
  const head = ['STEP', 'PLANNED', 'OWNER', 'MOVES', 'GAP ms', 'FAILED REQUESTS'];
  const { movesPlanned, movesSeen, failed, requests, streamsBroken, verdict } = migrated;
  return [
    renderTable([...head, 'TWO OWNERS ms', 'NO OWNER ms'], rows),
    '',
    `moves: ${String(movesPlanned)} planned, ${String(movesSeen)} seen`,
    `failed requests: ${String(failed)} of ${String(requests)}; streams broken: ${String(streamsBroken)}`,
    verdict,
  ].join('\n');
}
